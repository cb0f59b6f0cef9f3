import { StoreUnavailable } from '../eventstore/event-store.js';
import { QueryTooSlow, ReadModelsUnavailable } from '../readmodels/read-models.js';
import { errorFrom, threadError } from './thread-errors.js';
import { historyChanged } from './failures.js';
import { OperationInProgress, UnknownProjection } from './operations.js';

/** The error as another thread receives it. */
const received = (error: unknown): Error => errorFrom(structuredClone(threadError(error)));

test.each([
  new UnknownProjection('unknown'),
  new OperationInProgress('trends'),
  historyChanged('expected an event, found none'),
  new ReadModelsUnavailable('db:27017', '2026-11-10T12:00:00.000Z', { cause: new Error('refused') }),
  new QueryTooSlow(15_000),
  new StoreUnavailable('the store is closed'),
])('%s keeps its class, message and fields in another thread', (error) => {
  const copy = received(error);
  expect(copy).toBeInstanceOf(error.constructor);
  expect([copy.message, Object.entries(copy)]).toEqual([error.message, Object.entries(error)]);
});

test('an error of another class keeps its name and message; a thrown text becomes the message', () => {
  expect(received(new TypeError('x is not a function'))).toMatchObject({
    name: 'TypeError',
    message: 'x is not a function',
  });
  expect(received('only text').message).toBe('only text');
});
