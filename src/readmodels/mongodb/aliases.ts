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

  /** False when it pointed neither at `from` nor at `to`. */
  async swap(name: string, from: string | null, to: string): Promise<boolean> {
    if (from === null) return (await this.add(name, to)) || (await this.target(name)) === to;
    const filter = { _id: name, target: { $in: [from, to] } };
    const { matchedCount } = await this.stored.updateOne(filter, { $set: { target: to } });
    return matchedCount === 1;
  }

  private async add(name: string, target: string): Promise<boolean> {
    try {
      await this.stored.insertOne({ _id: name, target });
      return true;
    } catch (error) {
      if (error instanceof MongoServerError && error.code === DUPLICATE_KEY) return false;
      throw error;
    }
  }
}
