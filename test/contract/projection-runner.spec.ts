import { setTimeout as pause } from 'node:timers/promises';

import fc from 'fast-check';

import type { Recorded } from '../../src/eventstore/envelope.js';
import { StoreUnavailable, type StoredEvent } from '../../src/eventstore/event-store.js';
import { withProgress } from '../../src/projection/build-progress.js';
import { digestsOf } from '../../src/projection/comparison.js';
import { ProjectionRunner, type RunnerOptions } from '../../src/projection/projection-runner.js';
import type { Projection } from '../../src/projection/projection.js';
import { OperationInProgress, UnknownProjection } from '../../src/projection/operations.js';
import type { BuildProgress, ProjectionStatus } from '../../src/projection/projections.js';
import { FaultyReadModels, writesOf } from '../support/projections/faulty-read-models.js';
import { decodeJson } from '../support/projections/given.js';
import { fact, MemoryLog, type Fact } from '../support/projections/memory-log.js';
import { eventually } from '../support/eventually.js';
import { examples } from '../support/examples.js';

interface Account {
  readonly balance: number;
  readonly notes: readonly string[];
}

/** One document per stream. `Gone` deletes it, `Nothing` does not change it, and `Boom` cannot be folded. */
const accounts: Projection<Account> = {
  name: 'accounts',
  version: 1,
  streams: ['account-'],
  keys: (event) => (event.type === 'Ignored' ? [] : [event.stream]),
  evolve(account, event) {
    const { amount = 0, note } = event.data as { amount?: number; note?: string };
    if (event.type === 'Boom') throw new Error('cannot be folded');
    if (event.type === 'Gone') return null;
    if (event.type === 'Nothing') return account;
    const { balance, notes } = account ?? { balance: 0, notes: [] };
    return { balance: balance + amount, notes: note === undefined ? notes : [...notes, note] };
  },
  indexes: [{ fields: { balance: 1 } }],
  nonDeterministicFields: [],
};

/** One document for all streams. Its sum depends on the order of the events, and on each being folded exactly once. */
const total: Projection<{ readonly events: number; readonly sum: number }> = {
  name: 'total',
  version: 1,
  streams: ['account-'],
  keys: () => ['all'],
  evolve: (before, event) => ({
    events: (before?.events ?? 0) + 1,
    sum: (before?.sum ?? 0) * 7 + ((event.data as { amount?: number }).amount ?? 0),
  }),
  indexes: [],
  nonDeterministicFields: [],
};

const booked = (account: string, amount: number): Fact =>
  fact(`account-${account}`, { type: 'Booked', data: { amount } });
/** An event of an account without an amount. */
const eventOf = (account: string, type: string): Fact => fact(`account-${account}`, { type, data: {} });

let log: MemoryLog;
let readModels: FaultyReadModels;
let running: ProjectionRunner[];

beforeEach(() => {
  log = new MemoryLog();
  readModels = new FaultyReadModels();
  running = [];
});

afterEach(async () => {
  for (const projections of running) await projections.stop();
  await readModels.remove();
});

function newRunner(catalogue: readonly Projection[] = [accounts], options: Partial<RunnerOptions> = {}) {
  const projections = new ProjectionRunner({
    store: log,
    stores: [{ readModels: readModels.port, catalogue }],
    decode: decodeJson,
    ...options,
  });
  running.push(projections);
  return projections;
}

async function startRunner(catalogue?: readonly Projection[], options?: Partial<RunnerOptions>) {
  const projections = newRunner(catalogue, options);
  await projections.start();
  return projections;
}

const statusOf = (projections: ProjectionRunner, name = 'accounts'): ProjectionStatus => {
  const status = projections.status().projections.find((candidate) => candidate.name === name);
  if (status === undefined) throw new Error(`there is no projection ${name}`);
  return status;
};

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  await eventually(condition);
}

/** Waits until a projection is live and has folded every event of the log. */
const untilCaughtUp = (projections: ProjectionRunner, name = 'accounts') =>
  until(() => {
    const { state, position } = statusOf(projections, name);
    return state === 'live' && position === (log.events.at(-1)?.position ?? null);
  });

/** The document of an account in a collection (default: the live one). */
async function accountOf(id: string, collection?: string): Promise<Account | undefined> {
  const from = collection ?? (await readModels.live('accounts'));
  const [document] = await readModels.port.find(from, { filter: { _id: `account-${id}` } });
  return document as unknown as Account | undefined;
}

const listCollections = () => readModels.port.listCollections();

