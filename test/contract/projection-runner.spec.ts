import { setTimeout as pause } from 'node:timers/promises';

import fc from 'fast-check';

import type { Recorded } from '../../src/eventstore/envelope.js';
import { StoreUnavailable, type StoredEvent } from '../../src/eventstore/event-store.js';
import { withProgress } from '../../src/projection/build-progress.js';
import { digestsOf } from '../../src/projection/comparison.js';
import { ProjectionRunner, type RunnerOptions } from '../../src/projection/projection-runner.js';
import type { Projection } from '../../src/projection/projection.js';
import { BuildUnderWay, UnknownProjection } from '../../src/projection/operations.js';
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

/** One document per stream; `Gone` deletes it; `Boom` cannot be folded. */
const accounts: Projection<Account> = {
  name: 'accounts',
  version: 1,
  streams: ['account-'],
  keys: (event) => (event.type === 'Ignored' ? [] : [event.stream]),
  evolve(account, event) {
    const { amount = 0, note } = event.data as { amount?: number; note?: string };
    if (event.type === 'Boom') throw new Error('no such thing');
    if (event.type === 'Gone') return null;
    if (event.type === 'Nothing') return account;
    const { balance, notes } = account ?? { balance: 0, notes: [] };
    return { balance: balance + amount, notes: note === undefined ? notes : [...notes, note] };
  },
  indexes: [{ fields: { balance: 1 } }],
  nonDeterministicFields: [],
};

/** One document that every stream feeds: its sum requires order and exactly-once. */
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
const happened = (account: string, type: string): Fact => fact(`account-${account}`, { type, data: {} });

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

function runner(catalogue: readonly Projection[] = [accounts], options: Partial<RunnerOptions> = {}) {
  const projections = new ProjectionRunner({
    store: log,
    readModels: readModels.port,
    decode: decodeJson,
    catalogue,
    ...options,
  });
  running.push(projections);
  return projections;
}

async function started(catalogue?: readonly Projection[], options?: Partial<RunnerOptions>) {
  const projections = runner(catalogue, options);
  await projections.start();
  return projections;
}

const statusOf = (projections: ProjectionRunner, name = 'accounts'): ProjectionStatus => {
  const status = projections.status().projections.find((candidate) => candidate.name === name);
  if (status === undefined) throw new Error(`no ${name}`);
  return status;
};

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  await eventually(condition);
}

const caughtUp = (projections: ProjectionRunner, name = 'accounts') =>
  until(() => {
    const { state, position } = statusOf(projections, name);
    return state === 'live' && position === (log.events.at(-1)?.position ?? null);
  });

async function account(id: string, collection?: string): Promise<Account | undefined> {
  const live = collection ?? (await readModels.live('accounts'));
  const [found] = await readModels.port.find(live, { filter: { _id: `account-${id}` } });
  return found as unknown as Account | undefined;
}

const collections = () => readModels.port.listCollections();

