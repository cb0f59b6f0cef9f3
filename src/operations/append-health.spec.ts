import { AppendHealth } from './append-health.js';
import {
  AppendAmbiguous,
  StoreUnavailable,
  WrongExpectedRevision,
  type AppendResult,
  type EventStore,
} from '../eventstore/event-store.js';

describe('monitored appends', () => {
  const times = ['2026-01-05T09:00:00.000Z', '2026-01-05T09:00:01.000Z'];
  let append: () => Promise<AppendResult>;
  const taken = { revision: 0, position: '00000000000000000001' };
  const full = new Error('database or disk is full');

  test('are reported as rejected from the first failure until the next success', async () => {
    const clock = { now: () => times.shift() ?? '' };
    const watch = new AppendHealth(clock);
    const store = watch.monitor({ storeId: 's', append: () => append() } as unknown as EventStore);
    const appended = async (outcome: AppendResult | Error) => {
      append = () => (outcome instanceof Error ? Promise.reject(outcome) : Promise.resolve(outcome));
      return store.append('case-1', 'none', []).catch((error: unknown) => error);
    };

    const conflict = new WrongExpectedRevision('case-1', 'none', 3);
    expect(await appended(conflict)).toBe(conflict);
    expect(watch.refusing).toBeNull();

    await appended(new AppendAmbiguous('the commit failed', { cause: full }));
    await appended(new StoreUnavailable('the store is being reopened', { cause: full }));
    expect(watch.refusing).toEqual({
      since: '2026-01-05T09:00:00.000Z',
      error: 'the store is being reopened: database or disk is full',
    });
    await appended(conflict);
    expect(watch.refusing).not.toBeNull();

    expect(await appended(taken)).toBe(taken);
    expect(watch.refusing).toBeNull();
  });
});
