import { createHash } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { MAX_LINE_BYTES, LineSplitter, type RawLine } from './lines.js';
import { examples } from '../../test/support/examples.js';

async function* chunks(...parts: readonly (string | Buffer)[]): AsyncGenerator<Buffer> {
  for (const part of parts) yield Buffer.from(part);
}

async function linesOf(
  source: AsyncIterable<Buffer>,
  splitter = new LineSplitter(),
): Promise<[number: number, text: string | undefined][]> {
  const read: [number, string | undefined][] = [];
  for await (const { number, bytes } of splitter.split(source)) read.push([number, bytes?.toString('utf8')]);
  return read;
}

describe('LineSplitter', () => {
  test('bytes are split at line feeds, wherever the chunks end', async () => {
    expect(await linesOf(chunks('a', 'b\nc', '\n', '\nde'))).toEqual([
      [1, 'ab'],
      [2, 'c'],
      [4, 'de'],
    ]);
  });

  test.each([
    ['LF', '\n', '\n'],
    ['CRLF', '\r\n', '\n'],
    ['CR', '\r', '\r'],
    ['two CR and LF', '\r\r\n', '\n'],
  ])('lines that end with %s are read, wherever the chunks end', async (_name, lineEnd, endByte) => {
    const text = ['a', 'b', '', 'c', ''].join(lineEnd);
    for (let cut = 0; cut <= text.length; cut += 1) {
      const splitter = new LineSplitter();
      const source = chunks(text.slice(0, cut), text.slice(cut));
      expect((await linesOf(source, splitter)).map(([, line]) => line)).toEqual(['a', 'b', 'c']);
      expect(splitter.lineEnd).toBe(endByte.charCodeAt(0));
      expect(splitter.sha256()).toBe(createHash('sha256').update(text).digest('hex'));
    }
  });

  test('the first line end decides: the other one is part of a line', async () => {
    expect(await linesOf(chunks('a\nb\rc\n'))).toEqual([
      [1, 'a'],
      [2, 'b\rc'],
    ]);
    expect(await linesOf(chunks('a\rb\nc\r'))).toEqual([
      [1, 'a'],
      [2, 'b\nc'],
    ]);
    expect(await linesOf(chunks('a\r'))).toEqual([[1, 'a']]);
  });

  test('a byte order mark at the start is not part of the first line', async () => {
    expect(await linesOf(chunks('\ufeff'))).toEqual([]);
    expect(await linesOf(chunks(Buffer.from([0xef]), Buffer.from([0xbb, 0xbf]), 'a\n\ufeffb'))).toEqual([
      [1, 'a'],
      [2, '\ufeffb'],
    ]);
  });

  test('blank lines are counted but not yielded', async () => {
    expect(await linesOf(chunks('\n \t\r\na\r\n\r\n\n  b \n'))).toEqual([
      [3, 'a'],
      [6, 'b'],
    ]);
  });

  test('with the option keep, every line is yielded unchanged, even a blank one', async () => {
    expect(await linesOf(chunks(' a\r\n\n b'), new LineSplitter({ keep: true }))).toEqual([
      [1, ' a\r'],
      [2, ''],
      [3, ' b'],
    ]);
  });

  test('a character whose bytes are in two chunks is read correctly', async () => {
    const bytes = Buffer.from('菜\n凉');
    for (let cut = 1; cut < bytes.length; cut++)
      expect(await linesOf(chunks(bytes.subarray(0, cut), bytes.subarray(cut)))).toEqual([
        [1, '菜'],
        [2, '凉'],
      ]);
  });

  test('an empty source and a single line feed yield no lines', async () => {
    expect(await linesOf(chunks())).toEqual([]);
    expect(await linesOf(chunks('\n'))).toEqual([]);
  });

  test('a line over the limit is yielded without bytes, and the next line is read', async () => {
    const long = 'x'.repeat(MAX_LINE_BYTES + 1);
    for (const size of [1000, 64 * 1024, MAX_LINE_BYTES + 10]) {
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
    const [[, longest] = []] = await linesOf(chunks('x'.repeat(MAX_LINE_BYTES), '\n'));
    expect(longest).toHaveLength(MAX_LINE_BYTES);
  });

  test('a line that never ends is not kept in memory', async () => {
    setFlagsFromString('--expose-gc');
    const collectGarbage = runInNewContext('gc') as () => void;
    const buffers: WeakRef<ArrayBufferLike>[] = [];
    let maxInMemory = 0;
    async function* oneLongLine(): AsyncGenerator<Buffer> {
      for (let index = 1; index <= 100; index++) {
        const chunk = Buffer.alloc(MAX_LINE_BYTES, 'x');
        buffers.push(new WeakRef(chunk.buffer));
        yield chunk;
        if (index % 10 > 0) continue; // garbage collection is slow
        await setImmediate(); // a WeakRef keeps its target alive until the end of the job that created the WeakRef
        collectGarbage();
        maxInMemory = Math.max(maxInMemory, buffers.filter((buffer) => buffer.deref() !== undefined).length);
      }
    }
    const read: RawLine[] = [];
    for await (const line of new LineSplitter().split(oneLongLine())) read.push(line);
    expect(read).toEqual([{ number: 1, bytes: undefined }]);
    expect(maxInMemory).toBeLessThan(5);
  });

  test('lines and digest do not depend on where the chunks end', async () => {
    const text = fc.array(fc.constantFrom('a', '菜', '\n', '\r\n', ' ', '"', '\\n')).map((parts) => parts.join(''));
    await fc.assert(
      fc.asyncProperty(text, fc.array(fc.nat(50)), async (whole, cuts) => {
        const bytes = Buffer.from(whole);
        const ends = [...new Set(cuts.map((cut) => Math.min(cut, bytes.length)))].sort((a, b) => a - b);
        const parts = [...ends, bytes.length].map((end, index, all) => bytes.subarray(all[index - 1] ?? 0, end));
        const splitter = new LineSplitter();
        const read = await linesOf(chunks(...parts), splitter);
        const expected = whole.split('\n').map((line, index) => [index + 1, line.replace(/^[ \t\r]+|[ \t\r]+$/g, '')]);
        expect(read).toEqual(expected.filter(([, line]) => line !== ''));
        expect(splitter.sha256()).toBe(createHash('sha256').update(bytes).digest('hex'));
      }),
      examples(),
    );
  });
});
