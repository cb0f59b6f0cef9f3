import { isSameId } from '../staff/person.js';
import type { ClearFlag, RaiseFlag } from './commands/care.js';
import type { Complaint } from './complaint.js';
import {
  nothingToChange,
  rejectionOf,
  unmet,
  withoutUndefined,
  type Context,
  type Decider,
  type Unmet,
} from './decision.js';
import { RiskFlagCleared, RiskFlagged, type ComplaintEvent } from './events.js';
import { received, unknownEvidence, withoutConflictOfInterest } from './guards.js';
import { letThrough } from './policy-refs.js';
import { priorityAfter } from './priority.js';
import type { RiskFlag } from './terms/vocabulary.js';

/** Risk flags (T28, R13, R14, R42). */

/** True while the flag stands. */
export const hasFlag = ({ flags }: Pick<Complaint, 'flags'>, flag: RiskFlag): boolean =>
  flags.some((raised) => raised.flag === flag && raised.cleared === undefined);

export const raiseFlag = {
  guards: [received, withoutConflictOfInterest],
  decide: ({ flag, reason, evidenceIds }, complaint, context) => {
    const rejection = rejectionOf(
      hasFlag(complaint, flag) ? nothingToChange(`the flag ${flag} is already raised`, '/flag') : undefined,
      unknownEvidence(complaint, evidenceIds, '/evidenceIds'),
    );
    if (rejection) return rejection;
    const flagged = [RiskFlagged(withoutUndefined({ flag, reason, evidenceIds }))];
    return [...flagged, ...priorityAfter(complaint, flagged, context)];
  },
} satisfies Decider<RaiseFlag>;

export const clearFlag = {
  guards: [
    received,
    withoutConflictOfInterest,
    ({ flags }) =>
      flags.some(({ cleared }) => cleared === undefined)
        ? undefined
        : flags.length > 0
          ? nothingToChange('every flag is already cleared')
          : unmet('no_flag', 'no flag is raised'),
  ],
  decide: ({ flag, reason }, complaint, context) => {
    const rejection = rejectionOf(
      hasFlag(complaint, flag)
        ? undefined
        : complaint.flags.some((raised) => raised.flag === flag)
          ? nothingToChange(`the flag ${flag} is already cleared`, '/flag')
          : unmet('no_flag', `the flag ${flag} is not raised`, '/flag'),
      flag === 'safety' ? setSafetyThemselves(complaint, context, '/flag') : undefined,
    );
    if (rejection) return rejection;
    const cleared = [
      letThroughIfSetThemselves(RiskFlagCleared({ flag, reason }), complaint, context, flag === 'safety'),
    ];
    return [...cleared, ...priorityAfter(complaint, cleared, context)];
  },
} satisfies Decider<ClearFlag>;

const hasSetSafety = ({ safety }: Pick<Complaint, 'safety'>, { actor }: Context): boolean =>
  safety.setBy.some(({ person }) => isSameId(person, actor.id));

/** The problem of a person who lowers or clears the safety that they set (I16). */
export const setSafetyThemselves = (complaint: Complaint, context: Context, pointer: string): Unmet | undefined =>
  context.reference.house.safetyByTwo && hasSetSafety(complaint, context)
    ? unmet(
        'needs_second_person',
        `${context.actor.id} has set the safety of this complaint; another person must lower or clear it`,
        pointer,
      )
    : undefined;

/** The event that lowers or clears safety; it names the rule if that lets the person who set it do this (I25). */
export const letThroughIfSetThemselves = <Event extends ComplaintEvent>(
  event: Event,
  complaint: Complaint,
  context: Context,
  lowersSafety: boolean,
): Event => (lowersSafety && hasSetSafety(complaint, context) ? letThrough(event, context, 'safetyByTwo') : event);
