import type { Role } from '../access/actor.js';

/*
 * The rules of the house: what an organisation decides for itself about its procedure. The rules are versions of one
 * policy. Every number has the unit that its description names; zero or an empty list means that the rule is off.
 */

/** The most that a role may grant alone in one complaint. */
export interface RoleLimit {
  readonly role: Role;
  /** ISO 4217. Absent: every currency without an entry of its own. */
  readonly currency?: string;
  /** In whole units of the currency. Absent: unlimited. */
  readonly amount?: number;
}

export interface CurrencyLimit {
  /** ISO 4217. Absent: every currency without an entry of its own. */
  readonly currency?: string;
  /** In whole units of the currency. */
  readonly amount: number;
}

export interface HouseRules {
  /** What each role may grant alone (I14, I25). A role without an entry may grant nothing alone. */
  readonly limits: readonly RoleLimit[];
  /** Money up to which a responsible person may waive the identity of the payee (I23). */
  readonly identityWaiverLimit: readonly CurrencyLimit[];
  /** A remedy above the limit needs a second person (T11). */
  readonly remedyByTwo: boolean;
  /** Interim relief above the limit needs a second person (T13). */
  readonly reliefByTwo: boolean;
  /** The waiver of an accepted measure without the complainants' statement needs a second person (T13). */
  readonly waiverByTwo: boolean;
  /** The person who waived the investigation does not decide (T10). */
  readonly investigationWaiverByTwo: boolean;
  /** Safety is lowered or cleared by a person who did not set it (I16). */
  readonly safetyByTwo: boolean;
  /** Every inadmissibility needs the approval of a second person (T3). */
  readonly inadmissibleByTwo: boolean;
  /** The approval that a determination needs before its final response (T10). */
  readonly determinationReview: (typeof DETERMINATION_REVIEWS)[number];
  /** A determination is reviewed by another person, and an internal review decided by another (T10, T18). */
  readonly reviewByOther: boolean;
  /** Corrections of consequence need a second person (T22). */
  readonly correctionByTwo: boolean;
  /** A claimed time is confirmed by a second person (I12). */
  readonly timeByTwo: boolean;
  /** A deadline is extended with the approval of a second person (T28). */
  readonly extensionByTwo: boolean;
  /** A conflict of interest is withdrawn by a person who neither has nor declared it (T5). */
  readonly conflictByTwo: boolean;
  /** Only verified authority lets a person act for another or be told. Off: claimed authority is enough; never to be paid (I22). */
  readonly authorityRequired: boolean;
  /** Failed attempts after which a party is unreachable. */
  readonly deliveryAttempts: number;
  /** Different days on which these attempts were made. */
  readonly attemptDays: number;
  /** Hours within which failures of one channel count once. */
  readonly bounceWindow: number;
  /** Days of the follow-up window (T16, T17). */
  readonly followUpDays: number;
  /** Hours that every follow-up window lasts at least. */
  readonly followUpMinimum: number;
  /** Days after an end in which a complaint may be re-opened (T18). */
  readonly reopenDays: number;
  /** Days for which an offer is valid if it does not say until when (T11). */
  readonly offerValidDays: number;
  /** Days after receipt within which an acceptance counts as resolved at first contact (T24). */
  readonly firstContactWithin: number;
  /** Hours after which a time that is recorded late counts as claimed (I12). */
  readonly recordingTolerance: number;
  /** Minutes by which clocks may differ (I12, I21). */
  readonly timeTolerance: number;
  /** The lowest feedback score, of 5, that counts as satisfied. */
  readonly satisfiedScore: number;
  /** A low score re-opens the complaint (R51). */
  readonly lowScoreReopens: boolean;
  /** Days within which a complaint about the same matter counts as a recurrence (R51). */
  readonly recurrenceDays: number;
  /** Completeness in per cent below which information is requested (R07); 0 is off. */
  readonly completenessMinimum: number;
  /** Score in per cent from which duplicates are linked without a person (T20); 0 is off. */
  readonly duplicateAutoLink: number;
  /** An erasure needs a second person (I20, I25). */
  readonly erasureByTwo: boolean;
  /** Days for which a complaint must be kept at least (I20); 0 is none. */
  readonly retentionMinimum: number;
  /** Days after which personal data is erased (I20); 0 is never. */
  readonly retentionDays: number;
  /** Per cent of the complaints that end in a month that are read again for quality. */
  readonly qualitySampleShare: number;
  /** How to contact the complainant of a serious complaint, and of a complex one (R47). */
  readonly seriousContactMode: ContactMode;
  readonly complexContactMode: ContactMode;
  /** Language of labels, if a request prefers none. */
  readonly defaultLanguage: (typeof LABEL_LANGUAGES)[number];
}

