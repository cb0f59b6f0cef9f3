import { setTimeout as pause } from 'node:timers/promises';
import { StoreUnavailable } from '../../src/eventstore/event-store.js';
import { accounts, AccountsWorld, booked, statusOf, until } from '../support/projections/accounts.js';

const catalogue = [accounts()];
let world: AccountsWorld;

beforeEach(() => {
  world = new AccountsWorld();
});
afterEach(() => world.close());

test('a subscription that delivers nothing although there are new events is replaced, and no event is missed', async () => {
  const runner = await world.startRunner(catalogue, { pollInterval: 20 });
  world.log.record(booked('a', 1));
  await world.untilCaughtUp(runner);
  world.log.isSilent = true;
  world.log.record(booked('a', 2)); // the subscription does not deliver this event
  await world.untilCaughtUp(runner);
  expect(await world.balance('a')).toBe(12);
  await until(() => world.log.subscriptions === 2);
  world.log.isSilent = false;
  world.log.record(booked('a', 3));
  await world.untilCaughtUp(runner);
  expect(await world.balance('a')).toBe(123);
});

test('a subscription without new events is not replaced', async () => {
  const runner = await world.startRunner(catalogue, { pollInterval: 5 });
  world.log.record(booked('a', 1));
  await world.untilCaughtUp(runner);
  await pause(100);
  expect(statusOf(runner).state).toBe('live');
  expect(world.log.subscriptions).toBe(1);
});

test('a projection backs off while the log cannot be read, and continues when the log can be read again', async () => {
  const runner = await world.startRunner(catalogue, { pollInterval: 5 });
  await until(() => statusOf(runner).state === 'live');
  const reading = jest.spyOn(world.log, 'readAll').mockRejectedValue(new StoreUnavailable('no connection'));
  await until(() => statusOf(runner).retry?.error === 'StoreUnavailable: no connection');
  reading.mockRestore();
  world.log.record(booked('a', 1));
  await world.untilCaughtUp(runner);
});

test('a runner stops even if its subscription does not end', async () => {
  world.log.isSilent = true;
  const runner = await world.startRunner(catalogue);
  await runner.stop();
  expect(statusOf(runner).state).toBe('stopped');
});
