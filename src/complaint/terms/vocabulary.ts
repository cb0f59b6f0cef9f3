/**
 * Version of the taxonomy, which consists of the code lists in this file (R15–R19, R36, R54–R56). Values from external
 * registers are stored unchanged.
 */
export const TAXONOMY_VERSION = 1;

export const CHANNELS = [
  'website',
  'mobile_app',
  'social_media',
  'messaging_app',
  'email',
  'live_chat',
  'phone',
  'ivr_bot',
  'sms',
  'in_person',
  'front_desk',
  'sales_staff',
  'letter',
  'fax',
  'referral',
  'third_party_platform',
  // only from systems that do not record the channel
  'not_stated',
] as const;
export type Channel = (typeof CHANNELS)[number];

/** Channels on which a letter is delivered at once, because it is given orally or by hand (I4). */
export const ORAL_OR_BY_HAND: readonly Channel[] = ['phone', 'in_person', 'front_desk', 'sales_staff'];

export const OFFLINE_CHANNELS: readonly Channel[] = [
  'phone',
  'ivr_bot',
  'sms',
  'in_person',
  'front_desk',
  'sales_staff',
  'letter',
  'fax',
];

export const STAGES = [
  'Received',
  'UnderAssessment',
  'UnderInvestigation',
  'Determined',
  'Responded',
  'Closed',
  'Inadmissible',
  'Withdrawn',
  'ReferredOut',
  'Consolidated',
] as const;
export type Stage = (typeof STAGES)[number];
export const BEFORE_DETERMINATION: readonly Stage[] = ['Received', 'UnderAssessment', 'UnderInvestigation'];
export const END_STAGES: readonly Stage[] = ['Closed', 'Inadmissible', 'Withdrawn', 'ReferredOut', 'Consolidated'];

/** Statuses: the state of a complaint in the terms of other systems (R52). */
export const STATUSES = [
  'pending',
  'in_progress',
  'commitment_outstanding',
  'unresolved',
  'resolved',
  'handled',
  'inadmissible',
  'withdrawn',
  'referred_out',
  'consolidated',
] as const;
export type StatusCode = (typeof STATUSES)[number];

export const NATURES = [
  'complaint',
  'enquiry',
  'suggestion',
  'report',
  'request',
  'not_addressed_to_us',
  'spam',
] as const;
export type Nature = (typeof NATURES)[number];
/** Messages that need only an answer (T14). */
export const ANSWERED_NATURES: readonly Nature[] = ['enquiry', 'suggestion', 'request'];

/** Categories of points (R12, R15–R17, R68). */
export const CATEGORIES = [
  'product_quality',
  'staff_attitude',
  'service_process',
  'price',
  'delivery',
  'after_sales',
  'disclosure',
  'promise_not_kept',
  'promotion_fraud',
  'complaint_handling',
  'other',
] as const;
export type Category = (typeof CATEGORIES)[number];

/** From the lowest to the highest. */
export const SEVERITIES = ['minor', 'moderate', 'serious'] as const;
export type Severity = (typeof SEVERITIES)[number];

export const IMPACT_SCOPES = ['single', 'several', 'many'] as const;
export const COMPLEXITIES = ['simple', 'normal', 'complex'] as const;
/** From the highest to the lowest. */
export const PRIORITIES = ['P1', 'P2', 'P3', 'P4'] as const;
export type Priority = (typeof PRIORITIES)[number];

/** Risks that a flag states (R13, R14, R42). */
export const RISK_FLAGS = ['safety', 'legal', 'reputational', 'reportable', 'systemic'] as const;
export type RiskFlag = (typeof RISK_FLAGS)[number];

/** Where the need of a party comes from. */
export const NEED_DRIVERS = ['health', 'life_event', 'resilience', 'capability'] as const;
export type NeedDriver = (typeof NEED_DRIVERS)[number];

/** What a person made of a suggestion (R64). */
export const SUGGESTION_RESULTS = ['accepted', 'edited', 'refused'] as const;
export type SuggestionResult = (typeof SUGGESTION_RESULTS)[number];

