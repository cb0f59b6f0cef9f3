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

/** A fact for the log; its times are made up where the test does not care. */
export interface Fact extends DomainEvent {
  readonly stream: string;
  readonly metadata?: Partial<EventMetadata>;
}

/** A fact of one stream, at a time that the sender gave (or did not: `recorded`). */
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

/** A log in memory whose history tests write and rewrite, and whose subscriptions they drop. */
export class MemoryLog implements EventStore {
  events: StoredEvent[] = [];
  /** Batches handed out, over all subscriptions. */
  readonly handedOut: number[] = [];
  subscriptions = 0;
  /** While set, subscriptions hand nothing over and do not end, not even when they are told to. */
  mute = false;
  private wake = new EventTarget();
  private dropping = 0;
  private clock = Date.parse('2026-01-05T09:00:00.000Z');

  constructor(public storeId: string = randomUUID()) {}

  /** Appends facts, one second apart; answers the last position. */
  record(...facts: readonly Fact[]): Position {
    for (const one of facts) this.events.push(this.stored(one));
    this.ring();
    return this.events.at(-1)?.position ?? '';
  }

  /** Ends every subscription as a lost connection does. */
  drop(): void {
    this.dropping += 1;
    this.ring();
  }

  /** Another history of the same length: same positions, other events. */
  rewrite(): void {
    this.events = this.events.map((event) => ({ ...event, eventId: randomUUID() }));
  }

  append(): Promise<AppendResult> {
    throw new Error('tests record facts');
  }

  read(stream: string, { from = 0, direction, limit }: ReadOptions): Promise<StoredEvent[]> {
    if (direction === 'backwards') throw new Error('no test reads a stream backwards');
    const found = this.events.filter((event) => event.stream === stream && event.revision >= from);
    return Promise.resolve(found.slice(0, limit));
  }

  readAll({ after, prefixes, direction, limit }: ReadAllOptions): Promise<StoredEvent[]> {
    const wanted = this.events.filter((event) => matches(event, prefixes));
    if (direction === 'backwards')
      return Promise.resolve(
        wanted
          .filter((event) => after == null || event.position < after)
          .reverse()
          .slice(0, limit),
      );
    return Promise.resolve(wanted.filter((event) => after == null || event.position > after).slice(0, limit));
  }

  async *subscribe({ after, prefixes, signal, batchSize = 1000 }: SubscribeOptions): AsyncGenerator<SubscriptionBatch> {
    this.subscriptions += 1;
    const dropped = this.dropping;
    let place = after;
    let told = false;
    while (!signal.aborted) {
      if (this.mute) await new Promise(() => undefined);
      if (this.dropping !== dropped) throw new SubscriptionDropped('the test dropped it');
      const rung = once(this.wake, 'ring', { signal }).catch(() => undefined); // before it reads: nothing is missed
      const events = await this.readAll({ after: place, limit: batchSize, ...(prefixes && { prefixes }) });
      place = events.at(-1)?.position ?? place;
      const caughtUp = events.length < batchSize;
      if (events.length > 0 || !told) {
        told = caughtUp;
        this.handedOut.push(events.length);
        yield { events, caughtUp };
      } else await rung;
    }
  }

  head(): Promise<Position | null> {
    return Promise.resolve(this.events.at(-1)?.position ?? null);
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  private stored({ stream, type, data, occurredAt, metadata }: Fact): StoredEvent {
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

  private ring(): void {
    this.wake.dispatchEvent(new Event('ring'));
  }
}

const matches = (event: StoredEvent, prefixes: readonly string[] | undefined): boolean =>
  prefixes === undefined || prefixes.some((prefix) => event.stream.startsWith(prefix));
