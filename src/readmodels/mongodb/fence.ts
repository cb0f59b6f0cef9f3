import type { Collection, Db } from 'mongodb';
import { SessionLost } from '../read-models.js';
import { isDuplicateKey } from './catalogue.js';

const DOCUMENT_ID = 'session';

/** The epoch of the newest session: the only document in `redress.fence`. */
export class Fence {
  private readonly stored: Collection<{ readonly _id: string; readonly epoch: number }>;

  constructor(database: Db) {
    this.stored = database.collection('redress.fence');
  }

  /** Increments the epoch and returns it. */
  async nextEpoch(): Promise<number> {
    try {
      const fence = await this.stored.findOneAndUpdate(
        { _id: DOCUMENT_ID },
        { $inc: { epoch: 1 } },
        { upsert: true, returnDocument: 'after' },
      );
      if (fence === null) throw new Error('the epoch of the read models was not stored');
      return fence.epoch;
    } catch (error) {
      if (isDuplicateKey(error)) return this.nextEpoch(); // another process has created the document
      throw error;
    }
  }

  /** Throws {@link SessionLost} when a newer session was opened. */
  async check(epoch: number): Promise<void> {
    if ((await this.stored.findOne({ _id: DOCUMENT_ID }))?.epoch !== epoch) throw new SessionLost(epoch);
  }
}
