import { KeyedQueue } from '../platform/keyed-queue.js';
import type { ModelChange, ModelRecord, WriteSession } from '../readmodels/read-models.js';

/** The record of a model, changed by the fenced session of this runner, one change at a time. */
export class ModelControl {
  private record: ModelRecord | undefined;
  private readonly queue = new KeyedQueue();

  constructor(
    readonly session: WriteSession,
    readonly name: string,
  ) {}

  /** The stored record, taken over for this session. */
  load(): Promise<ModelRecord> {
    return this.queue.run(this.name, () => this.loaded());
  }

  /** After an error the outcome is unknown: the next call reads the stored record first. */
  change(change: Partial<ModelChange> | ((record: ModelRecord) => Partial<ModelChange>)): Promise<ModelRecord> {
    return this.queue.run(this.name, async () => {
      const before = this.record ?? (await this.loaded());
      this.record = undefined;
      return (this.record = await this.session.changeModel(
        before,
        typeof change === 'function' ? change(before) : change,
      ));
    });
  }

  private async loaded(): Promise<ModelRecord> {
    return (this.record = await this.session.takeModel(this.name));
  }
}