export const DETERMINATION_REVIEWS = ['none', 'reviewer', 'legal'] as const;
export const LABEL_LANGUAGES = ['en', 'zh'] as const;
export const CONTACT_MODES = ['face_to_face', 'phone', 'written', 'any'] as const;
export type ContactMode = (typeof CONTACT_MODES)[number];

/** The rules that are in force from one version of the policy to the next. */
export interface HouseRulesVersion extends HouseRules {
  readonly version: number;
}

export const HOUSE_POLICY_STREAMS = 'house-policy-';

/** The stream of the rules of the installation; events refer to a version of the rules by it. */
export const HOUSE_POLICY_STREAM = `${HOUSE_POLICY_STREAMS}house`;

export const DEFAULT_HOUSE_RULES: HouseRulesVersion = {
  version: 1,
  limits: [
    { role: 'intake_officer', amount: 300 },
    { role: 'handler', amount: 1000 },
    { role: 'supervisor', amount: 10_000 },
    { role: 'reviewer' },
  ],
  identityWaiverLimit: [{ amount: 500 }],
  remedyByTwo: true,
  reliefByTwo: true,
  waiverByTwo: true,
  investigationWaiverByTwo: true,
  safetyByTwo: true,
  inadmissibleByTwo: false,
  determinationReview: 'none',
  reviewByOther: true,
  correctionByTwo: true,
  timeByTwo: true,
  extensionByTwo: true,
  conflictByTwo: true,
  authorityRequired: true,
  deliveryAttempts: 3,
  attemptDays: 2,
  bounceWindow: 1,
  followUpDays: 7,
  followUpMinimum: 24,
  reopenDays: 90,
  offerValidDays: 30,
  firstContactWithin: 3,
  recordingTolerance: 24,
  timeTolerance: 2,
  satisfiedScore: 4,
  lowScoreReopens: false,
  recurrenceDays: 90,
  completenessMinimum: 0,
  duplicateAutoLink: 0,
  erasureByTwo: true,
  retentionMinimum: 0,
  retentionDays: 0,
  qualitySampleShare: 10,
  seriousContactMode: 'face_to_face',
  complexContactMode: 'written',
  defaultLanguage: 'en',
};

/** The rules that ask for a second person. Each can be off, because an office of one person cannot follow it (I25). */
export const SECOND_PERSON_RULES = [
  'remedyByTwo',
  'reliefByTwo',
  'waiverByTwo',
  'investigationWaiverByTwo',
  'safetyByTwo',
  'inadmissibleByTwo',
  'reviewByOther',
  'correctionByTwo',
  'timeByTwo',
  'extensionByTwo',
  'conflictByTwo',
  'erasureByTwo',
] as const satisfies readonly (keyof HouseRules)[];
export type SecondPersonRule = (typeof SECOND_PERSON_RULES)[number];

/** The rules for two people that are off. */
export const rulesOff = (house: Pick<HouseRules, SecondPersonRule>): SecondPersonRule[] =>
  SECOND_PERSON_RULES.filter((rule) => !house[rule]);
