import { NotBuilt } from '../readmodels/active-model.js';
import { errorMessage, reasonText } from './invocation.js';

test('an address in use is reported with what to do', () => {
  const error = Object.assign(new Error('listen EADDRINUSE: address already in use 127.0.0.1:3000'), {
    code: 'EADDRINUSE',
  });
  expect(errorMessage(error)).toBe(
    'listen EADDRINUSE: address already in use 127.0.0.1:3000; stop the program that uses it, or set REDRESS_PORT to another port',
  );
});

test('a read model that was never built is reported with what builds it', () => {
  expect(errorMessage(new NotBuilt('complaints'))).toBe(
    'the read model complaints has not been built yet; start the service, which builds what is missing from the log: ' +
      'redress serve',
  );
});

test.each([
  ['ENOENT', 'there is no file or folder rows.csv; correct the path'],
  ['EISDIR', 'rows.csv is a folder; name a file'],
  ['ENOTDIR', 'rows.csv does not exist: a part of the path is a file, not a folder'],
  ['EACCES', 'this user may not use rows.csv; change its owner or its mode'],
  ['ELOOP', 'ELOOP: the words of the system'],
])('%s is reported as: %s', (code, message) => {
  const error = Object.assign(new Error(`${code}: the words of the system`), { code });
  expect(errorMessage(Object.assign(error, { path: 'rows.csv' }))).toBe(message);
});

test('a system error without a path keeps its words, unless the caller knows the path', () => {
  const error = Object.assign(new Error('EISDIR: read'), { code: 'EISDIR' });
  expect(errorMessage(error)).toBe('EISDIR: read');
  expect(reasonText(error, 'rows.csv')).toBe('rows.csv is a folder; name a file');
});
