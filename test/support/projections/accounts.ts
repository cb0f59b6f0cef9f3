import { ProjectionRunner, type RunnerOptions } from '../../../src/projection/projection-runner.js';
import type { Projection } from '../../../src/projection/projection.js';
import type { ProjectionStatus } from '../../../src/projection/projections.js';
import type { Document } from '../../../src/readmodels/read-models.js';
import { eventually } from '../eventually.js';
import { FaultyReadModels } from './faulty-read-models.js';
import { decodeJson } from './given.js';
import { fact, MemoryLog, type Fact } from './memory-log.js';

export interface Account {
  readonly balance: number;
}

export const booked = (account: string, amount: number, type = 'Booked'): Fact =>
  fact(`account-${account}`, { type, data: { amount } });

/** A document a stream. What cannot be folded, and why, is for the test to say. */
export const accounts = (fails: (type: string) => string | false, version = 1): Projection<Account> => ({
  name: 'accounts',
  version,
  streams: ['account-'],
  oneStreamPerDocument: true,
  keys: (event) => (event.type === 'Ignored' ? [] : [event.stream]),
  evolve(account, event) {
    const reason = fails(event.type);
    if (reason !== false) throw new Error(reason);
    // order shows in the sum
    return { balance: (account?.balance ?? 0) * 10 + (event.data as { readonly amount: number }).amount };
  },
  indexes: [{ fields: { balance: 1 } }],
  nonDeterministicFields: [],
});

/** A log, read models, and the runners that a test starts over them. */
export class AccountsWorld {
  readonly log = new MemoryLog();
  private readonly running: ProjectionRunner[] = [];

  constructor(readonly readModels = new FaultyReadModels()) {}

  async started(catalogue: readonly Projection[], options: Partial<RunnerOptions> = {}): Promise<ProjectionRunner> {
    const projections = new ProjectionRunner({
      store: this.log,
      readModels: this.readModels.port,
      decode: decodeJson,
      catalogue,
      ...options,
    });
    this.running.push(projections);
    await projections.start();
    return projections;
  }

  /** Everything is handed out: folded or parked. */
  async caughtUp(projections: ProjectionRunner, name = 'accounts'): Promise<void> {
    await until(() => {
      const { state, position } = statusOf(projections, name);
      return state === 'live' && position === (this.log.events.at(-1)?.position ?? null);
    });
  }

  async balance(account: string): Promise<number | undefined> {
    const collection = await this.readModels.live('accounts');
    const [found] = await this.readModels.port.find(collection, { filter: { _id: `account-${account}` } });
    return (found as (Document & Account) | undefined)?.balance;
  }

  collections(): Promise<string[]> {
    return this.readModels.port.listCollections();
  }

  async close(): Promise<void> {
    for (const projections of this.running) await projections.stop();
    await this.readModels.remove();
  }
}

export function statusOf(projections: ProjectionRunner, name = 'accounts'): ProjectionStatus {
  const status = projections.status().projections.find((candidate) => candidate.name === name);
  if (status === undefined) throw new Error(`no ${name}`);
  return status;
}

export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  await eventually(condition);
}
