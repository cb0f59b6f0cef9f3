import type { Json, JsonObject } from '../platform/json.js';

/**
 * The port for read models: a store of JSON documents. Queries use the part of MongoDB's query language that every
 * adapter supports:
 * - filters with $eq $ne $in $nin $gt $gte $lt $lte $exists $and $or, and dotted paths that continue inside arrays;
 * - pipelines of $match, $group (with $sum, $min, $max), $sort and $limit, in this order. A compound group id may put
 *   text into buckets with $cond and $lt (buckets.ts) and replace missing values by null with $ifNull.
 *
 * query-language.ts parses queries for every adapter. It throws `QueryRefused`, which names the unsupported part. Every
 * adapter passes test/contract/read-models.contract.ts.
 */
export interface ReadModels {
  /** The names of all collections. */
  listCollections(): Promise<string[]>;
  /** The documents with these ids, including tombstones, in no particular order; omits ids without a document. */
  getMany(collection: string, ids: readonly string[]): Promise<Document[]>;
  find(collection: string, query: Find): Promise<Document[]>;
  count(collection: string, filter: Filter, options?: CountOptions): Promise<number>;
  aggregate(collection: string, pipeline: readonly JsonObject[]): Promise<JsonObject[]>;

  /** The stored checkpoint of a collection; null when there is none. */
  loadCheckpoint(collection: string): Promise<Checkpoint | null>;
  /** The record of a model; null before a session has created it. */
  loadModel(name: string): Promise<ModelRecord | null>;
  /** The records of all models. */
  listModels(): Promise<ModelRecord[]>;

  /**
   * Opens a session, which is from now on the only one that can change anything: a change of an earlier session throws
   * {@link SessionLost}, however late it arrives at the store. Call it only while holding the lease of the projections,
   * or the lock of the embedded store.
   */
  openSession(): Promise<WriteSession>;

  close(): Promise<void>;
}

/**
 * The only way to change read models. Every change is conditional on the epoch of the session. Each method throws
 * {@link SessionLost} when a newer session exists. Each method may throw {@link ReadModelsUnavailable}; then the
 * outcome is unknown, and the same call may be repeated, because its conditions prevent a second change.
 */
export interface WriteSession {
  /** Greater than the epoch of every earlier session. */
  readonly epoch: number;

  /**
   * Creates the collection and its indexes, as far as they do not exist. With `when: 'later'` the indexes are only
   * declared, and {@link buildIndexes} builds them; the default is `now`.
   */
  createCollection(name: string, indexes: readonly IndexSpec[], when?: 'now' | 'later'): Promise<void>;
  /** Builds all declared indexes of a collection that do not exist yet. Throws {@link UnknownCollection}. */
  buildIndexes(name: string): Promise<void>;
  /**
   * Drops the collection, if it exists, and its checkpoint. The caller must never use the name again, so that a drop
   * that arrives late cannot affect another collection (see {@link ModelRecord.builds}).
   */
  dropCollection(name: string): Promise<void>;

  /**
   * Returns the checkpoint of a collection, or null when there is none. From then on no earlier session can move it.
   */
  takeOverCheckpoint(collection: string): Promise<Checkpoint | null>;
  /**
   * Writes documents, then moves the checkpoint. A document is written on the condition that the stored one has the
   * `_position` that was loaded (null: there is none). A document that has its new `_position` already counts as
   * written, so that a batch may be repeated. The checkpoint moves only if every document was written, and if the
   * stored checkpoint is the one that was loaded.
   *
   * An adapter with transactions writes all or nothing. Other adapters write the documents first, in the order of
   * `changes`, so that some documents may be written when the result is not `written`. If some documents conflict and
   * others are rejected, the result is `conflict`. Throws {@link UnknownCollection} if a named collection, including
   * that of the checkpoint, does not exist.
   */
  write(batch: WriteBatch): Promise<WriteResult>;

