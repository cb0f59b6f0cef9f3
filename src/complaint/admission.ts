import type { AcknowledgeComplaint, AdmitComplaint } from './commands/intake.js';
import { nothingToChange, withoutUndefined, rejectionOf, type Decider } from './decision.js';
import { ComplaintAcknowledged, ComplaintAdmitted } from './events.js';
import { inStage, received, unknownParty, withoutConflictOfInterest } from './guards.js';
import { BEFORE_DETERMINATION } from './terms/vocabulary.js';

/** ISO 10002 7.4: acknowledgement (T2) and admission (T3). */

export const acknowledge = {
  guards: [
    received,
    withoutConflictOfInterest,
    ({ acknowledgement }) =>
      acknowledgement === null ? undefined : nothingToChange('receipt has already been acknowledged in this episode'),
  ],
  decide: ({ channel, to, message }, complaint) =>
    rejectionOf(unknownParty(complaint, to, '/to')) ?? [
      ComplaintAcknowledged(withoutUndefined({ channel, to, message })),
    ],
} satisfies Decider<AcknowledgeComplaint>;

export const admit = {
  guards: [
    inStage(...BEFORE_DETERMINATION),
    withoutConflictOfInterest,
    ({ admittedAt }) => (admittedAt === null ? undefined : nothingToChange('the complaint is already admitted')),
  ],
  decide: ({ reason }) => [ComplaintAdmitted(withoutUndefined({ reason }))],
} satisfies Decider<AdmitComplaint>;
