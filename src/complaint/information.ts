import { isUpstream } from '../access/actor.js';
import type {
  LapseInformationRequest,
  PlaceHold,
  ReceiveInformation,
  ReleaseHold,
  RequestInformation,
} from './commands/verification.js';
import { earliest, type Moment } from '../platform/moment.js';
import type { Complaint } from './complaint.js';
import {
  nothingToChange,
  withoutUndefined,
  rejectionOf,
  unmet,
  type Context,
  type Decider,
  type Unmet,
} from './decision.js';
import {
  HoldPlaced,
  HoldReleased,
  InformationReceived,
  InformationRequested,
  InformationRequestLapsed,
} from './events.js';
import {
  duplicateId,
  isHeld,
  nextId,
  open,
  received,
  unknownEvidence,
  unknownParty,
  withoutConflictOfInterest,
} from './guards.js';
import { whereHeld } from './held-information.js';
import { beforeWhatItAnswers } from './order.js';
import { missingContacts } from './parties.js';
import type { HoldReason } from './terms/vocabulary.js';
import { isOver } from './time.js';

/*
 * Information requests and holds (T9, R08). An answer releases only the hold of its own request; a hold ends itself at its
 * expected end (I10).
 */

export const requestInformation = {
  guards: [open, withoutConflictOfInterest],
  decide: (command, complaint, context) => {
    const { requestId: requestedId, question, about, reason, channel, answerBy, hold } = command;
    const usedIds = complaint.requests.map(({ requestId }) => requestId);
    const requestId = requestedId ?? nextId('q', usedIds);
    const party = command.party ?? partyNamed(complaint, command.from);
    const from = command.from ?? party;
    const rejection = rejectionOf(
      duplicateId(requestedId, usedIds, '/requestId'),
      unknownParty(complaint, command.party, '/party'),
      from === undefined
        ? unmet('nobody_asked', 'nobody is asked; give `party`, or `from` for a department or third party', '/party')
        : undefined,
      party === undefined || about === undefined || reason !== undefined
        ? undefined
        : alreadyHeld(complaint, party, about),
      hold === undefined ? undefined : endBeforeBeginning(hold.expectedEnd, context, '/hold/expectedEnd'),
      hold === undefined ? undefined : upstreamOnly(hold.reason, context, '/hold/reason'),
    );
    if (rejection) return rejection;
    return [
      InformationRequested(
        withoutUndefined({ requestId, from: from ?? '', question, party, about, reason, channel, answerBy }),
      ),
      ...(hold === undefined
        ? []
        : [
            HoldPlaced({
              holdId: nextId('h', holdIds(complaint)),
              reason: hold.reason ?? 'awaiting_complainant',
              counterparty: from ?? '',
              expectedEnd: hold.expectedEnd,
              requestId,
            }),
          ]),
    ];
  },
} satisfies Decider<RequestInformation>;

/** The problem of a question to a party whose answer the complaint file already holds (I15). */
function alreadyHeld(complaint: Complaint, party: string, about: string): Unmet | undefined {
  const place = whereHeld(complaint, party, about);
  return place === undefined
    ? undefined
    : unmet(
        'already_on_file',
        `the complaint file already holds ${about} at ${place}; if that will not do, say why in \`reason\``,
        '/about',
      );
}

const partyNamed = ({ parties }: Complaint, from: string | undefined): string | undefined =>
  parties.find(({ id }) => id === from)?.id;

/** Contact details that come with the information are added to the party that gave it. */
export const receiveInformation = {
  guards: [received, withoutConflictOfInterest],
  decide: ({ requestId, from, content, evidenceIds, contacts = [] }, complaint, context) => {
    const request = complaint.requests.find((candidate) => candidate.requestId === requestId);
    const party = partyNamed(complaint, from) ?? request?.party;
    const rejection = rejectionOf(
      unknownRequest(complaint, requestId),
      unknownEvidence(complaint, evidenceIds, '/evidenceIds'),
      contacts.length > 0 && party === undefined
        ? unmet('unknown_party', 'contact details belong to a party; give its id in `from`', '/from')
        : undefined,
      beforeWhatItAnswers(
        context.occurredAt,
        request && { event: 'InformationRequested', at: request.at },
        context,
        '/occurredAt',
      ),
    );
    if (rejection) return rejection;
    return [
      InformationReceived(withoutUndefined({ requestId, from, content, evidenceIds })),
      ...(party === undefined ? [] : missingContacts(complaint, party, contacts)),
      ...holdReleases(complaint, requestId, 'answered', context),
    ];
  },
} satisfies Decider<ReceiveInformation>;

