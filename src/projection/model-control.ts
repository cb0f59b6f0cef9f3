import { KeyedQueue } from '../platform/keyed-queue.js';
import type { ModelChange, ModelRecord, WriteSession } from '../readmodels/read-models.js';

/** Changes the record of one model through the write session of this runner, one change at a time. */
export class ModelControl {
  /** undefined when the stored record is not known. */
  private record: ModelRecord | undefined;
  private readonly queue = new KeyedQueue();

  constructor(
    readonly session: WriteSession,
    readonly name: string,
  ) {}

  /** Takes over the record for this session and returns it. */
  load(): Promise<ModelRecord> {
    return this.queue.run(this.name, () => this.takeOver());
  }

  /**
   * Changes the record and returns the new one. After an error the outcome is unknown; the next call then reads the
   * stored record first.
   */
  change(change: Partial<ModelChange> | ((record: ModelRecord) => Partial<ModelChange>)): Promise<ModelRecord> {
    return this.queue.run(this.name, async () => {
      const before = this.record ?? (await this.takeOver());
      this.record = undefined;
      return (this.record = await this.session.changeModel(
        before,
        typeof change === 'function' ? change(before) : change,
      ));
    });
  }

  private async takeOver(): Promise<ModelRecord> {
    return (this.record = await this.session.takeOverModel(this.name));
  }
}
