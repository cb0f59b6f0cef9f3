import type { Recorded } from '../eventstore/envelope.js';
import type { IndexSpec } from '../readmodels/read-models.js';

/**
 * A read model is a fold over documents. Pure: it depends on nothing but the document and the event; the runtime loads,
 * writes conditionally, checkpoints, rebuilds.
 */
export interface Projection<D extends object = object> {
  readonly name: string;
  /** A new version is built beside the old one and swapped in. */
  readonly version: number;
  /** Stream-name prefixes that it reads, e.g. `['complaint-']`. */
  readonly streams: readonly string[];
  /** The documents that the event concerns. */
  keys(event: Recorded): readonly string[];
  /**
   * The document after the event: JSON without `_id` and `_position`, which the runner adds. Never changes its
   * argument; the argument itself says that nothing changed, null deletes (a tombstone keeps the position).
   */
  evolve(document: D | null, event: Recorded, id: string): D | null;
  readonly indexes: readonly IndexSpec[];
  /**
   * Each document is fed by one stream: then an event that cannot be folded is parked with all that follow it in its
   * document, and the others go on. Absent: it halts the projection, as order across streams
   * would be lost.
   */
  readonly oneStreamPerDocument?: true;
  /**
   * Paths (dotted, `*` for every element or key) left out of the content digest because they belong to the run:
   * recordedAt, position, hash, ids and every time that the sender did not give.
   */
  readonly nonDeterministicFields: readonly string[];
}