describe('processing the log', () => {
  test('events recorded before and after the start reach the read model', async () => {
    log.record(booked('a', 1), booked('b', 2));
    const projections = await started();
    await caughtUp(projections);
    log.record(booked('a', 10));
    await caughtUp(projections);
    expect(await account('a')).toMatchObject({ balance: 11 });
    expect(await account('b')).toMatchObject({ balance: 2 });
    expect(statusOf(projections)).toMatchObject({ state: 'live', caughtUp: true, lag: 0, folded: 3 });
    expect(projections.status().healthy).toBe(true);
  });

  test('an empty log is caught up at once', async () => {
    const projections = await started();
    await caughtUp(projections);
    expect(statusOf(projections)).toMatchObject({ position: null, lag: 0, recordedAt: null });
  });

  test('a first build is indexed once it has caught up', async () => {
    log.record(booked('a', 1));
    const projections = await started();
    await caughtUp(projections);
    log.record(booked('a', 1));
    await caughtUp(projections);
    expect(readModels.indexed).toEqual(['accounts@1.1']);
  });

  test('one subscription serves all projections', async () => {
    log.record(booked('a', 1));
    const projections = await started([accounts, total]);
    await caughtUp(projections, 'total');
    log.record(booked('a', 1));
    await caughtUp(projections, 'total');
    expect(log.subscriptions).toBe(1);
  });

  test('a large history is collapsed: a document is written once per batch', async () => {
    log.record(...Array.from({ length: 500 }, (_, n) => booked(String(n % 5), 1)));
    const projections = await started();
    await caughtUp(projections);
    expect(readModels.written.map((batch) => writesOf(batch).length)).toEqual([5]);
    expect(await account('3')).toMatchObject({ balance: 100 });
  });

  test('a batch that is decoded in many slices is written once', async () => {
    log.record(...Array.from({ length: 1300 }, (_, n) => booked(n % 2 === 0 ? 'a' : 'b', n)));
    const projections = await started([accounts, total]);
    await caughtUp(projections);
    expect(readModels.written.map((batch) => writesOf(batch).length)).toEqual([2, 1]);
    expect(await account('a')).toMatchObject({ balance: 422_500 - 650 });
    expect(await account('b')).toMatchObject({ balance: 422_500 });
    expect(statusOf(projections).folded).toBe(1300);
  });

  test('a deleted document stays deleted on replay, and may be created again', async () => {
    log.record(booked('a', 1), happened('a', 'Gone'));
    const projections = await started();
    await caughtUp(projections);
    expect(await account('a')).toBeUndefined();
    log.record(booked('a', 5));
    await caughtUp(projections);
    expect(await account('a')).toMatchObject({ balance: 5 });
  });

  test('an event that changes nothing writes nothing, and the position advances', async () => {
    log.record(booked('a', 1));
    const projections = await started();
    await caughtUp(projections);
    const position = log.record(happened('a', 'Nothing'), happened('b', 'Ignored'));
    expect(await projections.waitFor('accounts', position, 60_000)).toBe(true);
    expect(readModels.written).toHaveLength(1);
    await projections.stop();
    const collection = statusOf(projections).collection ?? '';
    expect((await readModels.port.loadCheckpoint(collection))?.position).toBe(position);
  });

  test('the checkpoint moves over thousands of ignored events without waiting for the stop', async () => {
    log.record(...Array.from({ length: 1500 }, () => happened('a', 'Ignored')));
    const projections = await started([accounts], { batchSize: 300 });
    await caughtUp(projections);
    const collection = statusOf(projections).collection ?? '';
    expect(await readModels.port.loadCheckpoint(collection)).not.toBeNull();
  });

  test('a projection that was added later catches up while the others keep their position', async () => {
    log.record(booked('a', 1), booked('b', 2));
    const first = await started();
    await caughtUp(first);
    await first.stop();
    const both = await started([accounts, total]);
    await caughtUp(both, 'total');
    expect(statusOf(both, 'total').folded).toBe(2);
    expect(statusOf(both).folded).toBe(0);
  });

  test('lag counts the events behind the head while it catches up', async () => {
    log.record(...Array.from({ length: 30 }, () => booked('a', 1)));
    const lags: (number | null)[] = [];
    readModels.meddle = async (batch, write) => {
      lags.push(statusOf(await starting).lag);
      return write(batch);
    };
    const starting = started([accounts], { batchSize: 10 });
    const projections = await starting;
    await caughtUp(projections);
    expect([...lags, statusOf(projections).lag]).toEqual([30, 20, 10, 0]);
  });
});

