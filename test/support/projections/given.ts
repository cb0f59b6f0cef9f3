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

/** Parses data and metadata without any check. */
export const decodeJson = (event: StoredEvent): Recorded => ({
  ...event,
  data: JSON.parse(event.data),
  metadata: JSON.parse(event.metadata),
});

export const COMPLAINT = '0190c0de-0000-7000-8000-000000000001';

/** Events of {@link COMPLAINT}. An event without `occurredAt` happened on 5 January 2026 at 09:00 UTC. */
export const ofComplaint = (...events: readonly DomainEvent[]): Fact[] =>
  events.map((event) => fact(`complaint-${COMPLAINT}`, event, event.occurredAt));

/**
 * Folds the events into a new collection as the projection runner does, one event per batch. Returns the documents that
 * queries see, by id.
 * @param numberOfTimes how often all events are folded, each time from the first event: a repetition must not change
 * anything
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
    const session = withoutLoadedCheckpoint(await readModels.session(), readModels.port);
    await session.createCollection(collection, projection.indexes);
    for (let time = 1; time <= numberOfTimes; time++) {
      // starts at the first event each time, with the documents of the time before
      const options = { projection, collection, session, store: log, readModels: readModels.port, batchSize: 1 };
      const writer = new ProjectionWriter(options, noParking());
      await writer.open();
      for (const event of log.events) {
        await writer.fold(new Page(writer.cursor, event.position, [event], decodeJson));
        await writer.write();
      }
    }
    const documents = await readModels.port.find(collection, {});
    return new Map(documents.map((document) => [document._id, document]));
  } finally {
    await readModels.remove();
  }
}

const noParking = (): Parking => ({
  allowed: false,
  documents: new ParkedDocuments(),
  skips: new SkippedEvents([]),
  save: () => Promise.resolve(),
});

/** The session, but it never loads the stored checkpoint: a writer starts at the first event. Writes succeed anyway. */
const withoutLoadedCheckpoint = (session: WriteSession, readModels: ReadModels): WriteSession => ({
  epoch: session.epoch,
  createCollection: session.createCollection.bind(session),
  buildIndexes: session.buildIndexes.bind(session),
  dropCollection: session.dropCollection.bind(session),
  takeOverModel: session.takeOverModel.bind(session),
  changeModel: session.changeModel.bind(session),
  takeOverCheckpoint: () => Promise.resolve(null),
  write: async ({ changes, checkpoint }) => {
    const from = await readModels.loadCheckpoint(checkpoint.collection);
    return session.write({ changes, checkpoint: { ...checkpoint, from } });
  },
});
