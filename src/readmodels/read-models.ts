import type { Json, JsonObject } from '../platform/json.js';

/**
 * The document-store port (architecture.md §3). Filters, sorts and pipelines are written in MongoDB's query language,
 * restricted to what every adapter carries: $eq $ne $in $nin $gt $gte $lt $lte $exists $and $or, dotted paths that
 * reach into arrays; pipelines of $match, $group ($sum, $min, $max over declared fields), $sort, $limit, in that order.
 * A compound id of a group may coarsen text by a ladder of $cond and $lt (ladder.ts) and take null for missing ($ifNull).
 * query-language.ts reads them for every adapter and throws `QueryRefused`, which names what is outside of it.
 * Every adapter passes test/contract/read-models.contract.ts.
 */
export interface ReadModels {
  /** Creates what is missing of a collection and its indexes; `indexes: 'later'` loads first and indexes by {@link buildIndexes}. */
  createCollection(name: string, indexes: readonly IndexSpec[], when?: 'now' | 'later'): Promise<void>;
  buildIndexes(name: string): Promise<void>;
  /** Drops the collection, if it is there, and the checkpoint of the same name. */
  dropCollection(name: string): Promise<void>;
  listCollections(): Promise<string[]>;

  /** The documents with these ids, tombstones included, in no order; nothing for an id without one. */
  getMany(collection: string, ids: readonly string[]): Promise<Document[]>;
  find(collection: string, query: Find): Promise<Document[]>;
  count(collection: string, filter: Filter): Promise<number>;
  aggregate(collection: string, pipeline: readonly JsonObject[]): Promise<JsonObject[]>;
  distinct(collection: string, field: string, filter: Filter): Promise<Json[]>;

  /**
   * Guarded bulk write followed by the checkpoint. Each write replaces or deletes the document whose `_position` is
   * still what was loaded (`null`: no document). Answers the ids whose guard was refused; the checkpoint moves only
   * when none was, by compare-and-set on the checkpoint that was loaded, its epoch included. Adapters with
   * transactions do both in one; others write documents first, which the guards make repeatable.
   */
  write(batch: GuardedBatch): Promise<WriteResult>;

  loadCheckpoint(id: string): Promise<Checkpoint | null>;
  /** Which physical collection a name means now; `null` before the first build. */
  resolveAlias(name: string): Promise<string | null>;
  /**
   * Compare-and-set of an alias; false when it pointed neither at `from` nor, already, at `to`: a swap whose answer was
   * lost may be asked for again.
   */
  swapAlias(name: string, from: string | null, to: string): Promise<boolean>;

  close(): Promise<void>;
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
 * The store cannot be reached, or did not answer in time: ask again later. What a write came to is not known; the
 * guards make it repeatable. The message names hosts and no credentials.
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

export interface GuardedWrite {
  readonly id: string;
  /** `_position` that was loaded; null when there was no document. */
  readonly loaded: string | null;
  /** The new document with its new `_position`; a tombstone carries `_deleted: true`. */
  readonly document: Document;
}

export interface GuardedBatch {
  readonly collection: string;
  readonly writes: readonly GuardedWrite[];
  readonly checkpoint: {
    readonly id: string;
    readonly from: Checkpoint | null;
    readonly to: Checkpoint;
  };
}

export interface Checkpoint {
  readonly storeId: string;
  readonly position: string;
  /** Id of the event at that position: proof that history has not changed under us. */
  readonly eventId: string;
  /** Raised by every runner that takes the checkpoint over, no epoch of a lease; a smaller one is refused. */
  readonly epoch: number;
}

export type WriteResult =
  | { readonly ok: true }
  /** Ids whose documents had moved; nothing was checkpointed. */
  | { readonly ok: false; readonly refused: readonly string[] }
  /** Another runner moved the checkpoint or holds a newer epoch. */
  | { readonly ok: false; readonly checkpointLost: true };
