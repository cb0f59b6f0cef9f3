import { StoreUnavailable } from '../eventstore/event-store.js';
import { QueryTooSlow, ReadModelsUnavailable } from '../readmodels/read-models.js';
import { errorFrom, threadError } from './thread-errors.js';
import { historyChanged } from './failures.js';
import { BuildUnderWay, UnknownProjection } from './operations.js';

/** As it arrives in another thread. */
const arrived = (error: unknown): Error => errorFrom(structuredClone(threadError(error)));

test.each([
  new UnknownProjection('nobody'),
  new BuildUnderWay('trends'),
  historyChanged('no event there'),
  new ReadModelsUnavailable('db:27017', '2026-11-10T12:00:00.000Z', { cause: new Error('refused') }),
  new QueryTooSlow(15_000),
  new StoreUnavailable('the store is closed'),
])('%s keeps its class and message in another thread', (error) => {
  const there = arrived(error);
  expect(there).toBeInstanceOf(error.constructor);
  expect([there.message, Object.entries(there)]).toEqual([error.message, Object.entries(error)]);
});

test('any other error keeps its name and message', () => {
  expect(arrived(new TypeError('x is not a function'))).toMatchObject({
    name: 'TypeError',
    message: 'x is not a function',
  });
  expect(arrived('no error at all').message).toBe('no error at all');
});
