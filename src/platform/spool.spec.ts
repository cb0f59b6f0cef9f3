import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { once } from 'node:events';
import fc from 'fast-check';
import { Spool } from './spool.js';
import { examples } from '../../test/support/examples.js';

describe('the spool', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'redress-spool-'));
  });
  afterEach(() => {
    expect(readdirSync(folder)).toEqual([]);
    rmSync(folder, { recursive: true });
  });

  const read = async (spool: Spool): Promise<string> => {
    let text = '';
    for await (const chunk of spool) text += (chunk as Buffer).toString('latin1');
    return text;
  };

  test('keeps a little in memory and the rest on disk until it is read', async () => {
    const spool = new Spool({ folder, memory: 1000 });
    const chunk = 'x'.repeat(999);
    for (let index = 0; index < 1000; index++) await spool.add(Buffer.from(`${chunk}\n`));
    expect(spool.onDisk).toBeGreaterThan(900_000);
    spool.end();
    expect(await read(spool)).toBe(`${chunk}\n`.repeat(1000));
    expect(spool.onDisk).toBe(0);
  });

  test('needs no disk for a reader that keeps up', async () => {
    const spool = new Spool({ folder, memory: 1000 });
    let text = '';
    spool.on('data', (chunk: Buffer) => (text += chunk.toString()));
    for (let index = 0; index < 1000; index++) {
      await spool.add(Buffer.from(`${'x'.repeat(99)}\n`));
      await new Promise((resolve) => setImmediate(resolve));
      expect(spool.onDisk).toBe(0);
    }
    spool.end();
    await once(spool, 'end');
    expect(text).toHaveLength(100_000);
  });

  test('passes on a first chunk before the second arrives', async () => {
    const spool = new Spool({ folder });
    const first = once(spool, 'data');
    await spool.add(Buffer.from('one'));
    expect(String((await first)[0])).toBe('one');
    spool.destroy();
    await once(spool, 'close');
  });

  test('removes the file when its reader ends, and notifies the writer', async () => {
    const spool = new Spool({ folder, memory: 10 });
    for (let index = 0; index < 100; index++) await spool.add(Buffer.alloc(10_000));
    expect(spool.onDisk).toBeGreaterThan(0);
    spool.destroy();
    await once(spool, 'close');
    await expect(spool.add(Buffer.from('more'))).rejects.toThrow('the reader has ended');
  });

  test('reports a disk that rejects the data', async () => {
    const spool = new Spool({ folder: join(folder, 'nowhere'), memory: 1 });
    const adding = (async () => {
      for (let index = 0; index < 100; index++) await spool.add(Buffer.alloc(10_000));
    })();
    await expect(adding).rejects.toMatchObject({ code: 'ENOENT' });
    spool.destroy();
    await once(spool, 'close');
  });

  test('returns what was added, for any speed of reader and writer', async () => {
    const paces = fc.array(fc.record({ bytes: fc.nat(150_000), wait: fc.boolean(), read: fc.nat(3) }), {
      maxLength: 40,
    });
    await fc.assert(
      fc.asyncProperty(paces, async (steps) => {
        const spool = new Spool({ folder, memory: 50_000 });
        let added = '';
        let taken = '';
        for (const [index, { bytes, wait, read: reads }] of steps.entries()) {
          const text = String.fromCharCode(97 + (index % 26)).repeat(bytes);
          added += text;
          await spool.add(Buffer.from(text));
          if (wait) await new Promise((resolve) => setTimeout(resolve, 1));
          for (let turn = 0; turn < reads; turn++) taken += ((spool.read() as Buffer | null) ?? '').toString('latin1');
        }
        spool.end();
        taken += await read(spool);
        expect(taken === added).toBe(true);
      }),
      examples(40),
    );
  });
});
