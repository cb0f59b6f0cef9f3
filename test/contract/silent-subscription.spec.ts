import { setTimeout as pause } from 'node:timers/promises';
import { StoreUnavailable } from '../../src/eventstore/event-store.js';
import { accounts, AccountsWorld, booked, statusOf, until } from '../support/projections/accounts.js';

const catalogue = [accounts(() => false)];
let world: AccountsWorld;

beforeEach(() => {
  world = new AccountsWorld();
});
afterEach(() => world.close());

test('a subscription that stops delivering is replaced, and no event is missed', async () => {
  const runner = await world.started(catalogue, { pollInterval: 20 });
  world.log.record(booked('a', 1));
  await world.caughtUp(runner);
  world.log.mute = true;
  world.log.record(booked('a', 2)); // wakes the subscription, which delivers nothing
  await world.caughtUp(runner);
  expect(await world.balance('a')).toBe(12);
  await until(() => world.log.subscriptions === 2);
  world.log.mute = false;
  world.log.record(booked('a', 3));
  await world.caughtUp(runner);
  expect(await world.balance('a')).toBe(123);
});

test('an idle subscription is not replaced', async () => {
  const runner = await world.started(catalogue, { pollInterval: 5 });
  world.log.record(booked('a', 1));
  await world.caughtUp(runner);
  await pause(100);
  expect(statusOf(runner).state).toBe('live');
  expect(world.log.subscriptions).toBe(1);
});

test('an unreadable log makes the model back off until it recovers', async () => {
  const runner = await world.started(catalogue, { pollInterval: 5 });
  await until(() => statusOf(runner).state === 'live');
  const reading = jest.spyOn(world.log, 'readAll').mockRejectedValue(new StoreUnavailable('away'));
  await until(() => statusOf(runner).retry?.error === 'StoreUnavailable: away');
  reading.mockRestore();
  world.log.record(booked('a', 1));
  await world.caughtUp(runner);
});

test('a stop does not wait for a subscription that does not end', async () => {
  world.log.mute = true;
  const runner = await world.started(catalogue);
  await runner.stop();
  expect(statusOf(runner).state).toBe('stopped');
});
