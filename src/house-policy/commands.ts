import { ROLES, type Role } from '../access/actor.js';
import { CURRENCY_CODES } from '../platform/currencies.js';
import { Code, Flag, List, Schema, Text, Whole, When } from '../platform/fields.js';
import type { Moment } from '../platform/moment.js';
import {
  CONTACT_MODES,
  DETERMINATION_REVIEWS,
  LABEL_LANGUAGES,
  type ContactMode,
  type CurrencyLimit,
  type HouseRules,
  type RoleLimit,
} from './rules.js';

const MAX_AMOUNT = 1_000_000_000_000;
const MAX_DAYS = 36_500;

@Schema({ summary: 'The most that a role may grant alone in one complaint' })
export class LimitOfRole implements RoleLimit {
  @Code(ROLES, { description: 'The role' })
  readonly role!: Role;
  @Code(CURRENCY_CODES, {
    optional: true,
    description: 'The currency; absent: every currency without an entry',
    example: 'CNY',
  })
  readonly currency?: string;
  @Whole({
    min: 0,
    max: MAX_AMOUNT,
    optional: true,
    description: 'Whole units of the currency; absent: unlimited',
    example: 1000,
  })
  readonly amount?: number;
}

@Schema({ summary: 'A limit by currency' })
export class LimitOfCurrency implements CurrencyLimit {
  @Code(CURRENCY_CODES, {
    optional: true,
    description: 'The currency; absent: every currency without an entry',
    example: 'CNY',
  })
  readonly currency?: string;
  @Whole({ min: 0, max: MAX_AMOUNT, description: 'Whole units of the currency', example: 500 })
  readonly amount!: number;
}

