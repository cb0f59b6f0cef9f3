import type { Recorded } from '../eventstore/envelope.js';
import type { Moment } from '../platform/moment.js';
import type { ComplaintEvent } from './events.js';
import type { StatedBy } from './terms/facts.js';

/** A recorded complaint event, discriminated by its type. */
export type ComplaintRecord = { [E in ComplaintEvent as E['type']]: Recorded<E> }[ComplaintEvent['type']];

/** Prefix of the stream names; the complaint id follows. */
export const COMPLAINT_STREAMS = 'complaint-';

/** The id of the complaint that the event belongs to. */
export const complaintId = ({ stream }: Recorded): string => stream.slice(COMPLAINT_STREAMS.length);

/** When reopening was asked for; the clocks of the new episode start then. */
export const reopeningAskedAt = (
  { requestedAt, statedBy }: { readonly requestedAt?: Moment; readonly statedBy?: Pick<StatedBy, 'at'> },
  occurredAt: Moment,
): Moment => requestedAt ?? statedBy?.at ?? occurredAt;
