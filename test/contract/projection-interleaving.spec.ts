import { setImmediate as nextTurn, setTimeout as pause } from 'node:timers/promises';
import type { ProjectionRunner } from '../../src/projection/projection-runner.js';
import type { Projection } from '../../src/projection/projection.js';
import type { ReadModels } from '../../src/readmodels/read-models.js';
import { AccountsWorld, booked, statusOf, until } from '../support/projections/accounts.js';

/*
 * Several projections share a feed. While one projection is paused, halted, rebuilt or resumed, the others receive
 * events. That projection must not miss any of those events.
 */

interface EventCount {
  readonly events: number;
}

/**
 * A projection that counts the events of each stream.
 * @param onEvent is called before each event is folded; if it throws, folding fails
 */
const countingProjection = (
  name: string,
  onEvent: (type: string) => void = () => undefined,
): Projection<EventCount> => ({
  name,
  version: 1,
  streams: ['account-'],
  keys: (event) => [event.stream],
  evolve(before, event) {
    onEvent(event.type);
    return { events: (before?.events ?? 0) + 1 };
  },
  indexes: [],
  nonDeterministicFields: [],
});

/** The read models, but each call begins one turn of the event loop later, as with a server. */
const delayed = (port: ReadModels): ReadModels =>
  new Proxy(port, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name);
      if (typeof member !== 'function') return member;
      return async (...values: readonly unknown[]): Promise<unknown> => {
        await nextTurn();
        return Reflect.apply(member, target, values) as unknown;
      };
    },
  });

describe.each([
  ['in the same turn of the event loop', (port: ReadModels) => port],
  ['in a later turn of the event loop', delayed],
])('with read models that answer %s', (_when, wrap) => {
  let world: AccountsWorld;
  beforeEach(() => {
    world = new AccountsWorld();
  });
  afterEach(() => world.close());

  const startRunner = (...catalogue: readonly Projection[]) =>
    world.startRunner(catalogue, { stores: [{ readModels: wrap(world.readModels.port), catalogue }] });

  /** Number of events that a projection has folded, over all its documents. */
  async function eventsIn(name: string): Promise<unknown> {
    const { port } = world.readModels;
    const collection = await world.readModels.live(name);
    const [total] = await port.aggregate(collection, [{ $group: { _id: null, events: { $sum: '$events' } } }]);
    return total?.events;
  }

  test('a projection that is resumed while another one folds a batch misses no event', async () => {
    let duringNextEvent: (() => void) | undefined;
    const first = countingProjection('first', () => {
      duringNextEvent?.();
      duringNextEvent = undefined;
    });
    const projections = await startRunner(first, countingProjection('second'));
    world.log.record(booked('a', 1));
    await world.untilCaughtUp(projections, 'second');
    await projections.execute({ kind: 'pause', name: 'second' });
    world.log.record(booked('a', 1), booked('b', 1), booked('a', 1));
    await world.untilCaughtUp(projections, 'first');
    duringNextEvent = () => {
      setImmediate(() => void projections.execute({ kind: 'resume', name: 'second' }));
    };
    world.log.record(booked('b', 1));
    await world.untilCaughtUp(projections, 'first');
    await world.untilCaughtUp(projections, 'second');
    expect([await eventsIn('first'), await eventsIn('second')]).toEqual([5, 5]);
  });

  test.each<[string, (projections: ProjectionRunner) => Promise<unknown>]>([
    ['rebuilt', (projections) => projections.execute({ kind: 'rebuild', name: 'second' })],
    ['retried', (projections) => projections.execute({ kind: 'retry', name: 'second' })],
    [
      'paused and resumed',
      async (projections) => {
        await projections.execute({ kind: 'pause', name: 'second' });
        await pause(3);
        await projections.execute({ kind: 'resume', name: 'second' });
      },
    ],
  ])('a projection that is %s repeatedly while events are recorded misses no event', async (_what, operate) => {
    const projections = await startRunner(countingProjection('first'), countingProjection('second'));
    let recorded = 0;
    const record = (events: number): void => {
      for (let n = 0; n < events; n++) {
        world.log.record(booked(String(recorded % 1500), 1));
        recorded++;
      }
    };
    record(1500);
    await world.untilCaughtUp(projections, 'second');
    let recording = true;
    const recordMore = (): void => {
      if (!recording) return;
      record(3);
      setImmediate(recordMore);
    };
    recordMore();
    for (let times = 0; times < 8; times++) await operate(projections);
    recording = false;
    await world.untilCaughtUp(projections, 'first');
    await world.untilCaughtUp(projections, 'second');
    expect([await eventsIn('first'), await eventsIn('second')]).toEqual([recorded, recorded]);
  });

  test('a projection that is resumed after a halt misses no event', async () => {
    let failing = true;
    const second = countingProjection('second', (type) => {
      if (failing && type === 'Boom') throw new Error('cannot be folded');
    });
    const projections = await startRunner(countingProjection('first'), second);
    let recorded = 0;
    let recording = true;
    const recordMore = (): void => {
      if (!recording) return;
      world.log.record(booked(String(recorded % 300), 1));
      recorded++;
      setImmediate(recordMore);
    };
    recordMore();
    for (let times = 0; times < 5; times++) {
      failing = true;
      world.log.record(booked('0', 1, 'Boom'));
      recorded++;
      await until(() => statusOf(projections, 'second').halt !== undefined);
      failing = false;
      await projections.execute({ kind: 'resume', name: 'second' });
      await pause(10);
    }
    recording = false;
    await world.untilCaughtUp(projections, 'first');
    await world.untilCaughtUp(projections, 'second');
    expect([await eventsIn('first'), await eventsIn('second')]).toEqual([recorded, recorded]);
  });
});