describe('processing the log', () => {
  test('events recorded before and after the start reach the read model', async () => {
    log.record(booked('a', 1), booked('b', 2));
    const projections = await startRunner();
    await untilCaughtUp(projections);
    log.record(booked('a', 10));
    await untilCaughtUp(projections);
    expect(await accountOf('a')).toMatchObject({ balance: 11 });
    expect(await accountOf('b')).toMatchObject({ balance: 2 });
    expect(statusOf(projections)).toMatchObject({ state: 'live', caughtUp: true, lag: 0, folded: 3 });
    expect(projections.status().healthy).toBe(true);
  });

  test('a projection is caught up at once on an empty log', async () => {
    const projections = await startRunner();
    await untilCaughtUp(projections);
    expect(statusOf(projections)).toMatchObject({ position: null, lag: 0, recordedAt: null });
  });

  test('the indexes of the first collection are built once, when the projection has caught up', async () => {
    log.record(booked('a', 1));
    const projections = await startRunner();
    await untilCaughtUp(projections);
    log.record(booked('a', 1));
    await untilCaughtUp(projections);
    expect(readModels.indexed).toEqual(['accounts@1.1']);
  });

  test('one subscription serves all projections', async () => {
    log.record(booked('a', 1));
    const projections = await startRunner([accounts, total]);
    await untilCaughtUp(projections, 'total');
    log.record(booked('a', 1));
    await untilCaughtUp(projections, 'total');
    expect(log.subscriptions).toBe(1);
  });

  test('a document is written once per batch, however many of its events are in the batch', async () => {
    log.record(...Array.from({ length: 500 }, (_, n) => booked(String(n % 5), 1)));
    const projections = await startRunner();
    await untilCaughtUp(projections);
    expect(readModels.written.map((batch) => writesOf(batch).length)).toEqual([5]);
    expect(await accountOf('3')).toMatchObject({ balance: 100 });
  });

  test('a batch that is decoded in several slices is written once', async () => {
    log.record(...Array.from({ length: 1300 }, (_, n) => booked(n % 2 === 0 ? 'a' : 'b', n)));
    const projections = await startRunner([accounts, total]);
    await untilCaughtUp(projections);
    // one batch with both documents of `accounts`, one with the only document of `total`
    expect(readModels.written.map((batch) => writesOf(batch).length)).toEqual([2, 1]);
    expect(await accountOf('a')).toMatchObject({ balance: 421_850 }); // 0 + 2 + … + 1298
    expect(await accountOf('b')).toMatchObject({ balance: 422_500 }); // 1 + 3 + … + 1299
    expect(statusOf(projections).folded).toBe(1300);
  });

  test('a document is deleted by an event, and created again by a later event', async () => {
    log.record(booked('a', 1), eventOf('a', 'Gone'));
    const projections = await startRunner();
    await untilCaughtUp(projections);
    expect(await accountOf('a')).toBeUndefined();
    log.record(booked('a', 5));
    await untilCaughtUp(projections);
    expect(await accountOf('a')).toMatchObject({ balance: 5 });
  });

  test('an event that changes no document writes no document, and the checkpoint moves past it', async () => {
    log.record(booked('a', 1));
    const projections = await startRunner();
    await untilCaughtUp(projections);
    const position = log.record(eventOf('a', 'Nothing'), eventOf('b', 'Ignored'));
    expect(await projections.waitFor('accounts', position, 60_000)).toBe(true);
    expect(readModels.written).toHaveLength(1);
    await projections.stop();
    const collection = statusOf(projections).collection ?? '';
    expect((await readModels.port.loadCheckpoint(collection))?.position).toBe(position);
  });

  test('the checkpoint moves past many ignored events before the runner stops', async () => {
    log.record(...Array.from({ length: 1500 }, () => eventOf('a', 'Ignored')));
    const projections = await startRunner([accounts], { batchSize: 300 });
    await untilCaughtUp(projections);
    const collection = statusOf(projections).collection ?? '';
    expect(await readModels.port.loadCheckpoint(collection)).not.toBeNull();
  });

  test('a projection that is added later folds all events, while the others continue at their checkpoints', async () => {
    log.record(booked('a', 1), booked('b', 2));
    const first = await startRunner();
    await untilCaughtUp(first);
    await first.stop();
    const both = await startRunner([accounts, total]);
    await untilCaughtUp(both, 'total');
    expect(statusOf(both, 'total').folded).toBe(2);
    expect(statusOf(both).folded).toBe(0);
  });

  test('the lag is the number of events behind the head while a projection catches up', async () => {
    log.record(...Array.from({ length: 30 }, () => booked('a', 1)));
    const lags: (number | null)[] = [];
    readModels.interceptWrite = async (batch, write) => {
      lags.push(statusOf(await starting).lag);
      return write(batch);
    };
    const starting = startRunner([accounts], { batchSize: 10 });
    const projections = await starting;
    await untilCaughtUp(projections);
    expect([...lags, statusOf(projections).lag]).toEqual([30, 20, 10, 0]);
  });
});

