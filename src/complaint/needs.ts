import type { RecordNeed } from './commands/care.js';
import { nothingToChange, rejectionOf, withoutUndefined, type Decider } from './decision.js';
import { NeedRecorded } from './events.js';
import { received, unknownParty, withoutConflictOfInterest } from './guards.js';
import { priorityAfter } from './priority.js';
import { isSameNeed } from './state-types.js';

/** Needs of the parties, which are shown before every contact (T28). */

export const recordNeed = {
  guards: [received, withoutConflictOfInterest],
  decide: ({ party, driver, need, adjustment, consent, until, harm }, complaint, context) => {
    const fields = withoutUndefined({ party, driver, need, adjustment, consent, until, harm });
    const known = complaint.needs.find((candidate) => isSameNeed(candidate, fields));
    const isUnchanged =
      known !== undefined &&
      known.adjustment === adjustment &&
      known.consent === consent &&
      (known.harm ?? false) === (harm ?? false) &&
      JSON.stringify(known.until) === JSON.stringify(until);
    const rejection = rejectionOf(
      unknownParty(complaint, party, '/party'),
      isUnchanged ? nothingToChange('this need is already recorded', '/need') : undefined,
    );
    if (rejection) return rejection;
    const recorded = [NeedRecorded(fields)];
    return [...recorded, ...priorityAfter(complaint, recorded, context)];
  },
} satisfies Decider<RecordNeed>;
