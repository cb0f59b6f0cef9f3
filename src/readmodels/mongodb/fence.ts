import type { Collection, Db } from 'mongodb';
import { SessionLost } from '../read-models.js';
import { isDuplicateKey } from './catalogue.js';

const SESSION = 'session';

/** `redress.fence`: one document, which holds the epoch of the newest session. */
export class Fence {
  private readonly stored: Collection<{ readonly _id: string; readonly epoch: number }>;

  constructor(database: Db) {
    this.stored = database.collection('redress.fence');
  }

  /** Takes the next epoch. */
  async next(): Promise<number> {
    try {
      const fence = await this.stored.findOneAndUpdate(
        { _id: SESSION },
        { $inc: { epoch: 1 } },
        { upsert: true, returnDocument: 'after' },
      );
      if (fence === null) throw new Error('the epoch of the read models was not stored');
      return fence.epoch;
    } catch (error) {
      if (isDuplicateKey(error)) return this.next(); // another process has created it
      throw error;
    }
  }

  /** Throws {@link SessionLost} when a newer session was opened. */
  async check(epoch: number): Promise<void> {
    if ((await this.stored.findOne({ _id: SESSION }))?.epoch !== epoch) throw new SessionLost(epoch);
  }
}
