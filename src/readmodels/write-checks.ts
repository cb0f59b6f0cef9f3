import { isDeepStrictEqual } from 'node:util';
import type { Json } from '../platform/json.js';
import { componentsOf, isObject, valuesAtPath } from './matching.js';
import {
  MAX_SKIPS,
  type Checkpoint,
  type Document,
  type IndexSpec,
  type ModelChange,
  type ModelRecord,
  type RejectedDocument,
  type WriteBatch,
} from './read-models.js';
import { isStorableText } from './value-order.js';

/** Maximum size of a document in every adapter: MongoDB's limit of 16 MiB minus the overhead of the write command. */
export const MAX_DOCUMENT_BYTES = 16 * 1024 * 1024 - 64 * 1024;

/** Throws TypeError for a batch that contradicts itself, which is a bug of the caller. */
export function checkBatch({ changes, checkpoint }: WriteBatch): void {
  if (checkpoint.to === null && checkpoint.from !== null) throw new TypeError('a checkpoint is never removed');
  const collections = new Set<string>();
  for (const { collection, writes } of changes) {
    if (collections.has(collection)) throw new TypeError(`${collection} is written twice in one batch`);
    collections.add(collection);
    const ids = new Set<string>();
    for (const { id, document } of writes) {
      if (document._id !== id) throw new TypeError(`the document ${document._id} is written as ${id}`);
      if (typeof document._position !== 'string') throw new TypeError(`the document ${id} has no position`);
      if (ids.has(id)) throw new TypeError(`the document ${id} is written twice in one batch`);
      ids.add(id);
    }
  }
}

export type Rejection = Pick<RejectedDocument, 'reason' | 'message'>;

/**
 * Checks a document for what every adapter must reject. Returns undefined if there is nothing to reject; the store may
 * still reject the document for another reason. `json` is the JSON text of the document. `sizeInBytes` computes its size
 * as this adapter stores it, and is called at most once.
 */
export function rejectionOf(
  document: Document,
  json: string,
  indexes: readonly IndexSpec[],
  sizeInBytes: () => number,
): Rejection | undefined {
  // JSON.stringify escapes U+0000 and lone surrogates as \u…: a document without \u needs no check of its text
  if (json.includes('\\u'))
    for (const [field, value] of Object.entries(document))
      if (!isStorable(field) || !isStorable(value))
        return { reason: 'text', message: `field ${JSON.stringify(field)} contains U+0000 or a lone surrogate` };
  const size = sizeInBytes();
  if (size > MAX_DOCUMENT_BYTES)
    return {
      reason: 'too_large',
      message: `expected at most ${String(MAX_DOCUMENT_BYTES)} bytes, found ${String(size)}`,
    };
  if (document._deleted === true) return undefined;
  for (const index of indexes)
    for (const path of index.unique === true ? Object.keys(index.fields) : [])
      if (valuesAtPath(document, componentsOf(path)).throughArray)
        return { reason: 'unique', message: `${path} contains an array, which a unique index cannot contain` };
  return undefined;
}

/** The rejection of a document that has the same values in a unique index as another document. */
export function duplicateOf(index: string): Rejection {
  return { reason: 'unique', message: `another document has the same values in the unique index ${index}` };
}

/** Whether all texts and names in the value are storable. */
function isStorable(value: Json): boolean {
  if (typeof value === 'string') return isStorableText(value);
  if (Array.isArray(value)) return (value as readonly Json[]).every(isStorable);
  if (!isObject(value)) return true;
  for (const [key, field] of Object.entries(value)) if (!isStorableText(key) || !isStorable(field)) return false;
  return true;
}

export const isSameCheckpoint = (a: Checkpoint | null, b: Checkpoint | null): boolean =>
  a === null || b === null ? a === b : a.storeId === b.storeId && a.position === b.position && a.eventId === b.eventId;

/** The record of a model before its first change. */
export const newModel = (name: string): ModelRecord => ({
  name,
  revision: 0,
  live: null,
  kept: null,
  building: null,
  paused: false,
  builds: 0,
  skips: [],
  parked: [],
});

/** The record after a change. Throws RangeError for more than {@link MAX_SKIPS}. */
export function changedModel(from: ModelRecord, change: Partial<ModelChange>): ModelRecord {
  const to = { ...from, ...change, revision: from.revision + 1 };
  if (to.skips.length > MAX_SKIPS)
    throw new RangeError(`${from.name} may skip at most ${String(MAX_SKIPS)} events, found ${String(to.skips.length)}`);
  return to;
}

/** Whether the stored record is the changed one already: an earlier request made the change and lost its response. */
export const isChangedTo = (stored: ModelRecord | null, to: ModelRecord): boolean => isDeepStrictEqual(stored, to);