describe('nothing is folded twice', () => {
  test('a crash between documents and checkpoint replays without double changes', async () => {
    log.record(booked('a', 1), booked('b', 2));
    readModels.meddle = async (batch, write) => {
      // an engine without transactions: the documents are written, then the machine crashes
      readModels.meddle = undefined;
      const { from } = batch.checkpoint;
      await write({ ...batch, checkpoint: { ...batch.checkpoint, to: from } });
      expect(from).toBeNull();
      throw new StoreUnavailable('it died');
    };
    const projections = await started();
    await caughtUp(projections);
    expect(await account('a')).toMatchObject({ balance: 1 });
    expect(await account('b')).toMatchObject({ balance: 2 });
  });

  test('documents that changed meanwhile are loaded and folded again', async () => {
    log.record(booked('a', 1));
    const projections = await started();
    await caughtUp(projections);
    readModels.meddle = async (batch, write) => {
      readModels.meddle = undefined;
      // half of the batch was written by a runner that crashed before it moved the checkpoint
      const [first] = writesOf(batch);
      if (first === undefined) throw new Error('nothing written');
      const { collection, from } = batch.checkpoint;
      await write({ changes: [{ collection, writes: [first] }], checkpoint: { collection, from, to: from } });
      return write(batch);
    };
    log.record(booked('a', 10), booked('b', 2));
    await caughtUp(projections);
    expect(await account('a')).toMatchObject({ balance: 11 });
    expect(log.subscriptions).toBe(1);
    expect(await account('b')).toMatchObject({ balance: 2 });
  });

  test('after a write with unknown outcome the batch is not folded twice', async () => {
    log.record(booked('a', 1));
    const projections = await started();
    await caughtUp(projections);
    readModels.meddle = async (batch, write) => {
      readModels.meddle = undefined;
      await write(batch); // stored, with its checkpoint; the response is lost
      throw new StoreUnavailable('connection lost');
    };
    log.record(booked('a', 10));
    await caughtUp(projections);
    log.record(booked('a', 100));
    await caughtUp(projections);
    expect(await account('a')).toMatchObject({ balance: 111 });
    expect(statusOf(projections).state).toBe('live');
  });

  test('a runner whose checkpoint was taken over stops, and the new one is correct', async () => {
    log.record(booked('a', 1));
    const old = await started();
    await caughtUp(old);
    const young = await started();
    log.record(booked('a', 10));
    await caughtUp(young);
    await until(() => statusOf(old).state === 'failed');
    expect(statusOf(old).halt).toMatchObject({ reason: 'checkpoint_lost' });
    expect(await account('a')).toMatchObject({ balance: 11 });
  });

  test('batches, restarts and lost caches do not change the digest', async () => {
    const step = fc.record({ stream: fc.constantFrom('a', 'b', 'c'), amount: fc.integer({ min: -9, max: 9 }) });
    const type = fc.constantFrom('Booked', 'Booked', 'Booked', 'Nothing', 'Ignored', 'Gone');
    const history = fc.array(fc.tuple(step, type), { minLength: 1, maxLength: 60 });
    const cuts = fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1, maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(history, cuts, async (events, sizes) => {
        const whole = new FaultyReadModels();
        const cut = new FaultyReadModels();
        const facts = events.map(([{ stream, amount }, name]) =>
          fact(`account-${stream}`, { type: name, data: { amount } }),
        );
        const store = new MemoryLog();
        store.record(...facts);
        const digests: string[] = [];
        for (const [models, batches] of [
          [whole, [1000]],
          [cut, sizes],
        ] as const) {
          for (const batchSize of batches) {
            const limits = { cache: { documents: 2, characters: 60 } };
            const options = {
              store,
              readModels: models.port,
              decode: decodeJson,
              catalogue: [accounts, total],
              limits,
            };
            const projections = new ProjectionRunner({ ...options, batchSize });
            await projections.start();
            // all runs but the last stop after one batch
            if (batchSize === batches.at(-1))
              await projections.waitFor('total', store.events.at(-1)?.position ?? '', 60_000);
            await projections.stop();
          }
          const pages = { readModels: models.port, pause: () => Promise.resolve() };
          for (const { name } of [accounts, total]) digests.push((await digestsOf(pages, `${name}@1.1`, [])).digest);
          await models.remove();
        }
        expect(digests.slice(2)).toEqual(digests.slice(0, 2));
      }),
      examples(25),
    );
  });
});