/** Causes of a complaint, both suspected and found (R54–R56). */
export const CAUSES = [
  'design_defect',
  'quality',
  'process_gap',
  'training_gap',
  'staff_conduct',
  'communication',
  'expectation',
  'after_sales',
  'logistics',
  'supplier',
  'pricing',
  'disclosure',
  'promise_not_kept',
  'promotion_fraud',
] as const;
export type Cause = (typeof CAUSES)[number];

export const OUTCOMES = ['upheld', 'partly_upheld', 'not_upheld', 'resolved_without_finding', 'answered'] as const;
export type Outcome = (typeof OUTCOMES)[number];

export const REMEDY_TYPES = [
  'refund',
  'replacement',
  'repair',
  'compensation',
  'rebooking',
  'upgrade',
  'waiver_of_charge',
  'assistance',
  'apology',
  'explanation',
  'commitment_to_improve',
] as const;
export type RemedyType = (typeof REMEDY_TYPES)[number];
export const MONETARY_REMEDIES: readonly RemedyType[] = ['refund', 'compensation', 'waiver_of_charge'];
/** Types that are done by payments to the complainant. A waived charge moves no money. */
export const PAID_REMEDIES: readonly RemedyType[] = ['refund', 'compensation'];

export const HOLD_REASONS = [
  'awaiting_complainant',
  'awaiting_third_party',
  'awaiting_own_department',
  'awaiting_test_or_appraisal',
  'court_or_regulator_proceedings',
  'force_majeure',
  'not_stated',
] as const;
export type HoldReason = (typeof HOLD_REASONS)[number];

export const INADMISSIBLE_REASONS = [
  'not_a_complaint',
  'not_addressed_to_us',
  'out_of_time',
  'already_decided',
  'before_a_court',
  'no_interest',
  'standing_not_shown',
  'abusive',
  'spam',
  'other',
] as const;
export type InadmissibleReason = (typeof INADMISSIBLE_REASONS)[number];

export const PARTY_ROLES = ['complainant', 'co_complainant', 'representative', 'heir'] as const;
export type PartyRole = (typeof PARTY_ROLES)[number];
/** What a lodging can state; a check alone verifies or rejects an authority. */
export const STATED_AUTHORITIES = ['none', 'claimed'] as const;
export const AUTHORITIES = [...STATED_AUTHORITIES, 'verified', 'rejected'] as const;
export type Authority = (typeof AUTHORITIES)[number];
/** What a verified authority covers: to make statements, to receive letters, to receive money (I22). */
export const SCOPES = ['act', 'correspondence', 'money'] as const;
export type Scope = (typeof SCOPES)[number];
/** Who made a statement that nobody on file made: a person who does not want to be named. */
export const UNIDENTIFIED = 'unidentified';

/** How a party made a statement. */
export const MEDIA = ['in_person', 'phone', 'written', 'online'] as const;
export type Medium = (typeof MEDIA)[number];

export const REOPEN_KINDS = [
  'dissatisfied',
  'new_evidence',
  'recurrence',
  'internal_review',
  'external_decision',
  'own_error',
  'own_procedure',
] as const;
export type ReopenKind = (typeof REOPEN_KINDS)[number];

export const RESPONSE_KINDS = ['accept', 'accept_in_part', 'offer_without_acceptance', 'reject', 'answer'] as const;
export type ResponseKind = (typeof RESPONSE_KINDS)[number];

/** Where a complaint is escalated to, from the lowest level to the highest; `returned` by the external body. */
export const ESCALATION_LEVELS = ['internal', 'supervisor', 'external', 'returned'] as const;
export type EscalationLevel = (typeof ESCALATION_LEVELS)[number];

/** How two complaints are related. */
export const RELATIONS = ['related', 'split_off'] as const;
export type Relation = (typeof RELATIONS)[number];

/** Source systems that are public registers with a number for each complaint. */
export const REGISTER_SYSTEMS = ['cfpb'] as const;
