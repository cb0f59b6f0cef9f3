import type { DomainEvent, Recorded } from '../../../src/eventstore/envelope.js';
import type { StoredEvent } from '../../../src/eventstore/event-store.js';
import type { Document } from '../../../src/readmodels/read-models.js';
import { EventBatch } from '../../../src/projection/event-batch.js';
import type { Projection } from '../../../src/projection/projection.js';
import { Projector } from '../../../src/projection/projector.js';
import { FaultyReadModels } from './faulty-read-models.js';
import { fact, MemoryLog, type Fact } from './memory-log.js';

export const decodeJson = (event: StoredEvent): Recorded => ({
  ...event,
  data: JSON.parse(event.data),
  metadata: JSON.parse(event.metadata),
});

export const COMPLAINT = '0190c0de-0000-7000-8000-000000000001';

/** Facts of one complaint, all given by the sender at nine o'clock unless they say otherwise. */
export const ofComplaint = (...events: readonly DomainEvent[]): Fact[] =>
  events.map((event) => fact(`complaint-${COMPLAINT}`, event, event.occurredAt));

/**
 * Folds the facts as the runner does, each in a batch of its own, and once more from the beginning for every further
 * time: what was folded already must change nothing. Answers what queries see, by id.
 */
export async function given(
  projection: Projection,
  facts: readonly Fact[],
  { numberOfTimes = 1 }: { readonly numberOfTimes?: number } = {},
): Promise<ReadonlyMap<string, Document>> {
  const log = new MemoryLog();
  log.record(...facts);
  const readModels = new FaultyReadModels();
  try {
    await readModels.port.createCollection('subject', projection.indexes);
    for (let time = 1; time <= numberOfTimes; time++) {
      // a runner that lost its checkpoint: everything comes again, to the documents as they are
      const checkpoints = { ...readModels.port, ...forgetful(readModels) };
      const projector = new Projector(projection, 'subject', log, checkpoints);
      await projector.resume();
      for (const event of log.events) await projector.take(new EventBatch([event], decodeJson));
    }
    const found = await readModels.port.find('subject', {});
    return new Map(found.map((document) => [document._id, document]));
  } finally {
    await readModels.remove();
  }
}

/** The read models, which hold no checkpoint whatever was stored. */
function forgetful({ port }: FaultyReadModels) {
  return {
    createCollection: port.createCollection.bind(port),
    listCollections: port.listCollections.bind(port),
    getMany: port.getMany.bind(port),
    loadCheckpoint: () => Promise.resolve(null),
    write: (batch: Parameters<typeof port.write>[0]) =>
      port
        .loadCheckpoint(batch.checkpoint.id)
        .then((from) => port.write({ ...batch, checkpoint: { ...batch.checkpoint, from } })),
  };
}
