import { COMPLAINT_STREAMS, complaintId, type ComplaintRecord } from '../complaint/complaint-record.js';
import type { Projection } from '../projection/projection.js';
import { hasPersonalValues, personalValues } from './personal-values.js';
import type { Terms } from './terms.js';

/** The terms of one complaint. A complaint without personal values has no document. */
export interface IndexedComplaint {
  /** The terms of every value that was ever recorded for the complaint, each once. */
  readonly terms: readonly string[];
  /** Position of the event that first added terms: later complaints have greater ones. */
  readonly recorded: string;
}

export const SUBJECT_INDEX = 'subject_index';

/** The index of the documents: those with one term, the complaint that was recorded last first. */
export const TERMS_INDEX = { terms: 1, recorded: -1 } as const;

/** The projection that writes the index of personal values. */
export const subjectIndexProjection = (terms: Terms): Projection<IndexedComplaint> => ({
  name: SUBJECT_INDEX,
  version: 1,
  variant: terms.variant,
  streams: [COMPLAINT_STREAMS],
  oneStreamPerDocument: true,
  keys: (event) => (hasPersonalValues(event.type) ? [complaintId(event)] : []),
  evolve(complaint, event) {
    const before = complaint?.terms ?? [];
    const added = personalValues(event as ComplaintRecord).flatMap((value) => terms.ofRecorded(value));
    const all = [...new Set([...before, ...added])];
    return all.length === before.length ? complaint : { terms: all, recorded: complaint?.recorded ?? event.position };
  },
  indexes: [{ fields: TERMS_INDEX }],
  nonDeterministicFields: ['recorded', 'terms'],
});
