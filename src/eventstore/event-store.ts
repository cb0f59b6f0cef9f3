/**
 * Port of the event store. An adapter stores texts that the codec encodes and decodes. Every adapter passes
 * test/contract/event-store.contract.ts.
 */
export interface EventStore {
  /** Id of this store, from its first event. A checkpoint is valid for one store only. */
  readonly storeId: string;

  /**
   * Number of the connection for appends; rises when another one is opened. Between two connections, a server may have been
   * restored from an older copy. Constant for an embedded store.
   */
  readonly connection: number;

  /**
   * Appends a batch atomically; resolves when it is on disk. A retry of the same batch at the same expected revision
   * returns the first result.
   * @throws WrongExpectedRevision, AppendTooLarge, AppendRefused, AppendAmbiguous, StoreUnavailable, ConnectionReplaced
   */
  append(
    stream: string,
    expected: ExpectedRevision,
    events: readonly EncodedEvent[],
    options?: AppendOptions,
  ): Promise<AppendResult>;

  /** Returns one page of a stream; empty after the end, or if the stream does not exist. */
  read(stream: string, options: ReadOptions): Promise<StoredEvent[]>;

  /** Returns one page of the whole log in commit order. `limit` counts the events that the prefix filter includes. */
  readAll(options: ReadAllOptions): Promise<StoredEvent[]>;

  /**
   * Delivers the events after a position in batches, and new events as they are recorded. Ends when the signal aborts.
   * Delivers a batch only after the consumer has requested it.
   * @throws SubscriptionDropped if the adapter cannot continue; the caller resubscribes after the last handled position
   */
  subscribe(options: SubscribeOptions): AsyncIterable<SubscriptionBatch>;

  /** Returns the position of the last event; null if the store has no events. */
  head(): Promise<Position | null>;

  close(): Promise<void>;
}

export const EVENT_STORE = Symbol('EventStore');

/** Place of an event in the log. Opaque; the order of the texts is the order of the log. */
export type Position = string;

/** Revision of the last event of the stream before an append; `none` if the stream does not exist. */
export type ExpectedRevision = 'none' | number;

/** An event to be stored. Data and metadata are canonical JSON (RFC 8785); the id derives from the hash in the metadata. */
export interface EncodedEvent {
  readonly eventId: string;
  readonly type: string;
  readonly data: string;
  readonly metadata: string;
}

/** A stored event before decoding. */
export interface StoredEvent extends EncodedEvent {
  readonly stream: string;
  readonly revision: number;
  readonly position: Position;
}

/** Bytes of a stored event: its data and its metadata. */
export const storedBytes = ({ data, metadata }: EncodedEvent): number =>
  Buffer.byteLength(data) + Buffer.byteLength(metadata);

export interface AppendResult {
  /** Revision and position of the last event of this batch; after a retry, the stream may have later events. */
  readonly revision: number;
  readonly position: Position;
}

/** The embedded store needs neither option: it answers at once, and has one connection. */
export interface AppendOptions {
  /** Maximum time until the result, in ms, if it is shorter than the timeout of the adapter. */
  readonly timeoutMs?: number;
  /**
   * Sends the append only over the connection with this number. Give the number from before the read that determined the
   * expected revision: then the stream is certainly the one that was read.
   */
  readonly connection?: number;
}

export interface ReadOptions {
  /** Revision at which to start, inclusive. Default: 0, or the last revision if the direction is backwards. */
  readonly from?: number;
  readonly direction?: 'forwards' | 'backwards';
  readonly limit: number;
  /** Maximum time for the page, in ms. By default a page may take any time while its events arrive. */
  readonly timeoutMs?: number;
}

export interface ReadAllOptions {
  /** Position after which to start, exclusive. Default: the start, or the end of the log if the direction is backwards. */
  readonly after?: Position | null;
  /** Only streams whose name starts with one of these; all streams if absent. */
  readonly prefixes?: readonly string[];
  readonly direction?: 'forwards' | 'backwards';
  readonly limit: number;
  /**
   * Only forwards: the page ends once its data and metadata have about this many characters, but has at least one event.
   * An adapter may also count events that the prefix filter excludes. With this option, a page shorter than `limit` does
   * not mean the end of the log.
   */
  readonly maxCharacters?: number;
}

