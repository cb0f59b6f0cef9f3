import type { Checkpoint, GuardedWrite } from './read-models.js';
import { storable } from './value-order.js';

/** A batch that no projection can mean is a mistake of ours, not a refusal: throws TypeError. */
export function checkWrites(writes: readonly GuardedWrite[]): void {
  const seen = new Set<string>();
  for (const { id, document } of writes) {
    if (document._id !== id) throw new TypeError(`the document ${document._id} is written as ${id}`);
    if (typeof document._position !== 'string') throw new TypeError(`the document ${id} has no position`);
    if (seen.has(id)) throw new TypeError(`the document ${id} is written twice in one batch`);
    if (!storable(id)) throw new TypeError('an id holds U+0000 or a lone surrogate');
    seen.add(id);
  }
}

/** Whether a checkpoint goes from `from` to `to` while `stored` stands: it is the one loaded, and no epoch goes back. */
export function mayMove(stored: Checkpoint | null, from: Checkpoint | null, to: Checkpoint): boolean {
  if (stored === null || from === null) return stored === from;
  const same = stored.storeId === from.storeId && stored.position === from.position && stored.epoch === from.epoch;
  return same && to.epoch >= stored.epoch;
}
