import type { EventStoreDBClient } from '@eventstore/db-client';
import { systemClock, type Clock } from '../../platform/clock.js';
import {
  AppendAmbiguous,
  AppendRefused,
  checkAppend,
  ConnectionReplaced,
  StoreUnavailable,
  SubscriptionDropped,
  type AppendOptions,
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
import { AppendQueue, MAX_BYTES_IN_FLIGHT } from './append-queue.js';
import { clientOf, disposeClient } from './connection.js';
import { isNotLeader, isServerTimeout, type Append } from './failures.js';
import { follow } from './follow.js';
import { LogReader } from './log-reader.js';
import { serverAddress } from '../../platform/server-unusable.js';
import { remainingMs } from '../../platform/timeout.js';

export interface EventStoreDbOptions {
  readonly clock?: Clock;
  /** Time in ms without an answer after which an append is ambiguous. Default: 3,000. */
  readonly appendTimeout?: number;
  /**
   * Time in ms without an event or an answer after which a read, or the start of a subscription, fails. Default: 10,000.
   */
  readonly readTimeout?: number;
}

/**
 * Opens the event store on an EventStoreDB or KurrentDB server; writes the store header if there is none.
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

/** Opens the log of a server for verification, without writing and without checking the store header. */
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
    this.appends = new AppendQueue(client, MAX_BYTES_IN_FLIGHT, appendTimeout);
  }

  get connection(): number {
    return this.appends.connection;
  }

  async append(
    stream: string,
    expected: ExpectedRevision,
    events: readonly EncodedEvent[],
    options: AppendOptions = {},
  ): Promise<AppendResult> {
    checkAppend(stream, expected, events);
    this.checkOpen();
    const sent = this.send({ stream, expected, events }, options);
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
   * Position of the last event that is not a system event. With system events, the statistics that the server writes
   * would keep the lag of projections above 0.
   */
  async head(): Promise<Position | null> {
    this.checkOpen();
    return this.log.head();
  }

  subscribe(options: SubscribeOptions): AsyncIterable<SubscriptionBatch> {
    const signal = AbortSignal.any([options.signal, this.closing.signal]);
    return this.untilClosed(follow(this.client, { ...options, signal }, this.readTimeout), options.signal);
  }

  /** Rejects new calls, waits for the pending appends (each has a timeout), and ends all reads and subscriptions. */
  async close(): Promise<void> {
    if (this.closing.signal.aborted) return;
    this.closing.abort();
    await Promise.allSettled(this.pending);
    this.appends.close();
    await disposeClient(this.client);
  }

  /**
   * Retries once if the append reached a node that is not the leader: the error tells the client the leader's address.
   */
  private async send(append: Append, options: AppendOptions): Promise<AppendResult> {
    const timeoutMs = Math.min(this.appendTimeout, options.timeoutMs ?? Infinity);
    const deadline = performance.now() + timeoutMs;
    try {
      return resultOf(append, await this.appends.append(append, timeoutMs, options.connection));
    } catch (error) {
      if (isNotLeader(causeOf(error))) return this.resend(append, deadline, options.connection);
      if (isServerTimeout(causeOf(error))) return this.storedResult(append, deadline, error);
      throw error;
    }
  }

  /**
   * Sends the second attempt. If it cannot be sent, the append is ambiguous, because the first attempt may be stored.
   */
  private async resend(append: Append, deadline: number, connection: number | undefined): Promise<AppendResult> {
    try {
      return resultOf(append, await this.appends.append(append, remainingMs(deadline), connection));
    } catch (error) {
      if (!(error instanceof StoreUnavailable || error instanceof ConnectionReplaced)) throw error;
      throw new AppendAmbiguous(`the outcome of an append to ${append.stream} is unknown: ${error.message}`, {
        cause: error,
      });
    }
  }

  /**
   * The result of an append after a time-out of the server: reads the revisions that the append would have written, and
   * succeeds if they hold its events.
   * @throws `error` if they do not, or if the read fails
   */
  private async storedResult(
    { stream, expected, events }: Append,
    deadline: number,
    error: unknown,
  ): Promise<AppendResult> {
    const from = expected === 'none' ? 0 : expected + 1;
    const timeoutMs = remainingMs(deadline);
    const stored = await this.log.read(stream, { from, limit: events.length, timeoutMs }).catch(() => []);
    const last = stored.at(-1);
    const isStored =
      stored.length === events.length &&
      stored.every(({ eventId }, index) => eventId === events[index]?.eventId.toLowerCase());
    if (last === undefined || !isStored) throw error;
    return { revision: last.revision, position: last.position };
  }

  /** Yields the batches. @throws SubscriptionDropped if they end because the store was closed */
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
 * The result of an append, if its last event has the expected revision. This is not so if the stream was deleted on the
 * server: a new event then continues the old revisions, and the answer to a retry has no position. The hash of an event
 * covers its revision, so the append must fail.
 * @throws Error if the stream was deleted on the server
 */
function resultOf({ stream, expected, events }: Append, answer: AppendAnswer): AppendResult {
  const revision = (expected === 'none' ? -1 : expected) + events.length;
  if (answer.position === undefined || answer.revision !== revision)
    throw new Error(`stream ${stream} was deleted on the server: its numbering and its hashes no longer agree`);
  return { revision, position: answer.position };
}

const causeOf = (error: unknown): unknown => (error instanceof Error ? error.cause : undefined);
