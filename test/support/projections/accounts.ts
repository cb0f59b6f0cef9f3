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

/** An event of the stream of an account. */
export const booked = (account: string, amount: number, type = 'Booked'): Fact =>
  fact(`account-${account}`, { type, data: { amount } });

/** For {@link accounts}: events of every type can be folded. */
export const neverFails = (): false => false;

/**
 * A projection with one document per stream, which ignores events of type `Ignored`.
 * @param fails the error message for events of a type that cannot be folded; false for a type that can be folded
 */
export const accounts = (fails: (type: string) => string | false = neverFails, version = 1): Projection<Account> => ({
  name: 'accounts',
  version,
  streams: ['account-'],
  oneStreamPerDocument: true,
  keys: (event) => (event.type === 'Ignored' ? [] : [event.stream]),
  evolve(account, event) {
    const reason = fails(event.type);
    if (reason !== false) throw new Error(reason);
    // the balance also depends on the order of the events: the amounts 1, 2, 3 give 123
    return { balance: (account?.balance ?? 0) * 10 + (event.data as { readonly amount: number }).amount };
  },
  indexes: [{ fields: { balance: 1 } }],
  nonDeterministicFields: [],
});

/** An event log, read models, and the projection runners that a test starts on both. */
export class AccountsWorld {
  readonly log = new MemoryLog();
  private readonly running: ProjectionRunner[] = [];

  constructor(readonly readModels = new FaultyReadModels()) {}

  async startRunner(catalogue: readonly Projection[], options: Partial<RunnerOptions> = {}): Promise<ProjectionRunner> {
    const runner = new ProjectionRunner({
      store: this.log,
      stores: [{ readModels: this.readModels.port, catalogue }],
      decode: decodeJson,
      ...options,
    });
    this.running.push(runner);
    await runner.start();
    return runner;
  }

  /** Waits until a projection has folded or parked every event of the log. */
  async untilCaughtUp(runner: ProjectionRunner, name = 'accounts'): Promise<void> {
    await until(() => {
      const { state, position } = statusOf(runner, name);
      return state === 'live' && position === (this.log.events.at(-1)?.position ?? null);
    });
  }

  /** The balance in the live read model; undefined without a document. */
  async balance(account: string): Promise<number | undefined> {
    const collection = await this.readModels.live('accounts');
    const [document] = await this.readModels.port.find(collection, { filter: { _id: `account-${account}` } });
    return (document as (Document & Account) | undefined)?.balance;
  }

  /** Names of all collections of the read models. */
  collections(): Promise<string[]> {
    return this.readModels.port.listCollections();
  }

  /** Stops the runners and removes the read models. */
  async close(): Promise<void> {
    for (const runner of this.running) await runner.stop();
    await this.readModels.remove();
  }
}

export function statusOf(runner: ProjectionRunner, name = 'accounts'): ProjectionStatus {
  const status = runner.status().projections.find((candidate) => candidate.name === name);
  if (status === undefined) throw new Error(`there is no projection ${name}`);
  return status;
}

/** Waits until the condition is true. */
export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  await eventually(condition);
}
