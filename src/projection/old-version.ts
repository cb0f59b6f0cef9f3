import type { EventStore } from '../eventstore/event-store.js';
import type { Checkpoint } from '../readmodels/read-models.js';
import { dropLeftovers } from './collections.js';
import { ProjectionHalted } from './failures.js';
import { checkHistory } from './history.js';
import type { ModelContext } from './model-context.js';
import type { LiveModel } from './rebuild.js';

/**
 * Drops what an earlier build left; then returns the live collection of an older version or another variant, which a build
 * of the current one will replace. This collection receives no more events.
 */
export async function loadOldVersion({ readModels, control, store, feed }: ModelContext): Promise<LiveModel> {
  const record = await control.load();
  await dropLeftovers(readModels, control.session, record);
  const collection = record.live ?? '';
  const checkpoint = await readModels.loadCheckpoint(collection);
  const isComparable = checkpoint === null || (await matchesHistory(store, checkpoint));
  const position = isComparable ? (checkpoint?.position ?? null) : feed.end;
  return { collection, isComparable, position: () => position, parked: () => [], hold: (work) => work(position) };
}

/** Whether the checkpoint belongs to the log of this store. */
async function matchesHistory(store: EventStore, checkpoint: Checkpoint): Promise<boolean> {
  try {
    await checkHistory(store, checkpoint);
    return true;
  } catch (error) {
    if (error instanceof ProjectionHalted) return false;
    throw error;
  }
}