/** A new version of the rules: those that are given replace those of the version before. */
@Schema({
  summary: 'Publish a version of the house rules; rules that are not given stay as they are',
  example: { inadmissibleByTwo: true, note: 'From now on two people decide' },
})
export class PublishHousePolicy implements Partial<HouseRules> {
  @When({ optional: true, description: 'From when on commands are decided by this version; default: now' })
  readonly effectiveFrom?: Moment;
  @Text({ max: 2000, optional: true, description: 'Why the rules change' })
  readonly note?: string;
  @List(() => LimitOfRole, {
    max: 1000,
    optional: true,
    description: 'What each role may grant alone; replaces the whole list',
  })
  readonly limits?: readonly LimitOfRole[];
  @List(() => LimitOfCurrency, {
    max: 200,
    optional: true,
    description: 'Money up to which a responsible person may waive the identity of the payee; replaces the whole list',
  })
  readonly identityWaiverLimit?: readonly LimitOfCurrency[];
  @Flag({ optional: true, description: 'A remedy above the limit needs a second person' })
  readonly remedyByTwo?: boolean;
  @Flag({ optional: true, description: 'Interim relief above the limit needs a second person' })
  readonly reliefByTwo?: boolean;
  @Flag({ optional: true, description: 'The waiver of an accepted measure without a statement needs a second person' })
  readonly waiverByTwo?: boolean;
  @Flag({ optional: true, description: 'The person who waived the investigation does not decide' })
  readonly investigationWaiverByTwo?: boolean;
  @Flag({ optional: true, description: 'Safety is lowered or cleared by a person who did not set it' })
  readonly safetyByTwo?: boolean;
  @Flag({ optional: true, description: 'Every inadmissibility needs the approval of a second person' })
  readonly inadmissibleByTwo?: boolean;
  @Code(DETERMINATION_REVIEWS, {
    optional: true,
    description: 'The approval that a determination needs before its final response',
  })
  readonly determinationReview?: HouseRules['determinationReview'];
  @Flag({
    optional: true,
    description: 'A determination is reviewed, and an internal review decided, by another person',
  })
  readonly reviewByOther?: boolean;
  @Flag({ optional: true, description: 'Corrections of consequence need a second person' })
  readonly correctionByTwo?: boolean;
  @Flag({ optional: true, description: 'A claimed time is confirmed by a second person' })
  readonly timeByTwo?: boolean;
  @Flag({ optional: true, description: 'A deadline is extended with the approval of a second person' })
  readonly extensionByTwo?: boolean;
  @Flag({
    optional: true,
    description: 'A conflict of interest is withdrawn by a person who neither has nor declared it',
  })
  readonly conflictByTwo?: boolean;
  @Flag({
    optional: true,
    description:
      'Only verified authority lets a person act for another or be told; off: claimed authority is enough, never to be paid',
  })
  readonly authorityRequired?: boolean;
  @Whole({ min: 1, max: 100, optional: true, description: 'Failed attempts after which a party is unreachable' })
  readonly deliveryAttempts?: number;
  @Whole({ min: 1, max: 100, optional: true, description: 'Days on which these attempts were made' })
  readonly attemptDays?: number;
  @Whole({ min: 0, max: 720, optional: true, description: 'Hours within which failures of one channel count once' })
  readonly bounceWindow?: number;
  @Whole({ min: 0, max: 3650, optional: true, description: 'Days of the follow-up window' })
  readonly followUpDays?: number;
  @Whole({ min: 0, max: 720, optional: true, description: 'Hours that every follow-up window lasts at least' })
  readonly followUpMinimum?: number;
  @Whole({
    min: 0,
    max: MAX_DAYS,
    optional: true,
    description: 'Days after an end in which a complaint may be re-opened',
  })
  readonly reopenDays?: number;
  @Whole({
    min: 0,
    max: 3650,
    optional: true,
    description: 'Days for which an offer is valid if it does not say until when',
  })
  readonly offerValidDays?: number;
  @Whole({
    min: 0,
    max: 365,
    optional: true,
    description: 'Days after receipt within which an acceptance counts as resolved at first contact',
  })
  readonly firstContactWithin?: number;
  @Whole({
    min: 0,
    max: 8760,
    optional: true,
    description: 'Hours after which a time that is recorded late counts as claimed',
  })
  readonly recordingTolerance?: number;
  @Whole({ min: 0, max: 60, optional: true, description: 'Minutes by which clocks may differ' })
  readonly timeTolerance?: number;
  @Whole({ min: 1, max: 5, optional: true, description: 'The lowest feedback score, of 5, that counts as satisfied' })
  readonly satisfiedScore?: number;
  @Flag({ optional: true, description: 'A low score re-opens the complaint' })
  readonly lowScoreReopens?: boolean;
  @Whole({
    min: 0,
    max: MAX_DAYS,
    optional: true,
    description: 'Days within which a complaint about the same matter counts as a recurrence',
  })
  readonly recurrenceDays?: number;
  @Whole({
    min: 0,
    max: 100,
    optional: true,
    description: 'Completeness in per cent below which information is requested; 0 is off',
  })
  readonly completenessMinimum?: number;
  @Whole({
    min: 0,
    max: 100,
    optional: true,
    description: 'Score in per cent from which duplicates are linked without a person; 0 is off',
  })
  readonly duplicateAutoLink?: number;
  @Flag({ optional: true, description: 'An erasure needs a second person' })
  readonly erasureByTwo?: boolean;
  @Whole({
    min: 0,
    max: MAX_DAYS,
    optional: true,
    description: 'Days for which a complaint must be kept at least; 0 is none',
  })
  readonly retentionMinimum?: number;
  @Whole({ min: 0, max: MAX_DAYS, optional: true, description: 'Days after which personal data is erased; 0 is never' })
  readonly retentionDays?: number;
  @Whole({
    min: 0,
    max: 100,
    optional: true,
    description: 'Per cent of the complaints that end in a month that are read again for quality',
  })
  readonly qualitySampleShare?: number;
  @Code(CONTACT_MODES, { optional: true, description: 'How to contact the complainant of a serious complaint' })
  readonly seriousContactMode?: ContactMode;
  @Code(CONTACT_MODES, { optional: true, description: 'How to contact the complainant of a complex complaint' })
  readonly complexContactMode?: ContactMode;
  @Code(LABEL_LANGUAGES, { optional: true, description: 'Language of labels, if a request prefers none' })
  readonly defaultLanguage?: HouseRules['defaultLanguage'];
}
