import { stringify } from 'csv-stringify/sync';
import fc from 'fast-check';
import { LineSplitter } from '../bulk/lines.js';
import { CsvRecordParser, type CsvRecord } from './csv-records.js';
import { examples } from '../../test/support/examples.js';

/** The number of the last line of each record, and its cells or the reason why it is unreadable. */
async function recordsOf(text: string | Buffer): Promise<(readonly [number, readonly string[] | string])[]> {
  async function* bytes(): AsyncGenerator<Buffer> {
    yield Buffer.from(text);
  }
  const splitter = new LineSplitter({ keep: true });
  const parser = new CsvRecordParser(() => splitter.lineEnd);
  const records: CsvRecord[] = [];
  for await (const record of parser.parse(splitter.split(bytes()))) records.push(record);
  return records.map((record) => [record.line, 'cells' in record ? record.cells : record.unreadable]);
}

describe('CsvRecordParser', () => {
  test('joins lines to records, with quotes, commas and line feeds in cells', async () => {
    expect(await recordsOf('a,b\r\n"x, ""y""",2\n"one\n\n two ",3\n\n4,5')).toEqual([
      [1, ['a', 'b']],
      [2, ['x, "y"', '2']],
      [5, ['one\n\n two ', '3']],
      [7, ['4', '5']],
    ]);
  });

  test.each(['\n', '\r\n', '\r', '\r\r\n'])('reads a file whose lines end with %j', async (lineEnd) => {
    const text = ['a,b', '1,"two ""lines"",', 'with a comma"', '', '3,4', '', ''].join(lineEnd);
    expect((await recordsOf(text)).map(([, cells]) => cells)).toEqual([
      ['a', 'b'],
      ['1', `two "lines",${lineEnd}with a comma`],
      ['3', '4'],
    ]);
  });

  test('a row with another line end than the file is unreadable, and no row is lost', async () => {
    const unreadable = 'has a line end that is neither quoted nor like the other line ends of the file';
    expect(await recordsOf('a,b\n1,2\r3,4\n5,6\n')).toEqual([
      [1, ['a', 'b']],
      [2, unreadable],
      [3, ['5', '6']],
    ]);
    expect(await recordsOf('a,b\r1,2\n3,4\r"5\n",6\r')).toEqual([
      [1, ['a', 'b']],
      [2, unreadable],
      [3, ['5\n', '6']],
    ]);
  });

  test('removes a byte order mark', async () => {
    expect(await recordsOf('\uFEFFa,b\n')).toEqual([[1, ['a', 'b']]]);
  });

  test('a line with a quote that is never closed is unreadable, and the lines after it are read', async () => {
    expect(await recordsOf('a,b\n"lost,1\nc,d\ne,f\n')).toEqual([
      [1, ['a', 'b']],
      [2, 'a quote is opened and never closed'],
      [3, ['c', 'd']],
      [4, ['e', 'f']],
    ]);
  });

  test('only the lines with a wrong quote are unreadable if a later quote seems to close the first one', async () => {
    const records = await recordsOf('a,b\n"lost,1\nc,d\n"x",2\n5" pipe,3\ne,f\n');
    expect(records.filter(([, cells]) => typeof cells !== 'string')).toEqual([
      [1, ['a', 'b']],
      [3, ['c', 'd']],
      [4, ['x', '2']],
      [6, ['e', 'f']],
    ]);
    expect(records.filter(([, cells]) => typeof cells === 'string').map(([line]) => line)).toEqual([2, 5]);
  });

  test('a line whose quote is not closed within 256 KiB is unreadable, and the lines after it are read', async () => {
    const filler = `${'x'.repeat(999)},1\n`.repeat(1000);
    const records = await recordsOf(`"lost,1\n${filler}`);
    expect(records[0]).toEqual([1, 'a quote is opened and not closed within 256 KiB or 10,000 lines']);
    expect(records).toHaveLength(1001);
  });

  test.each([
    ['one quote and then blank lines', `"${'\n'.repeat(30_000)}`],
    ['one quote and then short lines', `"\n${'a\n'.repeat(30_000)}`],
    ['a quote in every line', 'a"\n'.repeat(30_000)],
    ['a quote in every third line', '"\na\na\n'.repeat(10_000)],
  ])('copies each byte only a few times: %s', async (_name, text) => {
    const concat = jest.spyOn(Buffer, 'concat');
    await recordsOf(text);
    const copied = concat.mock.results.reduce((sum, { value }) => sum + (value as Buffer).length, 0);
    concat.mockRestore();
    expect(copied).toBeLessThan(5 * text.length);
  });

  test('lets other work of the thread run while it parses many lines again', async () => {
    let turns = 0;
    const count = (): NodeJS.Immediate =>
      setImmediate(() => {
        turns += 1;
        running = count();
      });
    let running = count();
    expect(await recordsOf(`"\n${'a\n'.repeat(9_000)}`)).toHaveLength(9_001);
    clearImmediate(running);
    expect(turns).toBeGreaterThanOrEqual(80);
  });

  test('only lines that are not UTF-8 or over 1 MiB are unreadable', async () => {
    const text = Buffer.concat([
      Buffer.from('a\n'),
      Buffer.from([0xc3, 0x28]),
      Buffer.from(`\n${'y'.repeat(1_100_000)}\nb\n`),
    ]);
    expect(await recordsOf(text)).toEqual([
      [1, ['a']],
      [2, 'is not UTF-8'],
      [3, 'is over 1 MiB'],
      [4, ['b']],
    ]);
  });

  test('reads the cells that csv-stringify wrote', async () => {
    const cell = fc.array(fc.constantFrom('a', ',', '"', '\n', '\r\n', ' ', '菜', "'"), { maxLength: 6 });
    const table = fc.array(fc.tuple(cell, cell), { minLength: 1, maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(table, async (rows) => {
        const texts = rows.map(([one, other]) => [`-${one.join('')}`, other.join('')]);
        expect((await recordsOf(stringify(texts))).map(([, cells]) => cells)).toEqual(texts);
      }),
      examples(),
    );
  });
});
