import type { Clock } from '../platform/clock.js';
import { SimulatedClock } from './simulated-clock.js';

/** A clock with a fixed time that a test can change. */
const manualClock = (at: string): Clock & { at: string } => ({
  at,
  now() {
    return this.at;
  },
});

describe('the simulated clock', () => {
  const start = '2026-03-01T08:00:00.000Z';

  test('keeps its time until it is set, even if real time passes', () => {
    const real = manualClock('2026-03-29T08:00:00.000Z');
    const clock = new SimulatedClock(start, real);
    expect(clock.now()).toBe(start);
    clock.set('2026-03-02T09:30:00.000Z');
    real.at = '2026-03-29T10:00:00.000Z';
    expect(clock.now()).toBe('2026-03-02T09:30:00.000Z');
  });

  test('ignores a time before its own', () => {
    const clock = new SimulatedClock(start, manualClock('2026-03-29T08:00:00.000Z'));
    clock.set('2026-02-01T00:00:00.000Z');
    expect(clock.now()).toBe(start);
  });

  test('follows the real clock after its release, and waits if the real clock goes back', () => {
    const real = manualClock('2026-03-29T08:00:00.000Z');
    const clock = new SimulatedClock(start, real);
    clock.release();
    expect(clock.now()).toBe('2026-03-29T08:00:00.000Z');
    real.at = '2026-03-29T08:00:05.000Z';
    expect(clock.now()).toBe('2026-03-29T08:00:05.000Z');
    real.at = '2026-03-29T07:00:00.000Z';
    expect(clock.now()).toBe('2026-03-29T08:00:05.000Z');
  });

  test('stays ahead of the real clock by the same time if it was ahead at its release', () => {
    const real = manualClock('2026-03-29T08:00:00.000Z');
    const clock = new SimulatedClock('2026-03-30T08:00:00.000Z', real);
    clock.release();
    real.at = '2026-03-29T08:01:00.000Z';
    expect(clock.now()).toBe('2026-03-30T08:01:00.000Z');
  });

  test('cannot be set after its release', () => {
    const clock = new SimulatedClock(start, manualClock('2026-03-29T08:00:00.000Z'));
    clock.release();
    expect(() => clock.set('2026-04-01T00:00:00.000Z')).toThrow('released');
  });
});
