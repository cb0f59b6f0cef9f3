import { complaintId } from '../../src/complaint/complaint-record.js';
import { evolve, initial, type Complaint } from '../../src/complaint/complaint.js';
import type { ComplaintEvent } from '../../src/complaint/events.js';
import type { Recorded } from '../../src/eventstore/envelope.js';

/*
 * Every event rewrites the document of the file, and the size of a document is limited. Notes, contacts and long texts are
 * therefore stored in separate page documents, and the query merges them into the file. The fold of the file does not load
 * the pages.
 */

/** Number of revisions that a page covers; some have no entry. An append is at most 900 KiB, so a page stays under 8 MB. */
export const REVISIONS_PER_PAGE = 8;

/**
 * Maximum length, in UTF-16 units, of a text in the file; a longer text is stored in a page. Ids and codes are shorter, so
 * a fold, which reads only them, needs no page.
 */
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
  /** Revision of the event that has the text. */
  readonly textOf: number;
  /** Index in the `texts` of its page entry. */
  readonly at: number;
}

/** Id of the page for the event with this revision. */
export const pageId = (complaint: string, revision: number): string =>
  `${complaint}/${String(Math.floor(revision / REVISIONS_PER_PAGE))}`;

/** Ids of all pages that a complaint can have up to a revision; a page without entries does not exist. */
export const pageIdsUpTo = (complaint: string, revision: number): string[] =>
  Array.from({ length: Math.floor(revision / REVISIONS_PER_PAGE) + 1 }, (_, page) =>
    pageId(complaint, page * REVISIONS_PER_PAGE),
  );

/** True if the event has a page entry. The receipt has none: a complaint has one receipt, whose texts stay in the file. */
export const hasEntry = ({ type, data }: Recorded): boolean =>
  isListed(type) || (type !== 'ComplaintReceived' && hasLongText(data));

/** True for events that only add an element to a list of the file. */
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

/** The state after an event with an entry (see {@link hasEntry}), without what the entry stores. */
export function stateWithoutEntry(state: Complaint, event: Recorded<ComplaintEvent>): Complaint {
  // a fold copies texts and never reads them, so a placeholder can replace a text
  const data = withoutLongTexts(event.data, event.revision, []) as ComplaintEvent['data'];
  return { ...evolve(state, { ...event, data }), notes: [], contacts: [] };
}

/**
 * Merges the file with its pages. Returns undefined if the pages do not have `entryCount` entries up to the revision of the
 * file: then file and pages include different events.
 */
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

/** Replaces long texts by placeholders and appends the texts to `texts`. */
function withoutLongTexts(value: unknown, revision: number, texts: string[]): unknown {
  if (typeof value === 'string') {
    if (value.length <= MAX_INLINE_TEXT) return value;
    const reference: TextReference = { textOf: revision, at: texts.length };
    texts.push(value);
    return reference;
  }
  return mapMembers(value, (member) => withoutLongTexts(member, revision, texts));
}

/** Replaces placeholders by their texts, which are given by revision. */
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
