import type { AcknowledgeComplaint, AdmitComplaint, DeclareInadmissible } from './commands/intake.js';
import { nothingToChange, present, refusal, unmet, type Decider } from './decision.js';
import { ComplaintAcknowledged, ComplaintAdmitted, ComplaintDeclaredInadmissible } from './events.js';
import { addresseeProblems, idFor, inStage, open, reachable, unknownParty, withoutInterest } from './guards.js';
import { BEFORE_DETERMINATION } from './terms/vocabulary.js';

/** ISO 10002 7.4: saying that we have it (T2), and taking it on or not (T3). */

export const acknowledge: Decider<AcknowledgeComplaint> = {
  guards: [
    open,
    withoutInterest,
    ({ acknowledgement }) =>
      acknowledgement === null ? undefined : nothingToChange('it is acknowledged in this episode'),
  ],
  decide: ({ channel, to, message }, complaint) =>
    refusal(unknownParty(complaint, to, '/to')) ?? [ComplaintAcknowledged(present({ channel, to, message }))],
};

export const admit: Decider<AdmitComplaint> = {
  guards: [
    inStage(...BEFORE_DETERMINATION),
    withoutInterest,
    ({ admittedAt }) => (admittedAt === null ? undefined : nothingToChange('it is admitted')),
  ],
  decide: ({ reason }) => [ComplaintAdmitted(present({ reason }))],
};

/** Unless it is spam or nobody can be reached, somebody gets a notice, on a channel, that tells of recourse. */
export const declareInadmissible: Decider<DeclareInadmissible> = {
  guards: [inStage(...BEFORE_DETERMINATION), withoutInterest],
  decide: ({ reasonCode, nature, reasons, recourse, addressees = [], channel }, complaint) => {
    const silent = reasonCode === 'spam' || nature === 'spam';
    const told = addressees.length > 0 || (!silent && reachable(complaint).length > 0);
    const wrong = refusal(
      silent && addressees.length === 0 ? undefined : addresseeProblems(complaint, addressees, channel),
      told && channel === undefined ? unmet('channel_missing', 'say how they are told', '/channel') : undefined,
      told && !silent && (recourse ?? '').trim() === ''
        ? unmet('recourse_missing', 'a notice tells of internal and external recourse', '/recourse')
        : undefined,
    );
    if (wrong) return wrong;
    const notices = complaint.letters.filter(({ kind }) => kind === 'inadmissible').map(({ id }) => id);
    const noticeId = addressees.length > 0 ? idFor('i', undefined, notices) : undefined;
    return [
      ComplaintDeclaredInadmissible(present({ noticeId, reasonCode, nature, reasons, recourse, addressees, channel })),
    ];
  },
};
