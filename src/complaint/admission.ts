import type { AcknowledgeComplaint, AdmitComplaint, DeclareInadmissible } from './commands/intake.js';
import { nothingToChange, withoutUndefined, rejectionOf, unmet, type Decider } from './decision.js';
import { ComplaintAcknowledged, ComplaintAdmitted, ComplaintDeclaredInadmissible } from './events.js';
import {
  addresseeProblems,
  inStage,
  nextId,
  open,
  reachableParties,
  unknownParty,
  withoutConflictOfInterest,
} from './guards.js';
import { BEFORE_DETERMINATION } from './terms/vocabulary.js';

/** ISO 10002 7.4: acknowledgement (T2) and admission or inadmissibility (T3). */

export const acknowledge = {
  guards: [
    open,
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

/** Requires a notice with channel and recourse, unless the complaint is spam or no party can be reached. */
export const declareInadmissible = {
  guards: [inStage(...BEFORE_DETERMINATION), withoutConflictOfInterest],
  decide: ({ reasonCode, nature, reasons, recourse, addressees = [], channel }, complaint) => {
    const isSpam = reasonCode === 'spam' || nature === 'spam';
    const needsNotice = addressees.length > 0 || (!isSpam && reachableParties(complaint).length > 0);
    const rejection = rejectionOf(
      isSpam && addressees.length === 0 ? undefined : addresseeProblems(complaint, addressees, channel),
      needsNotice && channel === undefined
        ? unmet('channel_missing', 'the notice has no channel; give one', '/channel')
        : undefined,
      needsNotice && !isSpam && (recourse ?? '').trim() === ''
        ? unmet('recourse_missing', 'the notice has no recourse; state the internal and external recourse', '/recourse')
        : undefined,
    );
    if (rejection) return rejection;
    const noticeIds = complaint.letters.filter(({ kind }) => kind === 'inadmissible').map(({ id }) => id);
    const noticeId = addressees.length > 0 ? nextId('i', noticeIds) : undefined;
    return [
      ComplaintDeclaredInadmissible(
        withoutUndefined({ noticeId, reasonCode, nature, reasons, recourse, addressees, channel }),
      ),
    ];
  },
} satisfies Decider<DeclareInadmissible>;
