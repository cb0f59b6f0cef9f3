import type { Json, JsonObject } from '../platform/json.js';

/**
 * The document-store port. Filters, sorts and pipelines use MongoDB's query language, restricted to what every adapter
 * supports: $eq $ne $in $nin $gt $gte $lt $lte $exists $and $or, dotted paths that reach into arrays; pipelines of
 * $match, $group ($sum, $min, $max over declared fields), $sort, $limit, in that order. A compound id of a group may
 * sort text into buckets with $cond and $lt (buckets.ts) and map missing to null ($ifNull). query-language.ts parses
 * them for every adapter and throws `QueryRefused`, which names the unsupported part. Every adapter passes
 * test/contract/read-models.contract.ts.
 */
export interface ReadModels {
  listCollections(): Promise<string[]>;
  /** The documents with these ids, tombstones included, in no order; ids without a document are left out. */
  getMany(collection: string, ids: readonly string[]): Promise<Document[]>;
  find(collection: string, query: Find): Promise<Document[]>;
  count(collection: string, filter: Filter): Promise<number>;
  aggregate(collection: string, pipeline: readonly JsonObject[]): Promise<JsonObject[]>;

  loadCheckpoint(collection: string): Promise<Checkpoint | null>;
  /** The record of a model; null before the first session that wrote it. */
  loadModel(name: string): Promise<ModelRecord | null>;
  /** The records of all models. */
  listModels(): Promise<ModelRecord[]>;

  /**
   * Opens the only session that may change anything from now on. It takes the next epoch and stamps it on every
   * conditional change, so that earlier sessions get {@link SessionLost}, however late their requests arrive. Open one
   * only while holding the lease of the projections (or the lock of the embedded store).
   */
  openSession(): Promise<WriteSession>;

  close(): Promise<void>;
}

/**
 * Every change of a read model goes through a session. Each change is conditional on the epoch of the session. Each
 * call throws {@link SessionLost} once a newer session was opened, and may throw {@link ReadModelsUnavailable}, after
 * which the outcome is unknown: repeat the same call; its conditions prevent a double change.
 */
export interface WriteSession {
  /** Greater than that of every earlier session. */
  readonly epoch: number;

  /**
   * Creates missing parts of a collection and its indexes; `indexes: 'later'` loads first and indexes by {@link
   * buildIndexes}.
   */
  createCollection(name: string, indexes: readonly IndexSpec[], when?: 'now' | 'later'): Promise<void>;
  buildIndexes(name: string): Promise<void>;
  /**
   * Drops the collection, if it exists, and its checkpoint. The name must never be reused (names of builds are counted,
   * see {@link ModelRecord.builds}), so that a late drop cannot affect a collection in use.
   */
  dropCollection(name: string): Promise<void>;

  /** Takes over the checkpoint of a collection from earlier sessions and returns it; null when there is none yet. */
  takeCheckpoint(collection: string): Promise<Checkpoint | null>;
  /**
   * Conditional bulk write followed by the checkpoint. Each write replaces or deletes the document whose `_position` is
   * still what was loaded (`null`: no document); a document already at its new `_position` counts as written, so that a
   * batch may be repeated. The checkpoint moves only when every document was written, by compare-and-set on the loaded
   * one. Adapters with transactions do all in one; others write documents first, in the order of `changes`. When some
   * documents conflict and others are rejected, the result is the conflict: the fold is out of date. Throws {@link
   * UnknownCollection} for each collection that is named, including that of the checkpoint.
   */
  write(batch: WriteBatch): Promise<WriteResult>;

  /** The record of a model, taken over for this session; created if it does not exist. */
  takeModel(name: string): Promise<ModelRecord>;
  /**
   * Replaces the record that was loaded (or returned by the last change) and returns the stored result. A live
   * collection must exist (throws {@link UnknownCollection}). Throws SessionLost when the record is no longer `from`.
   */
  changeModel(from: ModelRecord, change: Partial<ModelChange>): Promise<ModelRecord>;
}

/** The record of a model, besides its documents: one small document, changed as a whole. */
export interface ModelRecord extends ModelChange {
  readonly name: string;
  /** Counts the changes of this record. */
  readonly revision: number;
}

export interface ModelChange {
  /** The physical collection that queries read and the projection writes; null before the first build. */
  readonly live: string | null;
  /** The old collection that a rebuild kept. */
  readonly kept: string | null;
  /** The collection of a build in progress; it never becomes live under another session. */
  readonly building: string | null;
  /** Paused by an operator, across restarts. */
  readonly paused: boolean;
  /** Number of physical collections created so far; the next name uses this number plus one. */
  readonly builds: number;
  /** Events that an operator skipped, newest last; at most {@link MAX_SKIPS}. */
  readonly skips: readonly RecordedSkip[];
  /** Parked documents of the live collection. */
  readonly parked: readonly RecordedParking[];
}

/** An event that one version of a projection skips for a document, by decision of an operator. */
export interface RecordedSkip {
  readonly version: number;
  readonly document: string;
  readonly position: string;
  readonly stream: string;
  readonly revision: number;
  readonly type: string;
  readonly eventId: string;
  readonly reason: string;
  /** Type and id of the actor. */
  readonly by: { readonly type: string; readonly id: string };
  /** UTC. */
  readonly at: string;
}

