import canonicalize from 'canonicalize';
import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { detectionIn, documentedDetection, verifyStores } from '../../test/support/audit/documented-detection.js';
import { SampleLog } from '../../test/support/audit/sample-log.js';
import type { Verification } from '../audit/verify.js';
import { eventIdOf, GENESIS_HASH, hashOf } from '../eventstore/chain.js';
import { openSqliteEventStore } from '../eventstore/sqlite/sqlite-event-store.js';
import { openDatabase, type SqliteDatabase } from '../platform/sqlite.js';
import { EmbeddedReadModels } from '../readmodels/embedded/embedded-read-models.js';
import type { VerifiedStores } from './engines.js';

/** An event as a person with write access to the file would edit it: without hashes, id and position. */
interface Draft {
  readonly stream: string;
  readonly type: string;
  readonly data: string;
  readonly metadata: string;
}

/** What a tampering may change. */
interface Target {
  readonly events: SqliteDatabase;
  readonly views: SqliteDatabase;
  /** Rewrites the whole log from edited events; computes hashes, ids, revisions, origins and positions again. */
  rewrite(edit: (log: readonly Draft[]) => readonly Draft[]): void;
}

const FORGED = '{"note":"forged"}';
const forged = (draft: Draft | undefined): Draft => ({ stream: '', type: '', metadata: '{}', ...draft, data: FORGED });
/** The log with the event at a position (from 1) replaced by a forged one. */
const withForged = (log: readonly Draft[], position: number): Draft[] =>
  log.with(position - 1, forged(log[position - 1]));
const recordedEarlier = (draft: Draft): Draft => {
  const metadata = JSON.parse(draft.metadata) as object;
  return { ...draft, metadata: JSON.stringify({ ...metadata, recordedAt: '2026-03-01T01:30:00.000Z' }) };
};

/** Position of the second event of complaint-b in the log that {@link createStores} writes. */
const MIDDLE = 6;
/** Position of the last event of complaint-c. */
const LAST_OF_STREAM = 10;

/** Changes data, hash and id of one event, and nothing else. */
function forgeOne(events: SqliteDatabase, position: number): void {
  const row = events
    .prepare<Draft & { revision: number }>(
      'SELECT stream, revision, type, data, metadata FROM events WHERE position = ?',
    )
    .get(position);
  if (row === undefined) throw new Error(`no event at position ${String(position)}`);
  const { hash: _, ...metadata } = JSON.parse(row.metadata) as Record<string, unknown>;
  const hash = hashOf({ ...row, data: FORGED, metadata: canonicalize(metadata) ?? '' });
  events
    .prepare('UPDATE events SET data = ?, metadata = ?, event_id = ? WHERE position = ?')
    .run(FORGED, canonicalize({ ...metadata, hash }) ?? '', eventIdOf(hash), position);
}

type Tampering = (target: Target) => void;

/** Runs SQL in the event store. */
const sql =
  (statements: string): Tampering =>
  ({ events }) => {
    events.exec(statements);
  };
/** Runs SQL in the read models. */
const sqlInViews =
  (statements: string): Tampering =>
  ({ views }) => {
    views.exec(statements);
  };

/**
 * For each row of the table in docs/auditors.md, code that does it, in each of the ways that the row names. The kept result
 * covers the first 10 of 12 events.
 */
