import type { EscalateComplaint } from './commands/external.js';
import { rejectionOf, unmet, withoutUndefined, type Decider } from './decision.js';
import { ComplaintEscalated } from './events.js';
import { received, withoutConflictOfInterest } from './guards.js';
import type { Escalation } from './state-types.js';
import type { EscalationLevel } from './terms/vocabulary.js';

/**
 * Escalation (T21): to the next internal level, the supervisor, an external body. It only rises, until the body returns
 * the complaint.
 */
export const escalate = {
  guards: [received, withoutConflictOfInterest],
  decide: ({ to, level: stated, body, reason }, { escalation }) => {
    const level = to === 'internal' ? (stated ?? internalLevel(escalation) + 1) : undefined;
    const rejection = rejectionOf(
      to === 'returned' && escalation.status !== 'External'
        ? unmet('not_with_external_body', 'the complaint is not with an external body, which could return it', '/to')
        : undefined,
      rankAfter(to, level) <= rankOf(escalation)
        ? unmet(
            'not_higher',
            `the complaint is already escalated to ${placeOf(escalation)}; escalate it to a higher level`,
            '/to',
          )
        : undefined,
      to === 'external' && body === undefined
        ? unmet('body_missing', 'name the external body in `body`', '/body')
        : undefined,
      to !== 'external' && body !== undefined
        ? unmet('only_external', 'only an escalation to an external body has a `body`', '/body')
        : undefined,
      to !== 'internal' && stated !== undefined
        ? unmet('only_internal', 'only an escalation within the organisation has a `level`', '/level')
        : undefined,
    );
    return rejection ?? [ComplaintEscalated(withoutUndefined({ to, level, body, reason }))];
  },
} satisfies Decider<EscalateComplaint>;

const internalLevel = ({ status, level = 0 }: Escalation): number => (status === 'Internal' ? level : 0);

/** The order of the levels. A complaint that was returned can be escalated to any of them. */
const RANKS = { None: 0, Returned: 0, Internal: 1, Supervisor: 20, External: 30 } as const;

const rankOf = ({ status, level = 0 }: Escalation): number => RANKS[status] + level;

const rankAfter = (to: EscalationLevel, level = 0): number => {
  switch (to) {
    case 'internal':
      return RANKS.Internal + level;
    case 'supervisor':
      return RANKS.Supervisor;
    case 'external':
      return RANKS.External;
    case 'returned':
      return Infinity;
  }
};

function placeOf({ status, level, body }: Escalation): string {
  return status === 'Internal' ? `internal level ${String(level)}` : (body ?? `the ${status.toLowerCase()}`);
}
