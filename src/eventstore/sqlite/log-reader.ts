import { isUtf8 } from 'node:buffer';
import { DatabaseCorrupt, type SqliteDatabase, type SqliteStatement, type SqlValue } from '../../platform/sqlite.js';
import type { Position, ReadAllOptions, ReadOptions, StoredEvent } from '../event-store.js';
import { ORIGIN } from './schema.js';

/**
 * The text columns of a row are read as one blob: on text that is not UTF-8 the driver ends the process, but a damaged byte
 * must only cause an error. No column contains the separator: names and JSON have no unescaped control characters.
 */
const SEPARATOR = '\n';
const COLUMNS = ['stream', 'event_id', 'type', 'data', 'metadata'];
const SELECT = `SELECT position, revision, CAST(${COLUMNS.join(' || char(10) || ')} AS BLOB) FROM events`;

type Row = readonly [position: number, revision: number | null, text: Buffer | null];

/** Greater than every revision and position; the negative number is less than every one. */
const MAX_NUMBER = Number.MAX_SAFE_INTEGER;

/** The position as text of 20 digits, so that the order of texts is the order of the log. Positions are 1, 2, 3, … */
export const positionText = (position: number): Position => String(position).padStart(20, '0');

/** @throws RangeError if the text is not a position of an embedded store */
export function positionNumber(position: Position): number {
  const number = Number(position);
  if (!/^\d{20}$/.test(position) || !Number.isSafeInteger(number))
    throw new RangeError(`${JSON.stringify(position)} is not a position of an embedded store`);
  return number;
}

/** A batch ends when its data and metadata have this many characters. A projection folds a batch into one write. */
export const MAX_BATCH_CHARACTERS = 48 * 1024 * 1024;

/** Events of the first query for a batch. */
const FIRST_QUERY_EVENTS = 16;
/**
 * Maximum events of each query for a batch. The size of events is known only after the query, so the last query may exceed
 * the maximum characters of the batch by almost this many events.
 */
const MAX_QUERY_EVENTS = 128;

/** Reads the log on one connection. Each statement is prepared once. */
export class LogReader {
  private readonly statements = new Map<string, SqliteStatement<Row>>();
  private readonly lastPosition: SqliteStatement<readonly [number | null]>;

  constructor(private readonly database: SqliteDatabase) {
    this.lastPosition = database.prepareRaw('SELECT max(position) FROM events');
  }

  /** Position of the last event; 0 if there is none. */
  last(): number {
    return this.lastPosition.get()?.[0] ?? 0;
  }

  read(stream: string, options: ReadOptions): StoredEvent[] {
    const limit = checkLimit(options.limit);
    return options.direction === 'backwards'
      ? this.rows(
          `origin = ${ORIGIN} AND revision <= ? ORDER BY revision DESC`,
          [stream, options.from ?? MAX_NUMBER],
          limit,
        )
      : this.rows(`origin = ${ORIGIN} AND revision >= ? ORDER BY revision`, [stream, options.from ?? 0], limit);
  }

  readAll(options: ReadAllOptions): StoredEvent[] {
    const limit = checkLimit(options.limit);
    const after = options.after === undefined || options.after === null ? undefined : positionNumber(options.after);
    return options.direction === 'backwards'
      ? this.between(-MAX_NUMBER, after === undefined ? MAX_NUMBER : after - 1, options.prefixes, limit, 'DESC')
      : this.forwards(after ?? -MAX_NUMBER, limit, options);
  }

  private forwards(after: number, limit: number, { prefixes, maxCharacters }: ReadAllOptions): StoredEvent[] {
    if (maxCharacters === undefined) return this.between(after, MAX_NUMBER, prefixes, limit, 'ASC');
    return this.batch(after, MAX_NUMBER, prefixes, limit, maxCharacters).events;
  }

  /** Events with after < position <= until whose streams match the prefixes. */
  private between(
    after: number,
    until: number,
    prefixes: readonly string[] | undefined,
    limit: number,
    order: 'ASC' | 'DESC',
  ): StoredEvent[] {
    const filter = prefixFilter(prefixes);
    return this.rows(
      `position > ? AND position <= ?${filter.condition} ORDER BY position ${order}`,
      [after, until, ...filter.values],
      limit,
    );
  }

