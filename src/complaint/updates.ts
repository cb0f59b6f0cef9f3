import { isBefore } from '../platform/moment.js';
import type { SendHoldingResponse, SendProgressUpdate } from './commands/response.js';
import type { Complaint } from './complaint.js';
import {
  rejectionOf,
  unmet,
  withoutUndefined,
  type Context,
  type Decider,
  type Guard,
  type Unmet,
} from './decision.js';
import { HoldingResponseSent, ProgressUpdateSent } from './events.js';
import { nextId, open, received, withoutConflictOfInterest } from './guards.js';
import { askedContent } from './letter-content.js';
import { addresseeProblems } from './letters.js';

/** News before the final response (T15, R44): a holding response, or a progress update. */

/** While the complaint is open; afterwards only what was sent before the end. */
const openOrSentBefore: Guard = (complaint, context) =>
  complaint.endedAt !== null && !isBefore(complaint.endedAt, context.occurredAt)
    ? received(complaint, context)
    : open(complaint, context);

const guards: readonly Guard[] = [openOrSentBefore, withoutConflictOfInterest];

export const sendHoldingResponse = {
  guards,
  decide: (command, complaint, context) => {
    const { addressees, channel, text, until, recourse, leaflets, language } = command;
    const asked = askedContent('holding', command, complaint, context);
    const rejection = rejectionOf(updateProblems(command, complaint, context), asked.problems);
    if (rejection) return rejection;
    const { referUntil } = asked.content;
    return [
      HoldingResponseSent(
        withoutUndefined({
          updateId: nextUpdateId(complaint),
          addressees,
          channel,
          text,
          until,
          recourse,
          referUntil,
          leaflets,
          language,
        }),
      ),
    ];
  },
} satisfies Decider<SendHoldingResponse>;

export const sendProgressUpdate = {
  guards,
  decide: (command, complaint, context) => {
    const { addressees, channel, text, until } = command;
    return (
      rejectionOf(updateProblems(command, complaint, context)) ?? [
        ProgressUpdateSent({ updateId: nextUpdateId(complaint), addressees, channel, text, until }),
      ]
    );
  },
} satisfies Decider<SendProgressUpdate>;

const updateProblems = (
  { addressees, channel, until }: SendProgressUpdate,
  complaint: Complaint,
  context: Context,
): Unmet[] => [
  ...addresseeProblems(complaint, { addressees, channel }, context),
  ...(isBefore(until, context.occurredAt)
    ? [
        unmet(
          'ends_before_it_begins',
          'the next news is expected before this one is sent; give a later `until`',
          '/until',
        ),
      ]
    : []),
];

const nextUpdateId = ({ updates }: Complaint): string =>
  nextId(
    'u',
    updates.map(({ updateId }) => updateId),
  );
