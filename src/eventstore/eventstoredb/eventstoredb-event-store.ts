import { setImmediate as nextTurn } from 'node:timers/promises';
import type { AppendResult as ServerAnswer, EventData } from '@eventstore/db-client';
import { systemClock, type Clock } from '../../platform/clock.js';
import {
  AppendAmbiguous,
  checkAppend,
  StoreUnavailable,
  SubscriptionDropped,
  type AppendResult,
  type EncodedEvent,
  type EventStore,
  type ExpectedRevision,
  type Position,
  type ReadAllOptions,
  type ReadOptions,
  type StoredEvent,
  type SubscribeOptions,
  type SubscriptionBatch,
} from '../event-store.js';
import { ensureStoreHeader } from '../store-header.js';
import { connectionTo, type Connection } from './connection.js';
import { appendFailure, isNotLeader, type Append } from './failures.js';
import { follow } from './follow.js';
import { LEADER, LogReader } from './log-reader.js';
import { within } from '../../platform/timeout.js';
import { proposedEvent } from './proposed-event.js';
import { positionText } from './recorded-event.js';

export interface EventStoreDbOptions {
  readonly clock?: Clock;
  /** Milliseconds without a response after which an append is ambiguous (default 3000). */
  readonly appendTimeout?: number;
  /**
   * Milliseconds without a response after which a page of a read or the start of a subscription fails (default 10,000).
   */
  readonly readTimeout?: number;
}

/**
 * Opens the event store on an EventStoreDB or KurrentDB server; writes its header when it has none.
 * @param url `esdb://…`, `esdb+discover://…` or `kurrentdb://…`
 * @throws ConnectionStringInvalid, StoreUnavailable or AppendAmbiguous when the server is unavailable,
 * StoreFormatUnknown
 */
export async function openEventStoreDb(url: string, options: EventStoreDbOptions = {}): Promise<EventStore> {
  const store = new OpenStore(connectionTo(url), options);
  try {
    store.storeId = (await ensureStoreHeader(store, options.clock ?? systemClock)).storeId;
    return store;
  } catch (error) {
    await store.close();
    throw error;
  }
}

class OpenStore implements EventStore {
  storeId = '';
  private readonly log: LogReader;
  private readonly appendTimeout: number;
  private readonly readTimeout: number;
  private readonly pending = new Set<Promise<unknown>>();
  private readonly closing = new AbortController();

  constructor(
    private readonly connection: Connection,
    { appendTimeout = 3000, readTimeout = 10_000 }: EventStoreDbOptions,
  ) {
    this.appendTimeout = appendTimeout;
    this.readTimeout = readTimeout;
    this.log = new LogReader(connection.client, readTimeout, this.closing.signal);
  }

  async append(stream: string, expected: ExpectedRevision, events: readonly EncodedEvent[]): Promise<AppendResult> {
    checkAppend(stream, expected, events);
    const proposed = events.map(proposedEvent);
    this.checkOpen();
    const sent = this.send({ stream, expected, events }, proposed);
    this.pending.add(sent);
    try {
      return await sent;
    } finally {
      this.pending.delete(sent);
    }
  }

  async read(stream: string, options: ReadOptions): Promise<StoredEvent[]> {
    this.checkOpen();
    return this.log.read(stream, options);
  }

  async readAll(options: ReadAllOptions): Promise<StoredEvent[]> {
    this.checkOpen();
    return this.log.readAll(options);
  }

  /**
   * Position of the last event that is not a system event: otherwise statistics of the server would keep lag above 0.
   */
  async head(): Promise<Position | null> {
    this.checkOpen();
    return this.log.head();
  }

  subscribe(options: SubscribeOptions): AsyncIterable<SubscriptionBatch> {
    const signal = AbortSignal.any([options.signal, this.closing.signal]);
    return this.untilClosed(follow(this.connection.client, { ...options, signal }, this.readTimeout), options.signal);
  }

  /** Rejects new calls, waits for appends in flight (each has its timeout), ends everything else. */
  async close(): Promise<void> {
    if (this.closing.signal.aborted) return;
    this.closing.abort();
    await Promise.allSettled(this.pending);
    await this.connection.client.dispose();
  }

  /** Retries once when the call reached the wrong node: by then the client knows the leader. */
  private async send(append: Append, proposed: readonly EventData[]): Promise<AppendResult> {
    for (let attempt = 0; ; attempt += 1) {
      try {
        return resultOf(append, await this.answer(append, proposed));
      } catch (error) {
        if (attempt > 0 || !isNotLeader(error)) throw appendFailure(error, append);
        await nextTurn();
      }
    }
  }

  /** Uses the unary path, which credentials select (docs/adr/0010-append-path.md). */
  private answer({ stream, expected }: Append, proposed: readonly EventData[]): Promise<ServerAnswer> {
    const answer = this.connection.client.appendToStream(stream, [...proposed], {
      ...LEADER,
      expectedRevision: expected === 'none' ? 'no_stream' : BigInt(expected),
      credentials: this.connection.credentials,
      deadline: this.appendTimeout,
    });
    return within(
      this.appendTimeout,
      answer,
      () => new AppendAmbiguous(`an append to ${stream} was not answered within ${String(this.appendTimeout)} ms`),
    );
  }

  private async *untilClosed(
    batches: AsyncIterable<SubscriptionBatch>,
    signal: AbortSignal,
  ): AsyncGenerator<SubscriptionBatch, void, undefined> {
    yield* batches;
    if (!signal.aborted) throw new SubscriptionDropped('the store was closed');
  }

  private checkOpen(): void {
    if (this.closing.signal.aborted) throw new StoreUnavailable('the store is closed');
  }
}

/**
 * A stream that was deleted on the server continues its old numbering, and the response to a retry has no position:
 * then the event is not at the revision that its hash covers, so the append must fail.
 */
function resultOf({ stream, expected, events }: Append, answer: ServerAnswer): AppendResult {
  const revision = (expected === 'none' ? -1 : expected) + events.length;
  if (answer.position === undefined || Number(answer.nextExpectedRevision) !== revision)
    throw new Error(`stream ${stream} was deleted on the server: its numbering and its hashes no longer agree`);
  return { revision, position: positionText(answer.position.commit, answer.position.prepare) };
}
