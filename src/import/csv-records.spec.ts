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
  const lines = new LineSplitter({ keep: true }).split(bytes());
  const records: CsvRecord[] = [];
  for await (const record of new CsvRecordParser().parse(lines)) records.push(record);
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
    expect(records[0]).toEqual([1, 'a quote is opened and not closed within 256 KiB']);
    expect(records).toHaveLength(1001);
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
