import type { Collection, Db } from 'mongodb';
import { SessionLost, type Checkpoint, type WriteBatch } from '../read-models.js';
import { isSameCheckpoint } from '../write-checks.js';
import { isDuplicateKey } from './catalogue.js';

/** Before the first checkpoint it holds the epoch alone. */
interface StoredCheckpoint extends Partial<Checkpoint> {
  readonly _id: string;
  readonly epoch: number;
}

type Move = Omit<WriteBatch['checkpoint'], 'collection'>;

/** `redress.checkpoints`: each moves by one conditional update on the epoch and on the loaded checkpoint. */
export class Checkpoints {
  private readonly stored: Collection<StoredCheckpoint>;

  constructor(database: Db) {
    this.stored = database.collection<StoredCheckpoint>('redress.checkpoints');
  }

  async load(key: string): Promise<Checkpoint | null> {
    return checkpointOf(await this.stored.findOne({ _id: key }));
  }

  /** Fences every earlier session from all checkpoints. */
  async stamp(epoch: number): Promise<void> {
    await this.stored.updateMany({ epoch: { $lt: epoch } }, { $set: { epoch } });
  }

  /** Fences every earlier session from this checkpoint, even if it does not exist yet. Throws {@link SessionLost}. */
  async take(key: string, epoch: number): Promise<Checkpoint | null> {
    try {
      const taken = await this.stored.findOneAndUpdate(
        { _id: key, epoch: { $lte: epoch } },
        { $set: { epoch } },
        { upsert: true, returnDocument: 'after' },
      );
      return checkpointOf(taken);
    } catch (error) {
      if (!isDuplicateKey(error)) throw error;
      await this.judge(key, epoch);
      return this.take(key, epoch); // a concurrent call of this session has created it
    }
  }

  /**
   * `ready`: it can be moved; `done`: it is at its target already, e.g. when the response to an earlier request was
   * lost; `moved`: it is not the one that was loaded. Throws {@link SessionLost}.
   */
  async state(key: string, { from, to }: Move, epoch: number): Promise<'ready' | 'done' | 'moved'> {
    const stored = checkpointOf(await this.judge(key, epoch));
    if (isSameCheckpoint(stored, to)) return 'done';
    return isSameCheckpoint(stored, from) ? 'ready' : 'moved';
  }

  /** False when it is not the one that was loaded. Throws {@link SessionLost}. */
  async move(key: string, move: Move, epoch: number): Promise<boolean> {
    const { from, to } = move;
    if (to === null) return (await this.state(key, move, epoch)) === 'done';
    const loaded =
      from === null
        ? { position: { $exists: false } }
        : { storeId: from.storeId, position: from.position, eventId: from.eventId };
    try {
      const { matchedCount, upsertedCount } = await this.stored.updateOne(
        { _id: key, epoch: { $lte: epoch }, ...loaded },
        { $set: { storeId: to.storeId, position: to.position, eventId: to.eventId, epoch } },
        { upsert: from === null },
      );
      if (matchedCount + upsertedCount === 1) return true;
    } catch (error) {
      if (!isDuplicateKey(error)) throw error;
    }
    return (await this.state(key, move, epoch)) === 'done';
  }

  async remove(key: string): Promise<void> {
    await this.stored.deleteOne({ _id: key });
  }

  private async judge(key: string, epoch: number): Promise<StoredCheckpoint | null> {
    const stored = await this.stored.findOne({ _id: key });
    if (stored !== null && stored.epoch > epoch) throw new SessionLost(epoch);
    return stored;
  }
}

function checkpointOf(stored: StoredCheckpoint | null): Checkpoint | null {
  if (stored?.storeId === undefined || stored.position === undefined || stored.eventId === undefined) return null;
  return { storeId: stored.storeId, position: stored.position, eventId: stored.eventId };
}