const TAMPERINGS: Readonly<Record<string, Tampering | readonly Tampering[]>> = {
  'A byte of an event is changed': sql(
    `UPDATE events SET data = replace(data, 'complaint', 'Complaint') WHERE position = ${MIDDLE}`,
  ),
  'An event is written differently with the same meaning, for example with a space in its JSON': sql(
    `UPDATE events SET data = replace(data, ':', ': ') WHERE position = ${MIDDLE}`,
  ),
  'An event is changed, and its hash and id are computed again, but not those of the later events of its stream': ({
    events,
  }) => {
    forgeOne(events, MIDDLE);
  },
  'The last event of a stream is changed, and its hash and id are computed again': ({ events }) => {
    forgeOne(events, LAST_OF_STREAM);
  },
  'An event is changed, and the hashes and ids of its whole stream are computed again': ({ rewrite }) => {
    rewrite((log) => withForged(log, MIDDLE));
  },
  'The time of recording of an event becomes earlier than that of the event before it in its stream, with correct hashes':
    ({ rewrite }) => {
      rewrite((log) => log.map((draft, index) => (index === MIDDLE - 1 ? recordedEarlier(draft) : draft)));
    },
  'An event before the end of the log is removed': sql(`DELETE FROM events WHERE position = ${MIDDLE}`),
  'The last event of a stream is removed, and the later positions are numbered again': ({ rewrite }) => {
    rewrite((log) => log.toSpliced(LAST_OF_STREAM - 1, 1));
  },
  'A whole stream is removed, and the later positions are numbered again': ({ rewrite }) => {
    rewrite((log) => log.filter(({ stream }) => stream !== 'complaint-b'));
  },
  'An invented event with correct hashes is inserted, and the later positions are numbered again': ({ rewrite }) => {
    rewrite((log) => log.toSpliced(MIDDLE, 0, forged(log[MIDDLE - 1])));
  },
  'Two events of different streams change places': ({ rewrite }) => {
    rewrite((log) => log.toSpliced(MIDDLE - 1, 2, ...log.slice(MIDDLE - 1, MIDDLE + 1).reverse()));
  },
  'The last events of the log are removed, some of which the kept result covers': sql(
    'DELETE FROM events WHERE position > 9',
  ),
  'The log is replaced by another one with correct hashes': ({ rewrite }) => {
    rewrite((log) => log.map((draft, index) => (index === 0 ? draft : forged(draft))));
  },
  'Events that were recorded after the kept result are removed from the end': sql(
    'DELETE FROM events WHERE position > 10',
  ),
  'An event that was recorded after the kept result is changed, with correct hashes': ({ rewrite }) => {
    rewrite((log) => withForged(log, 11));
  },
  'An invented event with correct hashes is added at the end': ({ rewrite }) => {
    rewrite((log) => [...log, forged(log.at(-1))]);
  },
  'An event is filed under another stream, so that a read of its stream does not return it': sql(
    `UPDATE events SET origin = origin + 100 WHERE position = ${MIDDLE}`,
  ),
  'A trigger is added, for example one that deletes events': sql(
    'CREATE TRIGGER t AFTER INSERT ON events BEGIN DELETE FROM events WHERE position = new.position - 1; END',
  ),
  'A table is added': sql('CREATE TABLE more (note TEXT)'),
  'A view is added': sql('CREATE VIEW notes AS SELECT data FROM events'),
  'An index is dropped, added, or replaced by another one with its name': [
    sql('DROP INDEX events_by_stream'),
    sql('CREATE INDEX more ON events (type)'),
    sql('DROP INDEX events_by_stream; CREATE INDEX events_by_stream ON events (origin, revision)'),
  ],
  'A column is added or changed': [
    sql('ALTER TABLE events ADD COLUMN note TEXT'),
    sql('ALTER TABLE events RENAME COLUMN type TO kind'),
  ],
  'The table `events` is replaced by a view of another table': sql(
    'ALTER TABLE events RENAME TO other; CREATE VIEW events AS SELECT * FROM other',
  ),
  'A table, index, trigger or view is added to `views.db`': [
    sqlInViews('CREATE TABLE more (note TEXT)'),
    sqlInViews('CREATE INDEX more ON c1 (position)'),
    sqlInViews('CREATE VIEW more AS SELECT * FROM c1'),
    sqlInViews("CREATE TRIGGER t AFTER UPDATE ON c1 BEGIN UPDATE c1 SET body = '{}' WHERE id = new.id; END"),
  ],
  'A table or index of `views.db` is dropped': [
    sqlInViews('DROP INDEX c1_i0'),
    sqlInViews('DROP TABLE c1_elements'),
    sqlInViews('DROP TABLE fence'),
    sqlInViews('DROP TABLE collections'),
  ],
  'A document in `views.db` is changed': sqlInViews("UPDATE c1 SET body = '{}'"),
};

/**
 * Creates the stores in the folder: an event store with 12 events (the first one of every store, then those of three
 * complaints), and read models with one document. Returns the result of a verification after 10 events.
 */
