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
  const openReadOnly = async () => {
    const store = await openReadOnlyEventStore(path);
    opened.push(store);
    return store;
  };

  test('begins with its header and has positions without gaps from 1 on, also after a rejected append', async () => {
    const store = await open();
    await store.append('case-1', 'none', newEvents('case-1', 3));
    await Promise.allSettled([
      store.append('case-2', 'none', newEvents('case-2', 2)),
      store.append('case-1', 0, newEvents('case-1', 2)),
      store.append('case-3', 'none', newEvents('case-3', 1)),
    ]);
    const log = await store.readAll({ limit: 100 });
    expect(log.map((event) => Number(event.position))).toEqual([1, 2, 3, 4, 5, 6, 7]);
    expect(log[0]).toMatchObject({ stream: 'store', type: 'StoreCreated', position: '00000000000000000001' });
  });

  test('has the same id and events after it is reopened', async () => {
    const store = await open();
    await store.append('case-1', 'none', newEvents('case-1', 3));
    const before = await store.readAll({ limit: 100 });
    await store.close();
    const reopened = await open();
    expect(reopened.storeId).toBe(store.storeId);
    expect(await reopened.readAll({ limit: 100 })).toEqual(before);
    expect((await reopened.append('case-1', 2, newEvents('case-1', 1, { from: 3 }))).position).toBe(
      '00000000000000000005',
    );
  });

  describe('has one writer', () => {
    test('a second writer is rejected; the error has process id and URL of the first', async () => {
      const store = await open();
      store.announce('http://127.0.0.1:3000');
      const second = openSqliteEventStore(path);
      await expect(second).rejects.toBeInstanceOf(StoreOwned);
      await expect(second).rejects.toMatchObject({ owner: { pid: process.pid, url: 'http://127.0.0.1:3000' } });
      await expect(second).rejects.toThrow(new RegExp(`process ${String(process.pid)} on .* at http://127.0.0.1:3000`));
    });

    test('another writer can open it after the first has closed it', async () => {
      await (await open()).close();
      await expect(open()).resolves.toBeDefined();
    });

    test('it is not locked after an attempt to open it has failed', async () => {
      writeFileSync(path, 'This text is not a database. '.repeat(100)); // SQLite reads at least a header of 100 bytes
      await expect(open()).rejects.toThrow(path);
      rmSync(path);
      await expect(open()).resolves.toBeDefined();
    });
  });

  describe('commits a group in one transaction', () => {
    test('appends of one turn of the event loop share one transaction', async () => {
      const spy = connectionSpy();
      const store = await open({ connect: spy.connect });
      spy.executed.length = 0;
      await Promise.all(
        Array.from({ length: 50 }, (_, n) => store.append(`case-${n}`, 'none', newEvents(`case-${n}`, 1))),
      );
      expect(spy.executed.filter((sql) => sql === 'COMMIT')).toHaveLength(1);
    });

    test('an append with an event that SQLite rejects fails completely, and the others succeed', async () => {
      const store = await open();
      const database = openDatabase(path);
      database.exec(`CREATE TRIGGER reject BEFORE INSERT ON events WHEN NEW.type = 'Rejected'
                     BEGIN SELECT RAISE(ABORT, 'rejected'); END`);
      const lastRejected = [...newEvents('case-2', 2), ...newEvents('case-2', 1, { from: 2, type: 'Rejected' })];
      const outcomes = await Promise.allSettled([
        store.append('case-1', 'none', newEvents('case-1', 2)),
        store.append('case-2', 'none', lastRejected),
        store.append('case-3', 'none', newEvents('case-3', 1, { type: 'Rejected' })),
        store.append('case-4', 'none', newEvents('case-4', 2)),
      ]);
      expect(outcomes.map((outcome) => outcome.status)).toEqual(['fulfilled', 'rejected', 'rejected', 'fulfilled']);
      expect(outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason as unknown] : []))).toEqual(
        [expect.any(StoreUnavailable), expect.any(StoreUnavailable)],
      );
      expect((await store.readAll({ limit: 10 })).map((event) => [Number(event.position), event.stream])).toEqual([
        [1, 'store'],
        [2, 'case-1'],
        [3, 'case-1'],
        [4, 'case-4'],
        [5, 'case-4'],
      ]);
      database.exec('DROP TRIGGER reject');
      expect((await store.append('case-2', 'none', newEvents('case-2', 2))).revision).toBe(1);
    });

    test('after a failed COMMIT every append of the group is ambiguous, and a retry returns its result', async () => {
      const faults = connectionSpy();
      const store = await open({ connect: faults.connect });
      await store.append('case-1', 'none', newEvents('case-1', 1));
      faults.failNext('COMMIT', sqliteError('SQLITE_FULL', 'database or disk is full'));
      const first = newEvents('case-2', 2);
      const outcomes = await Promise.allSettled([
        store.append('case-2', 'none', first),
        store.append('case-1', 5, newEvents('case-1', 1)), // a conflict: the stream has one event
      ]);
      for (const outcome of outcomes)
        expect(outcome.status === 'rejected' && outcome.reason).toBeInstanceOf(AppendAmbiguous);
      expect(faults.connections()).toBe(2);
      expect(await store.append('case-2', 'none', first)).toEqual({ revision: 1, position: '00000000000000000004' });
      await expect(store.append('case-1', 5, newEvents('case-1', 1))).rejects.toBeInstanceOf(WrongExpectedRevision);
      expect(await store.readAll({ limit: 10 })).toHaveLength(4);
    });

    test('an append is rejected as unavailable if its transaction cannot begin, and a retry succeeds', async () => {
      const faults = connectionSpy();
      const store = await open({ connect: faults.connect });
      faults.failNext('BEGIN IMMEDIATE', sqliteError('SQLITE_BUSY', 'database is locked'));
      await expect(store.append('case-1', 'none', newEvents('case-1', 1))).rejects.toBeInstanceOf(StoreUnavailable);
      await expect(store.append('case-1', 'none', newEvents('case-1', 1))).resolves.toMatchObject({ revision: 0 });
    });

    test('while another process has locked the file, appends are rejected without waiting, on the same connection', async () => {
      const faults = connectionSpy();
      const store = await open({ connect: faults.connect });
      const connection = connectForWriting(path);
      expect(connection.pragma('busy_timeout')).toBe(0); // a longer timeout would block the thread
      connection.exec('BEGIN IMMEDIATE');
      await expect(store.append('case-1', 'none', newEvents('case-1', 1))).rejects.toThrow(
        /another program has locked/,
      );
      expect(await store.read('store', { limit: 1 })).toHaveLength(1);
      connection.exec('ROLLBACK');
      connection.close();
      await expect(store.append('case-1', 'none', newEvents('case-1', 1))).resolves.toMatchObject({ revision: 0 });
      expect(faults.connections()).toBe(1);
    });

    test('after an I/O error onFatal is called, and appends and reads are rejected', async () => {
      const faults = connectionSpy();
      const fatal: unknown[] = [];
      const store = await open({ connect: faults.connect, onFatal: (error) => fatal.push(error) });
      const error = sqliteError('SQLITE_IOERR_FSYNC', 'disk I/O error');
      faults.failNext('COMMIT', error);
      await expect(store.append('case-1', 'none', newEvents('case-1', 1))).rejects.toBeInstanceOf(AppendAmbiguous);
      expect(fatal).toEqual([error]);
      await expect(store.append('case-1', 'none', newEvents('case-1', 1))).rejects.toBeInstanceOf(StoreUnavailable);
      await expect(store.readAll({ limit: 1 })).rejects.toBeInstanceOf(StoreUnavailable);
    });
  });

  describe('after a COMMIT has failed because the disk was full', () => {
    const diskFull = () => sqliteError('SQLITE_FULL', 'database or disk is full');

    /**
     * A store whose last COMMIT, of the append `ambiguous`, has failed because the disk was full. Opening the file fails
     * with `error` until `repair` is called. `positions` are those that a subscription has delivered.
     */
    const openDisconnected = async (error: () => Error) => {
      const faults = connectionSpy();
      const fatal: unknown[] = [];
      let failing = true;
      const store = await open({
        connect: (file) => {
          if (failing && faults.connections() > 0) throw error();
          return faults.connect(file);
        },
        onFatal: (cause) => fatal.push(cause),
      });
      await store.append('case-1', 'none', newEvents('case-1', 2));
      faults.failNext('COMMIT', diskFull());
      const ambiguous = newEvents('case-2', 1);
      await expect(store.append('case-2', 'none', ambiguous)).rejects.toBeInstanceOf(AppendAmbiguous);
      const positions: number[] = [];
      const stop = new AbortController();
      const subscription = (async () => {
        for await (const { events } of store.subscribe({ after: null, signal: stop.signal }))
          positions.push(...events.map((event) => Number(event.position)));
      })();
      subscription.catch(() => undefined); // the tests await it later
      return { store, fatal, ambiguous, positions, stop, subscription, repair: () => (failing = false) };
    };

    test.each([
      ['the disk is full', diskFull],
      [
        'the disk has no room for the index of the write-ahead log',
        () => sqliteError('SQLITE_IOERR_SHMSIZE', 'disk I/O error'),
      ],
      ['the file is locked', () => sqliteError('SQLITE_BUSY', 'database is locked')],
      ['the file cannot be opened', () => new DatabaseUnopened(path)],
    ])('is unavailable while %s, and recovers without a restart', async (_, error) => {
      const { store, fatal, ambiguous, positions, stop, subscription, repair } = await openDisconnected(error);
      for (let n = 0; n < 3; n++) {
        await expect(store.append('case-2', 'none', ambiguous)).rejects.toBeInstanceOf(StoreUnavailable);
        await expect(store.read('case-1', { limit: 1 })).rejects.toBeInstanceOf(StoreUnavailable);
        await expect(store.head()).rejects.toBeInstanceOf(StoreUnavailable);
        await pause(60);
      }
      repair();
      await eventually(async () => {
        expect(await store.head()).toBe('00000000000000000003');
      });
      await eventually(() => {
        expect(positions).toEqual([1, 2, 3]);
      });
      expect(await store.append('case-2', 'none', ambiguous)).toEqual({
        revision: 0,
        position: '00000000000000000004',
      });
      expect(await store.append('case-1', 1, newEvents('case-1', 1, { from: 2 }))).toMatchObject({ revision: 2 });
      await eventually(() => {
        expect(positions).toEqual([1, 2, 3, 4, 5]);
      });
      stop.abort();
      await subscription;
      expect(fatal).toEqual([]);
    });

    test.each([
      ['is damaged', () => new DatabaseCorrupt(path, 'disk I/O error')],
      ['has an I/O error', () => sqliteError('SQLITE_IOERR_FSYNC', 'disk I/O error')],
    ])('calls onFatal and drops its subscriptions if the file %s', async (_, error) => {
      const expected = error();
      const { store, fatal, subscription } = await openDisconnected(() => expected);
      expect(fatal).toEqual([expected]);
      await expect(subscription).rejects.toBeInstanceOf(SubscriptionDropped);
      await expect(store.append('case-3', 'none', newEvents('case-3', 1))).rejects.toThrow(/the store has failed/);
    });

    test('calls onFatal if an acknowledged event is missing after the file is reopened', async () => {
      const { store, fatal, subscription, repair } = await openDisconnected(diskFull);
      openDatabase(path).exec('DELETE FROM events WHERE position = 3');
      repair();
      await expect(subscription).rejects.toBeInstanceOf(SubscriptionDropped);
      expect(fatal).toMatchObject([
        { name: 'DatabaseCorrupt', message: expect.stringMatching(/ends at 0+2, before 0+3/) },
      ]);
      await expect(store.head()).rejects.toThrow(/the store has failed/);
    });

    test('can be closed, and is not reopened', async () => {
      const { store, subscription, fatal } = await openDisconnected(diskFull);
      await store.close();
      await expect(subscription).rejects.toBeInstanceOf(SubscriptionDropped);
      await expect(store.head()).rejects.toThrow(/closed/);
      await pause(250); // longer than the interval at which it would be reopened
      expect(fatal).toEqual([]);
    });
  });

  test('commits waiting appends in groups of about 8 MiB, and commits all of them before it closes', async () => {
    const commits: string[] = [];
    const store = await open({ onCommit: (head) => commits.push(head) });
    const names = Array.from({ length: 44 }, (_, index) => `case-${String(index)}`);
    const large = (name: string) => {
      const [event] = newEvents(name, 1);
      if (event === undefined) throw new Error('expected one event');
      return { ...event, data: `{"text":"${'x'.repeat(800 * 1024)}"}` };
    };
    commits.length = 0;
    const appendTo = (streams: readonly string[]) => streams.map((name) => store.append(name, 'none', [large(name)]));
    await Promise.all(appendTo(names.slice(0, 22)));
    // eleven appends of 800 KiB reach 8 MiB; the header of the store has position 1
    expect(commits).toEqual([12, 23].map((position) => String(position).padStart(20, '0')));
    const appendsAtClose = Promise.all(appendTo(names.slice(22)));
    await store.close();
    expect(await appendsAtClose).toHaveLength(22);
  });

  test('stores all accepted appends before it closes, and rejects later ones', async () => {
    const store = await open();
    const accepted = Promise.all([1, 2, 3].map((n) => store.append(`case-${n}`, 'none', newEvents(`case-${n}`, 1))));
    await store.close();
    await expect(accepted).resolves.toHaveLength(3);
    await expect(store.append('case-9', 'none', newEvents('case-9', 1))).rejects.toBeInstanceOf(StoreUnavailable);
    expect(await (await openReadOnly()).readAll({ limit: 10 })).toHaveLength(4);
  });

  test('syncs the write-ahead log when it closes while another process reads an older state', async () => {
    const connectWithoutWaiting = (file: string): SqliteDatabase =>
      openDatabase(file, { synchronous: 'FULL', busyTimeout: 0 });
    const store = await openSqliteEventStore(path, { connect: connectWithoutWaiting });
    const reader = openDatabase(path, { readonly: true });
    const fdatasync = jest.spyOn(fs, 'fdatasyncSync');
    try {
      // the first read after BEGIN fixes the state that the reader sees
      reader.exec('BEGIN');
      reader.pragma('user_version');
      reader.prepare('SELECT count(*) FROM sqlite_schema').get();
      await store.append('case-1', 'none', newEvents('case-1', 1));
      await store.close();
      expect(fdatasync).toHaveBeenCalledTimes(1);
    } finally {
      fdatasync.mockRestore();
      reader.close();
    }
  });

  test('drops its subscriptions when it closes', async () => {
    const store = await open();
    const subscription = (async () => {
      for await (const batch of store.subscribe({ after: null, signal: new AbortController().signal }))
        expect(batch.events.length).toBeGreaterThan(0);
    })();
    await new Promise((resolve) => setTimeout(resolve, 10));
    const dropped = expect(subscription).rejects.toBeInstanceOf(SubscriptionDropped);
    await store.close();
    await dropped;
  });

  describe('opened for reading only', () => {
    test('delivers events that the writer appends later', async () => {
      const store = await open();
      const reader = await openReadOnly();
      expect(reader.storeId).toBe(store.storeId);
      const stop = new AbortController();
      const delivered: StoredEvent[] = [];
      const subscription = (async () => {
        for await (const batch of reader.subscribe({ after: null, prefixes: ['case-'], signal: stop.signal })) {
          delivered.push(...batch.events);
          if (delivered.length === 20) stop.abort();
        }
      })();
      for (let n = 0; n < 10; n++) await store.append(`case-${n}`, 'none', newEvents(`case-${n}`, 2));
      await subscription;
      expect(delivered).toEqual(await store.readAll({ prefixes: ['case-'], limit: 100 }));
      expect(await reader.head()).toBe(await store.head());
    });

    test('looks for new events when it is notified, before its next poll', async () => {
      const store = await open();
      let wake = (): void => undefined;
      const reader = await openReadOnlyEventStore(path, {
        pollIntervalMs: 3_600_000,
        registerWake: (call) => (wake = call),
      });
      opened.push(reader);
      const stop = new AbortController();
      for await (const batch of reader.subscribe({ after: await store.head(), signal: stop.signal })) {
        if (batch.events.length > 0) stop.abort();
        else void store.append('case-1', 'none', newEvents('case-1', 1)).then(wake);
      }
    });

    test('is readable if no process writes it, and rejects appends', async () => {
      await (await open()).close();
      const reader = await openReadOnly();
      expect(await reader.head()).toBe('00000000000000000001');
      await expect(reader.append('case-1', 'none', newEvents('case-1', 1))).rejects.toThrow(/reading only/);
    });

    test('is not created if it does not exist', async () => {
      await expect(openReadOnly()).rejects.toThrow(path);
    });
  });

  describe('rejects', () => {
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

    test('a read after an invalid position', async () => {
      const store = await open();
      for (const after of ['1', 'x', '', '0000000000000000000x', '99999999999999999999'])
        await expect(store.readAll({ after, limit: 1 })).rejects.toBeInstanceOf(RangeError);
    });
  });

  describe('with a damaged file', () => {
    /** Stores 200 events, closes the store, and changes the bytes of its file. */
    const damageStore = async (change: (bytes: Buffer) => void) => {
      const store = await open();
      for (let n = 0; n < 40; n++) await store.append(`case-${n}`, 'none', newEvents(`case-${n}`, 5));
      await store.close();
      const bytes = readFileSync(path);
      change(bytes);
      const file = openSync(path, 'r+');
      writeSync(file, bytes);
      closeSync(file);
    };

    test('throws an error with the path of the file for a damaged page', async () => {
      await damageStore((bytes) => bytes.fill(0xab, 5 * 4096, 12 * 4096));
      const events = openReadOnlyEventStore(path).then((store) => {
        opened.push(store);
        return store.readAll({ limit: 1000 });
      });
      await expect(events).rejects.toMatchObject({ name: 'DatabaseCorrupt' });
      await expect(events).rejects.toThrow(path);
    });

    test('throws an error with the position for text that is not UTF-8', async () => {
      await damageStore(() => undefined);
      openDatabase(path).exec("UPDATE events SET data = CAST(x'7bff7d' AS TEXT) WHERE position = 17");
      const reader = await openReadOnly();
      await expect(reader.readAll({ limit: 1000 })).rejects.toThrow(/position 0{18}17 is not text/);
    });

    test('throws an error with the path for a truncated file', async () => {
      await damageStore(() => undefined);
      const half = readFileSync(path).subarray(0, Math.floor(statSync(path).size / 2));
      writeFileSync(path, half);
      await expect(openReadOnly().then((store) => store.readAll({ limit: 1000 }))).rejects.toThrow(path);
    });
  });
});

/** Encodes this number of events of a stream, from the revision `from` on. */
function newEvents(stream: string, count: number, { from = 0, type = 'Noted' } = {}) {
  return encodeBatch(
    stream,
    from,
    GENESIS_HASH,
    Array.from({ length: count }, (_, n) => ({ type, version: 1, data: { note: from + n } })),
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

const sqliteError = (code: string, message: string) => Object.assign(new Error(message), { code });

/** Opens connections that record the statements they execute. `failNext` makes the next statement with this SQL fail. */
function connectionSpy() {
  const executed: string[] = [];
  const failures = new Map<string, Error>();
  let connections = 0;
  const connect = (path: string): SqliteDatabase => {
    connections += 1;
    const database = connectForWriting(path);
    const exec = database.exec.bind(database);
    database.exec = (sql) => {
      executed.push(sql);
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
    executed,
    connections: () => connections,
    failNext: (sql: string, error: Error) => failures.set(sql, error),
  };
}
