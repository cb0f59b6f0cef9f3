import { isDeepStrictEqual } from 'node:util';

import { Digest } from '../readmodels/digest.js';
import type { Document, ReadModels } from '../readmodels/read-models.js';
import type { ModelDigests } from './projections.js';

const PAGE = 500;
/** Differing ids that a report names. */
const NAMED = 20;

/** How collections are read. */
export interface Pages {
  readonly readModels: ReadModels;
  /** Called after a page with the milliseconds it took; what it throws ends the reading. */
  readonly pause: (worked: number) => Promise<void>;
}

/** All documents in the order of their ids, without tombstones. */
async function* documents({ readModels, pause }: Pages, collection: string): AsyncGenerator<Document, void> {
  let began = performance.now();
  let after: string | undefined;
  for (;;) {
    const page = await readModels.find(collection, {
      sort: { _id: 1 },
      limit: PAGE,
      ...(after !== undefined && { after: [after] }),
    });
    yield* page;
    after = page.at(-1)?._id;
    if (page.length < PAGE) return;
    await pause(performance.now() - began);
    began = performance.now();
  }
}

/** Both digests of a collection that nobody writes meanwhile. */
export async function digestsOf(pages: Pages, collection: string, runFields: readonly string[]): Promise<ModelDigests> {
  const all = new Digest();
  const content = new Digest(runFields);
  let count = 0;
  for await (const document of documents(pages, collection)) {
    all.add(document);
    content.add(document);
    count += 1;
  }
  return { collection, documents: count, digest: all.hex(), contentDigest: content.hex() };
}

/** The digests of a collection that may well be the same as another's: then that one's content digest is its own. */
export async function digestsBeside(
  pages: Pages,
  collection: string,
  runFields: readonly string[],
  other: ModelDigests,
): Promise<ModelDigests> {
  const all = new Digest();
  for await (const document of documents(pages, collection)) all.add(document);
  if (all.hex() === other.digest) return { ...other, collection };
  return digestsOf(pages, collection, runFields);
}

/** The first ids whose documents differ, or stand in one of the collections only. */
export async function differingIds(pages: Pages, one: string, other: string): Promise<string[]> {
  const differing: string[] = [];
  const left = documents(pages, one);
  const right = documents(pages, other);
  let a = (await left.next()).value;
  let b = (await right.next()).value;
  while ((a !== undefined || b !== undefined) && differing.length < NAMED) {
    const order = a === undefined ? 1 : b === undefined ? -1 : Buffer.compare(Buffer.from(a._id), Buffer.from(b._id));
    if (order !== 0 || !isDeepStrictEqual({ ...a, _position: '' }, { ...b, _position: '' }))
      differing.push((order <= 0 ? a?._id : b?._id) ?? '');
    if (order <= 0) a = (await left.next()).value;
    if (order >= 0) b = (await right.next()).value;
  }
  return differing;
}
