import { parseEarlierResult } from './earlier-result.js';

const ROOT = 'e'.repeat(64);
const RESULT = { kind: 'result', ok: true, events: 3, streams: 2, head: '00000000000000000003', root: ROOT };

test('an output of verify --json has the number of events and the root', () => {
  expect(parseEarlierResult(JSON.stringify(RESULT, undefined, 2))).toEqual({ events: 3, root: ROOT });
});

test.each([
  ['no JSON', 'x'],
  ['nothing', ''],
  ['null', 'null'],
  ['a list', '[]'],
  ['a result without a root', JSON.stringify({ ...RESULT, root: undefined })],
  ['a root in upper case', JSON.stringify({ ...RESULT, root: 'E'.repeat(64) })],
  ['a number of events that is text', JSON.stringify({ ...RESULT, events: '3' })],
  ['a negative number of events', JSON.stringify({ ...RESULT, events: -1 })],
  ['a second root', JSON.stringify(RESULT).replace('{', `{"root":"${'e'.repeat(64)}",`)],
  ['a report of progress', JSON.stringify({ ...RESULT, kind: 'progress' })],
])('another text is refused: %s', (_, text) => {
  expect(() => parseEarlierResult(text)).toThrow('is not an output of `redress verify --json`');
});

test('the result of a verification that found an error is refused', () => {
  expect(() => parseEarlierResult(JSON.stringify({ ...RESULT, ok: false }))).toThrow('found an error');
});
