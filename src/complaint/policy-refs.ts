import { HOUSE_POLICY_STREAM, type SecondPersonRule } from '../house-policy/rules.js';
import type { LetterKind } from '../response-policy/response-policy.js';
import { earliest } from '../platform/moment.js';
import type { PolicyVersionRef } from '../eventstore/envelope.js';
import type { Complaint } from './complaint.js';
import type { Context } from './decision.js';
import type { ComplaintEvent } from './events.js';
import { letterFactsOf } from './letter-facts.js';

/**
 * The events that name the version of the house rules with which they were decided, by the rule that they rest on.
 * Events with a statement of a complainant, and events with a claimed time, name it too.
 */
export const EVENTS_OF_HOUSE_RULES = {
  limits: [
    'RemedyProposed',
    'RemedyDrafted',
    'RedressPaid',
    'InterimReliefProvided',
    'InterimReliefDrafted',
    'RemedyImplemented',
  ],
  identityWaiverLimit: ['RedressPaid', 'InterimReliefProvided', 'RemedyImplemented'],
  remedyByTwo: ['RemedyProposed'],
  reliefByTwo: ['InterimReliefProvided'],
  waiverByTwo: ['RemedyMeasureWaived'],
  investigationWaiverByTwo: ['DeterminationMade'],
  safetyByTwo: ['SeverityAssessed', 'RiskFlagCleared', 'ComplaintDeclaredInadmissible'],
  inadmissibleByTwo: ['ComplaintDeclaredInadmissible'],
  determinationReview: ['FinalResponseSent'],
  reviewByOther: ['DeterminationReviewed', 'DeterminationMade'],
  correctionByTwo: ['RecordCorrected'],
  timeByTwo: ['TimeConfirmed'],
  extensionByTwo: ['DeadlineExtended'],
  conflictByTwo: ['ConflictOfInterestWithdrawn'],
  authorityRequired: ['FinalResponseSent'],
  deliveryAttempts: ['OutcomeUndeliverable', 'FollowUpUnreachable', 'IdentityWaived'],
  followUpDays: ['FollowUpScheduled', 'ComplaintClosed'],
  reopenDays: ['ComplaintReopened'],
  offerValidDays: ['RemedyProposed'],
  firstContactWithin: ['DeterminationMade'],
  lowScoreReopens: ['ComplaintReopened'],
  recurrenceDays: ['RecurrenceLinked'],
  completenessMinimum: ['InformationRequested'],
  duplicateAutoLink: ['DuplicateLinked'],
} as const;

const ruledTypes = new Set<string>(Object.values(EVENTS_OF_HOUSE_RULES).flat());

/** The letters among the events, by type; a final response has the kind that it names. */
const LETTERS: Readonly<Record<string, LetterKind | 'of_response'>> = {
  FinalResponseSent: 'of_response',
  ComplaintDeclaredInadmissible: 'inadmissible',
  ComplaintReferredExternally: 'referral',
  HoldingResponseSent: 'holding',
  SummaryResolutionCommunicated: 'summary',
};

/**
 * An act of one person that a rule would have left to two, if the rule were on (I25). The event names the rule, and the
 * complaint file lists the act.
 */
export const letThrough = <Event extends ComplaintEvent>(
  event: Event,
  { reference: { house } }: Pick<Context, 'reference'>,
  ...rules: readonly SecondPersonRule[]
): Event =>
  rules.length === 0
    ? event
    : { ...event, policyRefs: [{ id: HOUSE_POLICY_STREAM, version: house.version, off: rules }] };

/** The events with references to the versions of the policies with which they were decided. */
export const withPolicyRefs = <Event extends ComplaintEvent>(
  events: readonly Event[],
  complaint: Complaint,
  context: Context,
): Event[] =>
  events.map((event) => {
    const policyRefs = policyRefsOf(event, complaint, context);
    return policyRefs.length === 0 ? event : { ...event, policyRefs };
  });

function policyRefsOf(event: ComplaintEvent, complaint: Complaint, context: Context): readonly PolicyVersionRef[] {
  const { house } = context.reference;
  const isRuled = ruledTypes.has(event.type) || 'statedBy' in event.data;
  const houseRefs = isRuled ? [{ id: HOUSE_POLICY_STREAM, version: house.version }] : [];
  return [...(event.policyRefs ?? houseRefs), ...letterRefs(event, complaint, context)];
}

function letterRefs(event: ComplaintEvent, complaint: Complaint, context: Context): readonly PolicyVersionRef[] {
  const letter = LETTERS[event.type];
  if (letter === undefined) return [];
  const kind = letter === 'of_response' && event.type === 'FinalResponseSent' ? event.data.kind : letter;
  const sentAt = earliest(event.occurredAt ?? context.occurredAt);
  return kind === 'of_response'
    ? []
    : context.reference.responsePolicies.letterRequirement(kind, letterFactsOf(complaint), sentAt).policyRefs;
}
