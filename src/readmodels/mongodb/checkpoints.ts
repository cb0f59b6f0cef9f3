import type { Collection, Db } from 'mongodb';
import { SessionLost, type Checkpoint, type WriteBatch } from '../read-models.js';
import { isSameCheckpoint } from '../write-checks.js';
import { isDuplicateKey } from './catalogue.js';

/** Has only the epoch until a checkpoint is stored. */
interface StoredCheckpoint extends Partial<Checkpoint> {
  readonly _id: string;
  readonly epoch: number;
}

type Move = Omit<WriteBatch['checkpoint'], 'collection'>;

/**
 * The checkpoints: `redress.checkpoints` has one document for each, by the physical name of its collection. A
 * checkpoint moves by one update, on the condition that no newer session has set the epoch and that the stored
 * checkpoint is the loaded one.
 */
export class Checkpoints {
  private readonly stored: Collection<StoredCheckpoint>;

  constructor(database: Db) {
    this.stored = database.collection<StoredCheckpoint>('redress.checkpoints');
  }

  async load(key: string): Promise<Checkpoint | null> {
    return checkpointOf(await this.stored.findOne({ _id: key }));
  }

  /** Fences off every earlier session: it can move none of the existing checkpoints any more. */
  async fenceEarlierSessions(epoch: number): Promise<void> {
    await this.stored.updateMany({ epoch: { $lt: epoch } }, { $set: { epoch } });
  }

  /**
   * Fences off every earlier session from one checkpoint, even if it does not exist yet, and returns the checkpoint.
   * Throws {@link SessionLost}.
   */
  async takeOver(key: string, epoch: number): Promise<Checkpoint | null> {
    try {
      const stored = await this.stored.findOneAndUpdate(
        { _id: key, epoch: { $lte: epoch } },
        { $set: { epoch } },
        { upsert: true, returnDocument: 'after' },
      );
      return checkpointOf(stored);
    } catch (error) {
      if (!isDuplicateKey(error)) throw error;
      await this.loadUnlessFenced(key, epoch);
      return this.takeOver(key, epoch); // a concurrent call of this session has created the document
    }
  }

  /**
   * Whether the checkpoint can be moved. `ready`: yes. `done`: it is at its target already, e.g. because the response
   * to an earlier request was lost. `moved`: no, because it is not the loaded one. Throws {@link SessionLost}.
   */
  async moveState(key: string, { from, to }: Move, epoch: number): Promise<'ready' | 'done' | 'moved'> {
    const stored = checkpointOf(await this.loadUnlessFenced(key, epoch));
    if (isSameCheckpoint(stored, to)) return 'done';
    return isSameCheckpoint(stored, from) ? 'ready' : 'moved';
  }

  /** Moves the checkpoint. False when it is not the loaded one. Throws {@link SessionLost}. */
  async move(key: string, move: Move, epoch: number): Promise<boolean> {
    const { from, to } = move;
    if (to === null) return (await this.moveState(key, move, epoch)) === 'done';
    const loadedCondition =
      from === null
        ? { position: { $exists: false } }
        : { storeId: from.storeId, position: from.position, eventId: from.eventId };
    try {
      const { matchedCount, upsertedCount } = await this.stored.updateOne(
        { _id: key, epoch: { $lte: epoch }, ...loadedCondition },
        { $set: { storeId: to.storeId, position: to.position, eventId: to.eventId, epoch } },
        { upsert: from === null },
      );
      if (matchedCount + upsertedCount === 1) return true;
    } catch (error) {
      if (!isDuplicateKey(error)) throw error; // the checkpoint exists, but does not satisfy the condition
    }
    return (await this.moveState(key, move, epoch)) === 'done';
  }

  async remove(key: string): Promise<void> {
    await this.stored.deleteOne({ _id: key });
  }

  /** Throws {@link SessionLost} when a newer session has taken over the checkpoint. */
  private async loadUnlessFenced(key: string, epoch: number): Promise<StoredCheckpoint | null> {
    const stored = await this.stored.findOne({ _id: key });
    if (stored !== null && stored.epoch > epoch) throw new SessionLost(epoch);
    return stored;
  }
}

function checkpointOf(stored: StoredCheckpoint | null): Checkpoint | null {
  if (stored?.storeId === undefined || stored.position === undefined || stored.eventId === undefined) return null;
  return { storeId: stored.storeId, position: stored.position, eventId: stored.eventId };
}