describe('no event is folded twice', () => {
  test('after a crash between the writes of the documents and of the checkpoint', async () => {
    log.record(booked('a', 1), booked('b', 2));
    readModels.interceptWrite = async (batch, write) => {
      // an engine without transactions: the documents are written, then the machine crashes
      readModels.interceptWrite = undefined;
      const { from } = batch.checkpoint;
      await write({ ...batch, checkpoint: { ...batch.checkpoint, to: from } });
      expect(from).toBeNull();
      throw new StoreUnavailable('crashed');
    };
    const projections = await startRunner();
    await untilCaughtUp(projections);
    expect(await accountOf('a')).toMatchObject({ balance: 1 });
    expect(await accountOf('b')).toMatchObject({ balance: 2 });
  });

  test('if documents have changed since they were loaded: they are loaded and folded again', async () => {
    log.record(booked('a', 1));
    const projections = await startRunner();
    await untilCaughtUp(projections);
    readModels.interceptWrite = async (batch, write) => {
      readModels.interceptWrite = undefined;
      // half of the batch was written by a runner that crashed before it moved the checkpoint
      const [first] = writesOf(batch);
      if (first === undefined) throw new Error('the batch has no write');
      const { collection, from } = batch.checkpoint;
      await write({ changes: [{ collection, writes: [first] }], checkpoint: { collection, from, to: from } });
      return write(batch);
    };
    log.record(booked('a', 10), booked('b', 2));
    await untilCaughtUp(projections);
    expect(await accountOf('a')).toMatchObject({ balance: 11 });
    expect(log.subscriptions).toBe(1);
    expect(await accountOf('b')).toMatchObject({ balance: 2 });
  });

  test('after a write that was stored and whose response was lost', async () => {
    log.record(booked('a', 1));
    const projections = await startRunner();
    await untilCaughtUp(projections);
    readModels.interceptWrite = async (batch, write) => {
      readModels.interceptWrite = undefined;
      await write(batch); // stored, with its checkpoint; the response is lost
      throw new StoreUnavailable('connection lost');
    };
    log.record(booked('a', 10));
    await untilCaughtUp(projections);
    log.record(booked('a', 100));
    await untilCaughtUp(projections);
    expect(await accountOf('a')).toMatchObject({ balance: 111 });
    expect(statusOf(projections).state).toBe('live');
  });

  test('if another runner takes over the checkpoint: the old runner fails, and the new one folds the events', async () => {
    log.record(booked('a', 1));
    const old = await startRunner();
    await untilCaughtUp(old);
    const next = await startRunner();
    log.record(booked('a', 10));
    await untilCaughtUp(next);
    await until(() => statusOf(old).state === 'failed');
    expect(statusOf(old).halt).toMatchObject({ reason: 'checkpoint_lost' });
    expect(await accountOf('a')).toMatchObject({ balance: 11 });
  });

  test('with any batch sizes, any restarts and a small document cache: the digest is the same', async () => {
    const step = fc.record({ stream: fc.constantFrom('a', 'b', 'c'), amount: fc.integer({ min: -9, max: 9 }) });
    const type = fc.constantFrom('Booked', 'Booked', 'Booked', 'Nothing', 'Ignored', 'Gone');
    const history = fc.array(fc.tuple(step, type), { minLength: 1, maxLength: 60 });
    // the batch size of each run: the runner is started once per size
    const batchSizes = fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1, maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(history, batchSizes, async (events, sizes) => {
        const inOneBatch = new FaultyReadModels();
        const inSmallBatches = new FaultyReadModels();
        const facts = events.map(([{ stream, amount }, name]) =>
          fact(`account-${stream}`, { type: name, data: { amount } }),
        );
        const store = new MemoryLog();
        store.record(...facts);
        const digests: string[] = [];
        for (const [models, batchSizesOfRuns] of [
          [inOneBatch, [1000]],
          [inSmallBatches, sizes],
        ] as const) {
          for (const batchSize of batchSizesOfRuns) {
            const limits = { cache: { documents: 2, characters: 60 } }; // smaller than the three documents of accounts
            const options = {
              store,
              stores: [{ readModels: models.port, catalogue: [accounts, total] }],
              decode: decodeJson,
              limits,
            };
            const projections = new ProjectionRunner({ ...options, batchSize });
            await projections.start();
            // the last run (and any other run with the same batch size) folds all events; the others are stopped at once
            if (batchSize === batchSizesOfRuns.at(-1))
              await projections.waitFor('total', store.events.at(-1)?.position ?? '', 60_000);
            await projections.stop();
          }
          const pages = { readModels: models.port, pause: () => Promise.resolve() };
          for (const { name } of [accounts, total]) digests.push((await digestsOf(pages, `${name}@1.1`, [])).digest);
          await models.remove();
        }
        const [accountsOfOneBatch, totalOfOneBatch, ...ofSmallBatches] = digests;
        expect(ofSmallBatches).toEqual([accountsOfOneBatch, totalOfOneBatch]);
      }),
      examples(25),
    );
  });
});