describe('an event that cannot be folded', () => {
  test('halts its projection, after everything before it was written, and the others continue', async () => {
    const boom = log.record(booked('a', 1), happened('a', 'Boom'));
    log.record(booked('b', 2));
    const projections = await started([accounts, total]);
    await caughtUp(projections, 'total');
    await until(() => statusOf(projections).state === 'halted');
    expect(statusOf(projections).halt).toEqual({
      reason: 'evolve_failed',
      error: 'Error: no such thing',
      event: { position: boom, type: 'Boom', stream: 'account-a', revision: 1, document: 'account-a' },
    });
    expect(await account('a')).toMatchObject({ balance: 1 });
    expect(await account('b')).toBeUndefined();
    expect(projections.status().healthy).toBe(false);
  });

  test('halts it also deep in a batch, with everything before it written once', async () => {
    log.record(...Array.from({ length: 1200 }, () => booked('a', 1)));
    const boom = log.record(happened('a', 'Boom'));
    log.record(...Array.from({ length: 700 }, () => booked('a', 1)));
    const projections = await started([accounts, total]);
    await until(() => statusOf(projections).state === 'halted');
    await caughtUp(projections, 'total');
    expect(statusOf(projections).halt?.event?.position).toBe(boom);
    expect(await account('a')).toMatchObject({ balance: 1200 });
    expect(statusOf(projections).folded).toBe(1200);
    expect(statusOf(projections, 'total').folded).toBe(1901);
  });

  test('is retried first', async () => {
    let failures = 0;
    const shy: Projection = {
      ...accounts,
      evolve(document, event, id) {
        if (event.type === 'Boom' && ++failures < 3) throw new Error('not yet');
        return accounts.evolve(
          document as Account | null,
          event.type === 'Boom' ? { ...event, type: 'Booked' } : event,
          id,
        );
      },
    };
    log.record(booked('a', 1), happened('a', 'Boom'));
    const projections = await started([shy]);
    await caughtUp(projections);
    expect(failures).toBe(3);
  });

  test('that cannot be decoded or placed is reported as such', async () => {
    log.record(booked('a', 1), happened('b', 'Odd'));
    const decode = (event: StoredEvent): Recorded => {
      if (event.type === 'Odd') throw new Error('unknown type');
      return decodeJson(event);
    };
    const first = await started([accounts], { decode });
    await until(() => statusOf(first).state === 'halted');
    expect(statusOf(first).halt).toMatchObject({ reason: 'undecodable', event: { type: 'Odd' } });
    await first.stop();

    const lost: Projection = {
      ...accounts,
      name: 'lost',
      keys: () => {
        throw new Error('nowhere');
      },
    };
    const second = await started([lost]);
    await until(() => statusOf(second, 'lost').state === 'halted');
    expect(statusOf(second, 'lost').halt).toMatchObject({ reason: 'keys_failed', event: { type: 'Booked' } });
  });

  test('is folded after a resume with corrected code', async () => {
    log.record(booked('a', 1), happened('a', 'Boom'), booked('a', 2));
    let mended = false;
    const mendable: Projection = {
      ...accounts,
      evolve: (document, event, id) =>
        accounts.evolve(document as Account | null, mended ? { ...event, type: 'Booked' } : event, id),
    };
    const projections = await started([mendable]);
    await until(() => statusOf(projections).state === 'halted');
    mended = true;
    await projections.execute({ kind: 'resume', name: 'accounts' });
    await caughtUp(projections);
    expect(await account('a')).toMatchObject({ balance: 3 });
  });
});

describe('a history that changed', () => {
  async function foldedThenStopped() {
    log.record(booked('a', 1), booked('a', 2));
    const projections = await started();
    await caughtUp(projections);
    await projections.stop();
  }
  const halted = async () => {
    const projections = await started();
    expect(statusOf(projections)).toMatchObject({ state: 'halted', halt: { reason: 'history_changed' } });
    return projections;
  };

  test('another store halts', async () => {
    await foldedThenStopped();
    log.storeId = 'another';
    await halted();
  });

  test('another event at the checkpoint halts, even if the log has grown past it', async () => {
    await foldedThenStopped();
    log.rewrite();
    log.record(booked('a', 4));
    await halted();
  });

  test('a log that ends before the checkpoint halts', async () => {
    await foldedThenStopped();
    log.events = log.events.slice(0, 1);
    await halted();
  });

  test('only a rebuild resolves it: it cannot be compared, and is swapped', async () => {
    await foldedThenStopped();
    log = new MemoryLog();
    log.record(booked('a', 100));
    const projections = await halted();
    await projections.execute({ kind: 'resume', name: 'accounts' });
    expect(statusOf(projections).state).toBe('halted');
    const report = await projections.execute({ kind: 'rebuild', name: 'accounts' });
    expect(report).toMatchObject({ outcome: 'uncomparable', swapped: true, live: null });
    await caughtUp(projections);
    expect(await account('a')).toMatchObject({ balance: 100 });
  });
});