  /**
   * Returns the record of a model; creates it if it does not exist. From then on no earlier session can change it.
   */
  takeOverModel(name: string): Promise<ModelRecord>;
  /**
   * Changes the record of a model and returns the changed record. `from` is the record that was last returned; throws
   * {@link SessionLost} if the stored record is another one. Throws {@link UnknownCollection} if the change names a
   * live collection that does not exist.
   */
  changeModel(from: ModelRecord, change: Partial<ModelChange>): Promise<ModelRecord>;
}

/** The record of a read model: one small document beside its collections, which is always replaced as a whole. */
export interface ModelRecord extends ModelChange {
  readonly name: string;
  /** Number of changes of this record. */
  readonly revision: number;
}

/** The fields of a model record that a change may set. */
export interface ModelChange {
  /** The physical collection that queries read and the projection writes; null before the first build. */
  readonly live: string | null;
  /** The old collection that was kept at a rebuild or a change of version. */
  readonly kept: string | null;
  /** The collection of a build in progress. Only the session that builds it can make it live. */
  readonly building: string | null;
  /** Whether an operator has paused the model. A pause outlasts a restart. */
  readonly paused: boolean;
  /** The highest build number used in a collection name so far; the next build uses a greater one. */
  readonly builds: number;
  /** The events that operators have skipped, in the order of the requests; at most {@link MAX_SKIPS}. */
  readonly skips: readonly RecordedSkip[];
  /** The documents of the live collection that have parked events. */
  readonly parked: readonly RecordedParking[];
}

/** An event that an operator excludes from one document, for one version of a projection. */
export interface RecordedSkip {
  /** Version of the projection. */
  readonly version: number;
  /** Id of the document. */
  readonly document: string;
  readonly position: string;
  readonly stream: string;
  readonly revision: number;
  readonly type: string;
  readonly eventId: string;
  readonly reason: string;
  /** The operator. */
  readonly by: { readonly type: string; readonly id: string };
  /** Time of the request (RFC 3339, UTC). */
  readonly at: string;
}

/** A document with parked events, described by the first of them. */
export interface RecordedParking {
  /** Id of the document. */
  readonly document: string;
  readonly position: string;
  readonly stream: string;
  readonly revision: number;
  readonly type: string;
  readonly recordedAt: string;
  /** The error message of the fold. */
  readonly error: string;
  /** Number of parked events. */
  readonly events: number;
  /** Position of the last parked event. If a batch is folded again, its events up to here are not counted again. */
  readonly through: string;
}

/** Maximum number of skipped events in a model record. More skips indicate a fault of the projection, not of events. */
export const MAX_SKIPS = 1000;

/** A newer session was opened. This session can change nothing any more, so its owner must stop. */
export class SessionLost extends Error {
  override readonly name = 'SessionLost';
  /** @param epoch the epoch of the session that is lost */
  constructor(epoch: number) {
    super(`another process took over the read models after epoch ${String(epoch)}`);
  }
}

/** Injection token of {@link ReadModels}. */
export const READ_MODELS = Symbol('ReadModels');

/** A query or a batch names a collection that was never created, or was dropped. */
export class UnknownCollection extends Error {
  override readonly name = 'UnknownCollection';
  constructor(readonly collection: string) {
    super(`there is no collection ${collection}`);
  }
}

/**
 * A read model may not contain all recorded events yet, so that a missing document does not prove that it does not
 * exist. Retry later.
 */
export class NotYetVisible extends Error {
  override readonly name: string = 'NotYetVisible';
}

/**
 * The store is unavailable or did not respond in time. Retry later. The outcome of a write is unknown; its conditions
 * make it safe to repeat. The message contains the hosts, but no credentials.
 */
export class ReadModelsUnavailable extends Error {
  override readonly name = 'ReadModelsUnavailable';
  constructor(
    /** Which store this is: its hosts, and its setting if known. */
    readonly where: string,
    /** Time of the first failed call after the last successful one (RFC 3339, UTC). */
    readonly since: string,
    options?: ErrorOptions,
  ) {
    super(`the read models at ${where} have not answered since ${since}`, options);
  }
}

