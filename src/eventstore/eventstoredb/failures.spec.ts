import {
  AppendAmbiguous,
  AppendRefused,
  AppendTooLarge,
  StoreUnavailable,
  WrongExpectedRevision,
} from '../event-store.js';
import { appendFailure, brokenStreamFailure, isTooSlow, readFailure } from './failures.js';

/** An error of the client. Its fields `type` and `code`, not its class, identify the failure. */
const clientError = (message: string, fields: object = {}): Error => Object.assign(new Error(message), fields);
const append = { stream: 'complaint-1', expected: 4, events: [] };

describe('a failed append', () => {
  test.each([
    ['unavailable', clientError('14 UNAVAILABLE: read ECONNRESET', { type: 'unavailable', code: 14 })],
    ['unavailable, with a code but no type', clientError('14 UNAVAILABLE: Connection dropped', { code: 14 })],
    ['deadline exceeded', clientError('', { type: 'deadline-exceeded', code: 4 })],
    ['a time-out of the server, without code', clientError('', { type: 'deadline-exceeded' })],
    ['timeout', clientError('10 ABORTED: ', { type: 'timeout', code: 10 })],
    ['cancelled', clientError('1 CANCELLED: ', { type: 'cancelled', code: 1 })],
    ['the server is stopping', clientError('13 INTERNAL: Received RST_STREAM', { type: 'unknown', code: 13 })],
    ['overloaded', clientError('8 RESOURCE_EXHAUSTED: Bandwidth exhausted', { type: 'unknown', code: 8 })],
    ['the handler threw', clientError('2 UNKNOWN: Exception was thrown by handler.', { type: 'unknown', code: 2 })],
  ])('is ambiguous after the error: %s', (_, error) => {
    expect(appendFailure(error, append)).toBeInstanceOf(AppendAmbiguous);
    expect(appendFailure(error, append)).toHaveProperty('cause', error);
  });

  test('is known to have stored nothing if the server denies access', () => {
    const error = clientError('7 PERMISSION_DENIED', { type: 'access-denied', code: 7 });
    expect(appendFailure(error, append)).toBeInstanceOf(StoreUnavailable);
  });

  test.each<[bigint | 'no_stream', number | 'none']>([
    [7n, 7],
    ['no_stream', 'none'],
  ])('with the actual version %s is a conflict with the actual revision %s', (actualVersion, actual) => {
    const error = appendFailure(clientError('', { type: 'wrong-expected-version', actualVersion }), append);
    expect(error).toBeInstanceOf(WrongExpectedRevision);
    expect(error).toMatchObject({ stream: 'complaint-1', expected: 4, actual });
  });

  test('that is too large is AppendTooLarge; one that is rejected is AppendRefused', () => {
    const outcome = (fields: object, message = '') => appendFailure(clientError(message, fields), append);
    expect(outcome({ type: 'maximum-append-size-exceeded' })).toBeInstanceOf(AppendTooLarge);
    expect(outcome({ type: 'stream-deleted', code: 9 })).toBeInstanceOf(AppendRefused);
    expect(outcome({ type: 'unknown', code: 3 })).toBeInstanceOf(AppendRefused);
    expect(outcome({ code: 3 }, 'BadRequest')).toBeInstanceOf(AppendRefused);
  });

  test('returns an error that does not come from the client unchanged', () => {
    const bug = new TypeError('undefined is not iterable');
    expect(appendFailure(bug, append)).toBe(bug);
  });
});

describe('the appends of a gRPC stream that breaks', () => {
  test.each([
    ['a broken connection', clientError('14 UNAVAILABLE: read ECONNRESET', { type: 'unavailable', code: 14 })],
    ['the end of the server', clientError('13 INTERNAL: Received RST_STREAM', { type: 'unknown', code: 13 })],
    [
      'a node that is not the leader',
      clientError('5 NOT_FOUND: Leader info available', { type: 'not-leader', code: 5 }),
    ],
    ['an invalid request in one of them', clientError('3 INVALID_ARGUMENT', { type: 'unknown', code: 3 })],
    ['a conflict of one of them', clientError('9 FAILED_PRECONDITION', { type: 'wrong-expected-version', code: 9 })],
  ])('are ambiguous after %s', (_, error) => {
    expect(brokenStreamFailure(error, 'complaint-1')).toBeInstanceOf(AppendAmbiguous);
    expect(brokenStreamFailure(error, 'complaint-1')).toHaveProperty('cause', error);
  });

  test.each([
    ['no connection', clientError('14 UNAVAILABLE: No connection established. Last error: ECONNREFUSED', { code: 14 })],
    ['no node of the cluster found', clientError('Failed to discover after 10 attempts.')],
    ['access denied', clientError('16 UNAUTHENTICATED', { type: 'access-denied', code: 16 })],
    ['no batch appends on the server', clientError('12 UNIMPLEMENTED', { type: 'unknown', code: 12 })],
  ])('are known to have stored nothing after the error: %s', (_, error) => {
    expect(brokenStreamFailure(error, 'complaint-1')).toBeInstanceOf(StoreUnavailable);
  });
});

describe('a failed read', () => {
  test('is StoreUnavailable after a lost connection, a failed discovery of the cluster or denied access', () => {
    expect(readFailure(clientError('14 UNAVAILABLE', { type: 'unavailable', code: 14 }))).toBeInstanceOf(
      StoreUnavailable,
    );
    expect(readFailure(clientError('Failed to discover after 10 attempts.'))).toBeInstanceOf(StoreUnavailable);
    expect(readFailure(clientError('', { type: 'access-denied', code: 7 }))).toBeInstanceOf(StoreUnavailable);
  });

  test('is a RangeError if the position does not belong to this store', () => {
    const invalidPosition = clientError('2 UNKNOWN: Unexpected ReadAllResult: Error', { type: 'unknown', code: 2 });
    expect(readFailure(invalidPosition, '7/7')).toBeInstanceOf(RangeError);
    expect(readFailure(invalidPosition)).toBeInstanceOf(StoreUnavailable);
  });
});

test('gRPC code 10, and no other, means that the server dropped a slow subscription', () => {
  expect(isTooSlow(clientError('resubscription required', { type: 'timeout', code: 10 }))).toBe(true);
  expect(isTooSlow(clientError('', { type: 'unavailable', code: 14 }))).toBe(false);
  expect(isTooSlow(undefined)).toBe(false);
});
