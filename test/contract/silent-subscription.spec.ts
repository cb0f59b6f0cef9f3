import { setTimeout as pause } from 'node:timers/promises';
import { attended } from '../../src/projection/attended.js';
import { accounts, AccountsWorld, booked, statusOf, until } from '../support/projections/accounts.js';

const catalogue = [accounts(() => false)];
let world: AccountsWorld;

beforeEach(() => {
  world = new AccountsWorld();
});
afterEach(() => world.close());

test('a subscription that falls silent is dropped, and another goes on from where it stopped', async () => {
  const runner = await world.started(catalogue, { lookEvery: 20 });
  world.log.record(booked('a', 1));
  await world.caughtUp(runner);
  world.log.mute = true;
  world.log.record(booked('a', 2)); // wakes the subscription, which hands nothing over
  await until(() => statusOf(runner).state === 'backing-off');
  expect(statusOf(runner).retry?.error).toContain('has fallen silent');
  world.log.mute = false;
  await world.caughtUp(runner);
  expect(await world.balance('a')).toBe(12);
});

test('one that has nothing to say is left alone', async () => {
  const runner = await world.started(catalogue, { lookEvery: 5 });
  world.log.record(booked('a', 1));
  await world.caughtUp(runner);
  await pause(100);
  expect(statusOf(runner).state).toBe('live');
  expect(world.log.subscriptions).toBe(1);
});

test('so is one whose log cannot be read meanwhile, until it can', async () => {
  const runner = await world.started(catalogue, { lookEvery: 5 });
  await until(() => statusOf(runner).state === 'live');
  const reading = jest.spyOn(world.log, 'readAll').mockRejectedValue(new Error('away'));
  await pause(50);
  expect(statusOf(runner).state).toBe('live');
  reading.mockRestore();
});

test('whoever takes long over a batch is not taken for silence', async () => {
  world.log.record(booked('a', 1), booked('a', 2), booked('a', 3));
  const ended = new AbortController();
  const handed: number[] = [];
  for await (const { events, caughtUp } of attended(
    world.log,
    { after: null, signal: ended.signal, batchSize: 1 },
    5,
  )) {
    handed.push(events.length);
    await pause(40);
    if (caughtUp) break;
  }
  expect(handed).toEqual([1, 1, 1, 0]);
});

test('stopping does not wait for a subscription that does not end', async () => {
  world.log.mute = true;
  const runner = await world.started(catalogue);
  await runner.stop();
  expect(statusOf(runner).state).toBe('stopped');
});
