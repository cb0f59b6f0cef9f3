import { Code, Currency, Identifier, List, Name, Nested, Text, Whole, When } from '../../platform/fields.js';
import type { Moment } from '../../platform/moment.js';
import type * as facts from '../terms/facts.js';
import {
  AUTHORITIES,
  CATEGORIES,
  MEDIA,
  OUTCOMES,
  PARTY_ROLES,
  REMEDY_TYPES,
  type Authority,
  type Category,
  type Medium,
  type Outcome,
  type PartyRole,
  type RemedyType,
} from '../terms/vocabulary.js';

/** Fields common to all commands. */
export abstract class ComplaintCommand {
  @When({ optional: true, description: 'When the recorded fact happened; the time of recording when absent' })
  readonly occurredAt?: Moment;
}

export class Money implements facts.Money {
  @Whole({ min: 0, max: 1e15, description: 'Whole minor units: 1250 means 12.50', example: 1250 })
  readonly amount!: number;
  @Currency({ description: 'ISO 4217 code', example: 'CNY' })
  readonly currency!: string;
}

export class Source implements facts.Source {
  @Name({ max: 100, example: 'crm' })
  readonly system!: string;
  @Name({ max: 200, example: 'T-4711' })
  readonly ref!: string;
  @When({ optional: true })
  readonly receivedAt?: Moment;
  @When({ optional: true, description: 'When this source expects the reply' })
  readonly replyDue?: Moment;
}

export class Contact implements facts.Contact {
  @Text({ max: 50, example: 'phone' })
  readonly channel!: string;
  @Text({ max: 300, example: '+86 10 5555 0100' })
  readonly address!: string;
}

export class Party implements Omit<facts.Party, 'id' | 'authority'> {
  @Identifier({ optional: true, description: 'Generated as a1, a2, … when absent', example: 'a1' })
  readonly id?: string;
  @Code(PARTY_ROLES)
  readonly role!: PartyRole;
  @Identifier({ optional: true })
  readonly subjectId?: string;
  @Text({ max: 200, optional: true, example: '王芳' })
  readonly name?: string;
  @List(() => Contact, { max: 20, optional: true })
  readonly contacts?: Contact[];
  @Code(AUTHORITIES, {
    optional: true,
    description: 'When absent: claimed for a representative or heir, otherwise none',
  })
  readonly authority?: Authority;
  @Identifier({ optional: true, description: 'Id of the employee, if the party is one' })
  readonly employeeId?: string;
}

export class Subject implements facts.Subject {
  @Text({ max: 200, optional: true })
  readonly orgUnit?: string;
  @Text({ max: 200, optional: true })
  readonly thirdParty?: string;
  @Text({ max: 300, optional: true, description: 'The company complained about' })
  readonly respondent?: string;
  @Text({ max: 300, optional: true, example: 'Set menu' })
  readonly product?: string;
  @Text({ max: 300, optional: true })
  readonly subProduct?: string;
  @Text({ max: 200, optional: true })
  readonly orderId?: string;
  @Identifier({ optional: true, description: 'The employee complained about; they may not handle the complaint' })
  readonly employeeId?: string;
  @Text({ max: 50, optional: true })
  readonly shift?: string;
  @Text({ max: 100, optional: true })
  readonly region?: string;
  @Text({ max: 20, optional: true })
  readonly postalCode?: string;
}

export class Point implements Omit<facts.Point, 'id' | 'subject'> {
  @Identifier({ optional: true, description: 'Generated as p1, p2, … when absent', example: 'p1' })
  readonly id?: string;
  @Text({ max: 100, optional: true, description: 'A category of the taxonomy, or the category name of a register' })
  readonly category?: string;
  @Text({ max: 300, optional: true, example: 'Dish arrived cold' })
  readonly issue?: string;
  @Text({ max: 300, optional: true })
  readonly subIssue?: string;
  @Nested(() => Subject, { optional: true })
  readonly subject?: Subject;
  @Text({ max: 2000, optional: true })
  readonly remedySought?: string;
}

export class StatedBy implements facts.StatedBy {
  @Identifier({ description: 'Id of the party who made the statement', example: 'a1' })
  readonly party!: string;
  @Code(MEDIA)
  readonly medium!: Medium;
  @When({ description: 'When the statement was made' })
  readonly at!: Moment;
  @Identifier({ optional: true })
  readonly evidenceId?: string;
}

export class Answer implements facts.Answer {
  @Identifier()
  readonly questionId!: string;
  @Text({ max: 5000 })
  readonly answer!: string;
}

export class ContactAttempt implements facts.ContactAttempt {
  @When()
  readonly at!: Moment;
  @Text({ max: 50 })
  readonly channel!: string;
  @Text({ max: 200 })
  readonly result!: string;
}

export class IncidentTime implements facts.IncidentTime {
  @When()
  readonly from!: Moment;
  @When({ optional: true })
  readonly to?: Moment;
}

export class Finding implements facts.Finding {
  @Text({ max: 5000 })
  readonly text!: string;
  @Identifier({ each: true, max: 100, optional: true })
  readonly evidenceIds?: string[];
}

export class PolicyRef implements facts.PolicyRef {
  @Identifier()
  readonly id!: string;
  @Whole({ min: 1, max: 1_000_000 })
  readonly version!: number;
}

export class PointDecision implements facts.PointDecision {
  @Identifier({ example: 'p1' })
  readonly id!: string;
  @Code(OUTCOMES)
  readonly outcome!: Outcome;
  @Text({ max: 10_000, example: 'The kitchen log shows the dish waited 25 minutes.' })
  readonly reasons!: string;
  @List(() => Finding, { max: 100, optional: true })
  readonly findings?: Finding[];
  @List(() => PolicyRef, { max: 20, optional: true })
  readonly policyRefs?: PolicyRef[];
}

export class Measure implements Omit<facts.Measure, 'id'> {
  @Identifier({ optional: true, description: 'Generated as m1, m2, … when absent', example: 'm1' })
  readonly id?: string;
  @Code(REMEDY_TYPES)
  readonly type!: RemedyType;
  @Identifier({ each: true, min: 1, max: 100, example: 'p1' })
  readonly pointIds!: string[];
  @Text({ max: 2000, example: 'Refund the dish' })
  readonly action!: string;
  @Identifier({ description: 'Id of the person who carries the measure out', example: 'handler-1' })
  readonly owner!: string;
  @Code(['self', 'thirdParty'] as const)
  readonly provider!: 'self' | 'thirdParty';
  @When()
  readonly dueAt!: Moment;
  @Nested(() => Money, { optional: true })
  readonly amount?: Money;
}

export class PointClassification {
  @Identifier({ example: 'p1' })
  readonly id!: string;
  @Code(CATEGORIES)
  readonly category!: Category;
  @Text({ max: 300, optional: true })
  readonly issue?: string;
  @Text({ max: 300, optional: true })
  readonly subIssue?: string;
}