describe('an event that cannot be folded', () => {
  test('halts its projection after the events before it are written, while other projections continue', async () => {
    const boom = log.record(booked('a', 1), eventOf('a', 'Boom'));
    log.record(booked('b', 2));
    const projections = await startRunner([accounts, total]);
    await untilCaughtUp(projections, 'total');
    await until(() => statusOf(projections).state === 'halted');
    expect(statusOf(projections).halt).toEqual({
      reason: 'evolve_failed',
      error: 'Error: cannot be folded',
      event: { position: boom, type: 'Boom', stream: 'account-a', revision: 1, document: 'account-a' },
    });
    expect(await accountOf('a')).toMatchObject({ balance: 1 });
    expect(await accountOf('b')).toBeUndefined();
    expect(projections.status().healthy).toBe(false);
  });

  test('halts its projection in the middle of a large batch after the events before it are folded once', async () => {
    log.record(...Array.from({ length: 1200 }, () => booked('a', 1)));
    const boom = log.record(eventOf('a', 'Boom'));
    log.record(...Array.from({ length: 700 }, () => booked('a', 1)));
    const projections = await startRunner([accounts, total]);
    await until(() => statusOf(projections).state === 'halted');
    await untilCaughtUp(projections, 'total');
    expect(statusOf(projections).halt?.event?.position).toBe(boom);
    expect(await accountOf('a')).toMatchObject({ balance: 1200 });
    expect(statusOf(projections).folded).toBe(1200);
    expect(statusOf(projections, 'total').folded).toBe(1901);
  });

  test('does not halt its projection if it can be folded at the third attempt', async () => {
    let attempts = 0;
    const failsTwice: Projection = {
      ...accounts,
      evolve(document, event, id) {
        if (event.type === 'Boom') attempts += 1;
        if (event.type === 'Boom' && attempts < 3) throw new Error('cannot be folded yet');
        return accounts.evolve(
          document as Account | null,
          event.type === 'Boom' ? { ...event, type: 'Booked' } : event,
          id,
        );
      },
    };
    log.record(booked('a', 1), eventOf('a', 'Boom'));
    const projections = await startRunner([failsTwice]);
    await untilCaughtUp(projections);
    expect(attempts).toBe(3);
  });

  test('halts its projection with a separate reason if it cannot be decoded or has no document key', async () => {
    log.record(booked('a', 1), eventOf('b', 'Odd'));
    const decode = (event: StoredEvent): Recorded => {
      if (event.type === 'Odd') throw new Error('unknown type');
      return decodeJson(event);
    };
    const first = await startRunner([accounts], { decode });
    await until(() => statusOf(first).state === 'halted');
    expect(statusOf(first).halt).toMatchObject({ reason: 'undecodable', event: { type: 'Odd' } });
    await first.stop();

    const withoutKeys: Projection = {
      ...accounts,
      name: 'without_keys',
      keys: () => {
        throw new Error('no key');
      },
    };
    const second = await startRunner([withoutKeys]);
    await until(() => statusOf(second, 'without_keys').state === 'halted');
    expect(statusOf(second, 'without_keys').halt).toMatchObject({ reason: 'keys_failed', event: { type: 'Booked' } });
  });

  test('is folded after a resume if the projection can fold it by then', async () => {
    log.record(booked('a', 1), eventOf('a', 'Boom'), booked('a', 2));
    let isCorrected = false;
    const correctable: Projection = {
      ...accounts,
      evolve: (document, event, id) =>
        accounts.evolve(document as Account | null, isCorrected ? { ...event, type: 'Booked' } : event, id),
    };
    const projections = await startRunner([correctable]);
    await until(() => statusOf(projections).state === 'halted');
    isCorrected = true;
    await projections.execute({ kind: 'resume', name: 'accounts' });
    await untilCaughtUp(projections);
    expect(await accountOf('a')).toMatchObject({ balance: 3 });
  });
});

