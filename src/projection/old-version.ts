import type { EventStore } from '../eventstore/event-store.js';
import type { Checkpoint } from '../readmodels/read-models.js';
import { dropLeftovers } from './collections.js';
import { ProjectionHalted } from './failures.js';
import { checkHistory } from './history.js';
import type { ModelContext } from './model-context.js';
import type { LiveModel } from './rebuild.js';

/**
 * The live collection of an older version, which receives no events any more; leftovers of an earlier attempt are
 * dropped.
 */
export async function oldVersion({ readModels, control, store, feed }: ModelContext): Promise<LiveModel> {
  const record = await control.load();
  await dropLeftovers(readModels, control.session, record);
  const collection = record.live ?? '';
  const checkpoint = await readModels.loadCheckpoint(collection);
  const comparable = checkpoint === null || (await isOfThisHistory(store, checkpoint));
  const position = comparable ? (checkpoint?.position ?? null) : feed.end;
  return { collection, comparable, position: () => position, parked: () => [], hold: (work) => work(position) };
}

async function isOfThisHistory(store: EventStore, checkpoint: Checkpoint): Promise<boolean> {
  try {
    await checkHistory(store, checkpoint);
    return true;
  } catch (error) {
    if (error instanceof ProjectionHalted) return false;
    throw error;
  }
}
