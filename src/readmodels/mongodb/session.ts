import {
  UnknownCollection,
  type Checkpoint,
  type IndexSpec,
  type ModelChange,
  type ModelRecord,
  type RejectedDocument,
  type WriteBatch,
  type WriteResult,
  type WriteSession,
} from '../read-models.js';
import { changedModel, checkBatch } from '../write-checks.js';
import type { Entry } from './catalogue.js';
import { writeDocuments } from './conditional-write.js';
import type { ServerCollections, Store } from './store.js';

/** Increments the epoch, opens a session with it, and fences off every earlier session. */
export function openNextSession(store: Store): Promise<MongoSession> {
  return store.withTimeLimit(async ({ catalogue, fence, models, checkpoints }) => {
    const epoch = await fence.nextEpoch();
    await models.fenceEarlierSessions(epoch);
    await checkpoints.fenceEarlierSessions(epoch);
    await catalogue.dropObsoleteCollection();
    return new MongoSession(store, epoch);
  });
}

/**
 * Model records and checkpoints change by conditional updates, which fail for a late request of an earlier session. A
 * late write of a document is harmless, because every session folds the same events into the loaded document and gets
 * the same result. Before a collection is created, indexed or dropped, the epoch is checked; a late request is
 * harmless, because names are never used again.
 */
export class MongoSession implements WriteSession {
  constructor(
    private readonly store: Store,
    readonly epoch: number,
  ) {}

  async createCollection(name: string, indexes: readonly IndexSpec[], when: 'now' | 'later' = 'now'): Promise<void> {
    const entry = await this.runFenced(({ catalogue }) => catalogue.declare(name, indexes));
    if (when === 'now' || entry.built) await this.store.buildIndexes(entry);
  }

  async buildIndexes(name: string): Promise<void> {
    await this.store.buildIndexes(await this.runFenced(({ catalogue }) => catalogue.get(name)));
  }

  dropCollection(name: string): Promise<void> {
    return this.runFenced(async ({ catalogue, checkpoints }) => {
      const dropped = await catalogue.drop(name);
      if (dropped !== null) await checkpoints.remove(dropped.physical);
    });
  }

  takeOverCheckpoint(collection: string): Promise<Checkpoint | null> {
    return this.runFenced(async ({ catalogue, checkpoints }) => {
      const entry = await catalogue.find(collection);
      return entry === null ? null : checkpoints.takeOver(entry.physical, this.epoch);
    });
  }

  /** Documents first, then the checkpoint: the checkpoint never passes unwritten documents. */
  async write(batch: WriteBatch): Promise<WriteResult> {
    checkBatch(batch);
    return this.store.withTimeLimit(async ({ catalogue, checkpoints, fence }) => {
      const { changes, checkpoint } = batch;
      const names = [...changes.map(({ collection }) => collection), checkpoint.collection];
      const entries = await catalogue.getAll(names);
      // if a newer session has dropped the collection, the error is SessionLost instead of UnknownCollection
      if (names.some((name) => !entries.has(name))) await fence.check(this.epoch);
      const key = entryOf(entries, checkpoint.collection).physical;
      // fails if this session is fenced off already; if it is fenced off later, its writes equal those of the newer session
      const state = await checkpoints.moveState(key, checkpoint, this.epoch);
      // a checkpoint that is not stored yet has no epoch, so `moveState` cannot detect a newer session
      if (checkpoint.from === null) await fence.check(this.epoch);
      if (state === 'moved') return { outcome: 'checkpoint_moved' };
      const rejectedDocuments: RejectedDocument[] = [];
      for (const { collection, writes } of changes) {
        const entry = entryOf(entries, collection);
        const { conflicts, rejected } = await writeDocuments(catalogue.documents(entry), indexesOf(entry), writes);
        if (conflicts.length + rejected.size > 0) await fence.check(this.epoch);
        if (conflicts.length > 0) return { outcome: 'conflict', ids: conflicts };
        for (const [id, rejection] of rejected) rejectedDocuments.push({ collection, id, ...rejection });
      }
      if (rejectedDocuments.length > 0) return { outcome: 'rejected', documents: rejectedDocuments };
      const moved = await checkpoints.move(key, checkpoint, this.epoch);
      return { outcome: moved ? 'written' : 'checkpoint_moved' };
    });
  }

  takeOverModel(name: string): Promise<ModelRecord> {
    return this.runFenced(({ models }) => models.takeOver(name, this.epoch));
  }

  async changeModel(from: ModelRecord, change: Partial<ModelChange>): Promise<ModelRecord> {
    const to = changedModel(from, change);
    return this.runFenced(async ({ models, catalogue }) => {
      if (typeof change.live === 'string') await catalogue.get(change.live); // throws UnknownCollection
      await models.replace(to, this.epoch);
      return to;
    });
  }

  /** Runs the work unless a newer session was opened. */
  private runFenced<T>(work: (collections: ServerCollections) => Promise<T>): Promise<T> {
    return this.store.withTimeLimit(async (collections) => {
      await collections.fence.check(this.epoch);
      return work(collections);
    });
  }
}

function entryOf(entries: ReadonlyMap<string, Entry>, name: string): Entry {
  const entry = entries.get(name);
  if (entry === undefined) throw new UnknownCollection(name);
  return entry;
}

const indexesOf = (entry: Entry): IndexSpec[] => entry.indexes.map((index) => JSON.parse(index) as IndexSpec);
