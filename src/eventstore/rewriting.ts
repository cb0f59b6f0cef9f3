import type { Recorded } from './envelope.js';

/**
 * Events that change how earlier events of their stream are read: a correction replaces a value of an earlier event. The
 * stored events never change. Whoever folds a stream with such an event folds its rewritten history from the start.
 */
export interface Rewriting {
  /** Whether an event of this type rewrites earlier events of its stream. */
  isRewriting(type: string): boolean;
  /** The history of a stream as it is read after its last event. Pure; keeps number and order of the events. */
  rewrite<E extends Recorded>(history: readonly E[]): E[];
}
