import { errorMessage } from './invocation.js';

test('an address in use is reported with what to do', () => {
  const error = Object.assign(new Error('listen EADDRINUSE: address already in use 127.0.0.1:3000'), {
    code: 'EADDRINUSE',
  });
  expect(errorMessage(error)).toBe(
    'listen EADDRINUSE: address already in use 127.0.0.1:3000; stop the program that uses it, or set REDRESS_PORT to another port',
  );
});
