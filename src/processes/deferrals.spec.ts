import { Deferrals } from './deferrals.js';

const MINUTE = 60_000;

describe('a command that was sent and is still due', () => {
  let now = 0;
  let deferrals: Deferrals;
  beforeEach(() => {
    now = 0;
    deferrals = new Deferrals(() => now);
  });

  test('is tried again after a minute, then after two, and at least once in an hour', () => {
    const waits: number[] = [];
    for (let attempt = 1; attempt <= 8; attempt++) {
      expect(deferrals.defer('a', '1', true)).toBe(attempt);
      waits.push(deferrals.msUntilNext() / MINUTE);
      now += deferrals.msUntilNext() - 1;
      expect(deferrals.isDeferred('a', '1')).toBe(true);
      now += 1;
      expect(deferrals.isDeferred('a', '1')).toBe(false);
    }
    expect(waits).toEqual([1, 2, 4, 8, 16, 32, 60, 60]);
  });

  test('is tried at once when its complaint has changed, and counts anew', () => {
    deferrals.defer('a', '1', true);
    expect(deferrals.isDeferred('a', '2')).toBe(false);
    expect(deferrals.defer('a', '2', true)).toBe(1);
  });

  test('is forgotten when it is not due any more', () => {
    deferrals.defer('a', '1', true);
    deferrals.defer('b', '1', true);
    deferrals.retain(new Set(['b']));
    expect(deferrals.refused).toBe(1);
    expect(deferrals.isDeferred('a', '1')).toBe(false);
  });

  test('counts as refused only if it was refused', () => {
    deferrals.defer('a', '1', true);
    deferrals.defer('b', '1', false);
    expect(deferrals.refused).toBe(1);
  });

  test('nothing waits without one', () => {
    expect(deferrals.msUntilNext()).toBe(Infinity);
  });
});
