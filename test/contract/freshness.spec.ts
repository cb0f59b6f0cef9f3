import { trends } from '../../projections/trends/projection.js';
import { Readiness } from '../../src/operations/readiness.js';
import { systemClock } from '../../src/platform/clock.js';
import { currentAt } from '../../src/projection/freshness.js';
import type { ProjectionRunner } from '../../src/projection/projection-runner.js';
import { accounts, AccountsWorld, booked, statusOf, until } from '../support/projections/accounts.js';

/** A small model under the name of a view, because readiness depends on the views alone. */
const view = { ...accounts(), name: trends.name };

const NOW = Date.parse('2026-01-05T09:00:00.000Z');

/* Position, head and time decide alike in every answer: the view of a query, the readiness of the process, and the lag. */
describe('a read model that lacks a recorded event', () => {
  let world: AccountsWorld;
  /** Ends the delay of writes to the read models. */
  let release: () => void;
  beforeEach(() => {
    world = new AccountsWorld();
    const released = new Promise<void>((resolve) => (release = resolve));
    world.readModels.interceptWrite = (batch, write) => released.then(() => write(batch));
  });
  afterEach(async () => {
    release();
    await world.close();
  });

  const isReady = async (projections: ProjectionRunner): Promise<boolean | undefined> => {
    const stores = { eventStore: world.log, readModels: world.readModels.port, projections };
    const appends = { appendOutage: null };
    const readiness = new Readiness({ ...stores, appends, leases: null, leads: () => true }, systemClock);
    const check = await readiness.checks.find(({ name }) => name === 'projections')?.check();
    readiness.stop();
    return check?.up;
  };

  test('because it is built after its file was removed is not ready until it has caught up', async () => {
    world.log.record(booked('a', 1));
    const runner = await world.startRunner([view]);
    expect(statusOf(runner, view.name)).toMatchObject({ caughtUp: false, complete: false, lag: 1 });
    expect(currentAt(runner.status(), view.name, NOW)).toBeUndefined();
    expect(await isReady(runner)).toBe(false);
    release();
    await world.untilCaughtUp(runner, view.name);
    await until(() => statusOf(runner, view.name).complete);
    expect(currentAt(runner.status(), view.name, NOW)).toBe(NOW);
    expect(await isReady(runner)).toBe(true);
  });

  test('that was just recorded does not claim to be current, and the process stays ready', async () => {
    const runner = await world.startRunner([view]);
    await until(() => statusOf(runner, view.name).complete);
    expect(currentAt(runner.status(), view.name, NOW)).toBe(NOW);
    world.log.record(booked('a', 1));
    runner.notify(world.log.events.at(-1)?.position ?? '');
    expect(statusOf(runner, view.name)).toMatchObject({ caughtUp: false, complete: true, lag: 1 });
    expect(currentAt(runner.status(), view.name, NOW)).toBeUndefined();
    expect(await isReady(runner)).toBe(true);
  });
});
