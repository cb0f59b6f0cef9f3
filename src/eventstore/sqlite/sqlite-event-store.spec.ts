import fs, {
  mkdtempSync,
  openSync,
  closeSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { instant } from '../../platform/moment.js';
import { StoreOwned } from '../../platform/process-lock.js';
import { DatabaseCorrupt, DatabaseUnopened, openDatabase, type SqliteDatabase } from '../../platform/sqlite.js';
import { GENESIS_HASH } from '../chain.js';
import { eventually } from '../../../test/support/eventually.js';
import { encodeBatch } from '../codec.js';
import {
  AppendAmbiguous,
  StoreUnavailable,
  SubscriptionDropped,
  WrongExpectedRevision,
  type StoredEvent,
} from '../event-store.js';
import { StoreFormatUnknown } from '../store-header.js';
import { openReadOnlyEventStore } from './read-only-event-store.js';
import { connectForWriting, openSqliteEventStore, type SqliteOptions } from './sqlite-event-store.js';

describe('the embedded event store', () => {
  let folder: string;
  let path: string;
  const opened: { close(): Promise<void> }[] = [];

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'redress-store-'));
    path = join(folder, 'events.db');
  });
  afterEach(async () => {
    for (const store of opened.splice(0)) await store.close();
    rmSync(folder, { recursive: true });
  });

  const open = async (options?: SqliteOptions) => {
    const store = await openSqliteEventStore(path, options);
    opened.push(store);
    return store;
  };
  const openToRead = async () => {
    const store = await openReadOnlyEventStore(path);
    opened.push(store);
    return store;
  };

  test('starts with its header and counts positions from 1 without gaps, even after rejected appends', async () => {
    const store = await open();
    await store.append('case-1', 'none', batch('case-1', 3));
    await Promise.allSettled([
      store.append('case-2', 'none', batch('case-2', 2)),
      store.append('case-1', 0, batch('case-1', 2)),
      store.append('case-3', 'none', batch('case-3', 1)),
    ]);
    const log = await store.readAll({ limit: 100 });
    expect(log.map((event) => Number(event.position))).toEqual([1, 2, 3, 4, 5, 6, 7]);
    expect(log[0]).toMatchObject({ stream: 'store', type: 'StoreCreated', position: '00000000000000000001' });
  });

  test('has the same identity and content after it is reopened', async () => {
    const store = await open();
    await store.append('case-1', 'none', batch('case-1', 3));
    const before = await store.readAll({ limit: 100 });
    await store.close();
    const again = await open();
    expect(again.storeId).toBe(store.storeId);
    expect(await again.readAll({ limit: 100 })).toEqual(before);
    expect((await again.append('case-1', 2, batch('case-1', 1, 3))).position).toBe('00000000000000000005');
  });

  describe('has one writer', () => {
    test('a second writer is rejected with the identity of the first', async () => {
      const store = await open();
      store.announce('http://127.0.0.1:3000');
      const second = openSqliteEventStore(path);
      await expect(second).rejects.toBeInstanceOf(StoreOwned);
      await expect(second).rejects.toMatchObject({ owner: { pid: process.pid, url: 'http://127.0.0.1:3000' } });
      await expect(second).rejects.toThrow(new RegExp(`process ${String(process.pid)} on .* at http://127.0.0.1:3000`));
    });

    test('the next writer can open it once the first has closed', async () => {
      await (await open()).close();
      await expect(open()).resolves.toBeDefined();
    });

    test('a store that failed to open is not left locked', async () => {
      writeFileSync(path, 'this is no database, and long enough to be seen as none'.repeat(40));
      await expect(open()).rejects.toThrow(path);
      rmSync(path);
      await expect(open()).resolves.toBeDefined();
    });
  });

  describe('commits a group in one transaction', () => {
    test('all appends of one turn share one transaction', async () => {
      const statements = spy();
      const store = await open({ connect: statements.connect });
      statements.seen.length = 0;
      await Promise.all(Array.from({ length: 50 }, (_, n) => store.append(`case-${n}`, 'none', batch(`case-${n}`, 1))));
      expect(statements.seen.filter((sql) => sql === 'COMMIT')).toHaveLength(1);
    });

    test('an append that the file rejects fails alone and as a whole', async () => {
      const store = await open();
      const poison = openDatabase(path);
      poison.exec(`CREATE TRIGGER poison BEFORE INSERT ON events WHEN NEW.type = 'Poison'
                   BEGIN SELECT RAISE(ABORT, 'poisoned'); END`);
      const spoilt = [...batch('case-2', 2), ...batch('case-2', 1, 2, 'Poison')];
      const outcomes = await Promise.allSettled([
        store.append('case-1', 'none', batch('case-1', 2)),
        store.append('case-2', 'none', spoilt),
        store.append('case-3', 'none', batch('case-3', 1, 0, 'Poison')),
        store.append('case-4', 'none', batch('case-4', 2)),
      ]);
      expect(outcomes.map((outcome) => outcome.status)).toEqual(['fulfilled', 'rejected', 'rejected', 'fulfilled']);
      expect(outcomes.flatMap((one) => (one.status === 'rejected' ? [one.reason as unknown] : []))).toEqual([
        expect.any(StoreUnavailable),
        expect.any(StoreUnavailable),
      ]);
      expect((await store.readAll({ limit: 10 })).map((event) => [Number(event.position), event.stream])).toEqual([
        [1, 'store'],
        [2, 'case-1'],
        [3, 'case-1'],
        [4, 'case-4'],
        [5, 'case-4'],
      ]);
      poison.exec('DROP TRIGGER poison');
      expect((await store.append('case-2', 'none', batch('case-2', 2))).revision).toBe(1);
    });

    test('a failed COMMIT makes every append of the group ambiguous, and a retry determines the outcome', async () => {
      const faults = spy();
      const store = await open({ connect: faults.connect });
      await store.append('case-1', 'none', batch('case-1', 1));
      faults.failNext('COMMIT', coded('SQLITE_FULL', 'database or disk is full'));
      const first = batch('case-2', 2);
      const outcomes = await Promise.allSettled([
        store.append('case-2', 'none', first),
        store.append('case-1', 5, batch('case-1', 1)),
      ]);
      for (const outcome of outcomes)
        expect(outcome.status === 'rejected' && outcome.reason).toBeInstanceOf(AppendAmbiguous);
      expect(faults.connections()).toBe(2);
      expect(await store.append('case-2', 'none', first)).toEqual({ revision: 1, position: '00000000000000000004' });
      await expect(store.append('case-1', 5, batch('case-1', 1))).rejects.toBeInstanceOf(WrongExpectedRevision);
      expect(await store.readAll({ limit: 10 })).toHaveLength(4);
    });

    test('a transaction that cannot begin stores nothing and reports it', async () => {
      const faults = spy();
      const store = await open({ connect: faults.connect });
      faults.failNext('BEGIN IMMEDIATE', coded('SQLITE_BUSY', 'database is locked'));
      await expect(store.append('case-1', 'none', batch('case-1', 1))).rejects.toBeInstanceOf(StoreUnavailable);
      await expect(store.append('case-1', 'none', batch('case-1', 1))).resolves.toMatchObject({ revision: 0 });
    });

    test('an I/O error ends the process; no further append is accepted', async () => {
      const faults = spy();
      const fatal: unknown[] = [];
      const store = await open({ connect: faults.connect, onFatal: (error) => fatal.push(error) });
      const error = coded('SQLITE_IOERR_FSYNC', 'disk I/O error');
      faults.failNext('COMMIT', error);
      await expect(store.append('case-1', 'none', batch('case-1', 1))).rejects.toBeInstanceOf(AppendAmbiguous);
      expect(fatal).toEqual([error]);
      await expect(store.append('case-1', 'none', batch('case-1', 1))).rejects.toBeInstanceOf(StoreUnavailable);
      await expect(store.readAll({ limit: 1 })).rejects.toBeInstanceOf(StoreUnavailable);
    });
  });

  describe('after it lost its connection because a commit had no room', () => {
    const noRoom = () => coded('SQLITE_FULL', 'database or disk is full');

    /** A store whose COMMIT had no room, and whose file cannot be opened until `mend` is called. */
    const away = async (error: () => Error) => {
      const faults = spy();
      const fatal: unknown[] = [];
      let failing = true;
      const store = await open({
        connect: (file) => {
          if (failing && faults.connections() > 0) throw error();
          return faults.connect(file);
        },
        onFatal: (cause) => fatal.push(cause),
      });
      await store.append('case-1', 'none', batch('case-1', 2));
      faults.failNext('COMMIT', noRoom());
      const lost = batch('case-2', 1);
      await expect(store.append('case-2', 'none', lost)).rejects.toBeInstanceOf(AppendAmbiguous);
      const seen: number[] = [];
      const stop = new AbortController();
      const following = (async () => {
        for await (const { events } of store.subscribe({ after: null, signal: stop.signal }))
          seen.push(...events.map((event) => Number(event.position)));
      })();
      following.catch(() => undefined); // awaited later
      return { store, fatal, lost, seen, stop, following, mend: () => (failing = false) };
    };

    test.each([
      ['has no room', noRoom],
      ['has no room for the index of its log', () => coded('SQLITE_IOERR_SHMSIZE', 'disk I/O error')],
      ['is locked', () => coded('SQLITE_BUSY', 'database is locked')],
      ['cannot be opened', () => new DatabaseUnopened(path)],
    ])('is unavailable while the file %s, and recovers without a restart', async (_, error) => {
      const { store, fatal, lost, seen, stop, following, mend } = await away(error);
      for (let n = 0; n < 3; n++) {
        await expect(store.append('case-2', 'none', lost)).rejects.toBeInstanceOf(StoreUnavailable);
        await expect(store.read('case-1', { limit: 1 })).rejects.toBeInstanceOf(StoreUnavailable);
        await expect(store.head()).rejects.toBeInstanceOf(StoreUnavailable);
        await pause(60);
      }
      mend();
      await eventually(async () => {
        expect(await store.head()).toBe('00000000000000000003');
      });
      await eventually(() => {
        expect(seen).toEqual([1, 2, 3]);
      });
      expect(await store.append('case-2', 'none', lost)).toEqual({ revision: 0, position: '00000000000000000004' });
      expect(await store.append('case-1', 1, batch('case-1', 1, 2))).toMatchObject({ revision: 2 });
      await eventually(() => {
        expect(seen).toEqual([1, 2, 3, 4, 5]);
      });
      stop.abort();
      await following;
      expect(fatal).toEqual([]);
    });

    test.each([
      ['is damaged', () => new DatabaseCorrupt(path, 'disk I/O error')],
      ['has an I/O error', () => coded('SQLITE_IOERR_FSYNC', 'disk I/O error')],
    ])('ends the process when the file %s, and drops its subscriptions', async (_, error) => {
      const expected = error();
      const { store, fatal, following } = await away(() => expected);
      expect(fatal).toEqual([expected]);
      await expect(following).rejects.toBeInstanceOf(SubscriptionDropped);
      await expect(store.append('case-3', 'none', batch('case-3', 1))).rejects.toThrow(/the store has failed/);
    });

    test('ends the process when the log lacks an acknowledged event', async () => {
      const { store, fatal, following, mend } = await away(noRoom);
      openDatabase(path).exec('DELETE FROM events WHERE position = 3');
      mend();
      await expect(following).rejects.toBeInstanceOf(SubscriptionDropped);
      expect(fatal).toMatchObject([
        { name: 'DatabaseCorrupt', message: expect.stringMatching(/ends at 0+2, before 0+3/) },
      ]);
      await expect(store.head()).rejects.toThrow(/the store has failed/);
    });

    test('can be closed', async () => {
      const { store, following, fatal } = await away(noRoom);
      await store.close();
      await expect(following).rejects.toBeInstanceOf(SubscriptionDropped);
      await expect(store.head()).rejects.toThrow(/closed/);
      await pause(250);
      expect(fatal).toEqual([]);
    });
  });

  test('commits queued appends in groups of about 8 MiB, all of them, even when it is closed meanwhile', async () => {
    const commits: string[] = [];
    const store = await open({ onCommit: (head) => commits.push(head) });
    const names = Array.from({ length: 44 }, (_, at) => `case-${String(at)}`);
    const large = (name: string) => {
      const [event] = batch(name, 1);
      if (event === undefined) throw new Error('an event is missing');
      return { ...event, data: `{"text":"${'x'.repeat(800 * 1024)}"}` };
    };
    commits.length = 0;
    const appends = (some: readonly string[]) => some.map((name) => store.append(name, 'none', [large(name)]));
    await Promise.all(appends(names.slice(0, 22)));
    expect(commits).toEqual([12, 23].map((position) => String(position).padStart(20, '0')));
    const last = Promise.all(appends(names.slice(22)));
    await store.close();
    expect(await last).toHaveLength(22);
  });

  test('closes only when everything that it accepted is stored', async () => {
    const store = await open();
    const accepted = Promise.all([1, 2, 3].map((n) => store.append(`case-${n}`, 'none', batch(`case-${n}`, 1))));
    await store.close();
    await expect(accepted).resolves.toHaveLength(3);
    await expect(store.append('case-9', 'none', batch('case-9', 1))).rejects.toBeInstanceOf(StoreUnavailable);
    expect(await (await openToRead()).readAll({ limit: 10 })).toHaveLength(4);
  });

  test('waits for the disk even while another process reads an older state', async () => {
    const impatient = (file: string): SqliteDatabase => openDatabase(file, { synchronous: 'FULL', busyTimeout: 0 });
    const store = await openSqliteEventStore(path, { connect: impatient });
    const reader = openDatabase(path, { readonly: true });
    const synced = jest.spyOn(fs, 'fdatasyncSync');
    try {
      reader.exec('BEGIN');
      reader.pragma('user_version');
      reader.prepare('SELECT count(*) FROM sqlite_schema').get();
      await store.append('case-1', 'none', batch('case-1', 1));
      await store.close();
      expect(synced).toHaveBeenCalledTimes(1);
    } finally {
      synced.mockRestore();
      reader.close();
    }
  });

  test('drops its subscriptions when it is closed', async () => {
    const store = await open();
    const run = (async () => {
      for await (const batch of store.subscribe({ after: null, signal: new AbortController().signal }))
        expect(batch.events.length).toBeGreaterThan(0);
    })();
    await new Promise((resolve) => setTimeout(resolve, 10));
    const dropped = expect(run).rejects.toBeInstanceOf(SubscriptionDropped);
    await store.close();
    await dropped;
  });

  describe('opened for reading', () => {
    test('shows the same events and follows the writer', async () => {
      const store = await open();
      const reader = await openToRead();
      expect(reader.storeId).toBe(store.storeId);
      const stop = new AbortController();
      const seen: StoredEvent[] = [];
      const follow = (async () => {
        for await (const batch of reader.subscribe({ after: null, prefixes: ['case-'], signal: stop.signal })) {
          seen.push(...batch.events);
          if (seen.length === 20) stop.abort();
        }
      })();
      for (let n = 0; n < 10; n++) await store.append(`case-${n}`, 'none', batch(`case-${n}`, 2));
      await follow;
      expect(seen).toEqual(await store.readAll({ prefixes: ['case-'], limit: 100 }));
      expect(await reader.head()).toBe(await store.head());
    });

    test('wakes when it is notified, without waiting for its next poll', async () => {
      const store = await open();
      let wake = (): void => undefined;
      const reader = await openReadOnlyEventStore(path, { poll: 3_600_000, notify: (call) => (wake = call) });
      opened.push(reader);
      const stop = new AbortController();
      for await (const found of reader.subscribe({ after: await store.head(), signal: stop.signal })) {
        if (found.events.length > 0) stop.abort();
        else void store.append('case-1', 'none', batch('case-1', 1)).then(wake);
      }
    });

    test('can be read without a writer, and rejects appends', async () => {
      await (await open()).close();
      const reader = await openToRead();
      expect(await reader.head()).toBe('00000000000000000001');
      await expect(reader.append('case-1', 'none', batch('case-1', 1))).rejects.toThrow(/reading only/);
    });

    test('is not created when it does not exist', async () => {
      await expect(openToRead()).rejects.toThrow(path);
    });
  });

  describe('refuses', () => {
    test('a store of a newer format', async () => {
      await (await open()).close();
      const file = openDatabase(path);
      file.exec(`UPDATE events SET data = replace(data, '"format":1', '"format":2') WHERE position = 1`);
      await expect(open()).rejects.toBeInstanceOf(StoreFormatUnknown);
      await expect(open()).rejects.toThrow(/format 2, this version reads format 1/);
    });

    test('a store with an unknown encryption', async () => {
      await (await open()).close();
      const file = openDatabase(path);
      file.exec(`UPDATE events SET data = replace(data, '"none"', '"aes-256-gcm"') WHERE position = 1`);
      await expect(open()).rejects.toThrow(/encrypted by aes-256-gcm/);
    });

    test('a SQLite file of another application', async () => {
      openDatabase(path).exec('CREATE TABLE recipes (name TEXT)');
      await expect(open()).rejects.toBeInstanceOf(StoreFormatUnknown);
    });

    test('a page that starts at an invalid position', async () => {
      const store = await open();
      for (const after of ['1', 'x', '', '0000000000000000000x', '99999999999999999999'])
        await expect(store.readAll({ after, limit: 1 })).rejects.toBeInstanceOf(RangeError);
    });
  });

  describe('reports damage', () => {
    const damaged = async (change: (bytes: Buffer) => void) => {
      const store = await open();
      for (let n = 0; n < 40; n++) await store.append(`case-${n}`, 'none', batch(`case-${n}`, 5));
      await store.close();
      const bytes = readFileSync(path);
      change(bytes);
      const file = openSync(path, 'r+');
      writeSync(file, bytes);
      closeSync(file);
    };

    test('a damaged page is an error that names the file', async () => {
      await damaged((bytes) => bytes.fill(0xab, 5 * 4096, 12 * 4096));
      const reader = openReadOnlyEventStore(path).then((store) => {
        opened.push(store);
        return store.readAll({ limit: 1000 });
      });
      await expect(reader).rejects.toMatchObject({ name: 'DatabaseCorrupt' });
      await expect(reader).rejects.toThrow(path);
    });

    test('text that is not UTF-8 is an error that names the position', async () => {
      await damaged(() => undefined);
      openDatabase(path).exec("UPDATE events SET data = CAST(x'7bff7d' AS TEXT) WHERE position = 17");
      const reader = await openToRead();
      await expect(reader.readAll({ limit: 1000 })).rejects.toThrow(/position 0{18}17 is not text/);
    });

    test('a truncated file is an error', async () => {
      await damaged(() => undefined);
      const half = readFileSync(path).subarray(0, Math.floor(statSync(path).size / 2));
      writeFileSync(path, half);
      await expect(openToRead().then((store) => store.readAll({ limit: 1000 }))).rejects.toThrow(path);
    });
  });
});

