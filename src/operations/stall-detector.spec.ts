import type { ProjectionsStatus, ProjectionStatus } from '../projection/projections.js';
import { StallDetector } from './stall-detector.js';

const LIMIT = 100;
const INTERVAL_MS = 50;
const one: ProjectionStatus = {
  name: 'trends',
  version: 1,
  state: 'catching-up',
  collection: 'trends@1.1',
  position: '3',
  recordedAt: null,
  caughtUp: false,
  complete: true,
  lag: 4,
  folded: 3,
  parked: { documents: 0, events: 0, oldest: null },
};
let detector: StallDetector;
beforeEach(() => {
  detector = new StallDetector(LIMIT);
});

/** Calls the detector often enough to exceed the limit if the projection does not move. */
function isStalledAfter(change: Partial<ProjectionStatus>, newest: string | null = '7', times = 4): boolean {
  const projection = { ...one, ...change };
  const status: ProjectionsStatus = {
    healthy: true,
    degraded: false,
    head: '7',
    observedMsAgo: 0,
    worker: 'running',
    projections: [projection],
  };
  for (let checks = 0; checks < times; checks += 1) detector.check(status, newest, INTERVAL_MS);
  return detector.isStalled('trends');
}

test.each(['live', 'catching-up'] as const)('a %s projection is stalled when the log continues beyond it', (state) => {
  expect(isStalledAfter({ state })).toBe(true);
});

test('no stall is reported before the limit has passed', () => {
  expect(isStalledAfter({}, '7', 3)).toBe(false);
  expect(isStalledAfter({}, '7', 1)).toBe(true);
});

test('a projection that moves is not stalled, and recovers as soon as it moves', () => {
  for (const position of ['3', '4', '5', '6']) expect(isStalledAfter({ position }, '7', 2)).toBe(false);
  expect(isStalledAfter({ position: '6' })).toBe(true);
  expect(isStalledAfter({ position: '7' }, '9', 1)).toBe(false);
});

test('a projection that has not started is stalled', () => {
  expect(isStalledAfter({ position: null })).toBe(true);
});

test('a projection at the end of the log is not stalled', () => {
  expect(isStalledAfter({ position: '7' })).toBe(false);
  expect(isStalledAfter({}, null)).toBe(false);
});

test.each([
  { state: 'paused' },
  { state: 'halted' },
  { state: 'backing-off' },
  { state: 'stopped' },
  { building: { collection: 'trends@1.2', position: null } },
] as const)('a projection with a known reason is not stalled: %j', (why) => {
  expect(isStalledAfter(why)).toBe(false);
});
