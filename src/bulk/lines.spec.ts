import { createHash } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { LINE_LIMIT, Lines, type RawLine } from './lines.js';
import { examples } from '../../test/support/examples.js';

async function* chunks(...parts: readonly (string | Buffer)[]): AsyncGenerator<Buffer> {
  for (const part of parts) yield Buffer.from(part);
}

async function linesOf(
  source: AsyncIterable<Buffer>,
  lines = new Lines(),
): Promise<[number: number, text: string | undefined][]> {
  const read: [number, string | undefined][] = [];
  for await (const { number, bytes } of lines.of(source)) read.push([number, bytes?.toString('utf8')]);
  return read;
}

describe('lines', () => {
  test('are split at line feeds, independent of the chunks', async () => {
    expect(await linesOf(chunks('a', 'b\nc', '\n', '\nde'))).toEqual([
      [1, 'ab'],
      [2, 'c'],
      [4, 'de'],
    ]);
  });

  test('have numbers; blank lines are counted and not yielded', async () => {
    expect(await linesOf(chunks('\n \t\r\na\r\n\r\n\n  b \n'))).toEqual([
      [3, 'a'],
      [6, 'b'],
    ]);
  });

  test('are yielded unchanged, blank ones too, with the option keep', async () => {
    expect(await linesOf(chunks(' a\r\n\n b'), new Lines({ keep: true }))).toEqual([
      [1, ' a\r'],
      [2, ''],
      [3, ' b'],
    ]);
  });

  test('keep a character that is split over two chunks', async () => {
    const bytes = Buffer.from('菜\n凉');
    for (let cut = 1; cut < bytes.length; cut++)
      expect(await linesOf(chunks(bytes.subarray(0, cut), bytes.subarray(cut)))).toEqual([
        [1, '菜'],
        [2, '凉'],
      ]);
  });

  test('do not exist in an empty source or in a single line feed', async () => {
    expect(await linesOf(chunks())).toEqual([]);
    expect(await linesOf(chunks('\n'))).toEqual([]);
  });

  test('over the limit are yielded without bytes, and the next line is read, independent of the chunks', async () => {
    const long = 'x'.repeat(LINE_LIMIT + 1);
    for (const size of [1000, 64 * 1024, LINE_LIMIT + 10]) {
      const text = Buffer.from(`${long}\nb\n${long}`);
      const parts = Array.from({ length: Math.ceil(text.length / size) }, (_, index) =>
        text.subarray(index * size, (index + 1) * size),
      );
      expect(await linesOf(chunks(...parts))).toEqual([
        [1, undefined],
        [2, 'b'],
        [3, undefined],
      ]);
    }
    const [[, longest] = []] = await linesOf(chunks('x'.repeat(LINE_LIMIT), '\n'));
    expect(longest).toHaveLength(LINE_LIMIT);
  });

  test('that never end are not kept in memory', async () => {
    setFlagsFromString('--expose-gc');
    const collectGarbage = runInNewContext('gc') as () => void;
    const given: WeakRef<ArrayBufferLike>[] = [];
    let held = 0;
    async function* endless(): AsyncGenerator<Buffer> {
      for (let index = 1; index <= 100; index++) {
        const chunk = Buffer.alloc(LINE_LIMIT, 'x');
        given.push(new WeakRef(chunk.buffer));
        yield chunk;
        if (index % 10 > 0) continue;
        await setImmediate(); // a WeakRef keeps its target alive until the end of the job that created it
        collectGarbage();
        held = Math.max(held, given.filter((bytes) => bytes.deref() !== undefined).length);
      }
    }
    const read: RawLine[] = [];
    for await (const line of new Lines().of(endless())) read.push(line);
    expect(read).toEqual([{ number: 1, bytes: undefined }]);
    expect(held).toBeLessThan(5);
  });

  test('and their digest do not depend on the chunks', async () => {
    const text = fc.array(fc.constantFrom('a', '菜', '\n', '\r\n', ' ', '"', '\\n')).map((parts) => parts.join(''));
    await fc.assert(
      fc.asyncProperty(text, fc.array(fc.nat(50)), async (whole, cuts) => {
        const bytes = Buffer.from(whole);
        const ends = [...new Set(cuts.map((cut) => Math.min(cut, bytes.length)))].sort((a, b) => a - b);
        const parts = [...ends, bytes.length].map((end, index, all) => bytes.subarray(all[index - 1] ?? 0, end));
        const lines = new Lines();
        const read = await linesOf(chunks(...parts), lines);
        const expected = whole.split('\n').map((line, index) => [index + 1, line.replace(/^[ \t\r]+|[ \t\r]+$/g, '')]);
        expect(read).toEqual(expected.filter(([, line]) => line !== ''));
        expect(lines.sha256()).toBe(createHash('sha256').update(bytes).digest('hex'));
      }),
      examples(),
    );
  });
});
