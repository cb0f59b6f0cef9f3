import { isUtf8 } from 'node:buffer';
import { DatabaseCorrupt, type SqliteDatabase, type SqliteStatement, type SqlValue } from '../../platform/sqlite.js';
import type { Position, ReadAllOptions, ReadOptions, StoredEvent } from '../event-store.js';
import { ORIGIN } from './schema.js';

/**
 * The text of a row is read as one blob: the driver ends the process on text that is not UTF-8, and a damaged byte must
 * become an error. No column can contain the separator: neither names nor JSON have raw control characters.
 */
const SEPARATOR = '\n';
const COLUMNS = ['stream', 'event_id', 'type', 'data', 'metadata'];
const SELECT = `SELECT position, revision, CAST(${COLUMNS.join(' || char(10) || ')} AS BLOB) FROM events`;

type Row = readonly [position: number, revision: number | null, text: Buffer | null];

/** Revisions and positions are below 2^53, where numbers are exact. */
const LAST = Number.MAX_SAFE_INTEGER;

/** Position as text of 20 digits, so that text order is log order. Positions count from 1 without gaps. */
export const positionText = (position: number): Position => String(position).padStart(20, '0');

/** @throws RangeError when the text is not a position of this store */
export function positionNumber(position: Position): number {
  const number = Number(position);
  if (!/^\d{20}$/.test(position) || !Number.isSafeInteger(number))
    throw new RangeError(`${JSON.stringify(position)} is not a position of an embedded store`);
  return number;
}

/** Characters of data and metadata that end a batch: large enough to fold many events into one write. */
export const LARGEST_BATCH = 48 * 1024 * 1024;
/** Events per read while a batch is filled, initially and at most; they bound the events read in excess. */
const FIRST_SLICE = 16;
const LARGEST_SLICE = 128;

/** The queries on the log over one connection; each statement is prepared once. */
export class LogReader {
  private readonly statements = new Map<string, SqliteStatement<Row>>();
  private readonly lastPosition: SqliteStatement<readonly [number | null]>;

  constructor(private readonly database: SqliteDatabase) {
    this.lastPosition = database.prepareRaw('SELECT max(position) FROM events');
  }

  /** Position of the last event, 0 when there is none. */
  last(): number {
    return this.lastPosition.get()?.[0] ?? 0;
  }

  read(stream: string, options: ReadOptions): StoredEvent[] {
    const limit = counted(options.limit);
    return options.direction === 'backwards'
      ? this.rows(`origin = ${ORIGIN} AND revision <= ? ORDER BY revision DESC`, [stream, options.from ?? LAST], limit)
      : this.rows(`origin = ${ORIGIN} AND revision >= ? ORDER BY revision`, [stream, options.from ?? 0], limit);
  }

  readAll(options: ReadAllOptions): StoredEvent[] {
    const limit = counted(options.limit);
    const after = options.after === undefined || options.after === null ? undefined : positionNumber(options.after);
    return options.direction === 'backwards'
      ? this.between(-LAST, after === undefined ? LAST : after - 1, options.prefixes, limit, 'DESC')
      : this.forwards(after ?? -LAST, limit, options);
  }

  private forwards(after: number, limit: number, { prefixes, maxCharacters }: ReadAllOptions): StoredEvent[] {
    if (maxCharacters === undefined) return this.between(after, LAST, prefixes, limit, 'ASC');
    return this.batch(after, LAST, prefixes, limit, maxCharacters).events;
  }

  /** Events with after < position <= until, filtered in SQL. */
  between(
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
   * Events with after < position <= until in order, at most `limit`, ending once they hold `maxCharacters`. `through`:
   * no further event exists up to this position.
   */
  batch(
    after: number,
    until: number,
    prefixes: readonly string[] | undefined,
    limit: number,
    maxCharacters = LARGEST_BATCH,
  ): { readonly events: StoredEvent[]; readonly through: number } {
    const events: StoredEvent[] = [];
    let through = after;
    for (let size = 0; events.length < limit && size < maxCharacters;) {
      // as many as fit if they are as large as the previous ones
      const fitting = events.length === 0 ? FIRST_SLICE : Math.ceil(((maxCharacters - size) * events.length) / size);
      const wanted = Math.min(fitting, LARGEST_SLICE, limit - events.length);
      const slice = this.between(through, until, prefixes, wanted, 'ASC');
      for (const event of slice) {
        events.push(event);
        size += event.data.length + event.metadata.length;
      }
      const last = slice.at(-1);
      // a slice that is not full has examined every position, including those that the filter excludes
      if (last === undefined || slice.length < wanted) return { events, through: until };
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
    return statement.all(...values, limit).map((row) => stored(row, this.database.file));
  }
}

/** @throws DatabaseCorrupt when the row is not text as it was written */
function stored([position, revision, text]: Row, file: string): StoredEvent {
  if (text !== null && revision !== null && isUtf8(text)) {
    const [stream, eventId, type, data, metadata, ...more] = text.toString('utf8').split(SEPARATOR);
    const whole = stream !== undefined && eventId !== undefined && type !== undefined && data !== undefined;
    if (whole && metadata !== undefined && more.length === 0)
      return { stream, revision, position: positionText(position), eventId, type, data, metadata };
  }
  throw new DatabaseCorrupt(file, `the event at position ${positionText(position)} is not text as it was written`);
}

function counted(limit: number): number {
  if (!Number.isSafeInteger(limit) || limit < 1) throw new RangeError(`a page of ${String(limit)} events`);
  return limit;
}

interface PrefixFilter {
  readonly condition: string;
  readonly values: readonly string[];
}

/**
 * Ranges of stream names; their byte order is code point order. The unary plus makes SQLite keep the order of
 * positions: with the index on streams it would sort the whole log for one page.
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

/** The smallest text greater than every text with this prefix; undefined when there is none. */
function afterPrefix(prefix: string): string | undefined {
  const points = Array.from(prefix, (character) => character.codePointAt(0) ?? 0);
  for (;;) {
    const last = points.pop();
    if (last === undefined) return undefined;
    if (last === 0x10ffff) continue;
    return String.fromCodePoint(...points, last === 0xd7ff ? 0xe000 : last + 1); // skips surrogates
  }
}
