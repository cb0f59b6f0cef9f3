import type { EventStoreDBClient } from '@eventstore/db-client';
import { systemClock, type Clock } from '../../platform/clock.js';
import {
  AppendAmbiguous,
  AppendRefused,
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
import { ensureStoreHeader, readStoreHeader, StoreMissing } from '../store-header.js';
import type { AppendAnswer } from './append-messages.js';
import { AppendQueue } from './append-queue.js';
import { clientOf, disposeClient } from './connection.js';
import { isNotLeader, isServerTimeout, type Append } from './failures.js';
import { follow } from './follow.js';
import { LogReader } from './log-reader.js';
import { serverAddress } from '../../platform/server-unusable.js';
import { within } from '../../platform/timeout.js';

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
  const store = new OpenStore(clientOf(url), options);
  try {
    store.storeId = (await ensureStoreHeader(store, options.clock ?? systemClock)).storeId;
    return store;
  } catch (error) {
    await store.close();
    throw error;
  }
}

/**
 * Opens an existing store for reading: it writes nothing and rejects appends.
 * @throws ConnectionStringInvalid, StoreUnavailable, StoreMissing, StoreFormatUnknown
 */
export async function openEventStoreDbToRead(url: string, options: EventStoreDbOptions = {}): Promise<EventStore> {
  const store = new ReadOnlyStore(clientOf(url), options);
  try {
    const header = await readStoreHeader(store);
    if (header === undefined) throw new StoreMissing(serverAddress(url));
    store.storeId = header.storeId;
    return store;
  } catch (error) {
    await store.close();
    throw error;
  }
}

/** Opens the log of a server for verification: it writes nothing and does not check the header. */
export const openEventStoreDbLog = (url: string): Pick<EventStore, 'read' | 'readAll' | 'close'> =>
  new ReadOnlyStore(clientOf(url), {});

class OpenStore implements EventStore {
  storeId = '';
  private readonly log: LogReader;
  private readonly appends: AppendQueue;
  private readonly appendTimeout: number;
  private readonly readTimeout: number;
  private readonly pending = new Set<Promise<unknown>>();
  private readonly closing = new AbortController();

  constructor(
    private readonly client: EventStoreDBClient,
    { appendTimeout = 3000, readTimeout = 10_000 }: EventStoreDbOptions,
  ) {
    this.appendTimeout = appendTimeout;
    this.readTimeout = readTimeout;
    this.log = new LogReader(client, readTimeout, this.closing.signal);
    this.appends = new AppendQueue(client);
  }

  async append(stream: string, expected: ExpectedRevision, events: readonly EncodedEvent[]): Promise<AppendResult> {
    checkAppend(stream, expected, events);
    this.checkOpen();
    const sent = this.send({ stream, expected, events });
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
    return this.untilClosed(follow(this.client, { ...options, signal }, this.readTimeout), options.signal);
  }

  /** Rejects new calls, waits for appends in flight (each has its timeout), ends everything else. */
  async close(): Promise<void> {
    if (this.closing.signal.aborted) return;
    this.closing.abort();
    await Promise.allSettled(this.pending);
    this.appends.close();
    await disposeClient(this.client);
  }

  /** Retries once when the append reached the wrong node: by then the client knows the leader. */
  private async send(append: Append): Promise<AppendResult> {
    const deadline = performance.now() + this.appendTimeout;
    try {
      return resultOf(append, await this.appends.append(append, this.appendTimeout));
    } catch (error) {
      if (isNotLeader(causeOf(error))) return this.sendAgain(append, deadline);
      if (isServerTimeout(causeOf(error))) return this.storedResult(append, deadline, error);
      throw error;
    }
  }

  /** The first attempt may be stored, so that one which is not sent does not settle the outcome. */
  private async sendAgain(append: Append, deadline: number): Promise<AppendResult> {
    try {
      return resultOf(append, await this.appends.append(append, remaining(deadline)));
    } catch (error) {
      if (!(error instanceof StoreUnavailable)) throw error;
      throw new AppendAmbiguous(`the outcome of an append to ${append.stream} is unknown: ${error.message}`, {
        cause: error,
      });
    }
  }

  /**
   * The result of an append that the server took without saying whether it was stored: it was if its events are where it
   * would have put them.
   * @throws the given error when they are not, or not yet
   */
  private async storedResult(
    { stream, expected, events }: Append,
    deadline: number,
    error: unknown,
  ): Promise<AppendResult> {
    const from = expected === 'none' ? 0 : expected + 1;
    const read = this.log.read(stream, { from, limit: events.length });
    const stored = await within(remaining(deadline), read, () => new Error('too late')).catch(() => []);
    const last = stored.at(-1);
    const isStored =
      stored.length === events.length &&
      stored.every(({ eventId }, at) => eventId === events[at]?.eventId.toLowerCase());
    if (last === undefined || !isStored) throw error;
    return { revision: last.revision, position: last.position };
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

class ReadOnlyStore extends OpenStore {
  override append(): Promise<AppendResult> {
    return Promise.reject(new AppendRefused('the event store is open for reading only'));
  }
}

/**
 * A stream that was deleted on the server continues its old numbering, and the response to a retry has no position:
 * then the event is not at the revision that its hash covers, so the append must fail.
 */
function resultOf({ stream, expected, events }: Append, answer: AppendAnswer): AppendResult {
  const revision = (expected === 'none' ? -1 : expected) + events.length;
  if (answer.position === undefined || answer.revision !== revision)
    throw new Error(`stream ${stream} was deleted on the server: its numbering and its hashes no longer agree`);
  return { revision, position: answer.position };
}

const remaining = (deadline: number): number => Math.max(1, Math.round(deadline - performance.now()));

const causeOf = (error: unknown): unknown => (error instanceof Error ? error.cause : undefined);
