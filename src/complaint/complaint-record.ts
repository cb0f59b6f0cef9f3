import type { Recorded } from '../eventstore/envelope.js';
import type { ComplaintEvent } from './events.js';

/** A recorded event of a complaint, told apart by its type. */
export type ComplaintRecord = { [E in ComplaintEvent as E['type']]: Recorded<E> }[ComplaintEvent['type']];

export const COMPLAINT_STREAMS = 'complaint-';

/** The id of the complaint whose event it is. */
export const complaintId = ({ stream }: Recorded): string => stream.slice(COMPLAINT_STREAMS.length);
