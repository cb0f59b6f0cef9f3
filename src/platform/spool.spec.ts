import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { once } from 'node:events';
import fc from 'fast-check';
import { Spool, SpoolQuota } from './spool.js';
import { examples } from '../../test/support/examples.js';

describe('a spool', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'redress-spool-'));
  });
  afterEach(() => {
    expect(readdirSync(folder)).toEqual([]); // no test leaves a file
    rmSync(folder, { recursive: true });
  });

  const readAll = async (spool: Spool): Promise<string> => {
    let text = '';
    for await (const chunk of spool) text += (chunk as Buffer).toString('latin1');
    return text;
  };

  test('keeps data beyond its memory on disk until the data are read', async () => {
    const spool = new Spool({ folder, memory: 1000 });
    const chunk = 'x'.repeat(999);
    for (let index = 0; index < 1000; index++) await spool.add(Buffer.from(`${chunk}\n`));
    expect(spool.onDisk).toBeGreaterThan(900_000);
    spool.end();
    expect(await readAll(spool)).toBe(`${chunk}\n`.repeat(1000));
    expect(spool.onDisk).toBe(0);
  });

  test('waits while spools of the same quota have more on disk than its limit', async () => {
    const quota = new SpoolQuota(100_000);
    const other = new Spool({ folder, memory: 1000, quota });
    await Promise.race([other.add(Buffer.alloc(90_000)), once(other, 'close')]);
    const spool = new Spool({ folder, memory: 1000, quota });
    const added: number[] = [];
    const adding = (async () => {
      for (let index = 0; index < 20; index++) {
        await spool.add(Buffer.alloc(10_000));
        added.push(index);
      }
      spool.end();
    })();
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(added.length).toBeLessThan(3);
    other.destroy(); // its bytes leave the disk
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(spool.onDisk).toBeGreaterThanOrEqual(90_000);
    expect(spool.onDisk).toBeLessThanOrEqual(110_000);
    expect((await readAll(spool)).length).toBe(200_000);
    await adding;
  });

  test('stops waiting for its quota when its reader ends', async () => {
    const quota = new SpoolQuota(10);
    const spool = new Spool({ folder, memory: 1, quota });
    const closed = once(spool, 'close');
    const adding = spool.add(Buffer.alloc(1000));
    setTimeout(() => spool.destroy(), 50);
    await expect(adding).rejects.toThrow('the reader has ended');
    await closed; // the file is closed, and its bytes leave the quota
    expect(quota.isExceeded).toBe(false);
  });

  test('writes nothing to disk if the reader is as fast as the writer', async () => {
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

  test('passes the first chunk to the reader without waiting for a second one', async () => {
    const spool = new Spool({ folder });
    const first = once(spool, 'data');
    await spool.add(Buffer.from('one'));
    expect(String((await first)[0])).toBe('one');
    spool.destroy();
    await once(spool, 'close');
  });

  test('removes its file when the reader ends, and then rejects further chunks', async () => {
    const spool = new Spool({ folder, memory: 10 });
    for (let index = 0; index < 100; index++) await spool.add(Buffer.alloc(10_000));
    expect(spool.onDisk).toBeGreaterThan(0);
    spool.destroy();
    await once(spool, 'close');
    await expect(spool.add(Buffer.from('more'))).rejects.toThrow('the reader has ended');
  });

  test('rejects a chunk that cannot be written to disk', async () => {
    const spool = new Spool({ folder: join(folder, 'missing-folder'), memory: 1 });
    const adding = (async () => {
      for (let index = 0; index < 100; index++) await spool.add(Buffer.alloc(10_000));
    })();
    await expect(adding).rejects.toMatchObject({ code: 'ENOENT' });
    spool.destroy();
    await once(spool, 'close');
  });

  test('returns the data that were added, in order, whatever the speed of reader and writer', async () => {
    const step = fc.record({ bytes: fc.nat(150_000), wait: fc.boolean(), reads: fc.nat(3) });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        const spool = new Spool({ folder, memory: 50_000 });
        let added = '';
        let received = '';
        for (const [index, { bytes, wait, reads }] of steps.entries()) {
          const text = String.fromCharCode(97 + (index % 26)).repeat(bytes);
          added += text;
          await spool.add(Buffer.from(text));
          if (wait) await new Promise((resolve) => setTimeout(resolve, 1));
          for (let count = 0; count < reads; count++)
            received += ((spool.read() as Buffer | null) ?? '').toString('latin1');
        }
        spool.end();
        received += await readAll(spool);
        expect(received === added).toBe(true); // not toBe(added): a failure would print megabytes
      }),
      examples(40),
    );
  });
});
