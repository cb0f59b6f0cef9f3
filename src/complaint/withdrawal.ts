import { complainantsOf, speaksFor } from './addressees.js';
import { mayAct } from './authority.js';
import type { WithdrawComplaint } from './commands/feedback.js';
import type { Complaint } from './complaint.js';
import { nothingToChange, rejectionOf, withoutUndefined, type Decider, type Guard } from './decision.js';
import { eventsAtEnd } from './endings.js';
import { ComplaintWithdrawn } from './events.js';
import { hasFlag } from './flags.js';
import { open, withoutConflictOfInterest } from './guards.js';
import { beforeWhatItAnswers } from './order.js';
import { isSafetySet } from './safety.js';

const notAllWithdrawn: Guard = (complaint) =>
  complaint.withdrawal !== null && complainantsOf(complaint).length === 0
    ? nothingToChange('the withdrawal is already recorded')
    : undefined;

/**
 * Withdrawal (T19), which a complainant states; silence is none. Each of several complainants withdraws alone, and the
 * last one ends the complaint (I22), unless the organisation continues it on its own initiative. The time is that of the
 * statement.
 */
export const withdraw = {
  guards: [open, withoutConflictOfInterest, notAllWithdrawn],
  decide: ({ statedBy, reason }, complaint, context) => {
    const { receivedAt } = complaint;
    const withdrawing = speaksFor(complaint, statedBy.party);
    const complainants = complainantsOf(complaint);
    const remaining = complainants.filter(({ id }) => !withdrawing.includes(id));
    const rejection = rejectionOf(
      mayAct(complaint, statedBy, 'act', context),
      beforeWhatItAnswers(
        statedBy.at,
        receivedAt === null ? undefined : { event: 'ComplaintReceived', at: receivedAt },
        context,
        '/statedBy/at',
      ),
      complainants.length > 0 && remaining.length === complainants.length
        ? nothingToChange(`${statedBy.party} has already withdrawn the complaint`, '/statedBy/party')
        : undefined,
    );
    if (rejection) return rejection;
    const occurredAt = statedBy.at;
    const isPartial = remaining.length > 0;
    const continuedOnOwnInitiative = !isPartial && isContinuedOnOwnInitiative(complaint);
    const withdrawn = ComplaintWithdrawn(
      withoutUndefined({ statedBy, reason, partial: isPartial || undefined, continuedOnOwnInitiative }),
    );
    const settled = isPartial || continuedOnOwnInitiative ? [] : eventsAtEnd(complaint);
    return [...settled, withdrawn].map((event) => ({ ...event, occurredAt }));
  },
} satisfies Decider<WithdrawComplaint>;

/** True if the complaint concerns more than the complainants: a hazard, a duty to report, or a systemic issue. */
const isContinuedOnOwnInitiative = (complaint: Complaint): boolean =>
  isSafetySet(complaint.progress) || hasFlag(complaint, 'reportable') || hasFlag(complaint, 'systemic');
