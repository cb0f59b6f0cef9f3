import { MongoServerError, type Collection, type Db } from 'mongodb';
import { DUPLICATE_KEY } from './catalogue.js';

/** `redress.aliases`: one document a name, changed by compare-and-set. */
export class Aliases {
  private readonly stored: Collection<{ readonly _id: string; readonly target: string }>;

  constructor(database: Db) {
    this.stored = database.collection('redress.aliases');
  }

  async target(name: string): Promise<string | null> {
    return (await this.stored.findOne({ _id: name }))?.target ?? null;
  }

  /** False when it did not point at `from`. */
  async swap(name: string, from: string | null, to: string): Promise<boolean> {
    if (from !== null) {
      const { matchedCount } = await this.stored.updateOne({ _id: name, target: from }, { $set: { target: to } });
      return matchedCount === 1;
    }
    try {
      await this.stored.insertOne({ _id: name, target: to });
      return true;
    } catch (error) {
      if (error instanceof MongoServerError && error.code === DUPLICATE_KEY) return false;
      throw error;
    }
  }
}