/** The store ended one query because it took too long. The store itself is available. */
export class QueryTooSlow extends Error {
  override readonly name = 'QueryTooSlow';
  constructor(
    /** The time limit in milliseconds. */
    readonly limit: number,
    options?: ErrorOptions,
  ) {
    super(`the read models did not answer the query within ${String(limit)} ms`, options);
  }
}

export type Filter = JsonObject;

/**
 * A stored document. `_position` is the position of the newest event in it. `_deleted` marks a tombstone, which only
 * {@link ReadModels.getMany} returns.
 */
export type Document = JsonObject & { readonly _id: string; readonly _position: string; readonly _deleted?: true };

/** The declaration of an index. Its fields are the declared fields of the collection. */
export interface IndexSpec {
  /** The indexed fields in order: 1 is ascending, -1 descending. Dotted paths are allowed. */
  readonly fields: Readonly<Record<string, 1 | -1>>;
  readonly unique?: boolean;
}

/** A query for documents. */
export interface Find {
  readonly filter?: Filter;
  /**
   * 1 is ascending, -1 descending; values of different types have MongoDB's order. If the sort does not name `_id`, it
   * is added at the end, in the direction of the last key.
   */
  readonly sort?: Readonly<Record<string, 1 | -1>>;
  /** Maximum number of documents. */
  readonly limit?: number;
  /** Number of documents to leave out at the start, or after `after`. */
  readonly skip?: number;
  /** See {@link CountOptions.index}. */
  readonly index?: IndexSpec['fields'];
  /**
   * For keyset paging: the values of the sort fields in the last document of the previous page, then the `_id` of that
   * document. Returns only documents after it. null stands for a missing value; objects and arrays are not allowed.
   */
  readonly after?: readonly Json[];
  /** Return only these top-level fields and `_id`; if absent, all fields. */
  readonly fields?: readonly string[];
}

export interface CountOptions {
  /** The store stops counting at this number. */
  readonly limit?: number;
  /**
   * The fields of the declared index that the store reads. If the index begins with a field that holds arrays, the store
   * reads the documents with one element, which the first comparison of this field in the filter names. Without it, and
   * if the index is not built, the store decides.
   */
  readonly index?: IndexSpec['fields'];
}

export interface ConditionalWrite {
  readonly id: string;
  /** The `_position` of the document that was loaded; null when there was no document. */
  readonly loaded: string | null;
  /** The new document with its new `_position`; `_deleted` is true for a tombstone. */
  readonly document: Document;
}

export interface CollectionWrites {
  readonly collection: string;
  readonly writes: readonly ConditionalWrite[];
}

export interface WriteBatch {
  /** At most one element for each collection. */
  readonly changes: readonly CollectionWrites[];
  /** Moves the checkpoint from `from` to `to`. If both are equal, only checks that the stored one is `from`. */
  readonly checkpoint: {
    readonly collection: string;
    readonly from: Checkpoint | null;
    readonly to: Checkpoint | null;
  };
}

export interface Checkpoint {
  readonly storeId: string;
  readonly position: string;
  /** Id of the event at that position. If another event is there now, the history has changed. */
  readonly eventId: string;
}

export type WriteResult =
  | { readonly outcome: 'written' }
  /** The stored documents with these ids are not the loaded ones. The checkpoint has not moved. Load them again. */
  | { readonly outcome: 'conflict'; readonly ids: readonly string[] }
  /** The stored checkpoint is not the loaded one. Load it again. */
  | { readonly outcome: 'checkpoint_moved' }
  /** The store permanently rejects these documents. The checkpoint has not moved; other documents may be written. */
  | { readonly outcome: 'rejected'; readonly documents: readonly RejectedDocument[] };

export interface RejectedDocument {
  readonly collection: string;
  readonly id: string;
  /**
   * `too_large`: the document exceeds the size limit of the store. `text`: a text or a field name contains U+0000 or a
   * lone surrogate. `unique`: another document has the same values in a unique index, or such a value is an array.
   */
  readonly reason: 'too_large' | 'text' | 'unique';
  /** May contain sizes and names of fields and indexes, but no values of the document. */
  readonly message: string;
}