export const lapseInformationRequest = {
  guards: [
    open,
    withoutConflictOfInterest,
    ({ requests }) =>
      requests.some(({ status }) => status === 'Open')
        ? undefined
        : requests.some(({ status }) => status === 'Lapsed')
          ? nothingToChange('every information request is already answered or lapsed')
          : unmet('no_open_request', 'the complaint has no open information request'),
  ],
  decide: ({ requestId, reason }, complaint, context) => {
    const request = complaint.requests.find((candidate) => candidate.requestId === requestId);
    const status = request?.status;
    const rejection = rejectionOf(
      unknownRequest(complaint, requestId),
      status === 'Answered'
        ? unmet('already_answered', `information request ${requestId} is already answered`, '/requestId')
        : undefined,
      status === 'Lapsed'
        ? nothingToChange(`information request ${requestId} has already lapsed`, '/requestId')
        : undefined,
      beforeWhatItAnswers(
        context.occurredAt,
        request && { event: 'InformationRequested', at: request.at },
        context,
        '/occurredAt',
      ),
    );
    return (
      rejection ?? [
        InformationRequestLapsed({ requestId, reason }),
        ...holdReleases(complaint, requestId, 'lapsed', context),
      ]
    );
  },
} satisfies Decider<LapseInformationRequest>;

export const placeHold = {
  guards: [open, withoutConflictOfInterest],
  decide: ({ holdId: requestedId, reason, counterparty, expectedEnd, note }, complaint, context) => {
    const usedIds = holdIds(complaint);
    const holdId = requestedId ?? nextId('h', usedIds);
    return (
      rejectionOf(
        duplicateId(requestedId, usedIds, '/holdId'),
        expectedEnd === undefined
          ? isUpstream(context.actor)
            ? undefined
            : unmet('expected_end_missing', 'the hold has no expected end; give `expectedEnd`', '/expectedEnd')
          : endBeforeBeginning(expectedEnd, context, '/expectedEnd'),
        upstreamOnly(reason, context, '/reason'),
      ) ?? [HoldPlaced(withoutUndefined({ holdId, reason, counterparty, expectedEnd, note }))]
    );
  },
} satisfies Decider<PlaceHold>;

/** A hold past its expected end has ended automatically; its release is recorded with cause `ended`. */
export const releaseHold = {
  guards: [
    open,
    withoutConflictOfInterest,
    ({ holds }) =>
      holds.some(({ ended }) => ended === undefined)
        ? undefined
        : holds.length > 0
          ? nothingToChange('every hold has already ended')
          : unmet('no_hold', 'the complaint is not on hold'),
  ],
  decide: ({ holdId, note }, complaint, context) => {
    const { occurredAt, now, actor } = context;
    const hold = complaint.holds.find((candidate) => candidate.holdId === holdId);
    if (hold === undefined) return { unmet: [unmet('unknown_hold', `the complaint has no hold ${holdId}`, '/holdId')] };
    if (hold.ended !== undefined) return { unmet: [nothingToChange(`hold ${holdId} has already ended`, '/holdId')] };
    const rejection = rejectionOf(
      actor.type === 'scheduler' && isHeld(hold, now) ? notDue(holdId) : undefined,
      beforeWhatItAnswers(occurredAt, { event: 'HoldPlaced', at: hold.at }, context, '/occurredAt'),
    );
    if (rejection) return rejection;
    return [
      HoldReleased(
        withoutUndefined({
          holdId,
          cause: isHeld(hold, earliest(occurredAt)) ? ('released' as const) : ('ended' as const),
          note,
        }),
      ),
    ];
  },
} satisfies Decider<ReleaseHold>;

/** A person may end a hold at any time, the timers only at its expected end (I10). */
const notDue = (holdId: string): Unmet =>
  unmet('not_due', `hold ${holdId} has not reached its expected end; the timers release it then`, '/holdId');

const holdIds = ({ holds }: Complaint): string[] => holds.map(({ holdId }) => holdId);

/**
 * Releases the holds of an information request that were active when the answer or lapse happened, even if it is
 * recorded later.
 */
const holdReleases = (
  complaint: Complaint,
  requestId: string | undefined,
  cause: 'answered' | 'lapsed',
  { occurredAt }: Context,
) =>
  complaint.holds
    .filter((hold) => requestId !== undefined && hold.requestId === requestId && isHeld(hold, earliest(occurredAt)))
    .map(({ holdId }) => HoldReleased({ holdId, cause }));

/** Only an upstream system may leave the reason of a hold open. */
const upstreamOnly = (reason: HoldReason | undefined, context: Context, pointer: string): Unmet | undefined =>
  reason === 'not_stated' && !isUpstream(context.actor)
    ? unmet(
        'not_for_this_role',
        'only an upstream system may leave the reason of a hold open; give the reason',
        pointer,
      )
    : undefined;

/** A hold that is already over can still be recorded, but its end cannot be before its beginning. */
const endBeforeBeginning = (expectedEnd: Moment, { occurredAt }: Context, pointer: string): Unmet | undefined =>
  occurredAt.precision === 'instant' && isOver(expectedEnd, occurredAt.at)
    ? unmet(
        'hold_ends_before_it_begins',
        'the expected end is before the beginning of the hold; give a later time',
        pointer,
      )
    : undefined;

const unknownRequest = ({ requests }: Complaint, id: string | undefined): Unmet | undefined =>
  id === undefined || requests.some(({ requestId }) => requestId === id)
    ? undefined
    : unmet('unknown_request', `the complaint has no information request ${id}`, '/requestId');
