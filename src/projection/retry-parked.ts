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
import { evolveDocument, rewrittenHistory } from './rewritten-history.js';
import { routeEvents } from './routed-events.js';
import type { Projection } from './projection.js';
import type { SkippedEvents } from './skipped-events.js';
import { WorkingDocuments, writeOf } from './working-documents.js';

/** Maximum number of events per read of a stream. */
const MAX_EVENTS_PER_READ = 100;

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
 * Folds the parked events of a document in order, until none is left or one fails again. Writes the document and
 * changes its entry in `parked`; the caller stores the entries afterwards. After a crash in between, the document
 * contains events that are still stored as parked, which is harmless. Call it while nothing else writes the collection.
 * @throws ProjectionHalted (`history_changed`) if the first parked event is no longer at its position in the log
 */
export async function retryParked(context: RetryContext, document: string): Promise<RetriedDocument> {
  const { parked, readModels, collection, session } = context;
  const entry = parked.get(document);
  if (entry === undefined) return { document, folded: 0, waiting: 0 };
  const checkpoint = await session.takeOverCheckpoint(collection);
  const attempt = async (writeAfter: WriteAfter): Promise<FoldResult> => {
    const documents = new WorkingDocuments((ids) => readModels.getMany(collection, ids));
    return foldParked(context, entry, documents, writeAfter, () => write(context, checkpoint, documents));
  };
  // if the store rejects the document with all events folded, a write after each event finds the one that causes it
  const result = (await attempt('all').catch(undefinedIfRejected)) ?? (await attempt('each'));
  const remaining = entry.events - result.folded;
  if (result.failed === undefined) {
    parked.delete(document);
    return { document, folded: result.folded, waiting: 0 };
  }
  parked.set({ ...entry, ...result.failed, events: remaining });
  return { document, folded: result.folded, waiting: remaining, failed: result.failed };
}

/** When to write the document: once after all events, or after each event. */
type WriteAfter = 'all' | 'each';

interface FoldResult {
  /** Number of events that were folded or skipped. */
  readonly folded: number;
  /** The event that failed; absent when no event failed. */
  readonly failed?: ParkedEvent;
}

async function foldParked(
  { projection, store, decode, skips }: RetryContext,
  entry: RecordedParking,
  documents: WorkingDocuments,
  writeAfter: WriteAfter,
  write: () => Promise<void>,
): Promise<FoldResult> {
  const { document, stream, through: lastPosition } = entry;
  let folded = 0;
  for (let from = entry.revision; ;) {
    const events = await store.read(stream, { from, limit: MAX_EVENTS_PER_READ });
    const [first] = events;
    if (from === entry.revision && first?.position !== entry.position)
      throw historyChanged(`expected event ${String(from)} of ${stream} at position ${entry.position}, found none`);
    const parkedEvents = events.filter(({ position }) => position <= lastPosition);
    const last = parkedEvents.at(-1);
    if (last === undefined) break;
    const page = new Page(null, last.position, parkedEvents, decode);
    const routed = routeEvents(projection, page, 0);
    for (const [index, ids] of routed.events) {
      if (!ids.includes(document)) continue;
      const event = page.recorded(index);
      await documents.load([document]);
      const working = documents.get(document);
      const isAlreadyFolded = working.position !== null && event.position <= working.position;
      if (!isAlreadyFolded && !skips.has(document, event.eventId)) {
        try {
          const history = await rewrittenHistory(projection, store, decode, event);
          const content = evolveDocument(projection, working.content, event, document, { history, skips });
          documents.advance(working, content, page.at(index));
          if (writeAfter === 'each') await write();
        } catch (error) {
          if (isTransient(error) || error instanceof SessionLost) throw error;
          if (writeAfter === 'all') await write(); // keeps the result of the events before this one
          return { folded, failed: parkedEvent(document, event, messageOf(error)) };
        }
      }
      folded += 1;
    }
    if (routed.failure !== undefined) throw routed.failure;
    if (last.position >= lastPosition) break;
    from = last.revision + 1;
  }
  await write();
  return { folded };
}

/** The store permanently rejects the document. */
class Rejected extends Error {}

function undefinedIfRejected(error: unknown): undefined {
  if (!(error instanceof Rejected)) throw error;
}

const messageOf = (error: unknown): string => (error instanceof Rejected ? error.message : errorMessage(error));

/**
 * Writes the changed document, if there is one, without moving the checkpoint.
 * @throws Rejected, Conflict
 */
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
  documents.markStored();
}
