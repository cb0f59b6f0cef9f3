import { isUnavailable } from './connection.js';

test('an error of a write to a closed socket means that the server is unavailable', () => {
  const closedSocket = Object.assign(new Error('This socket has been ended by the other party'), { code: 'EPIPE' });
  expect(isUnavailable(closedSocket)).toBe(true);
});

test('an error that does not come from the network or the server does not mean that the server is unavailable', () => {
  expect(isUnavailable(new TypeError('x is not a function'))).toBe(false);
  expect(isUnavailable(Object.assign(new Error('no such file'), { code: 'ENOENT' }))).toBe(false);
});