describe('a history that changed', () => {
  async function runAndStop() {
    log.record(booked('a', 1), booked('a', 2));
    const projections = await startRunner();
    await untilCaughtUp(projections);
    await projections.stop();
  }
  const startHalted = async () => {
    const projections = await startRunner();
    expect(statusOf(projections)).toMatchObject({ state: 'halted', halt: { reason: 'history_changed' } });
    return projections;
  };

  test('halts the projection if the log has another store id', async () => {
    await runAndStop();
    log.storeId = 'another';
    await startHalted();
  });

  test('halts the projection if there is another event at the checkpoint, even if the log has grown', async () => {
    await runAndStop();
    log.rewrite();
    log.record(booked('a', 4));
    await startHalted();
  });

  test('halts the projection if the log ends before the checkpoint', async () => {
    await runAndStop();
    log.events = log.events.slice(0, 1);
    await startHalted();
  });

  test('requires a rebuild: a resume does not help, and the rebuilt model replaces the live one without comparison', async () => {
    await runAndStop();
    log = new MemoryLog();
    log.record(booked('a', 100));
    const projections = await startHalted();
    await projections.execute({ kind: 'resume', name: 'accounts' });
    expect(statusOf(projections).state).toBe('halted');
    const report = await projections.execute({ kind: 'rebuild', name: 'accounts' });
    expect(report).toMatchObject({ outcome: 'uncomparable', swapped: true, live: null });
    await untilCaughtUp(projections);
    expect(await accountOf('a')).toMatchObject({ balance: 100 });
  });
});

describe('an unavailable log or unavailable read models', () => {
  test('a dropped subscription is resumed from the stored checkpoints', async () => {
    log.record(booked('a', 1));
    const projections = await startRunner();
    await untilCaughtUp(projections);
    log.drop();
    log.record(booked('a', 10));
    await untilCaughtUp(projections);
    expect(await accountOf('a')).toMatchObject({ balance: 11 });
    expect(log.subscriptions).toBe(2);
  });

  test('a runner whose read models fail backs off, reports the error, and continues when they recover', async () => {
    const explainFailure = (error: unknown) => (error instanceof StoreUnavailable ? 'free the disk' : undefined);
    const projections = await startRunner([accounts], { explainFailure });
    await untilCaughtUp(projections);
    readModels.interceptWrite = () => Promise.reject(new StoreUnavailable('disk full'));
    log.record(booked('a', 1));
    await until(() => statusOf(projections).state === 'backing-off');
    expect(statusOf(projections).retry).toMatchObject({
      error: 'StoreUnavailable: disk full',
      cause: 'free the disk',
    });
    expect(projections.status().healthy).toBe(false);
    readModels.interceptWrite = undefined;
    await untilCaughtUp(projections);
    expect(await accountOf('a')).toMatchObject({ balance: 1 });
  });
});

describe('waiting for a position', () => {
  test('ends when the projection passes the position, or at once if it has passed it before', async () => {
    const projections = await startRunner();
    const position = log.record(booked('a', 1));
    expect(await projections.waitFor('accounts', position, 60_000)).toBe(true);
    expect(await projections.waitFor('accounts', position, 0)).toBe(true);
    expect(await accountOf('a')).toMatchObject({ balance: 1 });
  });

  test('ends for each of a hundred concurrent waits', async () => {
    const projections = await startRunner();
    const results: Promise<boolean>[] = [];
    for (let n = 0; n < 100; n++) {
      results.push(projections.waitFor('accounts', log.record(booked('a', 1)), 5000));
      if (n % 7 === 0) await pause(0);
    }
    expect(new Set(await Promise.all(results))).toEqual(new Set([true]));
  });

  test('returns false after the timeout if no event reaches the position', async () => {
    const projections = await startRunner();
    expect(await projections.waitFor('accounts', '99999999999999999999', 20)).toBe(false);
  });

  test('returns false at once for a halted projection', async () => {
    const position = log.record(eventOf('a', 'Boom'));
    const projections = await startRunner();
    expect(await projections.waitFor('accounts', position, 60_000)).toBe(false);
  });

  test('rejects an unknown projection', async () => {
    const projections = await startRunner();
    await expect(projections.waitFor('unknown', '1', 1)).rejects.toThrow(UnknownProjection);
  });
});

describe('pausing', () => {
  test('a paused projection stays paused after a restart while others continue, and misses no event once resumed', async () => {
    const projections = await startRunner([accounts, total]);
    await projections.execute({ kind: 'pause', name: 'accounts' });
    log.record(booked('a', 1));
    await untilCaughtUp(projections, 'total');
    expect(statusOf(projections).state).toBe('paused');
    await projections.stop();
    const again = await startRunner([accounts, total]);
    await untilCaughtUp(again, 'total');
    expect(statusOf(again)).toMatchObject({ state: 'paused', position: null });
    await again.execute({ kind: 'resume', name: 'accounts' });
    await untilCaughtUp(again);
    expect(await accountOf('a')).toMatchObject({ balance: 1 });
  });

  test('a pause and a resume take effect even if their responses are lost', async () => {
    const projections = await startRunner();
    await untilCaughtUp(projections);
    readModels.interceptChange = async ({ paused }, apply) => {
      const record = await apply();
      if (paused !== undefined) throw new StoreUnavailable('no response');
      return record;
    };
    await expect(projections.execute({ kind: 'pause', name: 'accounts' })).rejects.toThrow('no response');
    await until(() => statusOf(projections).state === 'paused');
    await expect(projections.execute({ kind: 'resume', name: 'accounts' })).rejects.toThrow('no response');
    log.record(booked('a', 1));
    await untilCaughtUp(projections);
    expect(await accountOf('a')).toMatchObject({ balance: 1 });
  });
});

