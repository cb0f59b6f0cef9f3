import type { Json, JsonObject } from '../platform/json.js';

/**
 * The document-store port. Filters, sorts and pipelines are written in MongoDB's query language, restricted to what
 * every adapter carries: $eq $ne $in $nin $gt $gte $lt $lte $exists $and $or, dotted paths that reach into arrays;
 * pipelines of $match, $group ($sum, $min, $max over declared fields), $sort, $limit, in that order. A compound id of a
 * group may sort text into buckets with $cond and $lt (buckets.ts) and take null for missing ($ifNull).
 * query-language.ts reads them for every adapter and throws `QueryRefused`, which names what is outside of it.
 * Every adapter passes test/contract/read-models.contract.ts.
 */
export interface ReadModels {
  listCollections(): Promise<string[]>;
  /** The documents with these ids, tombstones included, in no order; nothing for an id without one. */
  getMany(collection: string, ids: readonly string[]): Promise<Document[]>;
  find(collection: string, query: Find): Promise<Document[]>;
  count(collection: string, filter: Filter): Promise<number>;
  aggregate(collection: string, pipeline: readonly JsonObject[]): Promise<JsonObject[]>;

  loadCheckpoint(collection: string): Promise<Checkpoint | null>;
  /** What is recorded of a model; null before the first session that wrote it. */
  loadModel(name: string): Promise<ModelRecord | null>;
  /** Every model that has a record. */
  listModels(): Promise<ModelRecord[]>;

  /**
   * Opens the one session that may change anything from now on. It takes the next epoch and stamps it on everything that
   * is changed conditionally, so that every session opened before is refused with {@link SessionLost}, however late its
   * requests arrive. Open one only while holding the lease of the projections (or the lock of the embedded store).
   */
  openSession(): Promise<WriteSession>;

  close(): Promise<void>;
}

/**
 * Everything that changes a read model goes through a session. Each change is conditional on the session's epoch; each
 * call throws {@link SessionLost} once a newer session was opened, and may throw {@link ReadModelsUnavailable}, after
 * which the outcome is not known: the same call may be repeated, by the conditions it changes nothing twice.
 */
export interface WriteSession {
  /** Greater than that of every session before. */
  readonly epoch: number;

  /** Creates what is missing of a collection and its indexes; `indexes: 'later'` loads first and indexes by {@link buildIndexes}. */
  createCollection(name: string, indexes: readonly IndexSpec[], when?: 'now' | 'later'): Promise<void>;
  buildIndexes(name: string): Promise<void>;
  /**
   * Drops the collection, if it is there, and its checkpoint. The name must never be used again (names of builds are
   * counted, see {@link ModelRecord.builds}), so that a late drop meets nothing that is in use.
   */
  dropCollection(name: string): Promise<void>;

  /** Takes the checkpoint of a collection over from earlier sessions and answers it; null when there is none yet. */
  takeCheckpoint(collection: string): Promise<Checkpoint | null>;
  /**
   * Conditional bulk write followed by the checkpoint. Each write replaces or deletes the document whose `_position` is
   * still what was loaded (`null`: no document); one that stands at its new `_position` already counts as written, so
   * that a batch may be repeated. The checkpoint moves only when every document was written, by compare-and-set on the
   * one that was loaded. Adapters with transactions do all in one; others write documents first, in the order of
   * `changes`. Where documents conflict and others are rejected, the answer is the conflict: what was folded is out of
   * date. Throws {@link UnknownCollection} for each collection that is named, that of the checkpoint included.
   */
  write(batch: WriteBatch): Promise<WriteResult>;

  /** The record of a model, created where there is none, taken over for this session. */
  takeModel(name: string): Promise<ModelRecord>;
  /**
   * Replaces the record that was loaded (or answered by the last change) and answers it as it is stored now. A live
   * collection must exist (throws {@link UnknownCollection}). Throws SessionLost when the record is not `from` any more.
   */
  changeModel(from: ModelRecord, change: Partial<ModelChange>): Promise<ModelRecord>;
}

/** What is recorded of a model besides its documents: one small document, changed as a whole. */
export interface ModelRecord extends ModelChange {
  readonly name: string;
  /** Counts the changes of this record. */
  readonly revision: number;
}