  /**
   * Events with after < position <= until whose streams match the prefixes, in log order: at most `limit` events, and no
   * further query after `maxCharacters` are reached. The result has every matching event up to the position `through`.
   */
  batch(
    after: number,
    until: number,
    prefixes: readonly string[] | undefined,
    limit: number,
    maxCharacters = MAX_BATCH_CHARACTERS,
  ): { readonly events: StoredEvent[]; readonly through: number } {
    const events: StoredEvent[] = [];
    let through = after;
    let characters = 0;
    while (events.length < limit && characters < maxCharacters) {
      // as many events as fit if they have the mean size of the previous ones
      const fitting =
        events.length === 0
          ? FIRST_QUERY_EVENTS
          : Math.ceil(((maxCharacters - characters) * events.length) / characters);
      const queryLimit = Math.min(fitting, MAX_QUERY_EVENTS, limit - events.length);
      const found = this.between(through, until, prefixes, queryLimit, 'ASC');
      for (const event of found) {
        events.push(event);
        characters += event.data.length + event.metadata.length;
      }
      const last = found.at(-1);
      // a query with fewer events than its limit has examined every position up to `until`
      if (last === undefined || found.length < queryLimit) return { events, through: until };
      through = positionNumber(last.position);
    }
    return { events, through };
  }

  private rows(condition: string, values: readonly SqlValue[], limit: number): StoredEvent[] {
    let statement = this.statements.get(condition);
    if (statement === undefined) {
      statement = this.database.prepareRaw<Row>(`${SELECT} WHERE ${condition} LIMIT ?`);
      this.statements.set(condition, statement);
    }
    return statement.all(...values, limit).map((row) => eventOf(row, this.database.file));
  }
}

/** @throws DatabaseCorrupt if the text of the row is damaged */
function eventOf([position, revision, text]: Row, file: string): StoredEvent {
  if (text !== null && revision !== null && isUtf8(text)) {
    const [stream, eventId, type, data, metadata, ...others] = text.toString('utf8').split(SEPARATOR);
    const hasNames = stream !== undefined && eventId !== undefined && type !== undefined;
    if (hasNames && data !== undefined && metadata !== undefined && others.length === 0)
      return { stream, revision, position: positionText(position), eventId, type, data, metadata };
  }
  throw new DatabaseCorrupt(file, `the event at position ${positionText(position)} is not text as it was written`);
}

function checkLimit(limit: number): number {
  if (!Number.isSafeInteger(limit) || limit < 1)
    throw new RangeError(`the limit of a page must be a whole number above 0, not ${String(limit)}`);
  return limit;
}

interface PrefixFilter {
  readonly condition: string;
  readonly values: readonly string[];
}

/**
 * A condition on ranges of stream names; SQLite compares them by code points. The unary plus keeps SQLite from using the
 * index on streams: with that index, SQLite would have to sort the whole log by position for one page.
 */
function prefixFilter(prefixes: readonly string[] | undefined): PrefixFilter {
  if (prefixes === undefined || prefixes.includes('')) return { condition: '', values: [] };
  if (prefixes.length === 0) return { condition: ' AND 0', values: [] };
  const ranges: string[] = [];
  const values: string[] = [];
  for (const prefix of prefixes) {
    const end = afterPrefix(prefix);
    ranges.push(end === undefined ? '+stream >= ?' : '(+stream >= ? AND +stream < ?)');
    values.push(prefix, ...(end === undefined ? [] : [end]));
  }
  return { condition: ` AND (${ranges.join(' OR ')})`, values };
}

/** The smallest text greater than every text with this prefix; undefined if there is none. */
function afterPrefix(prefix: string): string | undefined {
  const codePoints = Array.from(prefix, (character) => character.codePointAt(0) ?? 0);
  for (;;) {
    const last = codePoints.pop();
    if (last === undefined) return undefined;
    if (last === 0x10ffff) continue; // the greatest code point
    return String.fromCodePoint(...codePoints, last === 0xd7ff ? 0xe000 : last + 1); // skips the surrogates
  }
}