/** Events 0… of a stream, encoded by the codec. */
function batch(stream: string, count: number, first = 0, type = 'Noted') {
  return encodeBatch(
    stream,
    first,
    GENESIS_HASH,
    Array.from({ length: count }, (_, n) => ({ type, version: 1, data: { note: first + n + 17 } })),
    {
      occurredAt: instant('2026-03-02T01:30:00.000Z'),
      recordedAt: '2026-03-02T01:31:00.000Z',
      actor: { type: 'person', id: 'handler-1', role: 'handler' },
      commandId: 'command-1',
      commandDigest: 'd'.repeat(64),
      $correlationId: 'correlation-1',
      $causationId: 'command-1',
    },
  );
}

const coded = (code: string, message: string) => Object.assign(new Error(message), { code });

/** Connections that record executed statements and fail before configured ones. */
function spy() {
  const seen: string[] = [];
  const failures = new Map<string, Error>();
  let connections = 0;
  const connect = (path: string): SqliteDatabase => {
    connections += 1;
    const database = connectForWriting(path);
    const exec = database.exec.bind(database);
    database.exec = (sql) => {
      seen.push(sql);
      const failure = failures.get(sql);
      if (failure !== undefined) {
        failures.delete(sql);
        throw failure;
      }
      exec(sql);
    };
    return database;
  };
  return {
    connect,
    seen,
    connections: () => connections,
    failNext: (sql: string, error: Error) => failures.set(sql, error),
  };
}
