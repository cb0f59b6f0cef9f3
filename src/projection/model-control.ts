import type { ModelChange, ModelRecord, WriteSession } from '../readmodels/read-models.js';

/** What is recorded of a model besides its documents, as the fenced session of this runner changes it: one change at a time. */
export class ModelControl {
  private record: ModelRecord | undefined;
  private changing: Promise<unknown> = Promise.resolve();

  constructor(
    readonly session: WriteSession,
    readonly name: string,
  ) {}

  /** The record as it is stored, taken over for this session. */
  load(): Promise<ModelRecord> {
    return this.queued(() => this.loaded());
  }

  /** After an error the outcome is not known: the next call begins with what is stored. */
  change(change: Partial<ModelChange> | ((record: ModelRecord) => Partial<ModelChange>)): Promise<ModelRecord> {
    return this.queued(async () => {
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

  private queued<T>(work: () => Promise<T>): Promise<T> {
    const result = this.changing.then(work);
    this.changing = result.catch(() => undefined);
    return result;
  }
}
