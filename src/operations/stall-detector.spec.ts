import type { ProjectionsStatus, ProjectionStatus } from '../projection/projections.js';
import { StallDetector } from './stall-detector.js';

const LIMIT_MS = 100;
const CHECK_INTERVAL_MS = 50;
const catchingUp: ProjectionStatus = {
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
  detector = new StallDetector(LIMIT_MS);
});

/**
 * Whether a projection with these properties is stalled after a number of further checks. The checks of all calls in one
 * test count together. Four checks without progress, 50 ms apart, exceed the limit.
 */
function isStalledAfter(
  properties: Partial<ProjectionStatus>,
  newestPosition: string | null = '7',
  checks = 4,
): boolean {
  const projection = { ...catchingUp, ...properties };
  const status: ProjectionsStatus = {
    healthy: true,
    degraded: false,
    head: '7',
    observedMsAgo: 0,
    worker: 'running',
    projections: [projection],
  };
  for (let done = 0; done < checks; done += 1) detector.check(status, newestPosition, CHECK_INTERVAL_MS);
  return detector.isStalled('trends');
}

test.each(['live', 'catching-up'] as const)(
  'a %s projection that does not move is stalled if the log has newer events',
  (state) => {
    expect(isStalledAfter({ state })).toBe(true);
  },
);

test('a projection is not stalled until the limit has passed', () => {
  expect(isStalledAfter({}, '7', 3)).toBe(false);
  expect(isStalledAfter({}, '7', 1)).toBe(true); // the fourth check
});

test('a projection that moves is not stalled; a stalled one recovers as soon as it moves', () => {
  for (const position of ['3', '4', '5', '6']) expect(isStalledAfter({ position }, '7', 2)).toBe(false);
  expect(isStalledAfter({ position: '6' })).toBe(true);
  expect(isStalledAfter({ position: '7' }, '9', 1)).toBe(false);
});

test('a projection that has not folded any event yet can be stalled', () => {
  expect(isStalledAfter({ position: null })).toBe(true);
});

test('a projection at the end of the log is not stalled, nor is one whose log is empty', () => {
  expect(isStalledAfter({ position: '7' })).toBe(false);
  expect(isStalledAfter({}, null)).toBe(false);
});

test.each([
  { state: 'paused' },
  { state: 'halted' },
  { state: 'backing-off' },
  { state: 'stopped' },
  { building: { collection: 'trends@1.2', position: null } },
] as const)('a projection that is not expected to move is not stalled: %j', (properties) => {
  expect(isStalledAfter(properties)).toBe(false);
});
