import type {
  LapseInformationRequest,
  PlaceHold,
  ReceiveInformation,
  ReleaseHold,
  RequestInformation,
} from './commands/verification.js';
import { earliest, type Moment } from '../platform/moment.js';
import type { Complaint } from './complaint.js';
import { nothingToChange, present, refusal, unmet, type Context, type Decider, type Unmet } from './decision.js';
import {
  HoldPlaced,
  HoldReleased,
  InformationReceived,
  InformationRequested,
  InformationRequestLapsed,
} from './events.js';
import { idFor, isHeld, open, takenId, unknownEvidence, withoutInterest } from './guards.js';
import { isOver } from './time.js';

/** Asking for what is missing, and waiting for it (T9, R08, I10). An answer releases only its own hold. */

export const requestInformation: Decider<RequestInformation> = {
  guards: [open, withoutInterest],
  decide: ({ requestId: named, from, question, channel, answerBy, hold }, complaint, context) => {
    const taken = complaint.requests.map(({ requestId }) => requestId);
    const requestId = idFor('q', named, taken);
    const wrong = refusal(
      takenId(named, taken, '/requestId'),
      hold === undefined ? undefined : endsTooEarly(hold.expectedEnd, context, '/hold/expectedEnd'),
    );
    if (wrong) return wrong;
    return [
      InformationRequested(present({ requestId, from, question, channel, answerBy })),
      ...(hold === undefined
        ? []
        : [
            HoldPlaced({
              holdId: idFor('h', undefined, holdIds(complaint)),
              reason: hold.reason ?? 'awaiting_complainant',
              counterparty: from,
              expectedEnd: hold.expectedEnd,
              requestId,
            }),
          ]),
    ];
  },
};

export const receiveInformation: Decider<ReceiveInformation> = {
  guards: [open, withoutInterest],
  decide: ({ requestId, from, content, evidenceIds }, complaint, context) =>
    refusal(unknownRequest(complaint, requestId), unknownEvidence(complaint, evidenceIds, '/evidenceIds')) ?? [
      InformationReceived(present({ requestId, from, content, evidenceIds })),
      ...released(complaint, requestId, 'answered', context),
    ],
};

export const lapseInformationRequest: Decider<LapseInformationRequest> = {
  guards: [
    open,
    withoutInterest,
    ({ requests }) =>
      requests.some(({ status }) => status === 'Open')
        ? undefined
        : requests.some(({ status }) => status === 'Lapsed')
          ? nothingToChange('no answer is awaited any more')
          : unmet('no_open_request', 'no answer is awaited'),
  ],
  decide: ({ requestId, reason }, complaint, context) => {
    const status = complaint.requests.find((request) => request.requestId === requestId)?.status;
    const wrong = refusal(
      unknownRequest(complaint, requestId),
      status === 'Answered' ? unmet('already_answered', `${requestId} was answered`, '/requestId') : undefined,
      status === 'Lapsed' ? nothingToChange(`${requestId} has lapsed`, '/requestId') : undefined,
    );
    return (
      wrong ?? [InformationRequestLapsed({ requestId, reason }), ...released(complaint, requestId, 'lapsed', context)]
    );
  },
};

export const placeHold: Decider<PlaceHold> = {
  guards: [open, withoutInterest],
  decide: ({ holdId: named, reason, counterparty, expectedEnd, note }, complaint, context) => {
    const holdId = idFor('h', named, holdIds(complaint));
    return (
      refusal(takenId(named, holdIds(complaint), '/holdId'), endsTooEarly(expectedEnd, context, '/expectedEnd')) ?? [
        HoldPlaced(present({ holdId, reason, counterparty, expectedEnd, note })),
      ]
    );
  },
};

/** Past its expected end a hold has ended itself: recording that says so (`ended`). */
export const releaseHold: Decider<ReleaseHold> = {
  guards: [
    open,
    withoutInterest,
    ({ holds }) =>
      holds.some(({ ended }) => ended === undefined)
        ? undefined
        : holds.length > 0
          ? nothingToChange('every hold has ended')
          : unmet('no_hold', 'the complaint is not on hold'),
  ],
  decide: ({ holdId, note }, complaint, { occurredAt }) => {
    const hold = complaint.holds.find((one) => one.holdId === holdId);
    if (hold === undefined) return { unmet: [unmet('unknown_hold', `there is no hold ${holdId}`, '/holdId')] };
    if (hold.ended !== undefined) return { unmet: [nothingToChange(`${holdId} is released`, '/holdId')] };
    return [
      HoldReleased(
        present({
          holdId,
          cause: isHeld(hold, earliest(occurredAt)) ? ('released' as const) : ('ended' as const),
          note,
        }),
      ),
    ];
  },
};

const holdIds = ({ holds }: Complaint): string[] => holds.map(({ holdId }) => holdId);

/** An answer that came before the hold's expected end releases it, however late it is recorded. */
const released = (
  complaint: Complaint,
  requestId: string | undefined,
  cause: 'answered' | 'lapsed',
  { occurredAt }: Context,
) =>
  complaint.holds
    .filter((hold) => requestId !== undefined && hold.requestId === requestId && isHeld(hold, earliest(occurredAt)))
    .map(({ holdId }) => HoldReleased({ holdId, cause }));

/** A hold may be recorded when it is over already, but it did not end before it began. */
const endsTooEarly = (expectedEnd: Moment, { occurredAt }: Context, pointer: string): Unmet | undefined =>
  occurredAt.precision === 'instant' && isOver(expectedEnd, occurredAt.at)
    ? unmet('hold_ends_before_it_begins', 'its expected end lies before its beginning', pointer)
    : undefined;

const unknownRequest = ({ requests }: Complaint, id: string | undefined): Unmet | undefined =>
  id === undefined || requests.some(({ requestId }) => requestId === id)
    ? undefined
    : unmet('unknown_request', `there is no request ${id}`, '/requestId');
