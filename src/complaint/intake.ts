import { isBefore, instant, type Moment } from '../platform/moment.js';
import type { ReferenceData } from '../reference/reference-data.js';
import type { LodgeComplaint } from './commands/intake.js';
import type { ComplaintCommand, Party as NewParty } from './commands/parts.js';
import { acknowledge } from './admission.js';
import { assessSeverity, classify } from './assessment.js';
import { initial, type Complaint } from './complaint.js';
import {
  decide,
  isRejection,
  withoutUndefined,
  rejectionOf,
  stateAfter,
  unmet,
  type Context,
  type Decider,
  type Decision,
  withPointerPrefix,
  type Unmet,
} from './decision.js';
import { ComplaintReceived, type ComplaintEvent } from './events.js';
import { isComplainant } from './party-standing.js';
import type { Party, Point } from './terms/facts.js';
import { UNIDENTIFIED } from './terms/vocabulary.js';
import { resolveAtFirstContact } from './first-contact.js';
import { duplicateId, nextId } from './guards.js';
import { assign } from './ownership.js';
import { referenceOf } from './reference.js';
import { checkOccurredAt, futureTime, clampToNow } from './time.js';

/** ISO 10002 7.2: lodging a complaint (T1). */

/**
 * Requires only a channel and a narrative or an issue (R07, R11). The included commands are decided after the receipt.
 * All events are recorded together, or the lodging is rejected as a whole.
 */
export const lodge = {
  guards: [
    ({ stage }) => (stage === null ? undefined : unmet('already_received', 'this complaint has already been received')),
  ],
  decide: (command, complaint, context) => {
    const { acknowledgement, assignment, classification, severity, resolution } = command;
    const rejection = rejectionOf(lodgingProblems(command, context));
    if (rejection) return rejection;
    /** Decides an included command in the state after the earlier events, and appends its events to them. */
    const include = <Earlier extends ComplaintEvent, Included extends ComplaintCommand, Event extends ComplaintEvent>(
      earlier: Decision<Earlier>,
      included: Included | undefined,
      decider: Decider<Included, Event>,
      pointer: string,
    ): Decision<Earlier | Event> => {
      if (included === undefined || isRejection(earlier)) return earlier;
      const state = stateAfter(complaint, earlier, context);
      const statedTime = included.occurredAt ?? command.occurredAt;
      const { name } = included.constructor;
      const time = checkOccurredAt(statedTime ?? instant(context.now), state, context.now, name);
      const decision = 'unmet' in time ? time : decide(decider, included, state, { ...context, ...time });
      if (isRejection(decision)) return withPointerPrefix(pointer, decision);
      if (included.occurredAt !== undefined) return [...earlier, ...decision.map((event) => ({ ...time, ...event }))];
      // receivedAt is the time of receipt, not of the included command, which then has the time of recording
      return statedTime === undefined && command.receivedAt !== undefined
        ? [
            ...earlier,
            ...decision.map((event) =>
              event.occurredAt === undefined ? { ...time, occurredAtBasis: 'recorded' as const, ...event } : event,
            ),
          ]
        : [...earlier, ...decision];
    };
    const received = [receipt(command, complaint, context)];
    const acknowledged = include(received, acknowledgement, acknowledge, '/acknowledgement');
    const assigned = include(acknowledged, assignment, assign, '/assignment');
    const classified = include(assigned, classification, classify, '/classification');
    const assessed = include(classified, severity, assessSeverity, '/severity');
    return include(assessed, resolution, resolveAtFirstContact, '/resolution');
  },
} satisfies Decider<LodgeComplaint>;

/**
 * The time of receipt: `receivedAt`, or now if `receivedAt` is ahead by at most the clock tolerance. Without
 * `receivedAt`, the time of the command, or when a resolution was accepted.
 */
function receiptTime(
  { receivedAt, occurredAt: stated, resolution }: Pick<LodgeComplaint, 'receivedAt' | 'occurredAt' | 'resolution'>,
  { now, occurredAt }: Context,
): Moment {
  const at = receivedAt ?? (stated === undefined ? resolution?.statedBy.at : undefined);
  return at === undefined ? occurredAt : (clampToNow(at, now) ?? at);
}

