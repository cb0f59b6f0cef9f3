import { pointerInLine, readLine, type CommandLine } from './bulk-line.js';

const read = (line: unknown) =>
  readLine({ number: 1, bytes: Buffer.from(typeof line === 'string' ? line : JSON.stringify(line)) });

/** The code of the line, then pointer and code of each error; `usable` for a line with the form of a command. */
const errorsOf = (line: unknown): unknown => {
  const result = read(line);
  return 'errors' in result
    ? [result.code, ...result.errors.map(({ pointer, code }) => (pointer === undefined ? code : `${pointer} ${code}`))]
    : 'usable';
};

const note = { command: 'AddNote', key: 'k1', complaint: 'c1', data: { text: 'a' } };

describe('a line', () => {
  test('has a command, a key, a complaint and data', () => {
    expect(read(note)).toEqual({
      command: 'AddNote',
      key: 'k1',
      complaint: 'c1',
      body: { text: 'a' },
      inLine: [],
    });
  });

  test('has the same body whether occurredAt is a member of the line or of data', () => {
    const inLine = read({ ...note, occurredAt: '2026-11-22T09:00:00Z' }) as CommandLine;
    const inData = read({ ...note, data: { ...note.data, occurredAt: '2026-11-22T09:00:00Z' } }) as CommandLine;
    expect(inLine.body).toEqual(inData.body);
    expect(pointerInLine('/occurredAt', inLine)).toBe('/occurredAt');
    expect(pointerInLine('/occurredAt', inData)).toBe('/data/occurredAt');
    // another name that only begins with occurredAt
    expect(pointerInLine('/occurredAtAll', inLine)).toBe('/data/occurredAtAll');
    expect(pointerInLine('', inLine)).toBe('/data');
  });

  test('may name the person for whom it is sent, beside data or in it', () => {
    const onBehalfOf = { person: 'li', unit: 'care', shift: 'late' };
    const inLine = read({ ...note, onBehalfOf }) as CommandLine;
    const inData = read({ ...note, data: { ...note.data, onBehalfOf } }) as CommandLine;
    expect(inLine.body).toEqual(inData.body);
    expect(pointerInLine('/onBehalfOf/person', inLine)).toBe('/onBehalfOf/person');
    expect(pointerInLine('/onBehalfOf/person', inData)).toBe('/data/onBehalfOf/person');
  });

  test('reports at most one hundred errors, so that the answer is not much longer than the line', () => {
    const unknown = Object.fromEntries(Array.from({ length: 5000 }, (_, index) => [`x${String(index)}`, 1]));
    expect(errorsOf({ ...unknown, ...note })).toHaveLength(1 + 100); // the code of the line, and the errors
  });

  test('may begin with a byte order mark', () => {
    expect(errorsOf(`\uFEFF${JSON.stringify(note)}`)).toBe('usable');
  });

  test.each<[condition: string, line: unknown, errors: readonly string[]]>([
    ['is not JSON', '{"command":', ['malformed_json', 'malformed_json']],
    ['is empty', '', ['body_empty', 'body_empty']],
    ['is a list', [note], ['wrong_type', ' wrong_type']], // the pointer to the whole line is empty
    ['has no command', { ...note, command: undefined }, ['validation_failed', '/command missing']],
    ['has a number as its command', { ...note, command: 7 }, ['validation_failed', '/command wrong_type']],
    ['has no key', { ...note, key: undefined }, ['validation_failed', '/key missing']],
    ['has a key with a blank in it', { ...note, key: 'a b' }, ['validation_failed', '/key wrong_form']],
    ['has a key of 129 characters', { ...note, key: 'k'.repeat(129) }, ['validation_failed', '/key wrong_form']],
    ['has an empty complaint', { ...note, complaint: '' }, ['validation_failed', '/complaint wrong_form']],
    ['has no data', { ...note, data: undefined }, ['validation_failed', '/data missing']],
    ['has a list as its data', { ...note, data: [] }, ['validation_failed', '/data wrong_type']],
    ['has an unknown member', { ...note, 'a/b': 1 }, ['validation_failed', '/a~1b unknown_field']],
    [
      'has the member __proto__',
      '{"command":"AddNote","key":"k","complaint":"c","data":{},"__proto__":{}}',
      ['validation_failed', '/__proto__ unknown_field'],
    ],
    [
      'has occurredAt both in the line and in data',
      { ...note, occurredAt: 'x', data: { occurredAt: 'y' } },
      ['validation_failed', '/data/occurredAt given_twice'],
    ],
    [
      'lodges a complaint and names another one',
      { command: 'LodgeComplaint', key: 'k1', complaint: 'other', data: {} },
      ['validation_failed', '/complaint unknown_field'],
    ],
    [
      'has a member twice',
      '{"command":"AddNote","key":"k","key":"l","complaint":"c","data":{"text":"a","text":"b"}}',
      ['duplicate_member', '/key duplicate_member', '/data/text duplicate_member'],
    ],
    ['is nested too deep', `{"data":${'['.repeat(100)}${']'.repeat(100)}}`, ['too_deep', 'too_deep']],
  ])('that %s is rejected', (_condition, line, expected) => {
    expect(errorsOf(line)).toEqual(expected);
  });

  test('with a lodging may have its own key as the complaint', () => {
    expect(read({ command: 'LodgeComplaint', key: 'k1', complaint: 'k1', data: {} })).toEqual({
      command: 'LodgeComplaint',
      key: 'k1',
      body: {},
      inLine: [],
    });
  });

  test('that LineSplitter yields without bytes, because it is too long, is rejected', () => {
    expect(readLine({ number: 1, bytes: undefined })).toMatchObject({ code: 'line_too_long' });
  });

  test('that is not UTF-8 is rejected', () => {
    const result = readLine({ number: 1, bytes: Buffer.from([0x7b, 0x22, 0xc3, 0x28, 0x22, 0x7d]) });
    expect(result).toMatchObject({ code: 'invalid_utf8', errors: [{ code: 'invalid_utf8' }] });
  });

  test('that is rejected has its key in the result, if the key is valid', () => {
    expect(read({ ...note, data: 7 })).toMatchObject({ key: 'k1', code: 'validation_failed' });
  });
});