describe('an unavailable log or unavailable read models', () => {
  test('a dropped subscription is resumed from the stored checkpoints', async () => {
    log.record(booked('a', 1));
    const projections = await started();
    await caughtUp(projections);
    log.drop();
    log.record(booked('a', 10));
    await caughtUp(projections);
    expect(await account('a')).toMatchObject({ balance: 11 });
    expect(log.subscriptions).toBe(2);
  });

  test('it backs off, reports the error, and continues when the read models recover', async () => {
    const projections = await started();
    await caughtUp(projections);
    readModels.meddle = () => Promise.reject(new StoreUnavailable('disk full'));
    log.record(booked('a', 1));
    await until(() => statusOf(projections).state === 'backing-off');
    expect(statusOf(projections).retry).toMatchObject({ error: 'StoreUnavailable: disk full' });
    expect(projections.status().healthy).toBe(false);
    readModels.meddle = undefined;
    await caughtUp(projections);
    expect(await account('a')).toMatchObject({ balance: 1 });
  });
});

describe('reading your own write', () => {
  test('a waiter is notified when the position is passed, before or after the wait began', async () => {
    const projections = await started();
    const position = log.record(booked('a', 1));
    expect(await projections.waitFor('accounts', position, 60_000)).toBe(true);
    expect(await projections.waitFor('accounts', position, 0)).toBe(true);
    expect(await account('a')).toMatchObject({ balance: 1 });
  });

  test('a hundred waiters race with the writer and none is forgotten', async () => {
    const projections = await started();
    const answers: Promise<boolean>[] = [];
    for (let n = 0; n < 100; n++) {
      answers.push(projections.waitFor('accounts', log.record(booked('a', 1)), 5000));
      if (n % 7 === 0) await pause(0);
    }
    expect(new Set(await Promise.all(answers))).toEqual(new Set([true]));
  });

  test('the wait times out when the position does not come', async () => {
    const projections = await started();
    expect(await projections.waitFor('accounts', '99999999999999999999', 20)).toBe(false);
  });

  test('a wait for a halted projection ends at once', async () => {
    const position = log.record(happened('a', 'Boom'));
    const projections = await started();
    expect(await projections.waitFor('accounts', position, 60_000)).toBe(false);
  });

  test('an unknown projection is rejected', async () => {
    const projections = await started();
    await expect(projections.waitFor('nobody', '1', 1)).rejects.toThrow(UnknownProjection);
  });
});

describe('pausing', () => {
  test('a paused projection stays paused across a restart while others continue, and loses nothing', async () => {
    const projections = await started([accounts, total]);
    await projections.execute({ kind: 'pause', name: 'accounts' });
    log.record(booked('a', 1));
    await caughtUp(projections, 'total');
    expect(statusOf(projections).state).toBe('paused');
    await projections.stop();
    const again = await started([accounts, total]);
    await caughtUp(again, 'total');
    expect(statusOf(again)).toMatchObject({ state: 'paused', position: null });
    await again.execute({ kind: 'resume', name: 'accounts' });
    await caughtUp(again);
    expect(await account('a')).toMatchObject({ balance: 1 });
  });

  test('a pause and a resume take effect even if their responses are lost', async () => {
    const projections = await started();
    await caughtUp(projections);
    readModels.meddleChange = async ({ paused }, change) => {
      const changed = await change();
      if (paused !== undefined) throw new StoreUnavailable('no answer');
      return changed;
    };
    await expect(projections.execute({ kind: 'pause', name: 'accounts' })).rejects.toThrow('no answer');
    await until(() => statusOf(projections).state === 'paused');
    await expect(projections.execute({ kind: 'resume', name: 'accounts' })).rejects.toThrow('no answer');
    log.record(booked('a', 1));
    await caughtUp(projections);
    expect(await account('a')).toMatchObject({ balance: 1 });
  });
});

