import {
  Code,
  Currency,
  Flag,
  Identifier,
  List,
  Name,
  Nested,
  Schema,
  Text,
  Whole,
  When,
} from '../../platform/fields.js';
import type { Moment } from '../../platform/moment.js';
import type * as actors from '../../access/actor.js';
import type * as facts from '../terms/facts.js';
import {
  STATED_AUTHORITIES,
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
import { PROVIDERS } from './codes.js';

@Schema({ summary: 'For whom a sending system acts' })
export class OnBehalfOf implements actors.OnBehalfOf {
  @Identifier({ optional: true, description: 'Id of the person whose act it is', example: 'li' })
  readonly person?: string;
  @Identifier({ optional: true, description: 'Id of the unit of the person', example: 'care' })
  readonly unit?: string;
  @Text({ max: 50, optional: true, description: 'Shift of the person', example: 'late' })
  readonly shift?: string;
}

/** Fields common to all commands. */
export abstract class ComplaintCommand {
  @Nested(() => OnBehalfOf, {
    optional: true,
    description: 'The person of the sending system whose act it is; only for systems with the role upstream',
  })
  readonly onBehalfOf?: OnBehalfOf;
  @When({ optional: true, description: 'When the recorded fact happened; the time of recording when absent' })
  readonly occurredAt?: Moment;
}

@Schema({ summary: 'An amount of money' })
export class Money implements facts.Money {
  @Whole({ min: 0, max: 1e15, description: 'Whole minor units: 1250 means 12.50', example: 1250 })
  readonly amount!: number;
  @Currency({ description: 'ISO 4217 code', example: 'CNY' })
  readonly currency!: string;
}

@Schema({ summary: 'Where a complaint comes from' })
export class Source implements facts.Source {
  @Name({ max: 100, example: 'crm', description: 'System that the complaint comes from' })
  readonly system!: string;
  @Name({ max: 200, example: 'T-4711', description: 'Reference of the complaint in that system' })
  readonly ref!: string;
  @When({ optional: true, description: 'When that system received the complaint' })
  readonly receivedAt?: Moment;
  @When({ optional: true, description: 'When this source expects the reply' })
  readonly replyDue?: Moment;
}

@Schema({ summary: 'An address at which a party can be reached' })
export class Contact implements facts.Contact {
  @Text({ max: 50, example: 'phone', description: 'Kind of the address, such as phone or email' })
  readonly channel!: string;
  @Text({ max: 300, example: '+86 10 5555 0100', description: 'Phone number, e-mail address or other address' })
  readonly address!: string;
}

@Schema({ summary: 'A person or organisation with a role in the complaint' })
export class Party implements Omit<facts.Party, 'id' | 'authority'> {
  @Identifier({ optional: true, description: 'Generated as a1, a2, … when absent', example: 'a1' })
  readonly id?: string;
  @Code(PARTY_ROLES)
  readonly role!: PartyRole;
  @Identifier({ optional: true, description: 'Id of the person in other systems' })
  readonly subjectId?: string;
  @Text({ max: 200, optional: true, example: '王芳', description: 'Name of the person or organisation' })
  readonly name?: string;
  @List(() => Contact, { max: 20, optional: true, description: 'Where the party can be reached' })
  readonly contacts?: readonly Contact[];
  @Code(STATED_AUTHORITIES, {
    optional: true,
    description: 'When absent: claimed for a representative or heir, otherwise none',
  })
  readonly authority?: Authority;
  @Identifier({
    each: true,
    max: 50,
    optional: true,
    description: 'Ids of the complainants whom a representative or heir acts for; all of them when absent',
    example: 'a1',
  })
  readonly actsFor?: readonly string[];
  @Identifier({ optional: true, description: 'Id of the employee, if the party is one' })
  readonly employeeId?: string;
}

@Schema({ summary: 'What a point is about' })
export class Subject implements facts.Subject {
  @Text({ max: 200, optional: true, description: 'Organisational unit that the point is about' })
  readonly orgUnit?: string;
  @Text({ max: 200, optional: true, description: 'Third party that the point is about' })
  readonly thirdParty?: string;
  @Text({ max: 300, optional: true, description: 'The company complained about' })
  readonly respondent?: string;
  @Text({ max: 300, optional: true, example: 'Set menu', description: 'Product or service' })
  readonly product?: string;
  @Text({ max: 300, optional: true, description: 'Part or kind of the product' })
  readonly subProduct?: string;
  @Text({ max: 200, optional: true, description: 'Id of the order' })
  readonly orderId?: string;
  @Identifier({ optional: true, description: 'The employee complained about; they may not handle the complaint' })
  readonly employeeId?: string;
  @Text({ max: 50, optional: true, description: 'Shift in which it happened' })
  readonly shift?: string;
  @Text({ max: 100, optional: true, description: 'Region in which it happened' })
  readonly region?: string;
  @Text({ max: 20, optional: true, description: 'Postal code of the complainant' })
  readonly postalCode?: string;
}

@Schema({ summary: 'One issue of a complaint; each is decided on its own' })
export class Point implements Omit<facts.Point, 'id' | 'subject'> {
  @Identifier({ optional: true, description: 'Generated as p1, p2, … when absent', example: 'p1' })
  readonly id?: string;
  @Text({ max: 100, optional: true, description: 'A category of the taxonomy, or the category name of a register' })
  readonly category?: string;
  @Text({ max: 300, optional: true, example: 'Dish arrived cold', description: 'What is wrong, in a few words' })
  readonly issue?: string;
  @Text({ max: 300, optional: true, description: 'The issue in more detail' })
  readonly subIssue?: string;
  @Nested(() => Subject, { optional: true })
  readonly subject?: Subject;
  @Text({ max: 2000, optional: true, description: 'What the complainant asks for' })
  readonly remedySought?: string;
}

@Schema({ summary: 'Who made a statement, how and when' })
export class StatedBy implements facts.StatedBy {
  @Identifier({
    description: 'Id of the party who made the statement; `unidentified` if no party is on file',
    example: 'a1',
  })
  readonly party!: string;
  @Code(MEDIA)
  readonly medium!: Medium;
  @When({ description: 'When the statement was made' })
  readonly at!: Moment;
  @Identifier({ optional: true, description: 'Id of the evidence of the statement' })
  readonly evidenceId?: string;
  @Flag({ optional: true, description: 'True if the person quoted the reference of the complaint' })
  readonly quotesReference?: boolean;
}

@Schema({ summary: 'An answer to a question of the intake form' })
export class Answer implements facts.Answer {
  @Identifier({ description: 'Id of the question', example: 'q-seat' })
  readonly questionId!: string;
  @Text({ max: 5000, description: 'Answer of the complainant', example: '14C' })
  readonly answer!: string;
}

@Schema({ summary: 'An attempt of the complainant to reach the organisation before the complaint' })
export class ContactAttempt implements facts.ContactAttempt {
  @When({ description: 'When the attempt was made' })
  readonly at!: Moment;
  @Text({ max: 50, description: 'Channel of the attempt', example: 'phone' })
  readonly channel!: string;
  @Text({ max: 200, description: 'Result of the attempt', example: 'Nobody answered' })
  readonly result!: string;
}

@Schema({ summary: 'When the incident happened' })
export class IncidentTime implements facts.IncidentTime {
  @When({ description: 'Beginning of the incident' })
  readonly from!: Moment;
  @When({ optional: true, description: 'End of the incident' })
  readonly to?: Moment;
}

@Schema({ summary: 'A finding of the investigation' })
export class Finding implements facts.Finding {
  @Text({ max: 5000, description: 'What was found', example: 'The dish waited 25 minutes.' })
  readonly text!: string;
  @Identifier({ each: true, max: 100, optional: true, description: 'Ids of the evidence for the finding' })
  readonly evidenceIds?: readonly string[];
}

@Schema({ summary: 'A policy of the organisation, in one version' })
export class PolicyRef implements facts.PolicyRef {
  @Identifier({ description: 'Id of the policy', example: 'redress' })
  readonly id!: string;
  @Whole({ min: 1, max: 1_000_000, description: 'Version of the policy', example: 1 })
  readonly version!: number;
}

@Schema({ summary: 'The decision on one point' })
export class PointDecision implements facts.PointDecision {
  @Identifier({ example: 'p1', description: 'Id of the point' })
  readonly id!: string;
  @Code(OUTCOMES)
  readonly outcome!: Outcome;
  @Text({
    max: 10_000,
    example: 'The kitchen log shows the dish waited 25 minutes.',
    description: 'Reasons for the decision',
  })
  readonly reasons!: string;
  @List(() => Finding, { max: 100, optional: true, description: 'Findings of fact on which the decision is based' })
  readonly findings?: readonly Finding[];
  @List(() => PolicyRef, { max: 20, optional: true, description: 'Policies that were applied' })
  readonly policyRefs?: readonly PolicyRef[];
}

@Schema({ summary: 'One measure of a remedy' })
export class Measure implements Omit<facts.Measure, 'id'> {
  @Identifier({ optional: true, description: 'Generated as m1, m2, … when absent', example: 'm1' })
  readonly id?: string;
  @Code(REMEDY_TYPES)
  readonly type!: RemedyType;
  @Identifier({
    each: true,
    min: 1,
    max: 100,
    example: 'p1',
    description: 'Ids of the points that the measure concerns',
  })
  readonly pointIds!: readonly string[];
  @Text({ max: 2000, example: 'Refund the dish', description: 'What is to be done' })
  readonly action!: string;
  @Identifier({ description: 'Id of the person who carries the measure out', example: 'handler-1' })
  readonly owner!: string;
  @Code(PROVIDERS, { formerCodes: { thirdParty: 'third_party' } })
  readonly provider!: facts.Measure['provider'];
  @When({ description: 'When the measure is due' })
  readonly dueAt!: Moment;
  @Nested(() => Money, { optional: true, description: 'Amount, if the measure is a payment' })
  readonly amount?: Money;
}

@Schema({ summary: 'The classification of one point' })
export class PointClassification {
  @Identifier({ example: 'p1', description: 'Id of the point' })
  readonly id!: string;
  @Code(CATEGORIES)
  readonly category!: Category;
  @Text({ max: 300, optional: true, description: 'New issue; the earlier one stays when absent' })
  readonly issue?: string;
  @Text({ max: 300, optional: true, description: 'New issue in more detail; the earlier one stays when absent' })
  readonly subIssue?: string;
}
