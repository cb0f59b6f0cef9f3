import type { Collection, Db } from 'mongodb';
import { SessionLost, type ModelChange, type ModelRecord } from '../read-models.js';
import { compareText } from '../value-order.js';
import { isChangedTo, newModel } from '../write-checks.js';
import { isDuplicateKey } from './catalogue.js';

interface StoredModel {
  readonly _id: string;
  readonly epoch: number;
  readonly revision: number;
  /** All other fields, as JSON text. */
  readonly body: string;
}

/** `redress.models`: the record of each model, changed by one conditional update on the epoch and the revision. */
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

  /** Fences every earlier session from all records. */
  async stamp(epoch: number): Promise<void> {
    await this.stored.updateMany({ epoch: { $lt: epoch } }, { $set: { epoch } });
  }

  /** Fences every earlier session from this record; creates it if it does not exist. Throws {@link SessionLost}. */
  async take(name: string, epoch: number): Promise<ModelRecord> {
    const { name: _id, revision, ...change } = newModel(name);
    try {
      const taken = await this.stored.findOneAndUpdate(
        { _id, epoch: { $lte: epoch } },
        { $set: { epoch }, $setOnInsert: { revision, body: JSON.stringify(change) } },
        { upsert: true, returnDocument: 'after' },
      );
      if (taken === null) throw new Error(`the record of ${name} was not stored`);
      return recordOf(taken);
    } catch (error) {
      if (!isDuplicateKey(error)) throw error;
      const stored = await this.stored.findOne({ _id });
      if (stored !== null && stored.epoch > epoch) throw new SessionLost(epoch);
      return this.take(name, epoch); // a concurrent call of this session has created it
    }
  }

  /** Replaces the record with the previous revision. Throws {@link SessionLost}. */
  async replace(to: ModelRecord, epoch: number): Promise<void> {
    const { name: _id, revision, ...change } = to;
    const { matchedCount } = await this.stored.updateOne(
      { _id, epoch: { $lte: epoch }, revision: revision - 1 },
      { $set: { epoch, revision, body: JSON.stringify(change) } },
    );
    if (matchedCount === 1) return;
    const stored = await this.stored.findOne({ _id });
    const done = stored?.epoch === epoch && isChangedTo(recordOf(stored), to); // the response to this change was lost
    if (!done) throw new SessionLost(epoch);
  }
}

const recordOf = ({ _id, revision, body }: StoredModel): ModelRecord => ({
  name: _id,
  revision,
  ...(JSON.parse(body) as ModelChange),
});
