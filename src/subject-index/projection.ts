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
  // the positions of one complaint are those of one stream, so this order is also that of receipt in the log
  indexes: [{ fields: { terms: 1, recorded: -1 } }],
  nonDeterministicFields: ['recorded', 'terms'],
});
