import { enumeration } from '../../platform/enumerations.js';
import { CURRENCIES } from '../../platform/field-checks.js';
import { ZONES } from '../../platform/zones.js';
import { complaintEventTypes } from '../events.js';
import {
  AUTHORITIES,
  STATED_AUTHORITIES,
  SCOPES,
  CATEGORIES,
  CAUSES,
  CHANNELS,
  COMPLEXITIES,
  ESCALATION_LEVELS,
  HOLD_REASONS,
  IMPACT_SCOPES,
  INADMISSIBLE_REASONS,
  MEDIA,
  NATURES,
  NEED_DRIVERS,
  OUTCOMES,
  PARTY_ROLES,
  PRIORITIES,
  RELATIONS,
  REMEDY_TYPES,
  REOPEN_KINDS,
  RISK_FLAGS,
  RESPONSE_KINDS,
  SEVERITIES,
  STAGES,
  SUGGESTION_RESULTS,
  STATUSES,
} from '../terms/vocabulary.js';

/* The lists of codes in commands and events, with the names and descriptions that they have in the OpenAPI document. */

enumeration('Channel', CHANNELS, 'How people and organisation communicate');
enumeration('Currency', CURRENCIES, 'Code of a currency (ISO 4217)');
enumeration('Status', STATUSES, 'Status in the terms of other systems');
enumeration('TimeZone', ZONES, 'Name of a time zone of the IANA database', ZONES.map(zoneConstant));
enumeration('Stage', STAGES, 'Stage of the procedure; the last five are ends');
enumeration('Nature', NATURES, 'What the message is');
enumeration('Category', CATEGORIES, 'Category of a point in the taxonomy');
enumeration('Severity', SEVERITIES, 'Severity, from the lowest to the highest');
enumeration('ImpactScope', IMPACT_SCOPES, 'How many people are affected');
enumeration('Complexity', COMPLEXITIES, 'How difficult the investigation is');
enumeration('Priority', PRIORITIES, 'Priority, from the highest to the lowest');
enumeration('RiskFlag', RISK_FLAGS, 'Risk that a flag states');
enumeration('NeedDriver', NEED_DRIVERS, 'Where a need comes from');
enumeration('SuggestionResult', SUGGESTION_RESULTS, 'What a person made of a suggestion');
enumeration('Cause', CAUSES, 'Suspected or found cause of a complaint');
enumeration('Outcome', OUTCOMES, 'Decision on a point, or overall outcome of a complaint');
enumeration('RemedyType', REMEDY_TYPES, 'What the complainant receives');
enumeration('HoldReason', HOLD_REASONS, 'Why a complaint is on hold');
enumeration('InadmissibleReason', INADMISSIBLE_REASONS, 'Why a complaint is not admitted');
enumeration('PartyRole', PARTY_ROLES, 'Role of a party in the complaint');
enumeration('Authority', AUTHORITIES, 'Whether a party may act for another person');
enumeration('StatedAuthority', STATED_AUTHORITIES, 'Whether a party claims to act for another person');
enumeration('Scope', SCOPES, 'What an authority covers: to act, to receive letters, to receive money');
enumeration('Medium', MEDIA, 'How a party made a statement');
enumeration('ReopenKind', REOPEN_KINDS, 'Why a complaint is reopened');
enumeration('Relation', RELATIONS, 'How two complaints are related');
enumeration('EscalationLevel', ESCALATION_LEVELS, 'Where a complaint is escalated to, or that a body returned it');
enumeration('ResponseKind', RESPONSE_KINDS, 'What the final response says');

export const EVENT_TYPES = enumeration(
  'EventType',
  complaintEventTypes.map(({ type }) => type),
  'Type of an event of a complaint; later versions may add types',
);

export const CONTACT_DIRECTIONS = enumeration('ContactDirection', ['inbound', 'outbound'], 'Who made the contact');
export const CONTACT_RESULTS = enumeration(
  'ContactResult',
  ['reached', 'no_answer', 'bounced'],
  'Whether the contact reached the other side',
);
export const IDENTITY_RESULTS = enumeration('IdentityResult', ['verified', 'failed'], 'Result of an identity check');
export const AUTHORITY_RESULTS = enumeration(
  'AuthorityResult',
  ['verified', 'rejected'],
  'Result of the check of an authority',
);
export const CONTENT_FINDINGS = enumeration(
  'ContentFinding',
  ['substantiated', 'partly', 'unsubstantiated'],
  'Whether the evidence confirms the content of the complaint',
);
export const EXTENTS = enumeration('Extent', ['yes', 'partly', 'no'], 'To what extent something is true');
export const IDENTITY_WAIVER_CAUSES = enumeration(
  'IdentityWaiverCause',
  ['anonymous', 'not_needed', 'unreachable'],
  'Why an identity check is waived',
);
export const REVIEW_CAPACITIES = enumeration(
  'ReviewCapacity',
  ['supervisor', 'reviewer', 'legal'],
  'In which capacity a determination is reviewed',
);
export const REVIEW_DECISIONS = enumeration(
  'ReviewDecision',
  ['approve', 'return'],
  'Whether the reviewer approves the determination or returns it',
);
export const DELIVERY_RESULTS = enumeration(
  'DeliveryResult',
  ['delivered', 'failed', 'undeliverable', 'contested'],
  'Result of the delivery of a letter',
);
export const FOLLOW_UP_RESULTS = enumeration(
  'FollowUpResult',
  ['done', 'unreachable', 'declined'],
  'Result of the follow-up with the complainant',
);
export const PROVIDERS = enumeration(
  'Provider',
  ['self', 'third_party'],
  'Who carries out a measure: the organisation itself or a third party',
);

/** The name of a zone in generated clients; without the words for the signs, `Etc/GMT+5` and `Etc/GMT-5` share one. */
function zoneConstant(zone: string): string {
  return zone
    .replace(/\+(?=\d)/, '_PLUS_')
    .replace(/-(?=\d)/, '_MINUS_')
    .replace(/\W+/g, '_')
    .replace(/_+/g, '_')
    .toUpperCase();
}
