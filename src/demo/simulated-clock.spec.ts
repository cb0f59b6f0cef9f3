import type { Clock } from '../platform/clock.js';
import { SimulatedClock } from './simulated-clock.js';

const handset = (at: string): Clock & { at: string } => ({
  at,
  now() {
    return this.at;
  },
});

describe('the simulated clock', () => {
  const start = '2026-03-01T08:00:00.000Z';

  test('does not change until it is set', () => {
    const real = handset('2026-03-29T08:00:00.000Z');
    const clock = new SimulatedClock(start, real);
    expect(clock.now()).toBe(start);
    clock.set('2026-03-02T09:30:00.000Z');
    real.at = '2026-03-29T10:00:00.000Z';
    expect(clock.now()).toBe('2026-03-02T09:30:00.000Z');
  });

  test('never goes backwards', () => {
    const clock = new SimulatedClock(start, handset('2026-03-29T08:00:00.000Z'));
    clock.set('2026-02-01T00:00:00.000Z');
    expect(clock.now()).toBe(start);
  });

  test('follows real time after its release, even if the real clock goes back', () => {
    const real = handset('2026-03-29T08:00:00.000Z');
    const clock = new SimulatedClock(start, real);
    clock.release();
    expect(clock.now()).toBe('2026-03-29T08:00:00.000Z');
    real.at = '2026-03-29T08:00:05.000Z';
    expect(clock.now()).toBe('2026-03-29T08:00:05.000Z');
    real.at = '2026-03-29T07:00:00.000Z';
    expect(clock.now()).toBe('2026-03-29T08:00:05.000Z');
  });

  test('continues from its own time if it is ahead of real time when released', () => {
    const real = handset('2026-03-29T08:00:00.000Z');
    const clock = new SimulatedClock('2026-03-30T08:00:00.000Z', real);
    clock.release();
    real.at = '2026-03-29T08:01:00.000Z';
    expect(clock.now()).toBe('2026-03-30T08:01:00.000Z');
  });

  test('cannot be set after its release', () => {
    const clock = new SimulatedClock(start, handset('2026-03-29T08:00:00.000Z'));
    clock.release();
    expect(() => clock.set('2026-04-01T00:00:00.000Z')).toThrow('released');
  });
});
