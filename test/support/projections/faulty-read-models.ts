import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { EmbeddedReadModels } from '../../../src/readmodels/embedded/embedded-read-models.js';
import type { GuardedBatch, ReadModels, WriteResult } from '../../../src/readmodels/read-models.js';

type Swap = () => Promise<boolean>;
type Write = (batch: GuardedBatch) => Promise<WriteResult>;

/** Read models, embedded in a folder of their own unless others are given, whose writes a test can get in the way of. */
export class FaultyReadModels {
  /** Gets the next writes, with the real one. */
  meddle: ((batch: GuardedBatch, write: Write) => Promise<WriteResult>) | undefined;
  /** Gets the next swaps of an alias, with the real one. */
  meddleSwap: ((name: string, swap: Swap) => Promise<boolean>) | undefined;
  /** Batches that were written, by collection. */
  readonly written: GuardedBatch[] = [];
  /** Collections whose indexes were built at the end of a load. */
  readonly indexed: string[] = [];
  readonly port: ReadModels;
  private readonly folder = mkdtempSync(join(tmpdir(), 'redress-views-'));
  private readonly real: ReadModels;

  constructor(others?: ReadModels) {
    const real = (this.real = others ?? EmbeddedReadModels.open(join(this.folder, 'views.db')));
    const write: Write = async (batch) => {
      const result = await real.write(batch);
      if (result.ok) this.written.push(batch);
      return result;
    };
    this.port = new Proxy(real, {
      get: (target, name) => {
        if (name === 'write')
          return (batch: GuardedBatch) => (this.meddle === undefined ? write(batch) : this.meddle(batch, write));
        if (name === 'buildIndexes')
          return (collection: string) => {
            this.indexed.push(collection);
            return target.buildIndexes(collection);
          };
        if (name === 'swapAlias')
          return (alias: string, from: string | null, to: string) => {
            const swap: Swap = () => target.swapAlias(alias, from, to);
            return this.meddleSwap === undefined ? swap() : this.meddleSwap(alias, swap);
          };
        const member: unknown = Reflect.get(target, name);
        return typeof member === 'function' ? (member.bind(target) as unknown) : member;
      },
    });
  }

  async remove(): Promise<void> {
    await this.real.close();
    rmSync(this.folder, { recursive: true });
  }
}
