import {
  AppendAmbiguous,
  AppendRefused,
  AppendTooLarge,
  StoreUnavailable,
  WrongExpectedRevision,
} from '../event-store.js';
import { appendFailure, brokenStreamFailure, isTooSlow, readFailure } from './failures.js';

/** An error as the client throws it: its fields `type` and `code` say what failed, not its class. */
const thrown = (message: string, fields: object = {}): Error => Object.assign(new Error(message), fields);
const append = { stream: 'complaint-1', expected: 4, events: [] };

describe('a failed append', () => {
  test.each([
    ['unavailable', thrown('14 UNAVAILABLE: read ECONNRESET', { type: 'unavailable', code: 14 })],
    ['unavailable, as a plain error', thrown('14 UNAVAILABLE: Connection dropped', { code: 14 })],
    ['deadline exceeded', thrown('', { type: 'deadline-exceeded', code: 4 })],
    ['a time-out of the server, without code', thrown('', { type: 'deadline-exceeded' })],
    ['timeout', thrown('10 ABORTED: ', { type: 'timeout', code: 10 })],
    ['cancelled', thrown('1 CANCELLED: ', { type: 'cancelled', code: 1 })],
    ['the server is stopping', thrown('13 INTERNAL: Received RST_STREAM', { type: 'unknown', code: 13 })],
    ['overloaded', thrown('8 RESOURCE_EXHAUSTED: Bandwidth exhausted', { type: 'unknown', code: 8 })],
    ['the handler threw', thrown('2 UNKNOWN: Exception was thrown by handler.', { type: 'unknown', code: 2 })],
  ])('is ambiguous: %s', (_, error) => {
    expect(appendFailure(error, append)).toBeInstanceOf(AppendAmbiguous);
    expect(appendFailure(error, append)).toHaveProperty('cause', error);
  });

  test('is known to have stored nothing if the server denies access', () => {
    const error = thrown('7 PERMISSION_DENIED', { type: 'access-denied', code: 7 });
    expect(appendFailure(error, append)).toBeInstanceOf(StoreUnavailable);
  });

  test.each<[bigint | 'no_stream', number | 'none']>([
    [7n, 7],
    ['no_stream', 'none'],
  ])('is a conflict with the actual revision: %s', (actualVersion, actual) => {
    const error = appendFailure(thrown('', { type: 'wrong-expected-version', actualVersion }), append);
    expect(error).toBeInstanceOf(WrongExpectedRevision);
    expect(error).toMatchObject({ stream: 'complaint-1', expected: 4, actual });
  });

  test('that is too large or rejected must not be sent again', () => {
    const outcome = (fields: object, message = '') => appendFailure(thrown(message, fields), append);
    expect(outcome({ type: 'maximum-append-size-exceeded' })).toBeInstanceOf(AppendTooLarge);
    expect(outcome({ type: 'stream-deleted', code: 9 })).toBeInstanceOf(AppendRefused);
    expect(outcome({ type: 'unknown', code: 3 })).toBeInstanceOf(AppendRefused);
    expect(outcome({ code: 3 }, 'BadRequest')).toBeInstanceOf(AppendRefused);
  });

  test('that does not come from the client is returned unchanged', () => {
    const bug = new TypeError('undefined is not iterable');
    expect(appendFailure(bug, append)).toBe(bug);
  });
});

describe('the appends of a gRPC stream that breaks', () => {
  test.each([
    ['a broken connection', thrown('14 UNAVAILABLE: read ECONNRESET', { type: 'unavailable', code: 14 })],
    ['the end of the server', thrown('13 INTERNAL: Received RST_STREAM', { type: 'unknown', code: 13 })],
    ['a node that is not the leader', thrown('5 NOT_FOUND: Leader info available', { type: 'not-leader', code: 5 })],
    ['an invalid request in one of them', thrown('3 INVALID_ARGUMENT', { type: 'unknown', code: 3 })],
    ['a conflict of one of them', thrown('9 FAILED_PRECONDITION', { type: 'wrong-expected-version', code: 9 })],
  ])('are ambiguous after %s', (_, error) => {
    expect(brokenStreamFailure(error, 'complaint-1')).toBeInstanceOf(AppendAmbiguous);
    expect(brokenStreamFailure(error, 'complaint-1')).toHaveProperty('cause', error);
  });

  test.each([
    ['no connection', thrown('14 UNAVAILABLE: No connection established. Last error: ECONNREFUSED', { code: 14 })],
    ['no cluster', thrown('Failed to discover after 10 attempts.')],
    ['not allowed', thrown('16 UNAUTHENTICATED', { type: 'access-denied', code: 16 })],
    ['no such method', thrown('12 UNIMPLEMENTED', { type: 'unknown', code: 12 })],
  ])('are known to have stored nothing: %s', (_, error) => {
    expect(brokenStreamFailure(error, 'complaint-1')).toBeInstanceOf(StoreUnavailable);
  });
});

describe('a failed read', () => {
  test('reports that the store is unavailable', () => {
    expect(readFailure(thrown('14 UNAVAILABLE', { type: 'unavailable', code: 14 }))).toBeInstanceOf(StoreUnavailable);
    expect(readFailure(thrown('Failed to discover after 10 attempts.'))).toBeInstanceOf(StoreUnavailable);
    expect(readFailure(thrown('', { type: 'access-denied', code: 7 }))).toBeInstanceOf(StoreUnavailable);
  });

  test('reports that a position does not belong to this store', () => {
    const invalidPosition = thrown('2 UNKNOWN: Unexpected ReadAllResult: Error', { type: 'unknown', code: 2 });
    expect(readFailure(invalidPosition, '7/7')).toBeInstanceOf(RangeError);
    expect(readFailure(invalidPosition)).toBeInstanceOf(StoreUnavailable);
  });
});

test('only code 10 means that a slow subscription was dropped', () => {
  expect(isTooSlow(thrown('resubscription required', { type: 'timeout', code: 10 }))).toBe(true);
  expect(isTooSlow(thrown('', { type: 'unavailable', code: 14 }))).toBe(false);
  expect(isTooSlow(undefined)).toBe(false);
});