export interface SubscribeOptions {
  readonly after: Position | null;
  readonly prefixes?: readonly string[];
  readonly signal: AbortSignal;
  /** Maximum events per batch (default 1000). */
  readonly batchSize?: number;
}

export interface SubscriptionBatch {
  /** May be empty: to report `caughtUp`, or to show that the subscription is active while the filter skips events. */
  readonly events: readonly StoredEvent[];
  /** True if every event stored so far has been delivered. */
  readonly caughtUp: boolean;
}

/** Maximum bytes of one append: less than 1 MiB, because a server adds bytes of its own. */
export const MAX_APPEND_BYTES = 900 * 1024;

export class WrongExpectedRevision extends Error {
  override readonly name = 'WrongExpectedRevision';
  constructor(
    readonly stream: string,
    readonly expected: ExpectedRevision,
    readonly actual: ExpectedRevision,
  ) {
    super(`stream ${stream} is at ${String(actual)}, not at ${String(expected)}`);
  }
}

export class AppendTooLarge extends Error {
  override readonly name = 'AppendTooLarge';
  constructor(readonly bytes: number) {
    super(`an append of ${String(bytes)} bytes is over the limit of ${String(MAX_APPEND_BYTES)}`);
  }
}

/** The arguments are invalid: for example an empty batch, a repeated id, a negative revision or a reserved name. */
export class AppendRefused extends Error {
  override readonly name = 'AppendRefused';
}

/** It is unknown whether the batch was stored. The caller can send the same batch at the same revision again. */
export class AppendAmbiguous extends Error {
  override readonly name = 'AppendAmbiguous';
}

/** The store is unavailable. The call stored nothing. */
export class StoreUnavailable extends Error {
  override readonly name = 'StoreUnavailable';
}

/** The connection for appends is not the one that the caller named. The call stored nothing. */
export class ConnectionReplaced extends Error {
  override readonly name = 'ConnectionReplaced';
}

/** The subscription cannot continue. */
export class SubscriptionDropped extends Error {
  override readonly name = 'SubscriptionDropped';
}

/** Control characters and lone surrogates: some adapters cannot store them, and logs cannot show them. */
const FORBIDDEN_CHARACTERS = /[\u0000-\u001f\u007f]|\p{Surrogate}/u;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Estimated bytes that a server adds to each event. */
const OVERHEAD_BYTES = 64;

/**
 * Checks the arguments of an append; every adapter calls it first. Returns the estimated bytes of the append.
 * @throws AppendRefused, AppendTooLarge
 */
export function checkAppend(stream: string, expected: ExpectedRevision, events: readonly EncodedEvent[]): number {
  checkName('stream name', stream);
  if (expected !== 'none' && !(Number.isSafeInteger(expected) && expected >= 0))
    throw new AppendRefused(`expected revision ${String(expected)} is neither "none" nor a revision`);
  if (events.length === 0) throw new AppendRefused('an append needs at least one event');
  const ids = new Set<string>();
  let bytes = 0;
  for (const event of events) {
    checkName('event type', event.type);
    if (!UUID.test(event.eventId)) throw new AppendRefused(`event id ${JSON.stringify(event.eventId)} is not a UUID`);
    const id = event.eventId.toLowerCase();
    if (ids.has(id)) throw new AppendRefused(`event id ${id} occurs twice in one append`);
    ids.add(id);
    if (event.data.includes('\0') || event.metadata.includes('\0'))
      throw new AppendRefused(`event ${id} contains an unescaped U+0000, which is not JSON`);
    bytes += storedBytes(event) + event.type.length + OVERHEAD_BYTES;
  }
  if (bytes > MAX_APPEND_BYTES) throw new AppendTooLarge(bytes);
  return bytes;
}

function checkName(kind: string, name: string): void {
  if (name === '' || name.startsWith('$')) throw new AppendRefused(`${kind} ${JSON.stringify(name)} is reserved`);
  if (FORBIDDEN_CHARACTERS.test(name))
    throw new AppendRefused(`${kind} ${JSON.stringify(name)} contains a control character or a lone surrogate`);
}
