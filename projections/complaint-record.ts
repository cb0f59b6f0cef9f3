import type { Recorded } from '../src/eventstore/envelope.js';
import type { ComplaintEvent } from '../src/complaint/events.js';

/** A recorded event of a complaint, told apart by its type. */
export type ComplaintRecord = { [E in ComplaintEvent as E['type']]: Recorded<E> }[ComplaintEvent['type']];

export const COMPLAINT_STREAMS = 'complaint-';

/** The id of the complaint whose event it is. */
export const complaintId = ({ stream }: Recorded): string => stream.slice(COMPLAINT_STREAMS.length);