function lodgingProblems(command: LodgeComplaint, context: Context): Unmet[] {
  const { now, occurredAt } = context;
  const { narrative, receivedAt, points = [], parties = [], sources = [] } = command;
  const known = withIds('a', parties, [], ({ role }, id) => ({ id, role }));
  const hasContent = (narrative ?? '').trim() !== '' || points.some(({ issue }) => (issue ?? '').trim() !== '');
  return [
    hasContent
      ? undefined
      : unmet(
          'narrative_or_issue_missing',
          'the complaint has no content; give `narrative` or the `issue` of a point',
          '/narrative',
        ),
    futureTime(receivedAt, now, '/receivedAt'),
    isBefore(occurredAt, receiptTime(command, context))
      ? unmet(
          'occurred_before_receipt',
          'the time is before the complaint was received; give a later time',
          '/occurredAt',
        )
      : undefined,
    ...points.map(({ id }, index) => duplicateId(id, idsBefore(points, index), `/points/${index}/id`)),
    ...parties.map(({ id }, index) =>
      duplicateId(id, [UNIDENTIFIED, ...idsBefore(parties, index)], `/parties/${index}/id`),
    ),
    ...parties.flatMap((party, index) => representationProblems(party, known, `/parties/${index}/actsFor`)),
    ...sources.map((source, index) => futureTime(source.receivedAt, now, `/sources/${index}/receivedAt`)),
    ...(command.contactAttempts ?? []).map(({ at }, index) => futureTime(at, now, `/contactAttempts/${index}/at`)),
    futureTime(command.incidentAt?.from, now, '/incidentAt/from'),
    futureTime(command.sentToRespondentAt, now, '/sentToRespondentAt'),
  ].flatMap((problem) => problem ?? []);
}

/** The problems of the complainants whom a representative or heir acts for. */
export function representationProblems(
  { role, actsFor = [] }: Pick<Party, 'role' | 'actsFor'>,
  known: readonly Pick<Party, 'id' | 'role'>[],
  pointer: string,
): Unmet[] {
  if (actsFor.length > 0 && isComplainant({ role }))
    return [unmet('acts_for_themselves', 'a complainant acts for themselves; omit `actsFor`', pointer)];
  return actsFor.flatMap((id, index) =>
    known.some((party) => party.id === id && isComplainant(party))
      ? []
      : [unmet('unknown_party', `the complaint has no complainant ${id}`, `${pointer}/${index}`)],
  );
}

/** The ids of the items before this index. */
export const idsBefore = (items: readonly { readonly id?: string }[], index: number): string[] =>
  items.slice(0, index).flatMap(({ id }) => id ?? []);

/** The event of the receipt. */
function receipt(command: LodgeComplaint, { id: complaintId }: Complaint, context: Context) {
  const { sources = [], parties = [], points = [{}] } = command;
  const {
    classification: _classification,
    severity: _severity,
    acknowledgement: _acknowledgement,
    assignment: _assignment,
    resolution: _resolution,
    occurredAt: _occurredAt,
    onBehalfOf: _onBehalfOf,
    ...facts
  } = command;
  return ComplaintReceived({
    ...withoutUndefined(facts),
    reference: referenceOf(complaintId),
    receivedAt: receiptTime(command, context),
    sources,
    parties: withIds('a', parties, [], partyWithId),
    points: withIds('p', points, [], pointWithId),
  });
}

/** The party as an event has it. */
export const partyWithId = (
  { role, actsFor, subjectId, name, contacts, authority, employeeId }: NewParty,
  id: string,
): Party =>
  withoutUndefined({
    id,
    role,
    actsFor,
    subjectId,
    name,
    contacts,
    authority: authority ?? (role === 'representative' || role === 'heir' ? ('claimed' as const) : ('none' as const)),
    employeeId,
  });

/** The point as an event has it. */
export const pointWithId = (
  { category, issue, subIssue, subject = {}, remedySought }: Partial<Point>,
  id: string,
): Point => withoutUndefined({ id, category, issue, subIssue, subject: withoutUndefined(subject), remedySought });

/** Creates one value per item. An item without an id gets the next free id with this prefix. */
export function withIds<Item extends { readonly id?: string }, Value>(
  prefix: string,
  items: readonly Item[],
  takenIds: readonly string[],
  create: (item: Item, id: string) => Value,
): Value[] {
  const usedIds = [...takenIds, ...items.flatMap(({ id }) => id ?? [])];
  return items.map((item) => {
    const id = item.id ?? nextId(prefix, usedIds);
    if (item.id === undefined) usedIds.push(id);
    return create(item, id);
  });
}

