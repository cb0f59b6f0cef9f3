import { pointerInLine, readLine, type CommandLine } from './bulk-line.js';

const read = (line: unknown) =>
  readLine({ number: 1, bytes: Buffer.from(typeof line === 'string' ? line : JSON.stringify(line)) });

const faults = (line: unknown): unknown => {
  const answer = read(line);
  return 'errors' in answer
    ? [answer.code, ...answer.errors.map(({ pointer, code }) => (pointer === undefined ? code : `${pointer} ${code}`))]
    : 'usable';
};

const note = { command: 'AddNote', key: 'k1', complaint: 'c1', data: { text: 'a' } };

describe('a line of commands', () => {
  test('has a command, a key, a complaint and data', () => {
    expect(read(note)).toEqual({
      command: 'AddNote',
      key: 'k1',
      complaint: 'c1',
      body: { text: 'a' },
      occurredAtBeside: false,
    });
  });

  test('may have its time in the line or in data, which is the same command', () => {
    const beside = read({ ...note, occurredAt: '2026-11-22T09:00:00Z' }) as CommandLine;
    const within = read({ ...note, data: { ...note.data, occurredAt: '2026-11-22T09:00:00Z' } }) as CommandLine;
    expect(beside.body).toEqual(within.body);
    expect(pointerInLine('/occurredAt', beside)).toBe('/occurredAt');
    expect(pointerInLine('/occurredAt', within)).toBe('/data/occurredAt');
    expect(pointerInLine('/occurredAtAll', beside)).toBe('/data/occurredAtAll');
    expect(pointerInLine('', beside)).toBe('/data');
  });

  test('reports at most one hundred errors, so that the answer is not much longer than the line', () => {
    const unknown = Object.fromEntries(Array.from({ length: 5000 }, (_, at) => [`x${String(at)}`, 1]));
    expect(faults({ ...unknown, ...note })).toHaveLength(1 + 100);
  });

  test('may begin with a byte order mark', () => {
    expect(faults(`\uFEFF${JSON.stringify(note)}`)).toBe('usable');
  });

  test.each<[what: string, line: unknown, faults: readonly string[]]>([
    ['is not JSON', '{"command":', ['malformed_json', 'malformed_json']],
    ['is empty', '', ['body_empty', 'body_empty']],
    ['is a list', [note], ['wrong_type', ' wrong_type']],
    ['names no command', { ...note, command: undefined }, ['validation_failed', '/command missing']],
    ['names a number', { ...note, command: 7 }, ['validation_failed', '/command wrong_type']],
    ['has no key', { ...note, key: undefined }, ['validation_failed', '/key missing']],
    ['has a key of blanks', { ...note, key: 'a b' }, ['validation_failed', '/key wrong_form']],
    ['has a long key', { ...note, key: 'k'.repeat(129) }, ['validation_failed', '/key wrong_form']],
    ['names an empty one', { ...note, complaint: '' }, ['validation_failed', '/complaint wrong_form']],
    ['has no data', { ...note, data: undefined }, ['validation_failed', '/data missing']],
    ['has a list of data', { ...note, data: [] }, ['validation_failed', '/data wrong_type']],
    ['has an unknown member', { ...note, 'a/b': 1 }, ['validation_failed', '/a~1b unknown_field']],
    [
      'names a prototype',
      '{"command":"AddNote","key":"k","complaint":"c","data":{},"__proto__":{}}',
      ['validation_failed', '/__proto__ unknown_field'],
    ],
    [
      'gives its time twice',
      { ...note, occurredAt: 'x', data: { occurredAt: 'y' } },
      ['validation_failed', '/data/occurredAt given_twice'],
    ],
    [
      'lodges into another complaint',
      { command: 'LodgeComplaint', key: 'k1', complaint: 'other', data: {} },
      ['validation_failed', '/complaint unknown_field'],
    ],
    ['is nested too deep', `{"data":${'['.repeat(100)}${']'.repeat(100)}}`, ['too_deep', 'too_deep']],
  ])('that %s is rejected', (_what, line, expected) => {
    expect(faults(line)).toEqual(expected);
  });

  test('of a lodging may name its own key as the complaint', () => {
    expect(read({ command: 'LodgeComplaint', key: 'k1', complaint: 'k1', data: {} })).toEqual({
      command: 'LodgeComplaint',
      key: 'k1',
      body: {},
      occurredAtBeside: false,
    });
  });

  test('that is too long is rejected', () => {
    expect(readLine({ number: 1, bytes: undefined })).toMatchObject({ code: 'line_too_long' });
  });

  test('that is not UTF-8 is rejected without quoting it', () => {
    const answer = readLine({ number: 1, bytes: Buffer.from([0x7b, 0x22, 0xc3, 0x28, 0x22, 0x7d]) });
    expect(answer).toMatchObject({ code: 'invalid_utf8', errors: [{ code: 'invalid_utf8' }] });
  });

  test('that is rejected keeps a valid key', () => {
    expect(read({ ...note, data: 7 })).toMatchObject({ key: 'k1', code: 'validation_failed' });
  });
});
