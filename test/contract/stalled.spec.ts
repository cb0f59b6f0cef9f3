import type { Gauge } from 'prom-client';
import { StoreUnavailable } from '../../src/eventstore/event-store.js';
import { measureProjections } from '../../src/operations/projection-metrics.js';
import { Metrics } from '../../src/platform/metrics.js';
import { systemClock } from '../../src/platform/clock.js';
import type { AppendOutage } from '../../src/operations/append-health.js';
import { Readiness } from '../../src/operations/readiness.js';
import { accounts, AccountsWorld, until } from '../support/projections/accounts.js';
import { fact } from '../support/projections/memory-log.js';

const catalogue = [{ ...accounts(), streams: ['complaint-'] }];
const booked = () => fact('complaint-a', { type: 'Booked', data: { amount: 1 } });
let world: AccountsWorld;
let readiness: Readiness;
let metrics: Metrics;
/** The outage that the event store reports; null: it accepts appends. */
let appendOutage: AppendOutage | null;
/** A test can hold back writes to the read models until `release` is called. */
let release: () => void;
let released: Promise<void>;

beforeEach(async () => {
  world = new AccountsWorld();
  released = new Promise<void>((resolve) => (release = resolve));
  const projections = await world.startRunner(catalogue, { explainFailure: () => 'free the disk' });
  appendOutage = null;
  const appends = {
    get appendOutage() {
      return appendOutage;
    },
  };
  const stores = { eventStore: world.log, appends, readModels: world.readModels.port, projections };
  readiness = new Readiness({ ...stores, leases: null, leads: () => true }, systemClock, {
    pollInterval: 10,
    stalledAfter: 100,
  }).start();
  metrics = new Metrics();
  measureProjections(metrics, projections, systemClock, (name) => readiness.isStalled(name));
});
afterEach(async () => {
  release();
  readiness.stop();
  await world.close();
});

const checkProjections = () => readiness.checks.find(({ name }) => name === 'projections')?.check();
const areProjectionsUp = async (): Promise<boolean | undefined> => (await checkProjections())?.up;
async function stalledGauge(): Promise<number | undefined> {
  const gauge = metrics.registry.getSingleMetric('redress_projection_stalled') as Gauge;
  return (await gauge.get()).values[0]?.value;
}

test('a projection that waits for its read models too long is stalled and not ready, until the write succeeds', async () => {
  world.readModels.interceptWrite = (batch, write) => released.then(() => write(batch));
  expect(await areProjectionsUp()).toBe(true);
  world.log.record(booked());
  await until(async () => !(await areProjectionsUp()));
  expect(await checkProjections()).toMatchObject({
    up: false,
    states: { accounts: { stalled: true } },
  });
  expect(await stalledGauge()).toBe(1);
  release();
  await until(async () => (await areProjectionsUp()) === true);
  const { states } = (await checkProjections()) as unknown as { states: { accounts: object } };
  expect(states.accounts).not.toHaveProperty('stalled');
  expect(await stalledGauge()).toBe(0);
});

test('a projection that retries is not ready, and the check has the cause but not the error, which may quote an event', async () => {
  world.readModels.interceptWrite = () => Promise.reject(new StoreUnavailable('王芳'));
  world.log.record(booked());
  await until(async () => !(await areProjectionsUp()));
  const check = await checkProjections();
  expect(check).toMatchObject({
    states: { accounts: { retrying: expect.any(Number) as number, cause: 'free the disk' } },
  });
  expect(JSON.stringify(check)).not.toContain('王芳');
});

test('an event store that can be read but rejects appends is up and degraded, with the start of the outage', async () => {
  const checkEventStore = () => readiness.checks.find(({ name }) => name === 'event_store')?.check();
  expect(await checkEventStore()).toEqual({ up: true, head: null });
  appendOutage = { since: '2026-01-05T09:00:00.000Z', cause: 'database or disk is full' };
  expect(await checkEventStore()).toEqual({
    up: true,
    head: null,
    degraded: true,
    refusingSince: '2026-01-05T09:00:00.000Z',
    cause: 'database or disk is full',
  });
});
