import { StoreUnavailable } from '../../src/eventstore/event-store.js';
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

/** One lease in memory. The processes of a test share it, as real processes share a database. */
class InMemoryLease implements LeaseRegister {
  stored: RegisteredLease | null = null;

  load(): ReturnType<LeaseRegister['load']> {
    return Promise.resolve(this.stored === null ? null : { ...this.stored, changedAt: null });
  }

  change(_name: string, from: RegisteredLease | null, to: RegisteredLease): Promise<boolean> {
    const { stored } = this;
    const isUnchanged =
      stored === null ? from === null : from?.epoch === stored.epoch && from.counter === stored.counter;
    if (isUnchanged) this.stored = to;
    return Promise.resolve(isUnchanged);
  }
}

const TERM_MS = 200;
const catalogue = [accounts()];
let world: AccountsWorld;
let register: InMemoryLease;
let started: Projections[];

beforeEach(() => {
  world = new AccountsWorld();
  register = new InMemoryLease();
  started = [];
});
afterEach(async () => {
  for (const projections of started) await projections.stop();
  await world.close();
});

const remoteProjections = () =>
  new RemoteProjections({
    store: world.log,
    stores: [{ readModels: world.readModels.port, catalogue }],
    leases: new CompareAndSetLeases(register),
    pollInterval: 20,
    explainFailure: (error) => (error instanceof StoreUnavailable ? 'start the server' : undefined),
  });

async function startProcess(holder: string): Promise<LeaderElectedProjections> {
  const createRunner = () =>
    new ProjectionRunner({
      store: world.log,
      stores: [{ readModels: world.readModels.port, catalogue }],
      decode: decodeJson,
      othersReadCheckpoint: true,
    });
  const projections = new LeaderElectedProjections({
    leases: new CompareAndSetLeases(register),
    holder,
    term: TERM_MS,
    createRunner,
    remote: remoteProjections(),
  });
  started.push(projections);
  await projections.start();
  return projections;
}

async function startRemote(): Promise<RemoteProjections> {
  const remote = remoteProjections();
  started.push(remote);
  await remote.start();
  return remote;
}

const accountsStatus = (projections: Projections) => projections.status().projections[0];

test('one of two processes runs the projections; when that process stops, the other one takes over', async () => {
  const first = await startProcess('first');
  await until(() => first.leads);
  const second = await startProcess('second');
  const position = world.log.record(booked('a', 1));
  expect(await first.waitFor('accounts', position, 60_000)).toBe(true);
  expect(await second.waitFor('accounts', position, 60_000)).toBe(true);
  expect(second.leads).toBe(false);
  await until(() => accountsStatus(second)?.caughtUp === true);
  await expect(second.execute({ kind: 'rebuild', name: 'accounts' })).rejects.toThrow(new RunsElsewhere('first'));
  expect(new RunsElsewhere('first').message).toBe(
    'the projections run in another process (host and process id: first): send the request to it; ' +
      'for a command of redress, set REDRESS_ROLE=projections, and --data to its data folder',
  );
  await first.stop();
  await until(() => second.leads);
  expect(await second.waitFor('accounts', world.log.record(booked('a', 2)), 2000)).toBe(true);
});

test('a process whose lease is acquired by another process no longer leads, and rejects operations', async () => {
  const first = await startProcess('first');
  await until(() => first.leads);
  const { stored } = register;
  if (stored === null) throw new Error('the lease was not acquired');
  register.stored = {
    ...stored,
    holder: 'second',
    epoch: stored.epoch + 1,
    counter: stored.counter + 1,
    termMs: 60_000,
  };
  await until(() => !first.leads);
  await expect(first.execute({ kind: 'pause', name: 'accounts' })).rejects.toThrow(
    'the projections run in another process',
  );
});

test('another process can wait for a position even if its event changed nothing', async () => {
  const first = await startProcess('first');
  await until(() => first.leads);
  const remote = await startRemote();
  expect(await remote.waitFor('accounts', world.log.record(booked('a', 1)), 2000)).toBe(true);
  const position = world.log.record(booked('a', 0, 'Ignored'));
  expect(await remote.waitFor('accounts', position, 60_000)).toBe(true);
  expect(await remote.waitFor('accounts', `${position}9`, 50)).toBe(false); // a later position, without an event
});

test('a process that does not lead detects that the log was replaced by another history', async () => {
  const first = await startProcess('first');
  const position = world.log.record(booked('a', 1));
  await until(() => first.leads);
  expect(await first.waitFor('accounts', position, 60_000)).toBe(true);
  const remote = await startRemote();
  await until(() => accountsStatus(remote)?.state === 'live');
  world.log.rewrite();
  await until(() => accountsStatus(remote)?.halt?.reason === 'history_changed');
  expect(remote.status()).toMatchObject({ healthy: false, projections: [{ state: 'halted', caughtUp: false }] });
});

test('a process that does not lead reports the cause while it cannot read the log', async () => {
  const remote = await startRemote();
  const { readAll } = world.log;
  const reading = jest.spyOn(world.log, 'readAll').mockRejectedValue(new StoreUnavailable('no connection'));
  await until(() => accountsStatus(remote)?.state === 'backing-off');
  expect(accountsStatus(remote)?.retry).toEqual({
    attempt: 1,
    error: 'StoreUnavailable: no connection',
    cause: 'start the server',
  });
  reading.mockImplementation(readAll.bind(world.log));
  await until(() => accountsStatus(remote)?.retry === undefined);
});

test('a runner reports a changed history even if the log delivers no more events', async () => {
  let reported: ProjectionsStatus | undefined;
  const runner = await world.startRunner(catalogue, { onStatus: (status) => (reported = status) });
  world.log.record(booked('a', 1));
  await world.untilCaughtUp(runner);
  world.log.rewrite();
  world.log.drop();
  await until(() => reported?.projections[0]?.state === 'halted');
  expect(reported).toMatchObject({ healthy: false, projections: [{ halt: { reason: 'history_changed' } }] });
});

test('if the log cannot read the position of the checkpoint, the halt reason is a changed history, not a storage fault', async () => {
  const before = await world.startRunner(catalogue);
  world.log.record(booked('a', 1));
  await world.untilCaughtUp(before);
  await before.stop();
  const { readAll } = world.log;
  jest
    .spyOn(world.log, 'readAll')
    .mockImplementation((options) =>
      options.after == null ? readAll.call(world.log, options) : Promise.reject(new RangeError('no such record')),
    );
  const after = await world.startRunner(catalogue);
  expect(statusOf(after)).toMatchObject({ state: 'halted', halt: { reason: 'history_changed' } });
});

test('other processes see paused projections and builds in progress', async () => {
  const first = await startProcess('first');
  await until(() => first.leads);
  world.log.record(booked('a', 1));
  const remote = await startRemote();
  await until(() => accountsStatus(remote)?.state === 'live');
  expect(accountsStatus(remote)?.building).toBeUndefined();
  await first.execute({ kind: 'pause', name: 'accounts' });
  await until(() => accountsStatus(remote)?.state === 'paused');
  await first.execute({ kind: 'resume', name: 'accounts' });
  await until(() => accountsStatus(remote)?.state === 'live');

  await first.stop();
  const session = await world.readModels.session();
  const record = await session.changeModel(await session.takeOverModel('accounts'), { building: 'accounts@1.2' });
  await until(() => accountsStatus(remote)?.building?.collection === 'accounts@1.2');
  await session.changeModel(record, { building: null });
  await until(() => accountsStatus(remote)?.building === undefined);
});