export interface ModelChange {
  /** The physical collection that queries read and the projection writes; null before the first build. */
  readonly live: string | null;
  /** The collection that a rebuild kept beside the live one. */
  readonly kept: string | null;
  /** The collection that is being built; it never becomes live under another session. */
  readonly building: string | null;
  /** Stopped by an operator, across restarts. */
  readonly paused: boolean;
  /** How many physical collections were ever named: the number in the next name is one more. */
  readonly builds: number;
  /** Events that an operator decided to leave out, newest last; at most {@link MAX_SKIPS}. */
  readonly skips: readonly RecordedSkip[];
  /** Documents of the live collection that take no events for now. */
  readonly parked: readonly RecordedParking[];
}

/** An event that one version of a projection leaves out of a document, by the decision of an operator. */
export interface RecordedSkip {
  readonly version: number;
  readonly document: string;
  readonly position: string;
  readonly stream: string;
  readonly revision: number;
  readonly type: string;
  readonly eventId: string;
  readonly reason: string;
  /** Who: type and id of the actor. */
  readonly by: { readonly type: string; readonly id: string };
  /** UTC. */
  readonly at: string;
}

/** A document that waits since an event could not be folded into it: that event, and how many wait. */
export interface RecordedParking {
  readonly document: string;
  readonly position: string;
  readonly stream: string;
  readonly revision: number;
  readonly type: string;
  readonly recordedAt: string;
  readonly error: string;
  readonly events: number;
  /** Position of the last event that waits: an event is counted once, however often its batch is folded. */
  readonly through: string;
}

/** More skipped events than this are a fault of the projection, not of events. */
export const MAX_SKIPS = 1000;

/** A newer session was opened: this one changes nothing any more, and its owner stops. */
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

/** A view does not show what is recorded: that something is missing from it says nothing. Ask again. */
export class NotYetVisible extends Error {
  override readonly name: string = 'NotYetVisible';
}

/**
 * The store cannot be reached, or did not answer in time: ask again later. What a write came to is not known; its
 * conditions make it repeatable. The message names hosts and no credentials.
 */
export class ReadModelsUnavailable extends Error {
  override readonly name = 'ReadModelsUnavailable';
  constructor(
    readonly where: string,
    /** When the first call failed since one last succeeded; UTC RFC 3339. */
    readonly since: string,
    options?: ErrorOptions,
  ) {
    super(`the read models at ${where} have not answered since ${since}`, options);
  }
}

/** The store gave up one query that took too long; it answers others. */
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

/** `_id` text, `_position` of the newest event folded in; `_deleted` marks a tombstone, invisible to every query but getMany. */
export type Document = JsonObject & { readonly _id: string; readonly _position: string; readonly _deleted?: true };

export interface IndexSpec {
  /** Declared fields in order, 1 ascending, -1 descending; dotted paths allowed. */
  readonly fields: Readonly<Record<string, 1 | -1>>;
  readonly unique?: boolean;
}

export interface Find {
  readonly filter?: Filter;
  /** In MongoDB's order across types; ends in `_id`, which follows the last key's direction where it is not named. */
  readonly sort?: Readonly<Record<string, 1 | -1>>;
  readonly limit?: number;
  /** Keyset paging: the sort values (then `_id`) of the last document seen, null for a missing one; no objects, no arrays. */
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
  /** `to` may be `from`: then only the condition counts. */
  readonly checkpoint: {
    readonly collection: string;
    readonly from: Checkpoint | null;
    readonly to: Checkpoint | null;
  };
}

export interface Checkpoint {
  readonly storeId: string;
  readonly position: string;
  /** Id of the event at that position: proof that history has not changed under us. */
  readonly eventId: string;
}

export type WriteResult =
  | { readonly outcome: 'written' }
  /** Ids whose documents are not what was loaded; the checkpoint has not moved. Load again. */
  | { readonly outcome: 'conflict'; readonly ids: readonly string[] }
  /** The checkpoint is not the one that was loaded. Load again. */
  | { readonly outcome: 'checkpoint_moved' }
  /** The store can never take these documents as they are; the checkpoint has not moved. Others may be written. */
  | { readonly outcome: 'rejected'; readonly documents: readonly RejectedDocument[] };

export interface RejectedDocument {
  readonly collection: string;
  readonly id: string;
  /**
   * Larger than the store takes, text that it cannot hold (U+0000, lone surrogates, in names as well), or values that
   * another document has in a unique index (or an array there).
   */
  readonly reason: 'too_large' | 'text' | 'unique';
  /** Names sizes, fields and indexes, and quotes nothing of the document. */
  readonly message: string;
}
