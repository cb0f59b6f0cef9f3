import { isUnavailable } from './connection.js';

test('a write to a socket that the server has just closed means that the server is unavailable', () => {
  const ended = Object.assign(new Error('This socket has been ended by the other party'), { code: 'EPIPE' });
  expect(isUnavailable(ended)).toBe(true);
});

test('a bug in this program does not', () => {
  expect(isUnavailable(new TypeError('x is not a function'))).toBe(false);
  expect(isUnavailable(Object.assign(new Error('no such file'), { code: 'ENOENT' }))).toBe(false);
});
