import type { DomainEvent, Recorded } from '../../../src/eventstore/envelope.js';
import type { StoredEvent } from '../../../src/eventstore/event-store.js';
import { Page } from '../../../src/projection/page.js';
import { ParkedDocuments } from '../../../src/projection/parked-documents.js';
import type { Projection } from '../../../src/projection/projection.js';
import { ProjectionWriter, type Parking } from '../../../src/projection/projection-writer.js';
import { SkippedEvents } from '../../../src/projection/skipped-events.js';
import type { Document, ReadModels, WriteSession } from '../../../src/readmodels/read-models.js';
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
    const collection = 'subject';
    const session = forgetful(await readModels.session(), readModels.port);
    await session.createCollection(collection, projection.indexes);
    for (let time = 1; time <= numberOfTimes; time++) {
      // a runner that lost its checkpoint: everything comes again, to the documents as they are
      const options = { projection, collection, session, store: log, readModels: readModels.port, batchSize: 1 };
      const writer = new ProjectionWriter(options, nothingWaits());
      await writer.open();
      for (const event of log.events) {
        await writer.fold(new Page(writer.cursor, event.position, [event], decodeJson));
        await writer.write();
      }
    }
    const found = await readModels.port.find(collection, {});
    return new Map(found.map((document) => [document._id, document]));
  } finally {
    await readModels.remove();
  }
}

const nothingWaits = (): Parking => ({
  allowed: false,
  documents: new ParkedDocuments(),
  skips: new SkippedEvents([]),
  save: () => Promise.resolve(),
});

/** The session, but without the stored checkpoint: every model starts from the beginning. */
const forgetful = (session: WriteSession, readModels: ReadModels): WriteSession => ({
  epoch: session.epoch,
  createCollection: session.createCollection.bind(session),
  buildIndexes: session.buildIndexes.bind(session),
  dropCollection: session.dropCollection.bind(session),
  takeModel: session.takeModel.bind(session),
  changeModel: session.changeModel.bind(session),
  takeCheckpoint: () => Promise.resolve(null),
  write: async ({ changes, checkpoint }) => {
    const from = await readModels.loadCheckpoint(checkpoint.collection);
    return session.write({ changes, checkpoint: { ...checkpoint, from } });
  },
});
