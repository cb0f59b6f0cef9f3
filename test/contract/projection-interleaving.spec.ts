import { setImmediate as nextTurn, setTimeout as pause } from 'node:timers/promises';
import type { ProjectionRunner } from '../../src/projection/projection-runner.js';
import type { Projection } from '../../src/projection/projection.js';
import type { ReadModels } from '../../src/readmodels/read-models.js';
import { AccountsWorld, booked, statusOf, until } from '../support/projections/accounts.js';

/*
 * Projections pause, fail and resume at every step of a batch. None of them may miss an event that is delivered to
 * others meanwhile.
 */

interface Counted {
  readonly events: number;
}

const counting = (name: string, seen: (type: string) => void = () => undefined): Projection<Counted> => ({
  name,
  version: 1,
  streams: ['account-'],
  keys: (event) => [event.stream],
  evolve(before, event) {
    seen(event.type);
    return { events: (before?.events ?? 0) + 1 };
  },
  indexes: [],
  nonDeterministicFields: [],
});

/** Read models of a server: each call completes one turn of the event loop later. */
const slow = (port: ReadModels): ReadModels =>
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
  ['at once', (port: ReadModels) => port],
  ['a turn later', slow],
])('with read models that answer %s', (_when, answering) => {
  let world: AccountsWorld;
  beforeEach(() => {
    world = new AccountsWorld();
  });
  afterEach(() => world.close());

  const started = (...catalogue: readonly Projection[]) =>
    world.started(catalogue, { readModels: answering(world.readModels.port) });

  async function counted(name: string): Promise<unknown> {
    const { port } = world.readModels;
    const collection = await world.readModels.live(name);
    const [all] = await port.aggregate(collection, [{ $group: { _id: null, events: { $sum: '$events' } } }]);
    return all?.events;
  }

  test('a projection that is resumed during a batch misses nothing', async () => {
    let meanwhile: (() => void) | undefined;
    const first = counting('first', () => {
      meanwhile?.();
      meanwhile = undefined;
    });
    const projections = await started(first, counting('second'));
    world.log.record(booked('a', 1));
    await world.caughtUp(projections, 'second');
    await projections.execute({ kind: 'pause', name: 'second' });
    world.log.record(booked('a', 1), booked('b', 1), booked('a', 1));
    await world.caughtUp(projections, 'first');
    meanwhile = () => {
      setImmediate(() => void projections.execute({ kind: 'resume', name: 'second' }));
    };
    world.log.record(booked('b', 1));
    await world.caughtUp(projections, 'first');
    await world.caughtUp(projections, 'second');
    expect([await counted('first'), await counted('second')]).toEqual([5, 5]);
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
  ])('a projection that is %s repeatedly while events are recorded misses none', async (_what, work) => {
    const projections = await started(counting('first'), counting('second'));
    let recorded = 0;
    const record = (events: number): void => {
      for (; events > 0; events--) world.log.record(booked(String(recorded++ % 1500), 1));
    };
    record(1500);
    await world.caughtUp(projections, 'second');
    let recording = true;
    const more = (): void => {
      if (!recording) return;
      record(3);
      setImmediate(more);
    };
    more();
    for (let times = 0; times < 8; times++) await work(projections);
    recording = false;
    await world.caughtUp(projections, 'first');
    await world.caughtUp(projections, 'second');
    expect([await counted('first'), await counted('second')]).toEqual([recorded, recorded]);
  });

  test('a projection that is resumed after a halt misses nothing', async () => {
    let failing = true;
    const second = counting('second', (type) => {
      if (failing && type === 'Boom') throw new Error('no such thing');
    });
    const projections = await started(counting('first'), second);
    let recorded = 0;
    let recording = true;
    const more = (): void => {
      if (!recording) return;
      world.log.record(booked(String(recorded++ % 300), 1));
      setImmediate(more);
    };
    more();
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
    await world.caughtUp(projections, 'first');
    await world.caughtUp(projections, 'second');
    expect([await counted('first'), await counted('second')]).toEqual([recorded, recorded]);
  });
});
