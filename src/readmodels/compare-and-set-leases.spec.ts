import { CompareAndSetLeases, type LeaseRegister, type RegisteredLease } from './compare-and-set-leases.js';

/** A register in memory. With `losesResponses` a change is stored, but its caller gets an error. */
class Register implements LeaseRegister {
  private stored: RegisteredLease | null = null;
  losesResponses = false;

  async load() {
    return this.stored && { ...this.stored, changedAt: null };
  }

  async change(_name: string, from: RegisteredLease | null, to: RegisteredLease): Promise<boolean> {
    if (this.stored?.epoch !== from?.epoch || this.stored?.counter !== from?.counter) return false;
    this.stored = to;
    if (this.losesResponses) throw new Error('the response was lost');
    return true;
  }
}

const TERM = 1_000;

test('a renewal whose response is lost does not extend the term, and the next renewal succeeds', async () => {
  const register = new Register();
  let now = 0;
  const lease = await new CompareAndSetLeases(register, () => now).acquire('projections', 'a', TERM);
  register.losesResponses = true;
  now += TERM - 1;
  await expect(lease?.renew()).rejects.toThrow('lost');
  expect(lease?.held()).toBe(true);
  now += 1;
  expect(lease?.held()).toBe(false);
  register.losesResponses = false;
  expect(await lease?.renew()).toBe(true);
  expect(lease?.held()).toBe(true);
});

test('if the response to an acquisition is lost, the lease is free after a term and its epoch is not used again', async () => {
  const register = new Register();
  let now = 0;
  const leases = new CompareAndSetLeases(register, () => now);
  register.losesResponses = true;
  await expect(leases.acquire('projections', 'a', TERM)).rejects.toThrow('lost');
  register.losesResponses = false;
  expect(await leases.acquire('projections', 'a', TERM)).toBeNull();
  now += TERM;
  expect(await leases.acquire('projections', 'a', TERM)).toMatchObject({ epoch: 2 });
});

test('with a slow store the term ends for the holder before another process can acquire the lease', async () => {
  const register = new Register();
  let now = 0;
  // A read takes 200 ms and a change 300 ms. `now = …` sets the clock to the moment of the next call, sometimes back.
  const slow: LeaseRegister = {
    load: () => register.load().then((stored) => ((now += 200), stored)),
    change: (name, from, to) => register.change(name, from, to).then((changed) => ((now += 300), changed)),
  };
  const leases = new CompareAndSetLeases(slow, () => now);
  // reads at 0, sends the change at 200, gets its response at 500; the term counts from 200
  const lease = await leases.acquire('projections', 'a', TERM);
  now = 200 + TERM - 1;
  expect(lease?.held()).toBe(true);
  now = 500;
  expect(await lease?.renew()).toBe(true); // sends the change at 500, gets its response at 800
  now = 500 + TERM;
  expect(lease?.held()).toBe(false);
  now = 800;
  const observer = new CompareAndSetLeases(slow, () => now);
  expect(await observer.acquire('projections', 'b', TERM)).toBeNull(); // the read ends at 1000
  now = 500 + TERM;
  expect(await observer.acquire('projections', 'b', TERM)).toBeNull();
  now = 1000 + TERM;
  expect(await observer.acquire('projections', 'b', TERM)).toMatchObject({ epoch: 2 });
});
