import type { Recorded } from '../eventstore/envelope.js';
import type { EventStore, StoredEvent } from '../eventstore/event-store.js';
import type { ReadModels } from '../readmodels/read-models.js';
import { toLoadedDocument } from './document-cache.js';
import type { Projection } from './projection.js';

/** More events than a checkpoint may be behind if none of them changed a document. */
const MAX_CHECKED_EVENTS = 2000;

/**
 * The first event that a read model lacks: one after its checkpoint that would change a document. Most events after the
 * checkpoint of an idle model change none, because their checkpoint is stored later. Undefined if the model lacks nothing,
 * or is not built yet.
 */
export async function firstMissing(
  store: Pick<EventStore, 'readAll'>,
  readModels: Pick<ReadModels, 'loadModel' | 'loadCheckpoint' | 'getMany'>,
  projection: Projection,
  decode: (event: StoredEvent) => Recorded,
): Promise<StoredEvent | undefined> {
  const collection = (await readModels.loadModel(projection.name))?.live;
  if (collection == null) return undefined;
  const after = (await readModels.loadCheckpoint(collection))?.position ?? null;
  const events = await store.readAll({ after, prefixes: projection.streams, limit: MAX_CHECKED_EVENTS });
  const isContained = async (event: StoredEvent): Promise<boolean> => {
    const recorded = decode(event);
    for (const id of projection.keys(recorded)) {
      const [document] = await readModels.getMany(collection, [id]);
      const { content, position } =
        document === undefined ? { content: null, position: null } : toLoadedDocument(document);
      const isFolded = position !== null && position >= event.position;
      if (!isFolded && projection.evolve(content, recorded, id) !== content) return false;
    }
    return true;
  };
  for (const event of events) if (!(await isContained(event).catch(() => false))) return event;
  return events.length === MAX_CHECKED_EVENTS ? events[0] : undefined;
}
