import { complaintId } from '../../src/complaint/complaint-record.js';
import { evolve, initial, type Complaint } from '../../src/complaint/complaint.js';
import type { ComplaintEvent } from '../../src/complaint/events.js';
import type { Recorded } from '../../src/eventstore/envelope.js';

/*
 * Every event rewrites the file, and the size of a document is limited. Notes, contacts and long texts are therefore stored
 * in separate pages; the query merges them into the file. They are not part of the state that a fold receives.
 */

/** An append is at most 900 KiB, so a page stays under 8 MB. */
export const REVISIONS_PER_PAGE = 8;

/** Maximum UTF-16 units of a text in the file. Ids and codes, which folds read, are shorter. */
export const MAX_INLINE_TEXT = 1000;

export interface FilePage {
  readonly complaint: string;
  readonly page: number;
  readonly entries: readonly PageEntry[];
}

/** The page entry of one event. */
export interface PageEntry extends Pick<Complaint, 'notes' | 'contacts'> {
  readonly revision: number;
  /** Long texts of the event's data, in their original order. */
  readonly texts: readonly string[];
}

/** Placeholder in the file for a text that is stored in a page. */
interface TextReference {
  readonly textOf: number;
  readonly at: number;
}

export const pageId = (complaint: string, revision: number): string =>
  `${complaint}/${String(Math.floor(revision / REVISIONS_PER_PAGE))}`;

/** Ids of all possible pages of a complaint up to a revision. */
export const pageIdsUpTo = (complaint: string, revision: number): string[] =>
  Array.from({ length: Math.floor(revision / REVISIONS_PER_PAGE) + 1 }, (_, page) =>
    pageId(complaint, page * REVISIONS_PER_PAGE),
  );

/** True if the event has a page entry. The receipt has none: it occurs once, and queries read it. */
export const hasEntry = ({ type, data }: Recorded): boolean =>
  isListed(type) || (type !== 'ComplaintReceived' && hasLongText(data));

/** True for events that the file only adds to a list. */
const isListed = (type: string): boolean => type === 'NoteAdded' || type === 'ContactRecorded';

/** The page after an event with an entry (see {@link hasEntry}). */
export function pageAfter(page: FilePage | null, event: Recorded<ComplaintEvent>): FilePage {
  const entry = entryOf(event);
  return page === null
    ? { complaint: complaintId(event), page: Math.floor(event.revision / REVISIONS_PER_PAGE), entries: [entry] }
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

/** The state after an event with an entry (see {@link hasEntry}), without the content of the entry. */
export function stateWithoutEntry(state: Complaint, event: Recorded<ComplaintEvent>): Complaint {
  // folds only copy texts, so a placeholder is safe in place of a text
  const data = withoutLongTexts(event.data, event.revision, []) as ComplaintEvent['data'];
  return { ...evolve(state, { ...event, data }), notes: [], contacts: [] };
}

/** The complete file; undefined if the pages have fewer entries than the file counts. */
export function mergePages<F extends Complaint & { readonly revision: number }>(
  file: F,
  entryCount: number,
  pages: readonly FilePage[],
): F | undefined {
  const entries = pages
    .flatMap((page) => page.entries)
    .filter(({ revision }) => revision <= file.revision) // a page may contain later events than the file
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
  return mapMembers(value, (member) => withoutLongTexts(member, revision, texts));
}

function withTexts(value: unknown, texts: ReadonlyMap<number, readonly string[]>): unknown {
  if (typeof value === 'object' && value !== null && 'textOf' in value) {
    const { textOf, at } = value as TextReference;
    return texts.get(textOf)?.[at];
  }
  return mapMembers(value, (member) => withTexts(member, texts));
}

function mapMembers(value: unknown, change: (member: unknown) => unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(change);
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, change(member)]));
}