async function createStores(folder: string, stores: EmbeddedStores): Promise<Verification> {
  mkdirSync(folder);
  const store = await openSqliteEventStore(stores.eventStore.path);
  const log = new SampleLog(store);
  for (let round = 0; round < 3; round++) await log.append('complaint-a', 'complaint-b', 'complaint-c');
  const earlier = await verifyStores(stores);
  await log.append('complaint-a', 'complaint-b');
  await store.close();
  const readModels = EmbeddedReadModels.open(stores.readModels.path);
  await (await readModels.openSession()).createCollection('files@1.1', [{ fields: { stage: 1 } }]);
  await readModels.close();
  const views = openDatabase(stores.readModels.path);
  views.exec(`INSERT INTO c1 (id, position, deleted, present, body) VALUES ('a', '1', 0, 0, '{"stage":"Received"}')`);
  views.close();
  return earlier;
}

/** Replaces all rows by those of the edited log, with revisions, hashes, ids, origins and positions that fit together. */
function rewriteLog(events: SqliteDatabase, edit: (log: readonly Draft[]) => readonly Draft[]): void {
  const log = events.prepare<Draft>('SELECT stream, type, data, metadata FROM events ORDER BY position').all();
  const insert = events.prepare('INSERT INTO events VALUES (?, ?, ?, ?, ?, ?, ?, ?)');
  const streams = new Map<string, { origin: number; revision: number; hash: string }>();
  events.exec('DELETE FROM events');
  for (const [index, { stream, type, data, metadata }] of edit(log).entries()) {
    const position = index + 1;
    const previous = streams.get(stream) ?? { origin: position, revision: -1, hash: GENESIS_HASH };
    const revision = previous.revision + 1;
    const { hash: _, ...others } = JSON.parse(metadata) as Record<string, unknown>;
    const hashed = { ...others, prevHash: previous.hash };
    const hash = hashOf({ stream, revision, type, data, metadata: canonicalize(hashed) ?? '' });
    const stored = canonicalize({ ...hashed, hash }) ?? '';
    insert.run(position, previous.origin, stream, revision, eventIdOf(hash), type, data, stored);
    streams.set(stream, { origin: previous.origin, revision, hash });
  }
}

type EmbeddedStores = ReturnType<typeof storesIn>;

const storesIn = (folder: string) =>
  ({
    eventStore: { engine: 'sqlite', path: join(folder, 'events.db') },
    readModels: { engine: 'embedded', path: join(folder, 'views.db') },
  }) as const satisfies VerifiedStores;

describe('what verification detects in embedded stores, as docs/auditors.md lists it', () => {
  const documented = documentedDetection('Embedded stores');
  let folder: string;
  let intact: string;
  let earlier: Verification;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'redress-tampering-'));
    intact = join(folder, 'intact');
    earlier = await createStores(intact, storesIn(intact));
  });
  afterAll(() => {
    rmSync(folder, { recursive: true });
  });

  test('stores that were not changed verify, and the log begins with the events of the earlier result', async () => {
    expect(await verifyStores(storesIn(intact), earlier)).toMatchObject({
      ok: true,
      events: 12,
      against: { events: 10, contained: true },
    });
  });

  test('the table lists exactly the kinds of tampering that are tested here', () => {
    expect([...documented.keys()]).toEqual(Object.keys(TAMPERINGS));
  });

  /** Copies the intact stores and changes the copy. */
  function changedStores(tampering: Tampering): EmbeddedStores {
    const changed = mkdtempSync(join(folder, 'changed-'));
    cpSync(intact, changed, { recursive: true });
    const stores = storesIn(changed);
    const events = openDatabase(stores.eventStore.path);
    const views = openDatabase(stores.readModels.path);
    const rewrite: Target['rewrite'] = (edit) => {
      rewriteLog(events, edit);
    };
    tampering({ events, views, rewrite });
    events.close();
    views.close();
    return stores;
  }

  test.each([...documented])('%s', async (name, expected) => {
    for (const tampering of [TAMPERINGS[name] ?? []].flat())
      expect(await detectionIn(changedStores(tampering), earlier)).toEqual(expected);
  });

  test.each([
    'DROP TABLE collections',
    "UPDATE collections SET indexes = '{'",
    "UPDATE collections SET indexes = '{}'",
  ])(
    'tables of read models that cannot be compared are reported, and the events are verified: %s',
    async (statement) => {
      const stores = changedStores(sqlInViews(statement));
      expect(await verifyStores(stores, earlier)).toMatchObject({
        ok: false,
        events: 12,
        against: { contained: true },
        schema: [expect.stringMatching(/^the tables of .*views\.db cannot be compared: /)],
      });
    },
  );
});
