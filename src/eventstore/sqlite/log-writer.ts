import { LRUCache } from 'lru-cache';

import { DatabaseCorrupt, sqliteCode, type SqliteDatabase, type SqliteStatement } from '../../platform/sqlite.js';
import {
  AppendAmbiguous,
  StoreUnavailable,
  WrongExpectedRevision,
  type AppendResult,
  type EncodedEvent,
  type ExpectedRevision,
} from '../event-store.js';
import { positionText } from './log-reader.js';
import { ORIGIN } from './schema.js';

export interface PendingAppend {
  readonly stream: string;
  readonly expected: ExpectedRevision;
  readonly events: readonly EncodedEvent[];
}

export interface GroupOutcome {
  /** In the order of the group: a result, or an error to reject with. */
  readonly results: readonly (AppendResult | Error)[];
  /** Number of events that the commit added. */
  readonly stored: number;
  /** `lost`: the connection must not be used again, because of `error`. */
  readonly connection: 'good' | 'lost';
  readonly error?: unknown;
}

/** The last event of a stream, and the position of its first event. */
interface Head {
  readonly revision: number;
  readonly origin: number;
}

/** Maximum cached stream heads. */
const CACHED_HEADS = 100_000;

/** The only code that writes events: one group of appends per transaction. */
export class LogWriter {
  /** Cached stream heads. Valid because this is the only writer. */
  private readonly heads = new LRUCache<string, Head>({ max: CACHED_HEADS });
  private readonly insert: SqliteStatement<never>;
  private readonly headOf: SqliteStatement<readonly [revision: number, origin: number]>;
  private readonly idsFrom: SqliteStatement<readonly [eventId: Buffer, position: number]>;

  /** @param last position of the last stored event; after a failed group, of the last event before that group */
  constructor(
    private readonly database: SqliteDatabase,
    public last: number,
  ) {
    this.insert = database.prepare('INSERT INTO events VALUES (?, ?, ?, ?, ?, ?, ?, ?)');
    this.headOf = database.prepareRaw(
      `SELECT revision, origin FROM events WHERE origin = ${ORIGIN} ORDER BY revision DESC LIMIT 1`,
    );
    this.idsFrom = database.prepareRaw(
      `SELECT CAST(event_id AS BLOB), position FROM events WHERE origin = ${ORIGIN} AND revision >= ? ORDER BY revision LIMIT ?`,
    );
  }

  /**
   * Stores a group in one transaction. A conflict or an error of one append fails that append alone. When COMMIT itself
   * fails, every append of the group is ambiguous, including conflicts: they may conflict with events of the group.
   */
  commit(group: readonly PendingAppend[]): GroupOutcome {
    const before = this.last;
    const results: (AppendResult | Error)[] = [];
    try {
      this.database.exec('BEGIN IMMEDIATE');
      for (const append of group) results.push(this.appendOne(append));
    } catch (error) {
      this.last = before;
      const reason = new StoreUnavailable('no append of the group was stored', { cause: error });
      return { results: group.map(() => reason), stored: 0, connection: 'lost', error };
    }
    try {
      this.database.exec('COMMIT');
    } catch (error) {
      this.last = before;
      const reason = new AppendAmbiguous('the commit failed', { cause: error });
      return { results: group.map(() => reason), stored: 0, connection: 'lost', error };
    }
    return { results, stored: this.last - before, connection: 'good' };
  }

  /** @throws when the transaction as a whole fails */
  private appendOne(append: PendingAppend): AppendResult | Error {
    const { stream, expected, events } = append;
    const head = this.head(stream);
    const first = expected === 'none' ? 0 : expected + 1;
    const current = head?.revision ?? -1;
    if (first > current + 1) return new WrongExpectedRevision(stream, expected, current < 0 ? 'none' : current);
    if (first <= current)
      return this.resultOfRepeat(append, first) ?? new WrongExpectedRevision(stream, expected, current);
    const before = this.last;
    const origin = head?.origin ?? before + 1;
    if (events.length > 1) this.database.exec('SAVEPOINT append'); // a single statement rolls back by itself
    try {
      events.forEach((event, index) => this.store(origin, stream, first + index, event));
    } catch (error) {
      if (isFatal(error) || !this.database.inTransaction) throw error;
      if (events.length > 1) this.database.exec('ROLLBACK TO append; RELEASE append');
      this.last = before;
      return new StoreUnavailable(`the append to ${stream} was not stored`, { cause: error });
    }
    if (events.length > 1) this.database.exec('RELEASE append');
    const revision = first + events.length - 1;
    this.heads.set(stream, { revision, origin });
    return { revision, position: positionText(this.last) };
  }

  private store(origin: number, stream: string, revision: number, event: EncodedEvent): void {
    this.insert.run(
      this.last + 1,
      origin,
      stream,
      revision,
      event.eventId.toLowerCase(),
      event.type,
      event.data,
      event.metadata,
    );
    this.last += 1;
  }

  /** The result of the original append, if these events are already stored at these revisions; compares only ids. */
  private resultOfRepeat({ stream, events }: PendingAppend, first: number): AppendResult | undefined {
    const found = this.idsFrom.all(stream, first, events.length);
    const last = found.at(-1);
    if (last === undefined || found.length < events.length) return undefined;
    if (!events.every((event, index) => found[index]?.[0].toString('latin1') === event.eventId.toLowerCase()))
      return undefined;
    return { revision: first + events.length - 1, position: positionText(last[1]) };
  }

  /** undefined for a stream without events. */
  private head(stream: string): Head | undefined {
    const known = this.heads.get(stream);
    if (known !== undefined) return known;
    const found = this.headOf.get(stream);
    if (found === undefined) return undefined;
    const [revision, origin] = found;
    const head = { revision, origin };
    this.heads.set(stream, head);
    return head;
  }
}

/**
 * I/O error or corruption. The connection must not be used again: a later commit could report success without having
 * stored its events.
 */
export function isFatal(error: unknown): boolean {
  if (isDiskFull(error)) return false;
  return error instanceof DatabaseCorrupt || sqliteCode(error)?.startsWith('SQLITE_IOERR') === true;
}

/**
 * Transient: the disk has no room for the database file, its WAL, or the WAL index (SQLITE_IOERR_SHMSIZE, which SQLite
 * reports as an I/O error).
 */
export const isDiskFull = (error: unknown): boolean =>
  ['SQLITE_FULL', 'SQLITE_IOERR_SHMSIZE'].includes(sqliteCode(error) ?? '');
