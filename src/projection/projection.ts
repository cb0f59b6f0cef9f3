import type { Recorded } from '../eventstore/envelope.js';
import type { IndexSpec } from '../readmodels/read-models.js';

/**
 * A read model is a pure fold over documents: the result depends on the document and the event only. The runtime loads,
 * writes conditionally, stores checkpoints and rebuilds.
 */
export interface Projection<D extends object = object> {
  readonly name: string;
  /** A new version is built beside the old one and swapped in. */
  readonly version: number;
  /** Stream-name prefixes that it reads, e.g. `['complaint-']`. */
  readonly streams: readonly string[];
  /** The ids of the documents that the event changes. */
  keys(event: Recorded): readonly string[];
  /**
   * The document after the event: JSON without `_id` and `_position`, which the runtime adds. Never mutates its
   * argument. Returning the argument means no change; null deletes (a tombstone keeps the position).
   */
  evolve(document: D | null, event: Recorded, id: string): D | null;
  readonly indexes: readonly IndexSpec[];
  /**
   * Set when one stream feeds each document: then a poison event is parked with all later events of its document, and
   * the other documents continue. Absent: it halts the projection, because order across streams would be lost.
   */
  readonly oneStreamPerDocument?: true;
  /**
   * Paths (dotted, `*` for every element or key) left out of the content digest because they differ from run to run:
   * recordedAt, position, hash, ids and every time that the client did not give.
   */
  readonly nonDeterministicFields: readonly string[];
}
