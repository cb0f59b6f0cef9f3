import { ListingQuota } from './listing-quota.js';

describe('a quota of listed lines', () => {
  const MINUTE_MS = 60_000;
  let now: number;
  let quota: ListingQuota;
  beforeEach(() => {
    now = 0;
    quota = new ListingQuota(120, () => now);
  });
  /** The number of lines that are listed out of 1000. */
  const listed = (): number => Array.from({ length: 1000 }, () => quota.take()).filter(Boolean).length;

  test('is used up by lines, and renewed with time', () => {
    expect(listed()).toBe(120);
    now += MINUTE_MS;
    expect(listed()).toBe(2);
  });

  test('is not reduced when the clock is set back', () => {
    now -= 10 * MINUTE_MS;
    expect(listed()).toBe(120);
    now += MINUTE_MS;
    expect(listed()).toBe(2);
  });

  test('never exceeds the lines of an hour', () => {
    now += 1000 * MINUTE_MS;
    expect(listed()).toBe(120);
  });
});
