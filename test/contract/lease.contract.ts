import type { Lease, Leases } from '../../src/readmodels/lease.js';

/** A store of leases, and its clients; each has its own clock. */
export interface LeasePlace {
  contender(monotonic: () => number): Promise<Leases>;
  close(): Promise<void>;
}

/** The contract of the Lease port. Time advances only where a test advances it. */
export function describeLeases(name: string, open: () => Promise<LeasePlace>): void {
  describe(`leases: ${name}`, () => {
    const TERM = 1_000;
    let place: LeasePlace;
    let one: Leases;
    let other: Leases;
    let clocks: { one: number; other: number };

    beforeEach(async () => {
      place = await open();
      clocks = { one: 5, other: 7_000_000 };
      one = await place.contender(() => clocks.one);
      other = await place.contender(() => clocks.other);
    });

    afterEach(() => place.close());

    const passes = (milliseconds: number): void => {
      clocks.one += milliseconds;
      clocks.other += milliseconds;
    };
    const taken = async (leases: Leases, holder: string): Promise<Lease> => {
      const lease = await leases.acquire('projections', holder, TERM);
      if (lease === null) throw new Error(`${holder} did not get the lease`);
      return lease;
    };
    const waits = async (leases: Leases, holder: string): Promise<void> => {
      expect(await leases.acquire('projections', holder, TERM)).toBeNull();
    };

    test('the first client acquires it, and the next one waits', async () => {
      const lease = await taken(one, 'a');
      expect(lease).toMatchObject({ name: 'projections', holder: 'a', epoch: 1 });
      expect(lease.held()).toBe(true);
      await waits(other, 'b');
      await waits(one, 'a');
    });

    test('leases of different names are independent', async () => {
      await taken(one, 'a');
      expect(await other.acquire('timers', 'b', TERM)).toMatchObject({ epoch: 1 });
    });

    test('of many concurrent clients one acquires it', async () => {
      const all = await Promise.all(['a', 'b', 'c', 'd', 'e'].map((who) => one.acquire('projections', who, TERM)));
      expect(all.filter((lease) => lease !== null)).toHaveLength(1);
    });

    test('a holder that renews keeps it', async () => {
      const lease = await taken(one, 'a');
      for (let time = 0; time < 5; time += 1) {
        await waits(other, 'b');
        passes(TERM - 1);
        expect(lease.held()).toBe(true);
        expect(await lease.renew()).toBe(true);
      }
      expect(lease.epoch).toBe(1);
    });

    test('a holder that is silent for a term loses it, and its epoch is outdated', async () => {
      const silent = await taken(one, 'a');
      await waits(other, 'b');
      passes(TERM - 1);
      await waits(other, 'b');
      passes(1);
      expect(silent.held()).toBe(false);
      const next = await taken(other, 'b');
      expect(next.epoch).toBe(2);
      expect(await silent.renew()).toBe(false);
      expect(silent.held()).toBe(false);
      await silent.release();
      expect(next.held()).toBe(true);
      expect(await next.renew()).toBe(true);
    });

    test('a late holder without competitors continues', async () => {
      const late = await taken(one, 'a');
      passes(3 * TERM);
      expect(late.held()).toBe(false);
      expect(await late.renew()).toBe(true);
      expect(late.held()).toBe(true);
    });

    test('a new observer has to watch for a whole term', async () => {
      await taken(one, 'a');
      passes(100 * TERM);
      await waits(other, 'b');
      passes(TERM - 1);
      await waits(other, 'b');
      passes(1);
      await taken(other, 'b');
    });

    test('the term of the holder applies, not that of the observer', async () => {
      await one.acquire('projections', 'a', 10 * TERM);
      await waits(other, 'b');
      passes(5 * TERM);
      await waits(other, 'b');
      passes(5 * TERM);
      await taken(other, 'b');
    });

    test('a holder whose clock has stopped continues without noticing, and is fenced', async () => {
      const stopped = await taken(one, 'a');
      await waits(other, 'b');
      clocks.other += TERM;
      const next = await taken(other, 'b');
      expect(stopped.held()).toBe(true);
      expect(next.epoch).toBeGreaterThan(stopped.epoch);
      expect(await stopped.renew()).toBe(false);
      expect(stopped.held()).toBe(false);
    });

    test('a released lease is free at once, with a greater epoch', async () => {
      const lease = await taken(one, 'a');
      await lease.release();
      expect(lease.held()).toBe(false);
      expect(await lease.renew()).toBe(false);
      expect(await other.holder('projections')).toMatchObject({ holder: 'a', epoch: 1, released: true });
      const next = await taken(other, 'b');
      expect(next.epoch).toBe(2);
      await next.release();
      expect((await taken(one, 'a')).epoch).toBe(3);
    });

    test('every client can see the holder', async () => {
      expect(await other.holder('projections')).toBeNull();
      await taken(one, 'a');
      const seen = await other.holder('projections');
      expect(seen).toMatchObject({ holder: 'a', epoch: 1, released: false });
      expect(Math.abs(Date.parse(seen?.changedAt ?? '') - Date.now())).toBeLessThan(60_000);
    });

    test('a term of zero is rejected', async () => {
      await expect(one.acquire('projections', 'a', 0)).rejects.toThrow(RangeError);
    });
  });
}
