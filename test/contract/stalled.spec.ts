import type { Gauge } from 'prom-client';
import { measureProjections } from '../../src/operations/projection-metrics.js';
import { Metrics } from '../../src/platform/metrics.js';
import { systemClock } from '../../src/platform/clock.js';
import type { AppendOutage } from '../../src/operations/append-health.js';
import { Readiness } from '../../src/operations/readiness.js';
import { accounts, AccountsWorld, until } from '../support/projections/accounts.js';
import { fact } from '../support/projections/memory-log.js';

const catalogue = [{ ...accounts(() => false), streams: ['complaint-'] }];
const booked = () => fact('complaint-a', { type: 'Booked', data: { amount: 1 } });
let world: AccountsWorld;
let readiness: Readiness;
let metrics: Metrics;
let refusing: AppendOutage | null;
let release: () => void;
let answered: Promise<void>;

beforeEach(async () => {
  world = new AccountsWorld();
  answered = new Promise<void>((resolve) => (release = resolve));
  const projections = await world.started(catalogue);
  refusing = null;
  const appends = {
    get refusing() {
      return refusing;
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

const projectionsCheck = () => readiness.checks.find(({ name }) => name === 'projections')?.check();
const up = async (): Promise<boolean | undefined> => (await projectionsCheck())?.up;
async function gauge(): Promise<number | undefined> {
  const found = metrics.registry.getSingleMetric('redress_projection_stalled') as Gauge;
  return (await found.get()).values[0]?.value;
}

test('a runner that waits forever for its read models makes the process unready, until it moves', async () => {
  world.readModels.meddle = (batch, write) => answered.then(() => write(batch));
  expect(await up()).toBe(true);
  world.log.record(booked());
  await until(async () => !(await up()));
  expect(await projectionsCheck()).toMatchObject({
    up: false,
    states: { accounts: { stalled: true } },
  });
  expect(await gauge()).toBe(1);
  release();
  await until(async () => (await up()) === true);
  const { states } = (await projectionsCheck()) as unknown as { states: { accounts: object } };
  expect(states.accounts).not.toHaveProperty('stalled');
  expect(await gauge()).toBe(0);
});

test('an event store that answers and rejects appends is up and degraded, and reports since when', async () => {
  const look = () => readiness.checks.find(({ name }) => name === 'event_store')?.check();
  expect(await look()).toEqual({ up: true, head: null });
  refusing = { since: '2026-01-05T09:00:00.000Z', error: 'database or disk is full' };
  expect(await look()).toEqual({
    up: true,
    head: null,
    degraded: true,
    refusingSince: '2026-01-05T09:00:00.000Z',
  });
});
