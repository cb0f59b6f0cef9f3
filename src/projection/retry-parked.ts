import type { EventStore } from '../eventstore/event-store.js';
import {
  SessionLost,
  type Checkpoint,
  type ReadModels,
  type RecordedParking,
  type WriteSession,
} from '../readmodels/read-models.js';
import { Conflict, errorMessage, historyChanged, isTransient } from './failures.js';
import type { RetriedDocument } from './operations.js';
import { Page, type Decode } from './page.js';
import { parkedEvent, type ParkedDocuments, type ParkedEvent } from './parked-documents.js';
import { placeEvents } from './placed-events.js';
import type { Projection } from './projection.js';
import type { SkippedEvents } from './skipped-events.js';
import { WorkingDocuments, writeOf } from './working-documents.js';

/** Events of a stream per read. */
const PAGE_EVENTS = 100;

export interface RetryContext {
  readonly projection: Projection;
  readonly collection: string;
  readonly store: EventStore;
  readonly decode: Decode;
  readonly readModels: Pick<ReadModels, 'getMany'>;
  readonly session: WriteSession;
  readonly parked: ParkedDocuments;
  readonly skips: SkippedEvents;
}

/**
 * Folds the parked events of a document, in order, until none is left or one fails again. Writes the document first,
 * then records what is still parked: after a crash in between, the document already contains events that are recorded
 * as parked, which is harmless. Call it while nothing else writes the collection.
 * @throws ProjectionHalted (`history_changed`) if the first parked event is no longer at its position in the log
 */
export async function retryParked(context: RetryContext, document: string): Promise<RetriedDocument> {
  const { parked, readModels, collection, session } = context;
  const waiting = parked.get(document);
  if (waiting === undefined) return { document, folded: 0, waiting: 0 };
  const checkpoint = await session.takeCheckpoint(collection);
  const attempt = async (step: 'all' | 'each'): Promise<Folded> => {
    const documents = new WorkingDocuments((ids) => readModels.getMany(collection, ids));
    return foldWaiting(context, waiting, documents, step, () => write(context, checkpoint, documents));
  };
  // if the store rejects the document with all events, writing after each event finds the one that causes it
  const result = (await attempt('all').catch(ignoreRejection)) ?? (await attempt('each'));
  const left = waiting.events - result.folded;
  if (result.failed === undefined) {
    parked.delete(document);
    return { document, folded: result.folded, waiting: 0 };
  }
  parked.set({ ...waiting, ...result.failed, events: left });
  return { document, folded: result.folded, waiting: left, failed: result.failed };
}

interface Folded {
  readonly folded: number;
  readonly failed?: ParkedEvent;
}

async function foldWaiting(
  { projection, store, decode, skips }: RetryContext,
  waiting: RecordedParking,
  documents: WorkingDocuments,
  step: 'all' | 'each',
  write: () => Promise<void>,
): Promise<Folded> {
  const { document, stream, through } = waiting;
  let folded = 0;
  for (let from = waiting.revision; ;) {
    const events = await store.read(stream, { from, limit: PAGE_EVENTS });
    const [first] = events;
    if (from === waiting.revision && first?.position !== waiting.position)
      throw historyChanged(
        `expected event ${String(from)} of ${stream} at position ${waiting.position}; it is not there`,
      );
    const wanted = events.filter(({ position }) => position <= through);
    const last = wanted.at(-1);
    if (last === undefined) break;
    const page = new Page(null, last.position, wanted, decode);
    const placed = placeEvents(projection, page, 0);
    for (const [index, ids] of placed.events) {
      if (!ids.includes(document)) continue;
      const event = page.recorded(index);
      await documents.load([document]);
      const working = documents.get(document);
      const isSeen = working.position !== null && event.position <= working.position;
      if (!isSeen && !skips.has(document, event.eventId)) {
        try {
          documents.advance(working, projection.evolve(working.content, event, document), page.at(index));
          if (step === 'each') await write();
        } catch (error) {
          if (isTransient(error) || error instanceof SessionLost) throw error;
          if (step === 'all') await write();
          return { folded, failed: parkedEvent(document, event, messageOf(error)) };
        }
      }
      folded += 1;
    }
    if (placed.failure !== undefined) throw placed.failure;
    if (last.position >= through) break;
    from = last.revision + 1;
  }
  await write();
  return { folded };
}

/** The store permanently rejects the current document. */
class Rejected extends Error {}

function ignoreRejection(error: unknown): undefined {
  if (!(error instanceof Rejected)) throw error;
}

const messageOf = (error: unknown): string => (error instanceof Rejected ? error.message : errorMessage(error));

/** @throws Rejected, Conflict */
async function write(
  { session, collection }: RetryContext,
  checkpoint: Checkpoint | null,
  documents: WorkingDocuments,
): Promise<void> {
  const writes = documents.changed().map(writeOf);
  if (writes.length === 0) return;
  const result = await session.write({
    changes: [{ collection, writes }],
    checkpoint: { collection, from: checkpoint, to: checkpoint },
  });
  if (result.outcome === 'rejected')
    throw new Rejected(result.documents.map(({ reason, message }) => `${reason}: ${message}`).join('; '));
  if (result.outcome !== 'written')
    throw new Conflict(`${collection} has changed since it was loaded: ${result.outcome}`);
  documents.stored();
}
