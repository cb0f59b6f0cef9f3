import { isDeepStrictEqual } from 'node:util';
import { Digests } from '../readmodels/digest.js';
import type { Document, ReadModels } from '../readmodels/read-models.js';
import { compareText } from '../readmodels/value-order.js';
import type { ModelDigests } from './operations.js';

const PAGE_DOCUMENTS = 500;
/** Differing ids that a report lists at most. */
const MAX_NAMED = 20;

export interface ReadingPages {
  readonly readModels: Pick<ReadModels, 'find'>;
  /** Called after each page with its duration in milliseconds; an exception ends the reading. */
  readonly pause: (worked: number) => Promise<void>;
}

/** All documents in the order of their ids, without tombstones. */
async function* documents(
  { readModels, pause }: ReadingPages,
  collection: string,
): AsyncGenerator<Document, undefined> {
  let began = performance.now();
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
    await pause(performance.now() - began);
    began = performance.now();
  }
}

/** Both digests of a collection; no writer may change it meanwhile. */
export async function digestsOf(
  pages: ReadingPages,
  collection: string,
  nonDeterministicFields: readonly string[],
): Promise<ModelDigests> {
  const digests = new Digests(nonDeterministicFields);
  for await (const document of documents(pages, collection)) digests.add(document);
  return { collection, ...digests.end() };
}

export interface Comparison {
  readonly digests: ModelDigests;
  readonly other: ModelDigests | null;
  /** The first ids whose documents differ or exist in only one collection; empty when all are equal. */
  readonly differing: readonly string[];
}

/**
 * The digests of a collection, and whether another collection holds the same documents; no writer may change either
 * meanwhile. Reads both once, in parallel; computes the digests of the other only from the first difference on.
 */
export async function compareCollections(
  pages: ReadingPages,
  nonDeterministicFields: readonly string[],
  collection: string,
  other: string | null,
): Promise<Comparison> {
  if (other === null)
    return { digests: await digestsOf(pages, collection, nonDeterministicFields), other: null, differing: [] };
  const digests = new Digests(nonDeterministicFields);
  const differing: string[] = [];
  const theirs = documents(pages, other);
  let their = (await theirs.next()).value;
  const differs = (id: string): void => {
    if (differing.length < MAX_NAMED) differing.push(id);
  };
  for await (const document of documents(pages, collection)) {
    digests.add(document);
    for (; their !== undefined && compareText(their._id, document._id) < 0; their = (await theirs.next()).value)
      differs(their._id);
    if (their?._id !== document._id) differs(document._id);
    else {
      if (!isSame(document, their)) differs(document._id);
      their = (await theirs.next()).value;
    }
  }
  for (; their !== undefined; their = (await theirs.next()).value) differs(their._id);
  const own = { collection, ...digests.end() };
  const same = differing.length === 0;
  return {
    digests: own,
    other: same ? { ...own, collection: other } : await digestsOf(pages, other, nonDeterministicFields),
    differing,
  };
}

/** Fast path: documents of one fold usually have the same field order, so equal documents have equal JSON text. */
const isSame = (a: Document, b: Document): boolean =>
  JSON.stringify(a) === JSON.stringify(b) || isDeepStrictEqual({ ...a, _position: '' }, { ...b, _position: '' });
