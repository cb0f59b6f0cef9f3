import { before, instant, type Moment } from '../platform/moment.js';
import type { LodgeComplaint } from './commands/intake.js';
import { acknowledge } from './admission.js';
import { assessSeverity, assign, classify } from './assessment.js';
import { initial, type Complaint } from './complaint.js';
import {
  after,
  decide,
  DEFAULT_SETTINGS,
  isRejection,
  withoutUndefined,
  refusal,
  rejectionUnder,
  unmet,
  type Context,
  type Decider,
  type Decision,
  type Unmet,
} from './decision.js';
import { ComplaintReceived, type ComplaintEvent } from './events.js';
import type { Point } from './terms/facts.js';
import { resolveAtFirstContact } from './first-contact.js';
import { idFor, takenId } from './guards.js';
import { referenceOf } from './reference.js';
import { checkOccurredAt, inFuture, notAhead } from './time.js';

/** ISO 10002 7.2: lodging a complaint (T1). */

/**
 * Requires a channel and a narrative or an issue, nothing else (R07, R11). The commands that the lodging includes are
 * decided after it; all are recorded together or none is.
 */
export const lodge = {
  guards: [
    ({ stage }) => (stage === null ? undefined : unmet('already_received', 'this complaint has already been received')),
  ],
  decide: (command, complaint, context) => {
    const { acknowledgement, assignment, classification, severity, resolution } = command;
    const wrong = refusal(lodgingProblems(command, context));
    if (wrong) return wrong;
    const including = <
      Before extends ComplaintEvent,
      Part extends { readonly occurredAt?: Context['occurredAt'] },
      Event extends ComplaintEvent,
    >(
      before: Decision<Before>,
      part: Part | undefined,
      decider: Decider<Part, Event>,
      under: string,
    ): Decision<Before | Event> => {
      if (part === undefined || isRejection(before)) return before;
      const state = after(complaint, before, context);
      const given = part.occurredAt ?? command.occurredAt;
      const time = checkOccurredAt(given ?? instant(context.now), state, context.now, under);
      const decision = 'unmet' in time ? time : decide(decider, part, state, { ...context, ...time });
      if (isRejection(decision)) return rejectionUnder(under, decision);
      if (part.occurredAt !== undefined) return [...before, ...decision.map((event) => ({ ...time, ...event }))];
      // receivedAt is the time of receipt of the complaint, not the time of the included command
      return given === undefined && command.receivedAt !== undefined
        ? [...before, ...decision.map((event) => ({ ...time, occurredAtBasis: 'recorded', ...event }))]
        : [...before, ...decision];
    };
    const received = [receipt(command, complaint, context)];
    const acknowledged = including(received, acknowledgement, acknowledge, '/acknowledgement');
    const assigned = including(acknowledged, assignment, assign, '/assignment');
    const classified = including(assigned, classification, classify, '/classification');
    const assessed = including(classified, severity, assessSeverity, '/severity');
    return including(assessed, resolution, resolveAtFirstContact, '/resolution');
  },
} satisfies Decider<LodgeComplaint>;

/** The time of receipt: that of the command if the sender gives none, and now if it is ahead within the tolerance. */
const receiptTime = ({ receivedAt }: Pick<LodgeComplaint, 'receivedAt'>, { now, occurredAt }: Context): Moment =>
  receivedAt === undefined ? occurredAt : (notAhead(receivedAt, now) ?? receivedAt);

function lodgingProblems(command: LodgeComplaint, context: Context): Unmet[] {
  const { now, occurredAt } = context;
  const { narrative, receivedAt, points = [], parties = [], sources = [] } = command;
  const says = (narrative ?? '').trim() !== '' || points.some(({ issue }) => (issue ?? '').trim() !== '');
  return [
    says
      ? undefined
      : unmet(
          'narrative_or_issue_missing',
          'the complaint has no content; give `narrative` or the `issue` of a point',
          '/narrative',
        ),
    inFuture(receivedAt, now, '/receivedAt'),
    before(occurredAt, receiptTime(command, context))
      ? unmet(
          'occurred_before_receipt',
          'the time is before the complaint was received; give a later time',
          '/occurredAt',
        )
      : undefined,
    ...points.map(({ id }, index) => takenId(id, idsBefore(points, index), `/points/${index}/id`)),
    ...parties.map(({ id }, index) => takenId(id, idsBefore(parties, index), `/parties/${index}/id`)),
    ...sources.map((source, index) => inFuture(source.receivedAt, now, `/sources/${index}/receivedAt`)),
    ...(command.contactAttempts ?? []).map(({ at }, index) => inFuture(at, now, `/contactAttempts/${index}/at`)),
    inFuture(command.incidentAt?.from, now, '/incidentAt/from'),
    inFuture(command.sentToRespondentAt, now, '/sentToRespondentAt'),
  ].flatMap((problem) => problem ?? []);
}

const idsBefore = (named: readonly { readonly id?: string }[], index: number): string[] =>
  named.slice(0, index).flatMap(({ id }) => id ?? []);

