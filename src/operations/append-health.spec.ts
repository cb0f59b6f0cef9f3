import { AppendHealth } from './append-health.js';
import {
  AppendAmbiguous,
  StoreUnavailable,
  WrongExpectedRevision,
  type AppendResult,
  type EventStore,
} from '../eventstore/event-store.js';

describe('AppendHealth', () => {
  const times = ['2026-01-05T09:00:00.000Z', '2026-01-05T09:00:01.000Z'];
  let append: () => Promise<AppendResult>;
  const stored = { revision: 0, position: '00000000000000000001' };
  const diskFull = new Error('database or disk is full');

  test('reports an outage from a failed append to the next successful one; a conflict is neither', async () => {
    const clock = { now: () => times.shift() ?? '' };
    const health = new AppendHealth(clock, (error) => (error as Error).message);
    const store = health.monitor({ storeId: 's', append: () => append() } as unknown as EventStore);
    /** Appends to a store whose append has this outcome; returns the result or the error. */
    const appendWith = async (outcome: AppendResult | Error) => {
      append = () => (outcome instanceof Error ? Promise.reject(outcome) : Promise.resolve(outcome));
      return store.append('case-1', 'none', []).catch((error: unknown) => error);
    };

    const conflict = new WrongExpectedRevision('case-1', 'none', 3);
    expect(await appendWith(conflict)).toBe(conflict);
    expect(health.appendOutage).toBeNull();

    await appendWith(new AppendAmbiguous('the commit failed', { cause: diskFull }));
    await appendWith(new StoreUnavailable('the store is being reopened', { cause: diskFull }));
    expect(health.appendOutage).toEqual({
      since: '2026-01-05T09:00:00.000Z',
      cause: 'the store is being reopened',
    });
    await appendWith(conflict);
    expect(health.appendOutage).not.toBeNull();

    expect(await appendWith(stored)).toBe(stored);
    expect(health.appendOutage).toBeNull();
  });
});
