import type { ReferExternally } from './commands/external.js';
import { rejectionOf, unmet, withoutUndefined, type Decider } from './decision.js';
import { eventsAtEnd } from './endings.js';
import { ComplaintReferredExternally } from './events.js';
import { countingPoints, nextId, open, pointProblem, withoutConflictOfInterest } from './guards.js';
import { letterFactsOf } from './letter-facts.js';
import { letterEvents, letterProblems } from './letters.js';
import { earliest } from '../platform/moment.js';

/**
 * Referral of points to an external body, told by letter (T21). They no longer count here; the complaint ends when
 * nothing stays with us.
 */
export const referExternally = {
  guards: [open, withoutConflictOfInterest],
  decide: ({ pointIds, body, addressees, channel, text, recourse }, complaint, context) => {
    const at = earliest(context.occurredAt);
    const requirement = context.reference.responsePolicies.letterRequirement('referral', letterFactsOf(complaint), at);
    const letter = { addressees, channel };
    const rejection = rejectionOf(
      ...pointIds.map((id, index) => pointProblem(complaint, id, `/pointIds/${index}`)),
      ...pointIds.map((id, index) =>
        pointIds.indexOf(id) < index
          ? unmet('point_repeated', `point ${id} is listed twice; list each point once`, `/pointIds/${index}`)
          : undefined,
      ),
      letterProblems(complaint, letter, context),
      addressees.length > 0 && channel === undefined
        ? unmet('channel_missing', 'the letter has no channel; give one', '/channel')
        : undefined,
      addressees.length > 0 && requirement.recourse === 'required' && recourse === undefined
        ? unmet('recourse_missing', 'the letter has no recourse; state where the complainant may turn', '/recourse')
        : undefined,
    );
    if (rejection) return rejection;
    const letterIds = complaint.letters.filter(({ kind }) => kind === 'referral').map(({ id }) => id);
    const referralId = nextId('t', letterIds);
    const endsComplaint = countingPoints(complaint).every(({ id }) => pointIds.includes(id));
    const referred = ComplaintReferredExternally(
      withoutUndefined({ referralId, pointIds, body, addressees, channel, text, recourse, endsComplaint }),
    );
    return [...(endsComplaint ? eventsAtEnd(complaint) : []), referred, ...letterEvents(referralId, letter, context)];
  },
} satisfies Decider<ReferExternally>;
