import { randomUUID } from 'node:crypto';
import type { EncodedEvent } from '../../../src/eventstore/event-store.js';

/** A new event with a random id and this text in its data. */
export const someEvent = (text = 'noted'): EncodedEvent => ({
  eventId: randomUUID(),
  type: 'Noted',
  data: JSON.stringify({ text }),
  metadata: '{"by":"test"}',
});

/** New events, each with a random id and this text in its data. */
export const someEvents = (count: number, text?: string): EncodedEvent[] =>
  Array.from({ length: count }, () => someEvent(text));
