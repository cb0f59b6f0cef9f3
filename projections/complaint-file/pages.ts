import { complaintId } from '../../src/complaint/complaint-record.js';
import { evolve, initial, type Complaint } from '../../src/complaint/complaint.js';
import type { ComplaintEvent } from '../../src/complaint/events.js';
import type { Recorded } from '../../src/eventstore/envelope.js';

/*
 * A complaint may grow without end, a document may not, and the file is written anew with every event. So notes, contacts
 * and long texts live in pages beside it, which the query puts back in their places. No fold looks into any of them.
 */

/** Revisions of a page: an append is at most 900 KiB, so that a page stays under 8 MB whatever its events hold. */
export const PAGE = 8;

/** Texts up to so many UTF-16 units stay in the file. Ids and codes, which folds do read, are shorter. */
export const MAX_INLINE_TEXT = 1000;

export interface FilePage {
  readonly complaint: string;
  readonly page: number;
  readonly entries: readonly PageEntry[];
}

/** What one event adds to its page. */
export interface PageEntry extends Pick<Complaint, 'notes' | 'contacts'> {
  readonly revision: number;
  /** Long texts of the event's data, in the order in which they stand there. */
  readonly texts: readonly string[];
}

/** Stands in the file where a text of a page belongs. */
interface TextReference {
  readonly textOf: number;
  readonly at: number;
}

export const pageId = (complaint: string, revision: number): string =>
  `${complaint}/${String(Math.floor(revision / PAGE))}`;

/** Ids of all pages that a complaint may have up to a revision. */
export const pageIdsUpTo = (complaint: string, revision: number): string[] =>
  Array.from({ length: Math.floor(revision / PAGE) + 1 }, (_, page) => pageId(complaint, page * PAGE));

/** True when the event has an entry in its page. The receipt has none: it comes once, and queries look into it. */
export const hasEntry = ({ type, data }: Recorded): boolean =>
  isListed(type) || (type !== 'ComplaintReceived' && hasLongText(data));

/** Events that a list of the file repeats as they are. */
const isListed = (type: string): boolean => type === 'NoteAdded' || type === 'ContactRecorded';

/** The page after an event that {@link hasEntry}. */
export function pageAfter(page: FilePage | null, event: Recorded<ComplaintEvent>): FilePage {
  const entry = entryOf(event);
  return page === null
    ? { complaint: complaintId(event), page: Math.floor(event.revision / PAGE), entries: [entry] }
    : { ...page, entries: [...page.entries, entry] };
}

function entryOf(event: Recorded<ComplaintEvent>): PageEntry {
  const { revision, type, data } = event;
  if (isListed(type)) {
    const { notes, contacts } = evolve(initial(''), event);
    return { revision, notes, contacts, texts: [] };
  }
  const texts: string[] = [];
  withoutLongTexts(data, revision, texts);
  return { revision, notes: [], contacts: [], texts };
}

/** The state after an event that {@link hasEntry}, without what the entry holds. */
export function stateBeside(state: Complaint, event: Recorded<ComplaintEvent>): Complaint {
  // folds copy texts, so that a reference can stand where the type says text
  const data = withoutLongTexts(event.data, event.revision, []) as ComplaintEvent['data'];
  return { ...evolve(state, { ...event, data }), notes: [], contacts: [] };
}

/** The file as a whole; undefined where the pages lack any of the entries that it counts. */
export function joined<F extends Complaint & { readonly revision: number }>(
  file: F,
  entryCount: number,
  pages: readonly FilePage[],
): F | undefined {
  const entries = pages
    .flatMap((page) => page.entries)
    .filter(({ revision }) => revision <= file.revision) // a page may be ahead
    .sort((a, b) => a.revision - b.revision);
  if (entries.length !== entryCount) return undefined;
  const texts = new Map(entries.map((entry) => [entry.revision, entry.texts]));
  return {
    ...(withTexts(file, texts) as F),
    notes: entries.flatMap(({ notes }) => notes),
    contacts: entries.flatMap(({ contacts }) => contacts),
  };
}

function hasLongText(value: unknown): boolean {
  if (typeof value === 'string') return value.length > MAX_INLINE_TEXT;
  return typeof value === 'object' && value !== null && Object.values(value).some(hasLongText);
}

function withoutLongTexts(value: unknown, revision: number, texts: string[]): unknown {
  if (typeof value === 'string') {
    if (value.length <= MAX_INLINE_TEXT) return value;
    const reference: TextReference = { textOf: revision, at: texts.length };
    texts.push(value);
    return reference;
  }
  return mapped(value, (member) => withoutLongTexts(member, revision, texts));
}

function withTexts(value: unknown, texts: ReadonlyMap<number, readonly string[]>): unknown {
  if (typeof value === 'object' && value !== null && 'textOf' in value) {
    const { textOf, at } = value as TextReference;
    return texts.get(textOf)?.[at];
  }
  return mapped(value, (member) => withTexts(member, texts));
}

function mapped(value: unknown, change: (member: unknown) => unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(change);
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, change(member)]));
}
