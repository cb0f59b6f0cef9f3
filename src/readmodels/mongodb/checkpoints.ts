import { MongoServerError, type Collection, type Db } from 'mongodb';
import { mayMove } from '../guarded-batch.js';
import type { Checkpoint, GuardedBatch } from '../read-models.js';
import { DUPLICATE_KEY } from './catalogue.js';

interface StoredCheckpoint extends Checkpoint {
  readonly _id: string;
}

/** `redress.checkpoints`: each moves by compare-and-set, so that of two runners one loses it. */
export class Checkpoints {
  private readonly stored: Collection<StoredCheckpoint>;

  constructor(database: Db) {
    this.stored = database.collection<StoredCheckpoint>('redress.checkpoints');
  }

  async load(key: string): Promise<Checkpoint | null> {
    const stored = await this.stored.findOne({ _id: key });
    if (stored === null) return null;
    const { storeId, position, eventId, epoch } = stored;
    return { storeId, position, eventId, epoch };
  }

  /** Whether the checkpoint could be moved now, or stands where it shall already (the answer to a move was lost). */
  async allows(key: string, { from, to }: GuardedBatch['checkpoint']): Promise<boolean> {
    const stored = await this.load(key);
    return mayMove(stored, from, to) || isSame(stored, to);
  }

  /** False when another runner moved it or holds a newer epoch. */
  async move(key: string, { from, to }: GuardedBatch['checkpoint']): Promise<boolean> {
    const { storeId, position, eventId, epoch } = to;
    if (from === null) {
      if (await this.insert({ _id: key, storeId, position, eventId, epoch })) return true;
    } else if (to.epoch >= from.epoch) {
      const guard = { _id: key, storeId: from.storeId, position: from.position, epoch: from.epoch };
      const { matchedCount } = await this.stored.updateOne(guard, { $set: { storeId, position, eventId, epoch } });
      if (matchedCount === 1) return true;
    }
    return isSame(await this.load(key), to);
  }

  async remove(key: string): Promise<void> {
    await this.stored.deleteOne({ _id: key });
  }

  private async insert(checkpoint: StoredCheckpoint): Promise<boolean> {
    try {
      await this.stored.insertOne(checkpoint);
      return true;
    } catch (error) {
      if (error instanceof MongoServerError && error.code === DUPLICATE_KEY) return false;
      throw error;
    }
  }
}

const isSame = (a: Checkpoint | null, b: Checkpoint): boolean =>
  a !== null && a.storeId === b.storeId && a.position === b.position && a.eventId === b.eventId && a.epoch === b.epoch;
