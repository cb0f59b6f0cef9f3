import { createHash } from 'node:crypto';
import type { Json } from '../../src/platform/json.js';
import { isStorableText } from '../../src/readmodels/value-order.js';

/** The cursor is not one of this query. */
export class CursorInvalid extends Error {
  override readonly name = 'CursorInvalid';
}

type SortKey = readonly (string | boolean)[];

/**
 * Cursors of the pages of one query. A cursor holds the sort key of the last item of a page, and a digest of the query, so
 * that it is refused with another query, whose pages it would cut at a wrong place.
 */
export class Cursors {
  private readonly digest: string;

  /**
   * @param query whatever determines which items a query has, and in which order
   * @param types the types of the values in a sort key
   */
  constructor(
    query: Json,
    private readonly types: readonly ('string' | 'boolean')[],
  ) {
    this.digest = createHash('sha256').update(JSON.stringify(query)).digest('base64url').slice(0, 12);
  }

  cursorAfter(key: SortKey): string {
    return encode([this.digest, ...key]);
  }

  /** The sort key in a cursor. @throws CursorInvalid */
  keyOf(cursor: string): SortKey {
    const [digest, ...key] = parseList(cursor);
    const isKey = key.length === this.types.length && key.every((value, at) => isOfType(value, this.types[at]));
    // the same text again: base64url decoding ignores characters that do not belong to it
    if (typeof digest !== 'string' || !isKey || encode([digest, ...key]) !== cursor)
      throw new CursorInvalid('the cursor is not valid; use `next` of the previous page, or omit it');
    if (digest !== this.digest)
      throw new CursorInvalid(
        'the cursor comes from another query; send it with the filters and the sort of the page that it comes from, or omit it',
      );
    return key as SortKey;
  }
}

const encode = (list: readonly Json[]): string => Buffer.from(JSON.stringify(list)).toString('base64url');

/** The list in the cursor; empty if it is not a list in JSON in base64url. */
function parseList(cursor: string): readonly Json[] {
  try {
    const value = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8')) as Json;
    return Array.isArray(value) ? (value as Json[]) : [];
  } catch {
    return [];
  }
}

const isOfType = (value: Json, type: string | undefined): boolean =>
  typeof value === type && (typeof value !== 'string' || isStorableText(value));