describe('rebuilding', () => {
  test('the rebuilt model has the digest of the live model, replaces it and folds later events', async () => {
    log.record(booked('a', 1), booked('b', 2), eventOf('b', 'Gone'));
    const projections = await startRunner();
    await untilCaughtUp(projections);
    const report = await projections.execute({ kind: 'rebuild', name: 'accounts' });
    expect(report).toMatchObject({ outcome: 'equal', swapped: true, events: 3, differing: [] });
    expect(report.built?.digest).toBe(report.live?.digest);
    expect(report.built?.contentDigest).toBe(report.live?.contentDigest);
    expect(await listCollections()).toEqual(['accounts@1.2']);
    log.record(booked('a', 10));
    await untilCaughtUp(projections);
    expect(await accountOf('a', 'accounts@1.2')).toMatchObject({ balance: 11 });
  });

  test('events that are recorded during the rebuild are in the new model', async () => {
    log.record(...Array.from({ length: 200 }, (_, n) => booked(String(n % 10), 1)));
    const projections = await startRunner([accounts, total], { batchSize: 10 });
    await untilCaughtUp(projections);
    const rebuild = projections.execute({ kind: 'rebuild', name: 'accounts' });
    for (let n = 0; n < 50; n++) {
      log.record(booked(String(n % 10), 1));
      await pause(1);
    }
    expect(await rebuild).toMatchObject({ outcome: 'equal', swapped: true });
    await untilCaughtUp(projections);
    expect(await accountOf('0')).toMatchObject({ balance: 25 });
  });

  test('a rebuilt model that differs does not replace a live model of the same version; the ids are listed', async () => {
    log.record(booked('a', 1), booked('b', 2));
    let projections = await startRunner();
    await untilCaughtUp(projections);
    const collection = statusOf(projections).collection ?? '';
    const [stored] = await readModels.port.getMany(collection, ['account-b']);
    const from = await readModels.port.loadCheckpoint(collection);
    if (stored === undefined || from === null) throw new Error('the document or the checkpoint is missing');
    await projections.stop();
    const writes = [{ id: stored._id, loaded: stored._position, document: { ...stored, balance: 3 } }];
    const session = await readModels.session();
    await session.write({ changes: [{ collection, writes }], checkpoint: { collection, from, to: from } });
    projections = await startRunner();
    const compared = await projections.execute({ kind: 'compare', name: 'accounts' });
    expect(compared).toMatchObject({ outcome: 'different', swapped: false, differing: ['account-b'] });
    const report = await projections.execute({ kind: 'rebuild', name: 'accounts' });
    expect(report).toMatchObject({ outcome: 'refused', swapped: false, differing: ['account-b'] });
    expect(report.live?.digest).not.toBe(report.built?.digest);
    expect(await listCollections()).toEqual([collection]);
    expect(statusOf(projections).lastBuild).toEqual(report);
    log.record(booked('a', 10));
    await untilCaughtUp(projections);
    expect(await accountOf('a')).toMatchObject({ balance: 11 });
  });

  test('a comparison reports an equal model, and drops the collection that it has built', async () => {
    log.record(booked('a', 1));
    const projections = await startRunner();
    await untilCaughtUp(projections);
    expect(await projections.execute({ kind: 'compare', name: 'accounts' })).toMatchObject({
      outcome: 'equal',
      swapped: false,
    });
    expect(await listCollections()).toEqual(['accounts@1.1']);
  });

  test('a rebuild with `keep` keeps the old collection until it is dropped', async () => {
    log.record(booked('a', 1));
    const projections = await startRunner();
    await untilCaughtUp(projections);
    expect(await projections.execute({ kind: 'rebuild', name: 'accounts', keep: true })).toMatchObject({
      kept: 'accounts@1.1',
    });
    expect(await listCollections()).toEqual(['accounts@1.1', 'accounts@1.2']);
    await projections.stop();
    const again = await startRunner();
    expect(await listCollections()).toEqual(['accounts@1.1', 'accounts@1.2']);
    expect(await again.execute({ kind: 'drop', name: 'accounts' })).toEqual({ dropped: true });
    expect(await again.execute({ kind: 'drop', name: 'accounts' })).toEqual({ dropped: false });
    expect(await listCollections()).toEqual(['accounts@1.2']);
  });

  test('a cancelled rebuild leaves the live model unchanged', async () => {
    log.record(...Array.from({ length: 100 }, () => booked('a', 1)));
    const projections = await startRunner([accounts], { batchSize: 10 });
    await untilCaughtUp(projections);
    const abort = new AbortController();
    const rebuild = projections.execute({ kind: 'rebuild', name: 'accounts' }, abort.signal);
    await expect(projections.execute({ kind: 'rebuild', name: 'accounts' })).rejects.toThrow(OperationInProgress);
    abort.abort();
    expect(await rebuild).toMatchObject({ outcome: 'cancelled', swapped: false });
    expect(await listCollections()).toEqual(['accounts@1.1']);
    log.record(booked('a', 1));
    await untilCaughtUp(projections);
  });

  test('the collection of a rebuild that was killed is dropped at the next start', async () => {
    const projections = await startRunner();
    await projections.stop();
    await (await readModels.session()).createCollection('accounts@1.7', accounts.indexes, 'later');
    await startRunner();
    expect(await listCollections()).toEqual(['accounts@1.1']);
  });

  test('a rebuild fails at the first error, and the live model stays', async () => {
    log.record(booked('a', 1), eventOf('a', 'Boom'));
    const projections = await startRunner();
    await until(() => statusOf(projections).state === 'halted');
    let writes = 0;
    readModels.interceptWrite = (batch, write) => {
      writes += 1;
      return writes === 1 ? Promise.reject(new Error('disk full')) : write(batch);
    };
    await expect(projections.execute({ kind: 'rebuild', name: 'accounts' })).rejects.toThrow('disk full');
    expect(await listCollections()).toEqual(['accounts@1.1']);
    expect(statusOf(projections).state).toBe('halted');
  });

  test('a swap whose response is lost is retried, and the collection that queries use is not dropped', async () => {
    log.record(booked('a', 1));
    const projections = await startRunner();
    await untilCaughtUp(projections);
    let swaps = 0;
    readModels.interceptChange = async ({ live }, apply) => {
      const record = await apply();
      if (live === undefined) return record;
      swaps += 1;
      if (swaps === 1) throw new StoreUnavailable('no response');
      return record;
    };
    expect(await projections.execute({ kind: 'rebuild', name: 'accounts' })).toMatchObject({
      outcome: 'equal',
      swapped: true,
    });
    expect(swaps).toBe(2);
    expect(await listCollections()).toEqual(['accounts@1.2']);
    log.record(booked('a', 10));
    await untilCaughtUp(projections);
    expect(await accountOf('a')).toMatchObject({ balance: 11 });
  });

  test('a stop during a swap without a response fails the rebuild and keeps the collection that may be live', async () => {
    log.record(booked('a', 1));
    const projections = await startRunner();
    await untilCaughtUp(projections);
    let swaps = 0;
    readModels.interceptChange = async ({ live }, apply) => {
      if (live === undefined) return apply();
      swaps += 1;
      if (swaps === 1) await apply();
      throw new StoreUnavailable('no response');
    };
    const rebuild = projections.execute({ kind: 'rebuild', name: 'accounts' });
    const failure = expect(rebuild).rejects.toThrow('no response');
    await until(() => swaps > 0);
    await projections.stop();
    await failure;
    readModels.interceptChange = undefined;
    expect(await accountOf('a')).toMatchObject({ balance: 1 });
    await untilCaughtUp(await startRunner());
    expect(await listCollections()).toEqual(['accounts@1.2']);
  });

  test('a new version is built while the old one stays live, replaces it and reports the differences', async () => {
    log.record(booked('a', 1), booked('b', 2));
    const first = await startRunner();
    await untilCaughtUp(first);
    await first.stop();
    const doubled: Projection = {
      ...accounts,
      version: 2,
      evolve(document, event, id) {
        const next = accounts.evolve(document as Account | null, event, id);
        return next && event.stream === 'account-b' ? { ...next, doubled: next.balance * 2 } : next;
      },
    };
    const second = await startRunner([doubled]);
    log.record(booked('b', 5));
    await untilCaughtUp(second);
    expect(statusOf(second)).toMatchObject({
      collection: 'accounts@2.2',
      lastBuild: { outcome: 'different', swapped: true, differing: ['account-b'], kept: 'accounts@1.1' },
    });
    expect(await accountOf('b')).toMatchObject({ balance: 7, doubled: 14 });
  });

  test('withProgress reports the progress of a build until the build ends', async () => {
    log.record(...Array.from({ length: 20 }, () => booked('a', 1)));
    const projections = await startRunner([accounts], { batchSize: 10 });
    await untilCaughtUp(projections);
    const reported: BuildProgress[] = [];
    let writesOfBuild = 0;
    readModels.interceptWrite = async (batch, write) => {
      if (batch.checkpoint.collection === 'accounts@1.2') {
        writesOfBuild += 1;
        if (writesOfBuild === 2) await until(() => reported.at(-1)?.position != null);
      }
      return write(batch);
    };
    await withProgress(
      projections,
      'accounts',
      projections.execute({ kind: 'compare', name: 'accounts' }),
      (progress) => reported.push(progress),
      1, // polls every millisecond
    );
    expect(reported).toContainEqual({ collection: 'accounts@1.2', position: log.events[9]?.position });
    const countAtEnd = reported.length;
    await pause(20);
    expect(reported).toHaveLength(countAtEnd);
  });

  test('a build whose subscription is dropped subscribes again after its last event', async () => {
    log.record(...Array.from({ length: 100 }, () => booked('a', 1)));
    const projections = await startRunner([accounts], { batchSize: 10 });
    await untilCaughtUp(projections);
    let writesOfBuild = 0;
    readModels.interceptWrite = (batch, write) => {
      if (batch.checkpoint.collection === 'accounts@1.2') {
        writesOfBuild += 1;
        if (writesOfBuild <= 3) log.drop();
      }
      return write(batch);
    };
    expect(await projections.execute({ kind: 'rebuild', name: 'accounts' })).toMatchObject({
      outcome: 'equal',
      swapped: true,
      events: 100,
    });
    expect(writesOfBuild).toBe(10);
  });

  describe('a new version', () => {
    const second: Projection = { ...accounts, version: 2 };

    beforeEach(async () => {
      log.record(booked('a', 1), booked('b', 2));
      const first = await startRunner();
      await untilCaughtUp(first);
      await first.stop();
    });

    test('is built when the read models recover, and reports their error until then', async () => {
      readModels.interceptWrite = () => Promise.reject(new StoreUnavailable('disk full'));
      const projections = await startRunner([second], { explainFailure: () => 'free the disk' });
      await until(() => (statusOf(projections).retry?.attempt ?? 0) > 1);
      expect(statusOf(projections)).toMatchObject({
        state: 'backing-off',
        collection: null,
        retry: { error: 'StoreUnavailable: disk full', cause: 'free the disk' },
      });
      expect(await accountOf('a')).toMatchObject({ balance: 1 });
      readModels.interceptWrite = undefined;
      await untilCaughtUp(projections);
      expect(statusOf(projections)).toMatchObject({ version: 2, lastBuild: { outcome: 'equal', swapped: true } });
      expect(statusOf(projections).retry).toBeUndefined();
      expect(await listCollections()).toEqual(['accounts@1.1', expect.stringMatching(/^accounts@2\.\d+$/)]);
    });

    test('does not delay the stop of the runner while it waits for the read models', async () => {
      readModels.interceptWrite = () => Promise.reject(new StoreUnavailable('disk full'));
      const projections = await startRunner([second]);
      await until(() => statusOf(projections).state === 'backing-off');
      await projections.stop();
      expect(statusOf(projections).state).toBe('stopped');
    });

    test('fails at an error that is not transient, and is built after a resume', async () => {
      readModels.interceptWrite = () => Promise.reject(new TypeError('not transient'));
      const projections = await startRunner([second]);
      await until(() => statusOf(projections).state === 'failed');
      expect(statusOf(projections).halt).toMatchObject({ reason: 'storage_failed', error: 'TypeError: not transient' });
      readModels.interceptWrite = undefined;
      await projections.execute({ kind: 'resume', name: 'accounts' });
      await untilCaughtUp(projections);
    });
  });
});

test('a new read model needs a projection and an entry in the catalogue, and nothing else', async () => {
  const eventCounts: Projection<{ readonly events: number }> = {
    name: 'event_counts',
    version: 1,
    streams: ['account-'],
    keys: (event) => [event.stream],
    evolve: (before) => ({ events: (before?.events ?? 0) + 1 }),
    indexes: [{ fields: { events: -1 } }],
    nonDeterministicFields: [],
  };
  log.record(booked('a', 1), booked('b', 1), booked('b', 1));
  const projections = await startRunner([accounts, total, eventCounts]);
  await untilCaughtUp(projections, 'event_counts');
  const [first] = await readModels.port.find('event_counts@1.1', { sort: { events: -1 }, limit: 1 });
  expect(first).toMatchObject({ _id: 'account-b', events: 2 });
  expect(await projections.execute({ kind: 'rebuild', name: 'event_counts' })).toMatchObject({
    outcome: 'equal',
    swapped: true,
  });
});
