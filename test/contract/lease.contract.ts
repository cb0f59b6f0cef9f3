import type { Lease, Leases } from '../../src/readmodels/lease.js';

/** A store of leases for one test. */
export interface LeaseStore {
  /** A new client. @param monotonic the clock of the client, in milliseconds */
  newClient(monotonic: () => number): Promise<Leases>;
  /** Closes all clients. */
  close(): Promise<void>;
}

/** The contract of the Lease port. Time passes only when a test advances the clocks of its two clients. */
export function describeLeases(name: string, open: () => Promise<LeaseStore>): void {
  describe(`leases: ${name}`, () => {
    const TERM_MS = 1_000;
    let store: LeaseStore;
    let clientA: Leases;
    let clientB: Leases;
    let clocks: { a: number; b: number };

    beforeEach(async () => {
      store = await open();
      clocks = { a: 5, b: 7_000_000 }; // the monotonic clocks of two processes are not comparable
      clientA = await store.newClient(() => clocks.a);
      clientB = await store.newClient(() => clocks.b);
    });

    afterEach(() => store.close());

    const advanceTime = (milliseconds: number): void => {
      clocks.a += milliseconds;
      clocks.b += milliseconds;
    };
    const acquire = async (leases: Leases, holder: string): Promise<Lease> => {
      const lease = await leases.acquire('projections', holder, TERM_MS);
      if (lease === null) throw new Error(`${holder} did not acquire the lease`);
      return lease;
    };
    const expectNotAcquired = async (leases: Leases, holder: string): Promise<void> => {
      expect(await leases.acquire('projections', holder, TERM_MS)).toBeNull();
    };

    test('the first client acquires the lease; while it is held, neither client acquires it again', async () => {
      const lease = await acquire(clientA, 'a');
      expect(lease).toMatchObject({ name: 'projections', holder: 'a', epoch: 1 });
      expect(lease.held()).toBe(true);
      await expectNotAcquired(clientB, 'b');
      await expectNotAcquired(clientA, 'a');
    });

    test('leases of different names are independent', async () => {
      await acquire(clientA, 'a');
      expect(await clientB.acquire('timers', 'b', TERM_MS)).toMatchObject({ epoch: 1 });
    });

    test('of several concurrent holders exactly one acquires the lease', async () => {
      const holders = ['a', 'b', 'c', 'd', 'e'];
      const leases = await Promise.all(holders.map((holder) => clientA.acquire('projections', holder, TERM_MS)));
      expect(leases.filter((lease) => lease !== null)).toHaveLength(1);
    });

    test('a holder that renews the lease within each term keeps it', async () => {
      const lease = await acquire(clientA, 'a');
      for (let time = 0; time < 5; time += 1) {
        await expectNotAcquired(clientB, 'b');
        advanceTime(TERM_MS - 1);
        expect(lease.held()).toBe(true);
        expect(await lease.renew()).toBe(true);
      }
      expect(lease.epoch).toBe(1);
    });

    test('a holder that does not renew for a term loses the lease, and the next holder has a greater epoch', async () => {
      const silent = await acquire(clientA, 'a');
      await expectNotAcquired(clientB, 'b');
      advanceTime(TERM_MS - 1);
      await expectNotAcquired(clientB, 'b');
      advanceTime(1);
      expect(silent.held()).toBe(false);
      const next = await acquire(clientB, 'b');
      expect(next.epoch).toBe(2);
      expect(await silent.renew()).toBe(false);
      expect(silent.held()).toBe(false);
      await silent.release();
      expect(next.held()).toBe(true);
      expect(await next.renew()).toBe(true);
    });

    test('a holder that renews too late keeps the lease if no other client acquired it', async () => {
      const late = await acquire(clientA, 'a');
      advanceTime(3 * TERM_MS);
      expect(late.held()).toBe(false);
      expect(await late.renew()).toBe(true);
      expect(late.held()).toBe(true);
    });

    test('a client that sees a lease for the first time must observe it for a whole term before it acquires it', async () => {
      await acquire(clientA, 'a');
      advanceTime(100 * TERM_MS);
      await expectNotAcquired(clientB, 'b');
      advanceTime(TERM_MS - 1);
      await expectNotAcquired(clientB, 'b');
      advanceTime(1);
      await acquire(clientB, 'b');
    });

    test('the term of the holder applies, not the term of the client that waits', async () => {
      await clientA.acquire('projections', 'a', 10 * TERM_MS);
      await expectNotAcquired(clientB, 'b');
      advanceTime(5 * TERM_MS);
      await expectNotAcquired(clientB, 'b');
      advanceTime(5 * TERM_MS);
      await acquire(clientB, 'b');
    });

    test('a holder whose clock stands still believes that it holds the lease until it renews; its epoch is outdated', async () => {
      const stopped = await acquire(clientA, 'a');
      await expectNotAcquired(clientB, 'b');
      clocks.b += TERM_MS;
      const next = await acquire(clientB, 'b');
      expect(stopped.held()).toBe(true);
      expect(next.epoch).toBeGreaterThan(stopped.epoch);
      expect(await stopped.renew()).toBe(false);
      expect(stopped.held()).toBe(false);
    });

    test('a released lease can be acquired at once, with a greater epoch', async () => {
      const lease = await acquire(clientA, 'a');
      await lease.release();
      expect(lease.held()).toBe(false);
      expect(await lease.renew()).toBe(false);
      expect(await clientB.holder('projections')).toMatchObject({ holder: 'a', epoch: 1, released: true });
      const next = await acquire(clientB, 'b');
      expect(next.epoch).toBe(2);
      await next.release();
      expect((await acquire(clientA, 'a')).epoch).toBe(3);
    });

    test('every client can see the holder', async () => {
      expect(await clientB.holder('projections')).toBeNull();
      await acquire(clientA, 'a');
      const seen = await clientB.holder('projections');
      expect(seen).toMatchObject({ holder: 'a', epoch: 1, released: false });
      expect(Math.abs(Date.parse(seen?.changedAt ?? '') - Date.now())).toBeLessThan(60_000);
    });

    test('a term of zero is rejected', async () => {
      await expect(clientA.acquire('projections', 'a', 0)).rejects.toThrow(RangeError);
    });
  });
}