function receipt(command: LodgeComplaint, { id }: Complaint, context: Context) {
  const { sources = [], parties = [], points = [{}] } = command;
  const {
    classification: _c,
    severity: _s,
    acknowledgement: _a,
    assignment: _h,
    resolution: _r,
    occurredAt: _o,
    ...said
  } = command;
  return ComplaintReceived({
    ...withoutUndefined(said),
    reference: referenceOf(id),
    receivedAt: receiptTime(command, context),
    sources,
    parties: withIds('a', parties, ({ role, subjectId, name, contacts, authority, employeeId }, named) =>
      withoutUndefined({
        id: named,
        role,
        subjectId,
        name,
        contacts,
        authority:
          authority ?? (role === 'representative' || role === 'heir' ? ('claimed' as const) : ('none' as const)),
        employeeId,
      }),
    ),
    points: withIds<Partial<Point>, Point>(
      'p',
      points,
      ({ category, issue, subIssue, subject = {}, remedySought }, named) =>
        withoutUndefined({ id: named, category, issue, subIssue, subject: withoutUndefined(subject), remedySought }),
    ),
  });
}

function withIds<Given extends { readonly id?: string }, Named>(
  prefix: string,
  given: readonly Given[],
  make: (one: Given, id: string) => Named,
): Named[] {
  const taken = given.flatMap(({ id }) => id ?? []);
  return given.map((one) => {
    const id = one.id ?? idFor(prefix, undefined, taken);
    if (one.id === undefined) taken.push(id);
    return make(one, id);
  });
}

/** The field of the lodging that each included event comes from. */
const CARRIED_BY: { readonly [type: string]: string } = {
  ComplaintAcknowledged: '/acknowledgement',
  ComplaintAssigned: '/assignment',
  ComplaintClassified: '/classification',
  SeverityAssessed: '/severity',
  DeterminationMade: '/resolution',
  RemedyImplemented: '/resolution',
  OutcomeCommunicated: '/resolution',
  ComplaintClosed: '/resolution',
};

/**
 * Compares a lodging of a known source reference with the first one (I19). Returns nothing if they are equal, else one
 * `external_ref_reused` per differing field, at the innermost level. Values that default to the time of recording are not
 * compared.
 */
export function sameLodging(command: LodgeComplaint, complaint: Complaint): readonly Unmet[] {
  const { lodged } = complaint;
  if (lodged === null) return [];
  const { receivedAt } = command;
  // a time that counted as now at the first recording still does
  const asThen = receivedAt && { receivedAt: notAhead(receivedAt, lodged.recordedAt) ?? receivedAt };
  const again = lodge.decide(Object.assign({}, command, asThen), initial(complaint.id), {
    now: LATER_THAN_ANY,
    occurredAt: command.occurredAt ?? receivedAt ?? lodged.facts.receivedAt,
    actor: { type: 'upstream', id: '', role: 'upstream' },
    settings: DEFAULT_SETTINGS,
  });
  if (isRejection(again)) return again.unmet;
  const facts = (of: object): object => ({
    ...of,
    reference: '',
    ...(receivedAt === undefined && { receivedAt: '' }),
  });
  const said = again.find(({ type }) => type === 'ComplaintReceived')?.data ?? {};
  const carried = Object.fromEntries(again.map(({ type, data }) => [type, data]));
  const pointers = [
    ...differingAt('', facts(lodged.facts), facts(said)),
    ...differing(known(lodged.carried), known(carried)).map((type) =>
      type === 'ComplaintClassified' && command.classification === undefined && command.resolution !== undefined
        ? '/resolution'
        : (CARRIED_BY[type] ?? ''),
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

const LATER_THAN_ANY = '9999-12-31T23:59:59.999Z';

const known = (carried: { readonly [type: string]: object }): object =>
  Object.fromEntries(Object.entries(carried).filter(([type]) => type in CARRIED_BY));

const differing = (one: object, other: object): string[] => {
  const first = new Map<string, unknown>(Object.entries(one));
  const second = new Map<string, unknown>(Object.entries(other));
  return [...new Set([...first.keys(), ...second.keys()])].filter((key) => !alike(first.get(key), second.get(key)));
};

/** JSON pointers of the differences, as deep as both values have the same shape. */
function differingAt(pointer: string, one: unknown, other: unknown): string[] {
  if (typeof one !== 'object' || typeof other !== 'object' || one === null || other === null) return [pointer];
  if (Array.isArray(one) !== Array.isArray(other)) return [pointer];
  const [first, second] = [one, other] as readonly Readonly<Record<string, unknown>>[];
  return differing(one, other).flatMap((key) => differingAt(`${pointer}/${key}`, first?.[key], second?.[key]));
}

/** Deep equality of JSON, regardless of property order; undefined equals absent. */
function alike(one: unknown, other: unknown): boolean {
  if (typeof one !== 'object' || typeof other !== 'object' || one === null || other === null) return one === other;
  return Array.isArray(one) === Array.isArray(other) && differing(one, other).length === 0;
}
