import type { CompleteMeasure } from './commands/remedies.js';
import type { Complaint } from './complaint.js';
import {
  nothingToChange,
  withoutUndefined,
  rejectionOf,
  unmet,
  type Decider,
  type Guard,
  type Rejection,
  type Unmet,
} from './decision.js';
import { RemedyImplemented, RemedyMeasureCompleted } from './events.js';
import { received, unknownEvidence, withoutConflictOfInterest } from './guards.js';
import { unknownRemedy } from './offers.js';
import { beforeWhatItAnswers, type Answered } from './order.js';
import { isOwed } from './progress.js';
import type { MeasureFile, Remedy } from './state-types.js';
import { PAID_REMEDIES } from './terms/vocabulary.js';

/** Measures (T13). What is owed stays owed in every stage of the complaint and after every end. */

export const hasOwedMeasure: Guard = ({ remedies }) => {
  if (remedies.some(isOwed)) return undefined;
  return remedies.some(({ measures }) => measures.some(({ status }) => status !== 'Open'))
    ? nothingToChange('every measure is already done or waived')
    : unmet(
        'no_open_measure',
        'the complaint has no open measure: no remedy is accepted, and none is offered that needs no acceptance',
      );
};

/** A measure of money that we provide is done by its payments alone (I23). */
export const completeMeasure = {
  guards: [received, withoutConflictOfInterest, hasOwedMeasure],
  decide: ({ remedyId, measureId, confirmation, evidenceIds }, complaint, context) => {
    const located = locate(complaint, remedyId, measureId);
    if ('unmet' in located) return located;
    const { remedy, measure } = located;
    return (
      rejectionOf(
        measure.status === 'Done' ? nothingToChange(`measure ${measureId} is already done`, '/measureId') : undefined,
        measureWaived(measure),
        measure.status === 'Open' ? notOwed(remedy) : undefined,
        measure.provider === 'third_party' && (confirmation ?? '').trim() === ''
          ? unmet(
              'confirmation_missing',
              'the measure of a third party needs its confirmation; give `confirmation`',
              '/confirmation',
            )
          : undefined,
        measure.provider === 'self' && PAID_REMEDIES.includes(measure.type)
          ? unmet(
              'done_by_payment',
              'a measure of money is done by its payments; record them with `record-redress-payment`',
              '/measureId',
            )
          : undefined,
        unknownEvidence(complaint, evidenceIds, '/evidenceIds'),
        beforeWhatItAnswers(context.occurredAt, owedSince(remedy), context, '/occurredAt'),
      ) ?? [
        RemedyMeasureCompleted(withoutUndefined({ remedyId, measureId, confirmation, evidenceIds })),
        ...implementedAfter(remedy, measureId),
      ]
    );
  },
} satisfies Decider<CompleteMeasure>;

export const measureWaived = ({ id, status }: MeasureFile): Unmet | undefined =>
  status === 'Waived'
    ? unmet('measure_waived', `measure ${id} is waived and cannot be completed or paid`, '/measureId')
    : undefined;

export const notOwed = (remedy: Remedy): Unmet | undefined =>
  isOwed(remedy)
    ? undefined
    : unmet('not_owed', `remedy ${remedy.remedyId} is not owed (remedy: ${remedy.status})`, '/remedyId');

/** What the completion, payment or waiver of a measure answers: the acceptance, or an offer that needs none (I21). */
export const owedSince = ({ answered, at }: Remedy): Answered =>
  answered === undefined ? { event: 'RemedyProposed', at } : { event: 'RemedyAccepted', at: answered.at };

/** `RemedyImplemented`, if no other measure of the remedy is open after this measure is done. */
export const implementedAfter = ({ remedyId, measures }: Remedy, measureId: string) =>
  measures.every(({ id, status }) => id === measureId || status !== 'Open') ? [RemedyImplemented({ remedyId })] : [];

export type Located = { readonly remedy: Remedy; readonly measure: MeasureFile } | Rejection;

/** The remedy and its measure with these ids, or a rejection if one of them is unknown. */
export function locate({ remedies }: Complaint, remedyId: string, measureId: string): Located {
  const remedy = remedies.find((candidate) => candidate.remedyId === remedyId);
  if (remedy === undefined) return { unmet: [unknownRemedy(remedyId)] };
  const measure = remedy.measures.find(({ id }) => id === measureId);
  return measure === undefined
    ? { unmet: [unmet('unknown_measure', `remedy ${remedyId} has no measure ${measureId}`, '/measureId')] }
    : { remedy, measure };
}
