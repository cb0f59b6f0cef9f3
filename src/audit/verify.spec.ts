import { mkdtempSync, openSync, closeSync, readFileSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventIdOf, GENESIS_HASH, hashOf } from '../eventstore/chain.js';
import { encodeBatch, type MetadataDraft } from '../eventstore/codec.js';
import { inspectSqliteStore } from '../eventstore/sqlite/inspection.js';
import { openSqliteEventStore } from '../eventstore/sqlite/sqlite-event-store.js';
import { openDatabase, type SqliteDatabase } from '../platform/sqlite.js';
import { instant } from '../platform/moment.js';
import type { EarlierResult } from './earlier-result.js';
import { MerkleTree } from './merkle-tree.js';
import { verifyStore, type LogSource, type Verification } from './verify.js';

describe('verification of the embedded store', () => {
  let folder: string;
  let path: string;
  let database: SqliteDatabase;

  // 13 events: the store header at position 1, then two events of each of three streams, twice
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'redress-verify-'));
    path = join(folder, 'events.db');
    const store = await openSqliteEventStore(path);
    const hashes = new Map<string, string>();
    for (let revision = 0; revision < 4; revision += 2) {
      for (const stream of ['case-a', 'case-b', 'case-投诉']) {
        const previous = hashes.get(stream) ?? GENESIS_HASH;
        const batch = encodeBatch(
          stream,
          revision,
          previous,
          [noted(revision), noted(revision + 1)],
          metadata(revision),
        );
        await store.append(stream, revision === 0 ? 'none' : revision - 1, batch);
        hashes.set(stream, batch[1]?.hash ?? '');
      }
    }
    await store.close();
    database = openDatabase(path);
  });
  afterEach(() => {
    database.close();
    rmSync(folder, { recursive: true });
  });

  const verify = async (pageSize = 5): Promise<Verification> => {
    const source = inspectSqliteStore(path);
    try {
      return await lastOf(verifyStore(source, { pageSize }));
    } finally {
      source.close();
    }
  };

  test('verifies a correct store, counts events and reports progress', async () => {
    const tree = new MerkleTree();
    for (const [hash] of database
      .prepareRaw<readonly [string]>("SELECT json_extract(metadata, '$.hash') FROM events ORDER BY position")
      .all())
      tree.add(Buffer.from(hash, 'hex'));
    expect(await verify()).toEqual({
      kind: 'result',
      ok: true,
      events: 13,
      streams: 4,
      head: position(13),
      root: tree.root(),
    });
    const items = [];
    for await (const item of verifyStore(inspectSqliteStore(path), { pageSize: 5 })) items.push(item);
    expect(items.map((item) => `${item.kind} ${String(item.events)}`)).toEqual([
      'progress 5',
      'progress 10',
      'progress 13',
      'result 13',
    ]);
  });

  test('verifies a store that is open for writing', async () => {
    const store = await openSqliteEventStore(path);
    await store.append('case-c', 'none', encodeBatch('case-c', 0, GENESIS_HASH, [noted(0)], metadata(0)));
    expect(await verify()).toMatchObject({ ok: true, events: 14 });
    await store.close();
  });

  describe('finds one flipped bit', () => {
    // positions
    const first = 1;
    const middle = 6;
    const last = 13;

    test.each([
      ['stream', first],
      ['stream', middle],
      ['stream', last],
      ['type', first],
      ['type', middle],
      ['type', last],
      ['event_id', first],
      ['event_id', middle],
      ['event_id', last],
      ['data', first],
      ['data', middle],
      ['data', last],
      ['metadata', first],
      ['metadata', middle],
      ['metadata', last],
    ])('in every byte of %s of the event at position %i, and reports this event', async (column, at) => {
      const hex =
        database.prepareRaw<[string]>(`SELECT hex(${column}) FROM events WHERE position = ?`).get(at)?.[0] ?? '';
      const original = Buffer.from(hex, 'hex');
      const update = database.prepare(`UPDATE events SET ${column} = CAST(? AS TEXT) WHERE position = ?`);
      const none = () => Promise.resolve([]); // these two checks take most of the time, and do not detect a changed event
      const source: LogSource = { ...inspectSqliteStore(path), faults: none, schemaDifferences: none };
      for (let byte = 0; byte < original.length; byte++) {
        const flipped = Buffer.from(original);
        flipped[byte] = (original[byte] ?? 0) ^ (1 << (byte % 8));
        update.run(flipped, at);
        const result = await lastOf(verifyStore(source));
        expect({ byte, ok: result.ok, events: result.events }).toEqual({ byte, ok: false, events: at - 1 });
        expect(result.firstError?.position).toBe(position(at));
      }
      update.run(original, at);
      expect(await lastOf(verifyStore(source))).toMatchObject({ ok: true });
    });

    test.each([[first], [middle], [last]])('in the revision of the event at position %i', async (at) => {
      database.exec('DROP INDEX events_by_stream; DROP INDEX events_by_first'); // their constraints would reject the change
      for (let bit = 0; bit < 31; bit += 3) {
        // flips one bit: SQLite has no operator for exclusive or
        const flip = `UPDATE events SET revision = (revision | (1 << ${bit})) - (revision & (1 << ${bit})) WHERE position = ${at}`;
        database.exec(flip);
        expect(await verify()).toMatchObject({ ok: false, events: at - 1, firstError: { position: position(at) } });
        database.exec(flip);
      }
      const result = await verify();
      expect(result).toMatchObject({ events: 13, schema: [expect.any(String), expect.any(String)] });
      expect(result.firstError).toBeUndefined();
    });

    test.each([[first], [middle], [last]])('in the position of the event at position %i, or its sign', async (at) => {
      for (let bit = 4; bit < 50; bit += 5) {
        const other = `(${at} + (1 << ${bit}))`;
        database.exec(`UPDATE events SET position = ${other} WHERE position = ${at}`);
        expect(await verify()).toMatchObject({ ok: false, events: at - 1 });
        database.exec(`UPDATE events SET position = ${at} WHERE position = ${other}`);
        database.exec(`UPDATE events SET position = -${at} WHERE position = ${at}`);
        expect(await verify()).toMatchObject({ ok: false });
        database.exec(`UPDATE events SET position = ${at} WHERE position = -${at}`);
      }
    });

    test('in the stored names of a stream, in the table and in the index', async () => {
      database.exec('PRAGMA secure_delete = ON; VACUUM; PRAGMA wal_checkpoint(TRUNCATE)'); // removes old copies from free space
      const name = Buffer.from('case-投诉');
      const bytes = readFileSync(path);
      let copies = 0;
      for (let at = bytes.indexOf(name); at >= 0; at = bytes.indexOf(name, at + 1)) {
        copies += 1;
        const flipped = Buffer.from(bytes);
        flipped[at] = (bytes[at] ?? 0) ^ 1;
        overwrite(path, flipped);
        expect((await verify()).ok).toBe(false);
      }
      overwrite(path, bytes);
      expect(copies).toBe(5); // one in each of four events, and one in the index, which has only first events
      expect((await verify()).ok).toBe(true);
    });
  });

  describe('compares the log with an earlier result', () => {
    const against = async (earlier: EarlierResult): Promise<Verification> =>
      lastOf(verifyStore(inspectSqliteStore(path), { pageSize: 5, against: earlier }));
    const OTHER_ROOT = 'a'.repeat(64);

    test('that covers as many events, fewer, or none', async () => {
      const now = await verify();
      database.exec('DELETE FROM events WHERE position > 9');
      const before = await verify();
      for (const { events, root } of [before, { events: 0, root: new MerkleTree().root() }])
        expect(await against({ events, root })).toMatchObject({ ok: true, against: { events, root, contained: true } });
      expect(now.root).not.toBe(before.root);
    });

    test('that covers more events', async () => {
      const { events, root } = await verify();
      database.exec('DELETE FROM events WHERE position > 9');
      expect(await against({ events, root })).toMatchObject({
        ok: false,
        events: 9,
        against: {
          contained: false,
          what: 'events are missing: the log has only 9 of the 13 events of the earlier result',
        },
      });
    });

    test('that has another root over as many events', async () => {
      const { root } = await verify();
      expect((await against({ events: 13, root: OTHER_ROOT })).against).toEqual({
        events: 13,
        root: OTHER_ROOT,
        contained: false,
        what: `the first 13 events are not those of the earlier result: their root is now ${root}, it was ${OTHER_ROOT}`,
      });
    });

    test('and says so if a wrong event ends the verification before', async () => {
      const { events, root } = await verify();
      database.exec("UPDATE events SET type = 'Other' WHERE position = 6");
      expect(await against({ events, root })).toMatchObject({
        ok: false,
        firstError: { position: position(6) },
        against: { what: 'not compared: verification stopped after 5 of the 13 events of the earlier result' },
      });
    });
  });

  describe('finds', () => {
    /** Changes data or metadata of the event at a position, and computes its hash and id again. */
    const forge = (at: number, change: { data?: string; metadata?: (metadata: Record<string, unknown>) => void }) => {
      const row = database
        .prepare<{ stream: string; revision: number; type: string; data: string; metadata: string }>(
          'SELECT stream, revision, type, data, metadata FROM events WHERE position = ?',
        )
        .get(at);
      if (row === undefined) throw new Error(`no event at position ${String(at)}`);
      const forged = JSON.parse(row.metadata) as Record<string, unknown>;
      change.metadata?.(forged);
      const data = change.data ?? row.data;
      const canonicalMetadata = () =>
        JSON.stringify(Object.fromEntries(Object.entries(forged).sort(([a], [b]) => (a < b ? -1 : 1))));
      delete forged.hash;
      forged.hash = hashOf({ ...row, data, metadata: canonicalMetadata() });
      database
        .prepare('UPDATE events SET data = ?, metadata = ?, event_id = ? WHERE position = ?')
        .run(data, canonicalMetadata(), eventIdOf(forged.hash as string), at);
    };

    test('an event whose data, hash and id were replaced: the next event has the wrong prevHash', async () => {
      forge(2, { data: '{"note":"forged"}' });
      expect((await verify()).firstError).toEqual({
        stream: 'case-a',
        revision: 1,
        position: position(3),
        what: 'its prevHash is not the hash of the event before it',
      });
    });

    test('a recordedAt earlier than that of the event before it', async () => {
      forge(8, { metadata: (forged) => (forged.recordedAt = '2026-03-01T00:00:00.000Z') });
      expect((await verify()).firstError).toMatchObject({
        position: position(8),
        what: expect.stringContaining('recordedAt') as string,
      });
    });

    test.each([
      ['a space', '{"note": 2}'],
      ['another order of members', '{"note":2,"also":1}'],
      ['an escaped character that needs no escape', '{"note":"\\u0041"}'],
      ['a repeated member', '{"note":2,"note":2}'],
      ['an array instead of an object', '[2]'],
    ])('data that is not canonical: %s', async (_, data) => {
      forge(4, { data });
      expect((await verify()).firstError).toMatchObject({
        position: position(4),
        what: 'its data is not canonical JSON',
      });
    });

    test('a missing event: by position, or by revision if positions may have gaps', async () => {
      database.exec('DELETE FROM events WHERE position = 5');
      expect((await verify()).firstError).toMatchObject({ what: `position ${position(5)} is missing before it` });
      const source: LogSource = { readAll: (options) => inspectSqliteStore(path).readAll(options) };
      expect((await lastOf(verifyStore(source))).firstError).toMatchObject({
        stream: 'case-b',
        what: 'revision 1 of its stream is missing before it',
      });
    });

    test('an event whose origin is not the first event of its stream, which a read of the log does not show', async () => {
      database.exec('UPDATE events SET origin = origin + 100 WHERE position = 6');
      expect(await verify()).toMatchObject({
        ok: false,
        firstError: { what: expect.stringContaining(`position ${position(6)} is filed under another stream`) },
      });
    });

    test('an unreadable row, with the row before it as the head', async () => {
      database.exec("UPDATE events SET data = CAST(x'7bff7d' AS TEXT) WHERE position = 7");
      expect(await verify()).toMatchObject({
        ok: false,
        events: 6,
        head: position(6),
        firstError: { position: position(7) },
      });
    });

    test('a file that is not a database: its path is in the error', () => {
      writeFileSync(join(folder, 'other.db'), 'x'.repeat(5000));
      expect(() => inspectSqliteStore(join(folder, 'other.db'))).toThrow(/other\.db/);
    });
  });
});

const noted = (revision: number) => ({ type: 'Noted', version: 1, data: { note: `n° ${String(revision)} \u0001` } });

const metadata = (revision: number): MetadataDraft => ({
  occurredAt: instant('2026-03-02T01:30:00.000Z'),
  recordedAt: `2026-03-02T01:3${String(revision)}:00.000Z`,
  actor: { type: 'person', id: 'handler-1', role: 'handler' },
  commandId: `command-${String(revision)}`,
  commandDigest: 'd'.repeat(64),
  $correlationId: 'correlation-1',
  $causationId: 'command-1',
  reasonText: '热菜是冷的',
});

const position = (number: number): string => String(number).padStart(20, '0');

async function lastOf(items: AsyncIterable<unknown>): Promise<Verification> {
  let last: unknown;
  for await (const item of items) last = item;
  return last as Verification;
}

/** Writes the file in place, because the database has it open. */
function overwrite(path: string, bytes: Buffer): void {
  const file = openSync(path, 'r+');
  writeSync(file, bytes);
  closeSync(file);
}
