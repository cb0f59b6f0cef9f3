import type { Collection, Db } from 'mongodb';
import { SessionLost, type ModelChange, type ModelRecord } from '../read-models.js';
import { compareText } from '../value-order.js';
import { isChangedTo, newModel } from '../write-checks.js';
import { isDuplicateKey } from './catalogue.js';

interface StoredModel {
  readonly _id: string;
  readonly epoch: number;
  readonly revision: number;
  /** All other fields of the record, as JSON text. */
  readonly body: string;
}

/**
 * The model records: `redress.models` has one document for each. A record changes by one update, on the condition that
 * no newer session has set the epoch and that the revision is the previous one.
 */
export class ModelRecords {
  private readonly stored: Collection<StoredModel>;

  constructor(database: Db) {
    this.stored = database.collection<StoredModel>('redress.models');
  }

  async load(name: string): Promise<ModelRecord | null> {
    const stored = await this.stored.findOne({ _id: name });
    return stored === null ? null : recordOf(stored);
  }

  async list(): Promise<ModelRecord[]> {
    const records = (await this.stored.find({}).toArray()).map(recordOf);
    return records.sort((a, b) => compareText(a.name, b.name));
  }

  /** Fences off every earlier session: it can change none of the existing records any more. */
  async fenceEarlierSessions(epoch: number): Promise<void> {
    await this.stored.updateMany({ epoch: { $lt: epoch } }, { $set: { epoch } });
  }

  /**
   * Fences off every earlier session from one record and returns the record; creates it if it does not exist. Throws
   * {@link SessionLost}.
   */
  async takeOver(name: string, epoch: number): Promise<ModelRecord> {
    const { name: _id, revision, ...change } = newModel(name);
    try {
      const record = await this.stored.findOneAndUpdate(
        { _id, epoch: { $lte: epoch } },
        { $set: { epoch }, $setOnInsert: { revision, body: JSON.stringify(change) } },
        { upsert: true, returnDocument: 'after' },
      );
      if (record === null) throw new Error(`the record of ${name} was not stored`);
      return recordOf(record);
    } catch (error) {
      if (!isDuplicateKey(error)) throw error;
      const stored = await this.stored.findOne({ _id });
      if (stored !== null && stored.epoch > epoch) throw new SessionLost(epoch);
      return this.takeOver(name, epoch); // a concurrent call of this session has created the document
    }
  }

  /**
   * Replaces the record, if its stored revision is the one before that of `to`. Throws {@link SessionLost} otherwise.
   */
  async replace(to: ModelRecord, epoch: number): Promise<void> {
    const { name: _id, revision, ...change } = to;
    const { matchedCount } = await this.stored.updateOne(
      { _id, epoch: { $lte: epoch }, revision: revision - 1 },
      { $set: { epoch, revision, body: JSON.stringify(change) } },
    );
    if (matchedCount === 1) return;
    const stored = await this.stored.findOne({ _id });
    // if an earlier request made this change and its response was lost, the change is done
    const isDone = stored?.epoch === epoch && isChangedTo(recordOf(stored), to);
    if (!isDone) throw new SessionLost(epoch);
  }
}

const recordOf = ({ _id, revision, body }: StoredModel): ModelRecord => ({
  name: _id,
  revision,
  ...(JSON.parse(body) as ModelChange),
});
