import type { Recorded } from '../eventstore/envelope.js';
import type { ComplaintEvent } from './events.js';

/** A recorded complaint event, discriminated by its type. */
export type ComplaintRecord = { [E in ComplaintEvent as E['type']]: Recorded<E> }[ComplaintEvent['type']];

/** Prefix of the stream names; the complaint id follows. */
export const COMPLAINT_STREAMS = 'complaint-';

/** The id of the complaint that the event belongs to. */
export const complaintId = ({ stream }: Recorded): string => stream.slice(COMPLAINT_STREAMS.length);
