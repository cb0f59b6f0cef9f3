import { ProjectionRunner } from '../../src/projection/projection-runner.js';
import { LeaderElectedProjections } from '../../src/projection/leader-elected-projections.js';
import type { Projections, ProjectionsStatus } from '../../src/projection/projections.js';
import { RunsElsewhere, RemoteProjections } from '../../src/projection/remote-projections.js';
import {
  CompareAndSetLeases,
  type LeaseRegister,
  type RegisteredLease,
} from '../../src/readmodels/compare-and-set-leases.js';
import { accounts, AccountsWorld, booked, statusOf, until } from '../support/projections/accounts.js';
import { decodeJson } from '../support/projections/given.js';

/** One lease in memory; several processes share it as they share a database. */
class Register implements LeaseRegister {
  stored: RegisteredLease | null = null;

  load(): ReturnType<LeaseRegister['load']> {
    return Promise.resolve(this.stored === null ? null : { ...this.stored, changedAt: null });
  }

  change(_name: string, from: RegisteredLease | null, to: RegisteredLease): Promise<boolean> {
    const { stored } = this;
    const same = stored === null ? from === null : from?.epoch === stored.epoch && from.counter === stored.counter;
    if (same) this.stored = to;
    return Promise.resolve(same);
  }
}

const TERM = 200;
const catalogue = [accounts(() => false)];
let world: AccountsWorld;
let register: Register;
let started: Projections[];

beforeEach(() => {
  world = new AccountsWorld();
  register = new Register();
  started = [];
});
afterEach(async () => {
  for (const projections of started) await projections.stop();
  await world.close();
});

const remoteProjections = () =>
  new RemoteProjections({
    store: world.log,
    readModels: world.readModels.port,
    catalogue,
    leases: new CompareAndSetLeases(register),
    pollInterval: 20,
  });

async function startProcess(holder: string): Promise<LeaderElectedProjections> {
  const run = () =>
    new ProjectionRunner({
      store: world.log,
      readModels: world.readModels.port,
      decode: decodeJson,
      catalogue,
      isWatched: true,
    });
  const leased = new LeaderElectedProjections({
    leases: new CompareAndSetLeases(register),
    holder,
    term: TERM,
    run,
    remote: remoteProjections(),
  });
  started.push(leased);
  await leased.start();
  return leased;
}

async function startRemote(): Promise<RemoteProjections> {
  const remote = remoteProjections();
  started.push(remote);
  await remote.start();
  return remote;
}

const first = (projections: Projections) => projections.status().projections[0];

test('one of two processes runs the projections, and the other takes over when it stops', async () => {
  const one = await startProcess('one');
  await until(() => one.leads);
  const other = await startProcess('other');
  const position = world.log.record(booked('a', 1));
  expect(await one.waitFor('accounts', position, 60_000)).toBe(true);
  expect(await other.waitFor('accounts', position, 60_000)).toBe(true);
  expect(other.leads).toBe(false);
  await until(() => first(other)?.caughtUp === true);
  await expect(other.execute({ kind: 'rebuild', name: 'accounts' })).rejects.toThrow(RunsElsewhere);
  await one.stop();
  await until(() => other.leads);
  expect(await other.waitFor('accounts', world.log.record(booked('a', 2)), 2000)).toBe(true);
});

test('a holder that lost its lease to another process stops at once', async () => {
  const one = await startProcess('one');
  await until(() => one.leads);
  const { stored } = register;
  if (stored === null) throw new Error('the lease was not acquired');
  register.stored = {
    ...stored,
    holder: 'other',
    epoch: stored.epoch + 1,
    counter: stored.counter + 1,
    termMs: 60_000,
  };
  await until(() => !one.leads);
  await expect(one.execute({ kind: 'pause', name: 'accounts' })).rejects.toThrow(
    'the projections run in another process',
  );
});

test('another process can wait for a position even if its event changed nothing', async () => {
  const one = await startProcess('one');
  await until(() => one.leads);
  const remote = await startRemote();
  expect(await remote.waitFor('accounts', world.log.record(booked('a', 1)), 2000)).toBe(true);
  const position = world.log.record(booked('a', 0, 'Ignored'));
  expect(await remote.waitFor('accounts', position, 60_000)).toBe(true);
  expect(await remote.waitFor('accounts', `${position}9`, 50)).toBe(false);
});

test('a remote process detects that the log was replaced by another history', async () => {
  const one = await startProcess('one');
  const position = world.log.record(booked('a', 1));
  await until(() => one.leads);
  expect(await one.waitFor('accounts', position, 60_000)).toBe(true);
  const remote = await startRemote();
  await until(() => first(remote)?.state === 'live');
  world.log.rewrite();
  await until(() => first(remote)?.halt?.reason === 'history_changed');
  expect(remote.status()).toMatchObject({ healthy: false, projections: [{ state: 'halted', caughtUp: false }] });
});

test('a runner reports a changed history even if the log delivers no more events', async () => {
  let reported: ProjectionsStatus | undefined;
  const runner = await world.started(catalogue, { onStatus: (status) => (reported = status) });
  world.log.record(booked('a', 1));
  await world.caughtUp(runner);
  world.log.rewrite();
  world.log.drop();
  await until(() => reported?.projections[0]?.state === 'halted');
  expect(reported).toMatchObject({ healthy: false, projections: [{ halt: { reason: 'history_changed' } }] });
});

test('a log without an event at the position of the checkpoint is a changed history, not a storage fault', async () => {
  const before = await world.started(catalogue);
  world.log.record(booked('a', 1));
  await world.caughtUp(before);
  await before.stop();
  const { readAll } = world.log;
  jest
    .spyOn(world.log, 'readAll')
    .mockImplementation((options) =>
      options.after == null ? readAll.call(world.log, options) : Promise.reject(new RangeError('no such record')),
    );
  const after = await world.started(catalogue);
  expect(statusOf(after)).toMatchObject({ state: 'halted', halt: { reason: 'history_changed' } });
});

test('other processes see paused projections and builds in progress', async () => {
  const one = await startProcess('one');
  await until(() => one.leads);
  world.log.record(booked('a', 1));
  const remote = await startRemote();
  await until(() => first(remote)?.state === 'live');
  expect(first(remote)?.building).toBeUndefined();
  await one.execute({ kind: 'pause', name: 'accounts' });
  await until(() => first(remote)?.state === 'paused');
  await one.execute({ kind: 'resume', name: 'accounts' });
  await until(() => first(remote)?.state === 'live');

  await one.stop();
  const session = await world.readModels.session();
  const record = await session.changeModel(await session.takeModel('accounts'), { building: 'accounts@1.2' });
  await until(() => first(remote)?.building?.collection === 'accounts@1.2');
  await session.changeModel(record, { building: null });
  await until(() => first(remote)?.building === undefined);
});
