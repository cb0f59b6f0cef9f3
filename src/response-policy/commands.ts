import { enumeration } from '../platform/enumerations.js';
import { Code, Identifier, List, Nested, Schema, Text, When, Whole } from '../platform/fields.js';
import type { Moment } from '../platform/moment.js';
import {
  LETTER_KINDS,
  PERIOD_UNITS,
  RECOURSE_RULES,
  type LetterKind,
  type LetterRule,
  type Period,
} from './response-policy.js';

export const PUBLISHED_FORMS = enumeration(
  'ResponsePolicyForm',
  ['house', 'fca'],
  'A response policy that Redress knows',
);
enumeration('PeriodUnit', PERIOD_UNITS, 'Unit of a period');
enumeration('KindOfLetter', LETTER_KINDS, 'Kind of a letter for which a response policy has a rule');

@Schema({ summary: 'A period, such as six months' })
export class PeriodOfTime implements Period {
  @Whole({ min: 1, max: 10_000, description: 'How many of the unit', example: 6 })
  readonly amount!: number;
  @Code(PERIOD_UNITS, { description: 'The unit' })
  readonly unit!: Period['unit'];
}

@Schema({ summary: 'What letters of one kind must tell' })
export class RuleOfLetter {
  @Code(LETTER_KINDS, { description: 'Kind of the letter' })
  readonly kind!: LetterKind;
  @Code(RECOURSE_RULES, { description: 'Whether the letter tells how to take the complaint further' })
  readonly recourse!: LetterRule['recourse'];
  @Text({ max: 200, each: true, optional: true, description: 'Bodies to which the complainant may turn' })
  readonly bodies?: readonly string[];
  @Nested(() => PeriodOfTime, { optional: true, description: 'How long, from the letter on' })
  readonly referWithin?: PeriodOfTime;
  @Identifier({ each: true, optional: true, description: 'Leaflets that go with the letter' })
  readonly leaflets?: readonly string[];
  @Identifier({ each: true, optional: true, description: 'Languages of the letter; empty: any' })
  readonly languages?: readonly string[];
}

const FIELDS = enumeration(
  'ConditionField',
  ['nature', 'channel', 'language', 'severity', 'region', 'product', 'category', 'respondent', 'orgUnit', 'source'],
  'Field of a complaint on which a response policy can depend',
);

@Schema({ summary: 'A condition: the field of the complaint has one of these values' })
export class Condition {
  @Code(FIELDS, { description: 'Field of the complaint' })
  readonly field!: (typeof FIELDS)[number];
  @Text({ max: 200, each: true, description: 'Values of which one must be met' })
  readonly in!: readonly string[];
}

@Schema({
  summary: 'Publish a version of a response policy',
  example: { form: 'fca' },
})
export class PublishResponsePolicy {
  @When({ optional: true, description: 'From when on letters follow this version; default: now' })
  readonly effectiveFrom?: Moment;
  @When({ optional: true, description: 'Until when letters follow this policy; default: no end' })
  readonly effectiveTo?: Moment;
  @Text({ max: 2000, optional: true, description: 'Why the policy changes' })
  readonly note?: string;
  @Code(PUBLISHED_FORMS, {
    optional: true,
    description: 'The letters of a policy that Redress knows, instead of `letters`',
  })
  readonly form?: (typeof PUBLISHED_FORMS)[number];
  @List(() => Condition, {
    max: 20,
    optional: true,
    description: 'Complaints to which it applies: those that meet every condition; none: all',
  })
  readonly appliesIf?: readonly Condition[];
  @List(() => RuleOfLetter, {
    max: LETTER_KINDS.length,
    optional: true,
    description: 'What letters must tell, one entry for each kind',
  })
  readonly letters?: readonly RuleOfLetter[];
  @Text({ max: 500, optional: true, description: 'The law on which the policy rests' })
  readonly legalBasis?: string;
}