/** A parked document: the first event that could not be folded, and the number of parked events. */
export interface RecordedParking {
  readonly document: string;
  readonly position: string;
  readonly stream: string;
  readonly revision: number;
  readonly type: string;
  readonly recordedAt: string;
  readonly error: string;
  readonly events: number;
  /** Position of the last parked event: an event is counted once, however often its batch is folded. */
  readonly through: string;
}

/** More skipped events indicate a fault of the projection, not of events. */
export const MAX_SKIPS = 1000;

/** A newer session was opened: this one can change nothing any more, and its owner stops. */
export class SessionLost extends Error {
  override readonly name = 'SessionLost';
  constructor(epoch: number) {
    super(`another process took over the read models after epoch ${String(epoch)}`);
  }
}

export const READ_MODELS = Symbol('ReadModels');

/** A query or a batch names a collection that was never created, or was dropped. */
export class UnknownCollection extends Error {
  override readonly name = 'UnknownCollection';
  constructor(readonly collection: string) {
    super(`there is no collection ${collection}`);
  }
}

/** A read model does not contain everything recorded: a missing document proves nothing. Retry. */
export class NotYetVisible extends Error {
  override readonly name: string = 'NotYetVisible';
}

/**
 * The store is unavailable or did not answer in time: retry later. The outcome of a write is unknown; its conditions
 * make it repeatable. The message names hosts and no credentials.
 */
export class ReadModelsUnavailable extends Error {
  override readonly name = 'ReadModelsUnavailable';
  constructor(
    readonly where: string,
    /** Time of the first failed call since the last success; UTC RFC 3339. */
    readonly since: string,
    options?: ErrorOptions,
  ) {
    super(`the read models at ${where} have not answered since ${since}`, options);
  }
}

/** The store ended one query that took too long; other queries work. */
export class QueryTooSlow extends Error {
  override readonly name = 'QueryTooSlow';
  constructor(
    /** In milliseconds. */
    readonly limit: number,
    options?: ErrorOptions,
  ) {
    super(`the read models did not answer the query within ${String(limit)} ms`, options);
  }
}

export type Filter = JsonObject;

/**
 * `_id` text, `_position` of the newest folded event; `_deleted` marks a tombstone, invisible to every query but
 * getMany.
 */
export type Document = JsonObject & { readonly _id: string; readonly _position: string; readonly _deleted?: true };

export interface IndexSpec {
  /** Declared fields in order, 1 ascending, -1 descending; dotted paths allowed. */
  readonly fields: Readonly<Record<string, 1 | -1>>;
  readonly unique?: boolean;
}

export interface Find {
  readonly filter?: Filter;
  /** In MongoDB's order across types; ends in `_id`, in the direction of the last key where it is not named. */
  readonly sort?: Readonly<Record<string, 1 | -1>>;
  readonly limit?: number;
  /**
   * Keyset paging: the sort values (then `_id`) of the last document seen, null for a missing one; no objects, no
   * arrays.
   */
  readonly after?: readonly Json[];
  /** Only these top-level fields and `_id` (all when absent). */
  readonly fields?: readonly string[];
}

export interface ConditionalWrite {
  readonly id: string;
  /** `_position` that was loaded; null when there was no document. */
  readonly loaded: string | null;
  /** The new document with its new `_position`; a tombstone carries `_deleted: true`. */
  readonly document: Document;
}

export interface CollectionWrites {
  readonly collection: string;
  readonly writes: readonly ConditionalWrite[];
}

export interface WriteBatch {
  /** Each collection once. */
  readonly changes: readonly CollectionWrites[];
  /** `to` may equal `from`: then only the condition applies. */
  readonly checkpoint: {
    readonly collection: string;
    readonly from: Checkpoint | null;
    readonly to: Checkpoint | null;
  };
}

export interface Checkpoint {
  readonly storeId: string;
  readonly position: string;
  /** Id of the event at that position: proves that the history has not changed. */
  readonly eventId: string;
}

export type WriteResult =
  | { readonly outcome: 'written' }
  /** Ids whose documents are not what was loaded; the checkpoint has not moved. Load again. */
  | { readonly outcome: 'conflict'; readonly ids: readonly string[] }
  /** The checkpoint is not the one that was loaded. Load again. */
  | { readonly outcome: 'checkpoint_moved' }
  /** The store permanently rejects these documents; the checkpoint has not moved. Others may be written. */
  | { readonly outcome: 'rejected'; readonly documents: readonly RejectedDocument[] };

export interface RejectedDocument {
  readonly collection: string;
  readonly id: string;
  /**
   * Larger than the limit of the store, text that it cannot store (U+0000, lone surrogates, in names as well), or
   * values that another document holds in a unique index (or an array there).
   */
  readonly reason: 'too_large' | 'text' | 'unique';
  /** Names sizes, fields and indexes; quotes nothing of the document. */
  readonly message: string;
}
