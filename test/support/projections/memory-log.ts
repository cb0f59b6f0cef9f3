import { randomUUID } from 'node:crypto';
import { once } from 'node:events';

import type { DomainEvent, EventMetadata } from '../../../src/eventstore/envelope.js';
import {
  SubscriptionDropped,
  type AppendResult,
  type EventStore,
  type Position,
  type ReadAllOptions,
  type ReadOptions,
  type StoredEvent,
  type SubscribeOptions,
  type SubscriptionBatch,
} from '../../../src/eventstore/event-store.js';
import type { Moment } from '../../../src/platform/moment.js';

/** An event for the log, with the metadata that the test specifies; the log fills in the rest. */
export interface Fact extends DomainEvent {
  readonly stream: string;
  readonly metadata?: Partial<EventMetadata>;
}

/**
 * An event of a stream.
 * @param time when it happened, according to the sender; `recorded`: the sender did not say, so the time of recording
 * counts
 */
export const fact = (
  stream: string,
  { type, data }: DomainEvent,
  time: Moment | 'recorded' = { precision: 'instant', at: '2026-01-05T09:00:00.000Z' },
): Fact => ({
  stream,
  type,
  data,
  ...(time === 'recorded' ? { metadata: { occurredAtBasis: 'recorded' } } : { occurredAt: time }),
});

const positionText = (position: number): Position => String(position).padStart(20, '0');

/** An event log in memory. Tests add events, replace the history, and drop or silence subscriptions. */
export class MemoryLog implements EventStore {
  readonly connection = 0;
  events: StoredEvent[] = [];
  /** Number of subscriptions that were started. */
  subscriptions = 0;
  /** While true, a subscription delivers nothing and does not end, not even when its signal is aborted. */
  isSilent = false;
  private changes = new EventTarget();
  private drops = 0;
  /** Time of recording of the last event, in milliseconds since 1970. */
  private clock = Date.parse('2026-01-05T09:00:00.000Z');

  constructor(public storeId: string = randomUUID()) {}

  /** Appends events whose times of recording are one second apart; returns the last position. */
  record(...facts: readonly Fact[]): Position {
    for (const newEvent of facts) this.events.push(this.toStored(newEvent));
    this.notifySubscriptions();
    return this.events.at(-1)?.position ?? '';
  }

  /** Ends every subscription with SubscriptionDropped, as a lost connection does. */
  drop(): void {
    this.drops += 1;
    this.notifySubscriptions();
  }

  /** Replaces the history by another one of the same length: the positions are the same, the ids of events are not. */
  rewrite(): void {
    this.events = this.events.map((event) => ({ ...event, eventId: randomUUID() }));
  }

  append(): Promise<AppendResult> {
    throw new Error('MemoryLog does not support append: use record');
  }

  read(stream: string, { from = 0, direction, limit }: ReadOptions): Promise<StoredEvent[]> {
    if (direction === 'backwards') throw new Error('MemoryLog does not support reading a stream backwards');
    const events = this.events.filter((event) => event.stream === stream && event.revision >= from);
    return Promise.resolve(events.slice(0, limit));
  }

  readAll({ after, prefixes, direction, limit }: ReadAllOptions): Promise<StoredEvent[]> {
    const matching = this.events.filter((event) => matches(event, prefixes));
    if (direction === 'backwards')
      return Promise.resolve(
        matching
          .filter((event) => after == null || event.position < after)
          .reverse()
          .slice(0, limit),
      );
    return Promise.resolve(matching.filter((event) => after == null || event.position > after).slice(0, limit));
  }

  async *subscribe({ after, prefixes, signal, batchSize = 1000 }: SubscribeOptions): AsyncGenerator<SubscriptionBatch> {
    this.subscriptions += 1;
    const dropsBefore = this.drops;
    let cursor = after;
    let reportedCaughtUp = false;
    while (!signal.aborted) {
      if (this.isSilent) await new Promise(() => undefined);
      if (this.drops !== dropsBefore) throw new SubscriptionDropped('the test dropped it');
      // listens before it reads, so that it misses no change during the read
      const nextChange = once(this.changes, 'change', { signal }).catch(() => undefined);
      const events = await this.readAll({ after: cursor, limit: batchSize, ...(prefixes && { prefixes }) });
      cursor = events.at(-1)?.position ?? cursor;
      const caughtUp = events.length < batchSize;
      if (events.length > 0 || !reportedCaughtUp) {
        reportedCaughtUp = caughtUp;
        yield { events, caughtUp };
      } else await nextChange;
    }
  }

  head(): Promise<Position | null> {
    return Promise.resolve(this.events.at(-1)?.position ?? null);
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  private toStored({ stream, type, data, occurredAt, metadata }: Fact): StoredEvent {
    this.clock += 1000;
    const recordedAt = new Date(this.clock).toISOString();
    const envelope: EventMetadata = {
      schemaVersion: 1,
      occurredAt: occurredAt ?? { precision: 'instant', at: recordedAt },
      recordedAt,
      actor: { type: 'person', id: 'amy', role: 'handler' },
      commandId: randomUUID(),
      commandDigest: '0',
      $correlationId: 'c',
      $causationId: 'c',
      prevHash: '0',
      hash: '0',
      ...metadata,
    };
    return {
      stream,
      revision: this.events.filter((event) => event.stream === stream).length,
      position: positionText(this.events.length + 1),
      eventId: randomUUID(),
      type,
      data: JSON.stringify(data),
      metadata: JSON.stringify(envelope),
    };
  }

  private notifySubscriptions(): void {
    this.changes.dispatchEvent(new Event('change'));
  }
}

const matches = (event: StoredEvent, prefixes: readonly string[] | undefined): boolean =>
  prefixes === undefined || prefixes.some((prefix) => event.stream.startsWith(prefix));
