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
import type { Store, Stored } from './store.js';

/** Takes the next epoch and fences every earlier session from records and checkpoints. */
export function nextSession(store: Store): Promise<MongoSession> {
  return store.reached(async ({ catalogue, fence, models, checkpoints }) => {
    const epoch = await fence.next();
    await models.stamp(epoch);
    await checkpoints.stamp(epoch);
    await catalogue.dropFormerLayout();
    return new MongoSession(store, epoch);
  });
}

/**
 * Each record and checkpoint changes by one conditional update, which fails for a late request of an earlier session. A
 * late document write is harmless: any session folds the loaded document to the same result. Collections are created,
 * indexed and dropped after a check of the fence, under names that are never reused.
 */
export class MongoSession implements WriteSession {
  constructor(
    private readonly store: Store,
    readonly epoch: number,
  ) {}

  async createCollection(name: string, indexes: readonly IndexSpec[], when: 'now' | 'later' = 'now'): Promise<void> {
    const entry = await this.current(({ catalogue }) => catalogue.declare(name, indexes));
    if (when === 'now' || entry.built) await this.store.build(entry);
  }

  async buildIndexes(name: string): Promise<void> {
    await this.store.build(await this.current(({ catalogue }) => catalogue.get(name)));
  }

  dropCollection(name: string): Promise<void> {
    return this.current(async ({ catalogue, checkpoints }) => {
      const dropped = await catalogue.drop(name);
      if (dropped !== null) await checkpoints.remove(dropped.physical);
    });
  }

  takeCheckpoint(collection: string): Promise<Checkpoint | null> {
    return this.current(async ({ catalogue, checkpoints }) => {
      const entry = await catalogue.find(collection);
      return entry === null ? null : checkpoints.take(entry.physical, this.epoch);
    });
  }

  /** Documents first, then the checkpoint: the checkpoint never passes unwritten documents. */
  async write(batch: WriteBatch): Promise<WriteResult> {
    checkBatch(batch);
    return this.store.reached(async ({ catalogue, checkpoints, fence }) => {
      const { changes, checkpoint } = batch;
      const names = [...changes.map(({ collection }) => collection), checkpoint.collection];
      const entries = await catalogue.getAll(names);
      if (names.some((name) => !entries.has(name))) await fence.check(this.epoch); // the next session may have dropped it
      const key = entryOf(entries, checkpoint.collection).physical;
      // a fenced session fails here before it writes; one fenced later writes what the next session would write
      const state = await checkpoints.state(key, checkpoint, this.epoch);
      if (checkpoint.from === null) await fence.check(this.epoch);
      if (state === 'moved') return { outcome: 'checkpoint_moved' };
      const documents: RejectedDocument[] = [];
      for (const { collection, writes } of changes) {
        const entry = entryOf(entries, collection);
        const { conflicts, rejected } = await writeDocuments(catalogue.documents(entry), indexesOf(entry), writes);
        if (conflicts.length + rejected.size > 0) await fence.check(this.epoch);
        if (conflicts.length > 0) return { outcome: 'conflict', ids: conflicts };
        for (const [id, rejection] of rejected) documents.push({ collection, id, ...rejection });
      }
      if (documents.length > 0) return { outcome: 'rejected', documents };
      const moved = await checkpoints.move(key, checkpoint, this.epoch);
      return { outcome: moved ? 'written' : 'checkpoint_moved' };
    });
  }

  takeModel(name: string): Promise<ModelRecord> {
    return this.current(({ models }) => models.take(name, this.epoch));
  }

  async changeModel(from: ModelRecord, change: Partial<ModelChange>): Promise<ModelRecord> {
    const to = changedModel(from, change);
    return this.current(async ({ models, catalogue }) => {
      if (typeof change.live === 'string') await catalogue.get(change.live);
      await models.replace(to, this.epoch);
      return to;
    });
  }

  /** Checks the fence first. */
  private current<T>(work: (stored: Stored) => Promise<T>): Promise<T> {
    return this.store.reached(async (stored) => {
      await stored.fence.check(this.epoch);
      return work(stored);
    });
  }
}

function entryOf(entries: ReadonlyMap<string, Entry>, name: string): Entry {
  const entry = entries.get(name);
  if (entry === undefined) throw new UnknownCollection(name);
  return entry;
}

const indexesOf = (entry: Entry): IndexSpec[] => entry.indexes.map((index) => JSON.parse(index) as IndexSpec);
