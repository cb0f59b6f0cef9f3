import { randomUUID } from 'node:crypto';
import type { EncodedEvent } from '../../../src/eventstore/event-store.js';

/** A new event with this much text in it. */
export const someEvent = (text = 'noted'): EncodedEvent => ({
  eventId: randomUUID(),
  type: 'Noted',
  data: JSON.stringify({ text }),
  metadata: '{"by":"test"}',
});

export const someEvents = (count: number, text?: string): EncodedEvent[] =>
  Array.from({ length: count }, () => someEvent(text));
