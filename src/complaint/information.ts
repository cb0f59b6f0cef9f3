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
import { duplicateId, isHeld, nextId, open, unknownEvidence, withoutConflictOfInterest } from './guards.js';
import { isOver } from './time.js';

/* Information requests and holds (T9, R08, I10). An answer releases only the hold of its own request. */

export const requestInformation = {
  guards: [open, withoutConflictOfInterest],
  decide: ({ requestId: requestedId, from, question, channel, answerBy, hold }, complaint, context) => {
    const usedIds = complaint.requests.map(({ requestId }) => requestId);
    const requestId = requestedId ?? nextId('q', usedIds);
    const rejection = rejectionOf(
      duplicateId(requestedId, usedIds, '/requestId'),
      hold === undefined ? undefined : endBeforeBeginning(hold.expectedEnd, context, '/hold/expectedEnd'),
    );
    if (rejection) return rejection;
    return [
      InformationRequested(withoutUndefined({ requestId, from, question, channel, answerBy })),
      ...(hold === undefined
        ? []
        : [
            HoldPlaced({
              holdId: nextId('h', holdIds(complaint)),
              reason: hold.reason ?? 'awaiting_complainant',
              counterparty: from,
              expectedEnd: hold.expectedEnd,
              requestId,
            }),
          ]),
    ];
  },
} satisfies Decider<RequestInformation>;

export const receiveInformation = {
  guards: [open, withoutConflictOfInterest],
  decide: ({ requestId, from, content, evidenceIds }, complaint, context) =>
    rejectionOf(unknownRequest(complaint, requestId), unknownEvidence(complaint, evidenceIds, '/evidenceIds')) ?? [
      InformationReceived(withoutUndefined({ requestId, from, content, evidenceIds })),
      ...holdReleases(complaint, requestId, 'answered', context),
    ],
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
    const status = complaint.requests.find((request) => request.requestId === requestId)?.status;
    const rejection = rejectionOf(
      unknownRequest(complaint, requestId),
      status === 'Answered'
        ? unmet('already_answered', `information request ${requestId} is already answered`, '/requestId')
        : undefined,
      status === 'Lapsed'
        ? nothingToChange(`information request ${requestId} has already lapsed`, '/requestId')
        : undefined,
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
        endBeforeBeginning(expectedEnd, context, '/expectedEnd'),
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
  decide: ({ holdId, note }, complaint, { occurredAt }) => {
    const hold = complaint.holds.find((candidate) => candidate.holdId === holdId);
    if (hold === undefined) return { unmet: [unmet('unknown_hold', `the complaint has no hold ${holdId}`, '/holdId')] };
    if (hold.ended !== undefined) return { unmet: [nothingToChange(`hold ${holdId} has already ended`, '/holdId')] };
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