describe('rebuilding', () => {
  test('a rebuild has the digest of the live model, replaces it and continues', async () => {
    log.record(booked('a', 1), booked('b', 2), happened('b', 'Gone'));
    const projections = await started();
    await caughtUp(projections);
    const report = await projections.execute({ kind: 'rebuild', name: 'accounts' });
    expect(report).toMatchObject({ outcome: 'equal', swapped: true, events: 3, differing: [] });
    expect(report.built?.digest).toBe(report.live?.digest);
    expect(report.built?.contentDigest).toBe(report.live?.contentDigest);
    expect(await collections()).toEqual(['accounts@1.2']);
    log.record(booked('a', 10));
    await caughtUp(projections);
    expect(await account('a', 'accounts@1.2')).toMatchObject({ balance: 11 });
  });

  test('events recorded meanwhile are in the new model, and the live one is held only at the end', async () => {
    log.record(...Array.from({ length: 200 }, (_, n) => booked(String(n % 10), 1)));
    const projections = await started([accounts, total], { batchSize: 10 });
    await caughtUp(projections);
    const rebuild = projections.execute({ kind: 'rebuild', name: 'accounts' });
    for (let n = 0; n < 50; n++) {
      log.record(booked(String(n % 10), 1));
      await pause(1);
    }
    expect(await rebuild).toMatchObject({ outcome: 'equal', swapped: true });
    await caughtUp(projections);
    expect(await account('0')).toMatchObject({ balance: 25 });
  });

  test('a model of the same version that differs is not swapped, and the ids are listed', async () => {
    log.record(booked('a', 1), booked('b', 2));
    let projections = await started();
    await caughtUp(projections);
    const collection = statusOf(projections).collection ?? '';
    const [spoilt] = await readModels.port.getMany(collection, ['account-b']);
    const from = await readModels.port.loadCheckpoint(collection);
    if (spoilt === undefined || from === null) throw new Error('nothing to spoil');
    await projections.stop();
    const writes = [{ id: spoilt._id, loaded: spoilt._position, document: { ...spoilt, balance: 3 } }];
    const session = await readModels.session();
    await session.write({ changes: [{ collection, writes }], checkpoint: { collection, from, to: from } });
    projections = await started();
    const compared = await projections.execute({ kind: 'compare', name: 'accounts' });
    expect(compared).toMatchObject({ outcome: 'different', swapped: false, differing: ['account-b'] });
    const report = await projections.execute({ kind: 'rebuild', name: 'accounts' });
    expect(report).toMatchObject({ outcome: 'refused', swapped: false, differing: ['account-b'] });
    expect(report.live?.digest).not.toBe(report.built?.digest);
    expect(await collections()).toEqual([collection]);
    expect(statusOf(projections).lastBuild).toEqual(report);
    log.record(booked('a', 10));
    await caughtUp(projections);
    expect(await account('a')).toMatchObject({ balance: 11 });
  });

  test('a comparison finds the live model equal and leaves nothing behind', async () => {
    log.record(booked('a', 1));
    const projections = await started();
    await caughtUp(projections);
    expect(await projections.execute({ kind: 'compare', name: 'accounts' })).toMatchObject({
      outcome: 'equal',
      swapped: false,
    });
    expect(await collections()).toEqual(['accounts@1.1']);
  });

  test('the old model is kept on request until it is dropped', async () => {
    log.record(booked('a', 1));
    const projections = await started();
    await caughtUp(projections);
    expect(await projections.execute({ kind: 'rebuild', name: 'accounts', keep: true })).toMatchObject({
      kept: 'accounts@1.1',
    });
    expect(await collections()).toEqual(['accounts@1.1', 'accounts@1.2']);
    await projections.stop();
    const again = await started();
    expect(await collections()).toEqual(['accounts@1.1', 'accounts@1.2']);
    expect(await again.execute({ kind: 'drop', name: 'accounts' })).toEqual({ dropped: true });
    expect(await again.execute({ kind: 'drop', name: 'accounts' })).toEqual({ dropped: false });
    expect(await collections()).toEqual(['accounts@1.2']);
  });

  test('a cancelled rebuild leaves the live model unchanged', async () => {
    log.record(...Array.from({ length: 100 }, () => booked('a', 1)));
    const projections = await started([accounts], { batchSize: 10 });
    await caughtUp(projections);
    const abort = new AbortController();
    const rebuild = projections.execute({ kind: 'rebuild', name: 'accounts' }, abort.signal);
    await expect(projections.execute({ kind: 'rebuild', name: 'accounts' })).rejects.toThrow(BuildUnderWay);
    abort.abort();
    expect(await rebuild).toMatchObject({ outcome: 'cancelled', swapped: false });
    expect(await collections()).toEqual(['accounts@1.1']);
    log.record(booked('a', 1));
    await caughtUp(projections);
  });

  test('leftovers of a killed rebuild are dropped at the next start', async () => {
    const projections = await started();
    await projections.stop();
    await (await readModels.session()).createCollection('accounts@1.7', accounts.indexes, 'later');
    await started();
    expect(await collections()).toEqual(['accounts@1.1']);
  });

  test('errors are fatal during a rebuild: the live model stays', async () => {
    log.record(booked('a', 1), happened('a', 'Boom'));
    const projections = await started();
    await until(() => statusOf(projections).state === 'halted');
    let calls = 0;
    readModels.meddle = (batch, write) => (++calls === 1 ? Promise.reject(new Error('disk full')) : write(batch));
    await expect(projections.execute({ kind: 'rebuild', name: 'accounts' })).rejects.toThrow('disk full');
    expect(await collections()).toEqual(['accounts@1.1']);
    expect(statusOf(projections).state).toBe('halted');
  });

  test('a swap whose response was lost is retried: the collection that readers use is never dropped', async () => {
    log.record(booked('a', 1));
    const projections = await started();
    await caughtUp(projections);
    let swaps = 0;
    readModels.meddleChange = async ({ live }, change) => {
      const swapped = await change();
      if (live !== undefined && ++swaps === 1) throw new StoreUnavailable('no answer');
      return swapped;
    };
    expect(await projections.execute({ kind: 'rebuild', name: 'accounts' })).toMatchObject({
      outcome: 'equal',
      swapped: true,
    });
    expect(swaps).toBe(2);
    expect(await collections()).toEqual(['accounts@1.2']);
    log.record(booked('a', 10));
    await caughtUp(projections);
    expect(await account('a')).toMatchObject({ balance: 11 });
  });

  test('a stop does not wait for a swap, does not report it as cancelled, and keeps what may be live', async () => {
    log.record(booked('a', 1));
    const projections = await started();
    await caughtUp(projections);
    let swaps = 0;
    readModels.meddleChange = async ({ live }, change) => {
      if (live === undefined) return change();
      if (++swaps === 1) await change();
      throw new StoreUnavailable('no answer');
    };
    const rebuild = projections.execute({ kind: 'rebuild', name: 'accounts' });
    const unknown = expect(rebuild).rejects.toThrow('no answer');
    await until(() => swaps > 0);
    await projections.stop();
    await unknown;
    readModels.meddleChange = undefined;
    expect(await account('a')).toMatchObject({ balance: 1 });
    await caughtUp(await started());
    expect(await collections()).toEqual(['accounts@1.2']);
  });

  test('a new version is built beside the old one, reports differences and replaces it', async () => {
    log.record(booked('a', 1), booked('b', 2));
    const first = await started();
    await caughtUp(first);
    await first.stop();
    const doubled: Projection = {
      ...accounts,
      version: 2,
      evolve(document, event, id) {
        const next = accounts.evolve(document as Account | null, event, id);
        return next && event.stream === 'account-b' ? { ...next, doubled: next.balance * 2 } : next;
      },
    };
    const second = await started([doubled]);
    log.record(booked('b', 5));
    await caughtUp(second);
    expect(statusOf(second)).toMatchObject({
      collection: 'accounts@2.2',
      lastBuild: { outcome: 'different', swapped: true, differing: ['account-b'], kept: 'accounts@1.1' },
    });
    expect(await account('b')).toMatchObject({ balance: 7, doubled: 14 });
  });

  test('a build reports its progress until it ends', async () => {
    log.record(...Array.from({ length: 20 }, () => booked('a', 1)));
    const projections = await started([accounts], { batchSize: 10 });
    await caughtUp(projections);
    const reported: BuildProgress[] = [];
    let writes = 0;
    readModels.meddle = async (batch, write) => {
      if (batch.checkpoint.collection === 'accounts@1.2' && ++writes === 2)
        await until(() => reported.at(-1)?.position != null);
      return write(batch);
    };
    await withProgress(
      projections,
      'accounts',
      projections.execute({ kind: 'compare', name: 'accounts' }),
      (one) => reported.push(one),
      1,
    );
    expect(reported).toContainEqual({ collection: 'accounts@1.2', position: log.events[9]?.position });
    const all = reported.length;
    await pause(20);
    expect(reported).toHaveLength(all);
  });

  test('a build resumes a dropped subscription from its position', async () => {
    log.record(...Array.from({ length: 100 }, () => booked('a', 1)));
    const projections = await started([accounts], { batchSize: 10 });
    await caughtUp(projections);
    let drops = 0;
    readModels.meddle = (batch, write) => {
      if (batch.checkpoint.collection === 'accounts@1.2' && ++drops <= 3) log.drop();
      return write(batch);
    };
    expect(await projections.execute({ kind: 'rebuild', name: 'accounts' })).toMatchObject({
      outcome: 'equal',
      swapped: true,
      events: 100,
    });
    expect(drops).toBe(10);
  });

  describe('a new version', () => {
    const second: Projection = { ...accounts, version: 2 };

    beforeEach(async () => {
      log.record(booked('a', 1), booked('b', 2));
      const first = await started();
      await caughtUp(first);
      await first.stop();
    });

    test('is built when the read models recover, and reports the error meanwhile', async () => {
      readModels.meddle = () => Promise.reject(new StoreUnavailable('disk full'));
      const projections = await started([second]);
      await until(() => (statusOf(projections).retry?.attempt ?? 0) > 1);
      expect(statusOf(projections)).toMatchObject({
        state: 'backing-off',
        collection: null,
        retry: { error: 'StoreUnavailable: disk full' },
      });
      expect(await account('a')).toMatchObject({ balance: 1 });
      readModels.meddle = undefined;
      await caughtUp(projections);
      expect(statusOf(projections)).toMatchObject({ version: 2, lastBuild: { outcome: 'equal', swapped: true } });
      expect(statusOf(projections).retry).toBeUndefined();
      expect(await collections()).toEqual(['accounts@1.1', expect.stringMatching(/^accounts@2\.\d+$/)]);
    });

    test('that waits does not block the stop of the runner', async () => {
      readModels.meddle = () => Promise.reject(new StoreUnavailable('disk full'));
      const projections = await started([second]);
      await until(() => statusOf(projections).state === 'backing-off');
      await projections.stop();
      expect(statusOf(projections).state).toBe('stopped');
    });

    test('needs operator action when a retry cannot help', async () => {
      readModels.meddle = () => Promise.reject(new TypeError('a mistake'));
      const projections = await started([second]);
      await until(() => statusOf(projections).state === 'failed');
      expect(statusOf(projections).halt).toMatchObject({ reason: 'storage_failed', error: 'TypeError: a mistake' });
      readModels.meddle = undefined;
      await projections.execute({ kind: 'resume', name: 'accounts' });
      await caughtUp(projections);
    });
  });
});

test('a fifth read model is one projection and one catalogue entry', async () => {
  const busiest: Projection<{ readonly events: number }> = {
    name: 'busiest',
    version: 1,
    streams: ['account-'],
    keys: (event) => [event.stream],
    evolve: (before) => ({ events: (before?.events ?? 0) + 1 }),
    indexes: [{ fields: { events: -1 } }],
    nonDeterministicFields: [],
  };
  log.record(booked('a', 1), booked('b', 1), booked('b', 1));
  const projections = await started([accounts, total, busiest]);
  await caughtUp(projections, 'busiest');
  const [first] = await readModels.port.find('busiest@1.1', { sort: { events: -1 }, limit: 1 });
  expect(first).toMatchObject({ _id: 'account-b', events: 2 });
  expect(await projections.execute({ kind: 'rebuild', name: 'busiest' })).toMatchObject({
    outcome: 'equal',
    swapped: true,
  });
});
