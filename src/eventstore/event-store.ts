/**
 * The EventStore port. Adapters store bytes; the codec gives them meaning. Every adapter passes
 * test/contract/event-store.contract.ts.
 */
export interface EventStore {
  /** Identity of this store: the id in its first event. A checkpoint is valid for one store only. */
  readonly storeId: string;

  /**
   * Appends a batch atomically; resolves only when it is on disk. A retry of the same batch at the same expected
   * revision returns the first result. Throws {@link WrongExpectedRevision}, {@link AppendTooLarge}, {@link
   * AppendRefused} (bad arguments) or {@link AppendAmbiguous} (outcome unknown: send the same batch again).
   */
  append(stream: string, expected: ExpectedRevision, events: readonly EncodedEvent[]): Promise<AppendResult>;

  /** One page of a stream; empty past the end or when the stream does not exist. */
  read(stream: string, options: ReadOptions): Promise<StoredEvent[]>;

  /** One page of the whole log in commit order, `after` exclusive, `limit` counted after the prefix filter. */
  readAll(options: ReadAllOptions): Promise<StoredEvent[]>;

  /**
   * Delivers the log after a position and then live, in batches, until the signal aborts (then it ends normally).
   * Delivers a batch only after the consumer has taken the previous one. Throws {@link SubscriptionDropped} when the
   * adapter lost its source; the caller resubscribes from the last handled position.
   */
  subscribe(options: SubscribeOptions): AsyncIterable<SubscriptionBatch>;

  /** Position of the last event, `null` in a store without events. */
  head(): Promise<Position | null>;

  close(): Promise<void>;
}

export const EVENT_STORE = Symbol('EventStore');

/** Opaque; compares as text in log order. */
export type Position = string;

export type ExpectedRevision = 'none' | number;

/** An event ready to be stored: the text is canonical JSON (RFC 8785), the id derives from the hash in the metadata. */
export interface EncodedEvent {
  readonly eventId: string;
  readonly type: string;
  readonly data: string;
  readonly metadata: string;
}

/** A stored event, not decoded. */
export interface StoredEvent extends EncodedEvent {
  readonly stream: string;
  readonly revision: number;
  readonly position: Position;
}

/** Bytes of a stored event: its data and its metadata. */
export const storedBytes = ({ data, metadata }: EncodedEvent): number =>
  Buffer.byteLength(data) + Buffer.byteLength(metadata);

export interface AppendResult {
  /** Revision of the last event of this batch (for a retry, not the last of the stream). */
  readonly revision: number;
  readonly position: Position;
}

export interface ReadOptions {
  /** First revision (forwards, default 0) or last (backwards, default the end), inclusive. */
  readonly from?: number;
  readonly direction?: 'forwards' | 'backwards';
  readonly limit: number;
}

export interface ReadAllOptions {
  /** Exclusive; forwards default the start, backwards default the end. */
  readonly after?: Position | null;
  /** Only streams whose name starts with one of these; all when absent. */
  readonly prefixes?: readonly string[];
  readonly direction?: 'forwards' | 'backwards';
  readonly limit: number;
  /**
   * Forwards: the page ends early, with at least one event, once its data and metadata hold about this many characters.
   * Then a page shorter than `limit` does not mean the end of the log.
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
  /** May be empty: to report `caughtUp`, or as a sign of life while the filter skips events. */
  readonly events: readonly StoredEvent[];
  /** True when every event stored at the time of delivery has been delivered. */
  readonly caughtUp: boolean;
}

/** 1 MiB minus a margin for what a server adds to our bytes. */
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

/** The arguments violate the contract of the port (empty batch, repeated id, negative revision, reserved name). */
export class AppendRefused extends Error {
  override readonly name = 'AppendRefused';
}

/** It is unknown whether the batch was stored: the caller may send the same batch at the same revision again. */
export class AppendAmbiguous extends Error {
  override readonly name = 'AppendAmbiguous';
}

/** The store is unavailable; this call stored nothing. */
export class StoreUnavailable extends Error {
  override readonly name = 'StoreUnavailable';
}

export class SubscriptionDropped extends Error {
  override readonly name = 'SubscriptionDropped';
}

/** Characters that not every adapter can store or a log can show: control characters, lone surrogates. */
const UNFIT_NAME = /[\u0000-\u001f\u007f]|\p{Surrogate}/u;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Checks that every adapter makes before it stores anything. Returns the bytes of the append. */
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
      throw new AppendRefused(`event ${id} holds an unescaped U+0000, which is not JSON`);
    bytes += storedBytes(event) + event.type.length + 64;
  }
  if (bytes > MAX_APPEND_BYTES) throw new AppendTooLarge(bytes);
  return bytes;
}

function checkName(what: string, name: string): void {
  if (name === '' || name.startsWith('$')) throw new AppendRefused(`${what} ${JSON.stringify(name)} is reserved`);
  if (UNFIT_NAME.test(name)) throw new AppendRefused(`${what} ${JSON.stringify(name)} holds control characters`);
}