/** Pointer to the field of the lodging whose command emits the event, by event type. */
const SOURCE_FIELDS: { readonly [type: string]: string } = {
  ComplaintAcknowledged: '/acknowledgement',
  ComplaintAssigned: '/assignment',
  ComplaintClassified: '/classification',
  SeverityAssessed: '/severity',
  DeterminationMade: '/resolution',
  RemedyImplemented: '/resolution',
  OutcomeCommunicated: '/resolution',
  ComplaintClosed: '/resolution',
};

/** A `now` that accepts every stated time as past. */
const END_OF_TIME = '9999-12-31T23:59:59.999Z';

/**
 * Compares a lodging with the first lodging of the complaint, which had the same source reference (I19). Returns an
 * empty list if both are equal, otherwise one `external_ref_reused` per differing field, at the innermost level. If
 * the lodging is invalid, returns its problems instead. Values that default to the time of recording are not compared.
 */
export function lodgingDifferences(
  command: LodgeComplaint,
  complaint: Complaint,
  reference: ReferenceData,
): readonly Unmet[] {
  const { lodged } = complaint;
  if (lodged === null) return [];
  const { receivedAt } = command;
  // A receivedAt that counted as now at the first recording must be equal again.
  const clamped = receivedAt && { receivedAt: clampToNow(receivedAt, lodged.recordedAt) ?? receivedAt };
  const decision = lodge.decide(Object.assign({}, command, clamped), initial(complaint.id), {
    now: END_OF_TIME,
    occurredAt: command.occurredAt ?? receivedAt ?? lodged.facts.receivedAt,
    actor: { type: 'upstream', id: '', role: 'reviewer' }, // without a limit, which the first lodging had met
    reference,
  });
  if (isRejection(decision)) return decision.unmet;
  const comparable = (fields: object): object => ({
    ...fields,
    reference: '',
    ...(receivedAt === undefined && { receivedAt: '' }),
  });
  const facts = decision.find(({ type }) => type === 'ComplaintReceived')?.data ?? {};
  const carried = Object.fromEntries(decision.map(({ type, data }) => [type, data]));
  const differingTypes = differingKeys(includedEvents(lodged.carried), includedEvents(carried));
  const pointers = [
    ...differingPointers('', comparable(lodged.stated ?? lodged.facts), comparable(facts)),
    ...differingTypes.map((type) =>
      type === 'ComplaintClassified' && command.classification === undefined && command.resolution !== undefined
        ? '/resolution'
        : (SOURCE_FIELDS[type] ?? ''),
    ),
  ];
  return [...new Set(pointers)].map((pointer) =>
    unmet(
      'external_ref_reused',
      'this source reference was lodged with different content; use another reference',
      pointer,
    ),
  );
}

/** Only the events of included commands; an admission is implied by another command. */
const includedEvents = (carried: { readonly [type: string]: object }): object =>
  Object.fromEntries(Object.entries(carried).filter(([type]) => type in SOURCE_FIELDS));

const differingKeys = (one: object, other: object): string[] => {
  const first = new Map<string, unknown>(Object.entries(one));
  const second = new Map<string, unknown>(Object.entries(other));
  return [...new Set([...first.keys(), ...second.keys()])].filter((key) => !isEqual(first.get(key), second.get(key)));
};

/** JSON pointers of the differences, at the innermost level at which both values are objects or both are arrays. */
function differingPointers(pointer: string, one: unknown, other: unknown): string[] {
  if (typeof one !== 'object' || typeof other !== 'object' || one === null || other === null) return [pointer];
  if (Array.isArray(one) !== Array.isArray(other)) return [pointer];
  const first = new Map<string, unknown>(Object.entries(one));
  const second = new Map<string, unknown>(Object.entries(other));
  return differingKeys(one, other).flatMap((key) =>
    differingPointers(`${pointer}/${key}`, first.get(key), second.get(key)),
  );
}

/** Deep equality of JSON, regardless of property order; undefined equals absent. */
function isEqual(one: unknown, other: unknown): boolean {
  if (typeof one !== 'object' || typeof other !== 'object' || one === null || other === null) return one === other;
  return Array.isArray(one) === Array.isArray(other) && differingKeys(one, other).length === 0;
}
