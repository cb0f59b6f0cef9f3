import { isDeepStrictEqual } from 'node:util';
import { Digests } from '../readmodels/digest.js';
import type { Document, ReadModels } from '../readmodels/read-models.js';
import { compareText } from '../readmodels/value-order.js';
import type { ModelDigests } from './operations.js';

/** Documents per read. */
const PAGE_DOCUMENTS = 500;
/** Maximum number of differing ids in a report. */
const MAX_DIFFERING_IDS = 20;

export interface DocumentReader {
  readonly readModels: Pick<ReadModels, 'find'>;
  /**
   * Called after each page, with the milliseconds that reading and processing the page took. An exception ends the
   * reading.
   */
  readonly pause: (workedMs: number) => Promise<void>;
}

/** Reads all documents in the order of their ids, without tombstones. */
async function* readDocuments(
  { readModels, pause }: DocumentReader,
  collection: string,
): AsyncGenerator<Document, undefined> {
  let startedAt = performance.now();
  let after: string | undefined;
  for (;;) {
    const page = await readModels.find(collection, {
      sort: { _id: 1 },
      limit: PAGE_DOCUMENTS,
      ...(after !== undefined && { after: [after] }),
    });
    yield* page;
    after = page.at(-1)?._id;
    if (page.length < PAGE_DOCUMENTS) return undefined;
    await pause(performance.now() - startedAt);
    startedAt = performance.now();
  }
}

/** Computes both digests of a collection. No writer may change the collection during the call. */
export async function digestsOf(
  reader: DocumentReader,
  collection: string,
  nonDeterministicFields: readonly string[],
): Promise<ModelDigests> {
  const digests = new Digests(nonDeterministicFields);
  for await (const document of readDocuments(reader, collection)) digests.add(document);
  return { collection, ...digests.end() };
}

export interface Comparison {
  /** Digests of the compared collection. */
  readonly digests: ModelDigests;
  /** Digests of the collection that it was compared with; null if there was none. */
  readonly other: ModelDigests | null;
  /** The first ids whose documents differ or exist in only one collection; empty when all documents are equal. */
  readonly differing: readonly string[];
}

/**
 * Computes the digests of a collection and compares its documents with those of another one (null: no comparison). No
 * writer may change either collection during the call. Reads both collections once, side by side. Equal documents have
 * equal digests, so the other collection is read again for its digests only when the documents differ.
 */
export async function compareCollections(
  reader: DocumentReader,
  nonDeterministicFields: readonly string[],
  collection: string,
  other: string | null,
): Promise<Comparison> {
  if (other === null)
    return { digests: await digestsOf(reader, collection, nonDeterministicFields), other: null, differing: [] };
  const digests = new Digests(nonDeterministicFields);
  const differing: string[] = [];
  const addDiffering = (id: string): void => {
    if (differing.length < MAX_DIFFERING_IDS) differing.push(id);
  };
  const otherDocuments = readDocuments(reader, other);
  const readOther = async (): Promise<Document | undefined> => (await otherDocuments.next()).value;
  let otherDocument = await readOther();
  for await (const document of readDocuments(reader, collection)) {
    digests.add(document);
    while (otherDocument !== undefined && compareText(otherDocument._id, document._id) < 0) {
      addDiffering(otherDocument._id);
      otherDocument = await readOther();
    }
    if (otherDocument?._id !== document._id) addDiffering(document._id);
    else {
      if (!isSame(document, otherDocument)) addDiffering(document._id);
      otherDocument = await readOther();
    }
  }
  for (; otherDocument !== undefined; otherDocument = await readOther()) addDiffering(otherDocument._id);
  const result = { collection, ...digests.end() };
  return {
    digests: result,
    other:
      differing.length === 0
        ? { ...result, collection: other }
        : await digestsOf(reader, other, nonDeterministicFields),
    differing,
  };
}

/**
 * Whether two documents are equal, apart from `_position`. Compares their JSON text first, which is fast: documents
 * that one projection wrote usually have their fields in the same order.
 */
const isSame = (a: Document, b: Document): boolean =>
  JSON.stringify(a) === JSON.stringify(b) || isDeepStrictEqual({ ...a, _position: '' }, { ...b, _position: '' });
