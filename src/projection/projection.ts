import type { Recorded } from '../eventstore/envelope.js';
import type { Rewriting } from '../eventstore/rewriting.js';
import type { IndexSpec, ReadModels } from '../readmodels/read-models.js';

/**
 * Defines a read model by pure functions: they determine the documents that an event changes, and each document after
 * the event. The runner of the projections loads and writes the documents, stores checkpoints and rebuilds.
 */
export interface Projection<D extends object = object> {
  readonly name: string;
  /** Increase it when the documents change: the runner builds the new version and then replaces the old one. */
  readonly version: number;
  /**
   * What the documents depend on besides the events and the version, such as a key: digits and small letters. A model whose
   * live collection has another variant is built anew, like a new version, but queries cannot use the old collection
   * meanwhile, and it is dropped.
   */
  readonly variant?: string;
  /** Prefixes of the names of the streams that the projection reads, e.g. `['complaint-']`. */
  readonly streams: readonly string[];
  /** The ids of the documents that the event may change. */
  keys(event: Recorded): readonly string[];
  /**
   * Returns the document after the event: JSON without `_id` and `_position`, which the runner adds. Must not change
   * `document`; returns the same object if the event changes nothing. null deletes the document; a tombstone then keeps
   * its position.
   */
  evolve(document: D | null, event: Recorded, id: string): D | null;
  readonly indexes: readonly IndexSpec[];
  /**
   * Set it when all events of one document are in one stream. An event that cannot be folded is then parked with all
   * later events of its document, and other documents continue. Without it, such an event halts the projection, because
   * a retry could not fold events of several streams in their order.
   */
  readonly oneStreamPerDocument?: true;
  /**
   * Set it if events can rewrite earlier events of their stream: after such an event, each document that it changes is
   * folded again from the start of the stream. Needs `oneStreamPerDocument`.
   */
  readonly rewriting?: Rewriting;
  /**
   * Dotted paths of values that the content digest leaves out; `*` matches every element or key. They differ between
   * two runs of one history: recordedAt, positions, hashes, ids and every time that the sender did not give.
   */
  readonly nonDeterministicFields: readonly string[];
}

/** A store of read models, and the projections that are kept in it. */
export interface ModelStore {
  readonly readModels: ReadModels;
  readonly catalogue: readonly Projection[];
}
