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

/** Outcome of a group of appends. */
export interface GroupOutcome {
  /** Result or error of each append, in the order of the group. */
  readonly results: readonly (AppendResult | Error)[];
  /** Number of events that the commit has stored. */
  readonly stored: number;
  /** `lost` if the connection must not be used again; `error` is the cause. */
  readonly connection: 'good' | 'lost';
  readonly error?: unknown;
}

/** Revision of the last event of a stream, and position of its first event. */
interface Head {
  readonly revision: number;
  readonly origin: number;
}

const MAX_CACHED_HEADS = 100_000;

/** Writes events: one transaction per group of appends. No other code writes events. */
export class LogWriter {
  /** Cache of the heads by stream name. It stays valid because no other process writes. */
  private readonly heads = new LRUCache<string, Head>({ max: MAX_CACHED_HEADS });
  private readonly insert: SqliteStatement<never>;
  private readonly headOf: SqliteStatement<readonly [revision: number, origin: number]>;
  private readonly idsFrom: SqliteStatement<readonly [eventId: Buffer, position: number]>;

  /** @param last position of the last stored event; a failed group does not change it */
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
   * Stores a group in one transaction. A conflict or an error of one append fails only that append. If COMMIT fails, the
   * outcome of every append is unknown, also of a conflict, because it may be a conflict with another append of the group.
   */
  commit(group: readonly PendingAppend[]): GroupOutcome {
    const lastBefore = this.last;
    const results: (AppendResult | Error)[] = [];
    try {
      this.database.exec('BEGIN IMMEDIATE');
      for (const append of group) results.push(this.appendOne(append));
    } catch (error) {
      this.last = lastBefore;
      if (isLocked(error) && !this.database.inTransaction) {
        const reason = new StoreUnavailable('another program has locked the event store', { cause: error });
        return { results: group.map(() => reason), stored: 0, connection: 'good' };
      }
      const reason = new StoreUnavailable('no append of the group was stored', { cause: error });
      return { results: group.map(() => reason), stored: 0, connection: 'lost', error };
    }
    try {
      this.database.exec('COMMIT');
    } catch (error) {
      this.last = lastBefore;
      const reason = new AppendAmbiguous('the commit failed', { cause: error });
      return { results: group.map(() => reason), stored: 0, connection: 'lost', error };
    }
    return { results, stored: this.last - lastBefore, connection: 'good' };
  }

  /** Returns the result or the error of one append. @throws an error that fails the whole transaction */
  private appendOne(append: PendingAppend): AppendResult | Error {
    const { stream, expected, events } = append;
    const head = this.head(stream);
    const first = expected === 'none' ? 0 : expected + 1;
    const current = head?.revision ?? -1;
    if (first > current + 1) return new WrongExpectedRevision(stream, expected, current < 0 ? 'none' : current);
    if (first <= current)
      return this.resultOfRepeat(append, first) ?? new WrongExpectedRevision(stream, expected, current);
    const lastBefore = this.last;
    const origin = head?.origin ?? lastBefore + 1;
    if (events.length > 1) this.database.exec('SAVEPOINT append'); // SQLite undoes a single failed statement itself
    try {
      events.forEach((event, index) => this.store(origin, stream, first + index, event));
    } catch (error) {
      if (isFatal(error) || !this.database.inTransaction) throw error;
      if (events.length > 1) this.database.exec('ROLLBACK TO append; RELEASE append');
      this.last = lastBefore;
      return new StoreUnavailable(`the append to ${stream} was not stored`, { cause: error });
    }
    if (events.length > 1) this.database.exec('RELEASE append');
    const revision = first + events.length - 1;
    this.heads.set(stream, { revision, origin });
    return { revision, position: positionText(this.last) };
  }

  /** Inserts one event after the last one. */
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

  /**
   * If this append repeats an earlier one, returns the result of the earlier one: the events with the same ids are already
   * stored, from revision `first` on. Otherwise returns undefined.
   */
  private resultOfRepeat({ stream, events }: PendingAppend, first: number): AppendResult | undefined {
    const rows = this.idsFrom.all(stream, first, events.length);
    const storedIds = rows.map(([eventId]) => eventId.toString('latin1'));
    const lastRow = rows.at(-1);
    if (lastRow === undefined || !events.every((event, index) => storedIds[index] === event.eventId.toLowerCase()))
      return undefined;
    const [, position] = lastRow;
    return { revision: first + events.length - 1, position: positionText(position) };
  }

  /** Head of a stream; undefined if the stream has no events. */
  private head(stream: string): Head | undefined {
    const cached = this.heads.get(stream);
    if (cached !== undefined) return cached;
    const row = this.headOf.get(stream);
    if (row === undefined) return undefined;
    const [revision, origin] = row;
    const head = { revision, origin };
    this.heads.set(stream, head);
    return head;
  }
}

/**
 * Whether the error is an I/O error or damage of the file. Then the file must not be written again: a later commit could
 * report success without having stored its events.
 */
export function isFatal(error: unknown): boolean {
  if (isDiskFull(error)) return false;
  return error instanceof DatabaseCorrupt || sqliteCode(error)?.startsWith('SQLITE_IOERR') === true;
}

/** Whether another process has locked the file; then nothing has changed, and the statement can be repeated. */
const isLocked = (error: unknown): boolean => sqliteCode(error)?.startsWith('SQLITE_BUSY') === true;

/**
 * Whether the disk has no room for the database file, its write-ahead log, or the index of that log (SQLITE_IOERR_SHMSIZE,
 * which SQLite reports as an I/O error). The error is transient.
 */
export const isDiskFull = (error: unknown): boolean =>
  ['SQLITE_FULL', 'SQLITE_IOERR_SHMSIZE'].includes(sqliteCode(error) ?? '');
