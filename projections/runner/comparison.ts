import { isDeepStrictEqual } from 'node:util';
import { setImmediate as nextTurn } from 'node:timers/promises';

import { Digest } from '../../src/readmodel/digest.js';
import type { Document, ReadModels } from '../../src/readmodel/read-models.js';
import type { ModelDigests } from './projections.js';

const PAGE = 500;
/** Differing ids that a report names. */
const NAMED = 20;

/** All documents in the order of their ids, without tombstones; throws the signal's reason when it aborts. */
async function* documents(
  readModels: ReadModels,
  collection: string,
  signal?: AbortSignal,
): AsyncGenerator<Document, void> {
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
    await nextTurn();
    signal?.throwIfAborted();
  }
}

/** Both digests of a collection that nobody writes meanwhile. */
export async function digestsOf(
  readModels: ReadModels,
  collection: string,
  runFields: readonly string[],
  signal?: AbortSignal,
): Promise<ModelDigests> {
  const all = new Digest();
  const content = new Digest(runFields);
  let count = 0;
  for await (const document of documents(readModels, collection, signal)) {
    all.add(document);
    content.add(document);
    count += 1;
  }
  return { collection, documents: count, digest: all.hex(), contentDigest: content.hex() };
}

/** The digests of a collection that may well be the same as another's: then that one's content digest is its own. */
export async function digestsBeside(
  readModels: ReadModels,
  collection: string,
  runFields: readonly string[],
  other: ModelDigests,
  signal?: AbortSignal,
): Promise<ModelDigests> {
  const all = new Digest();
  for await (const document of documents(readModels, collection, signal)) all.add(document);
  if (all.hex() === other.digest) return { ...other, collection };
  return digestsOf(readModels, collection, runFields, signal);
}

/** The first ids whose documents differ, or stand in one of the collections only. */
export async function differingIds(
  readModels: ReadModels,
  one: string,
  other: string,
  signal?: AbortSignal,
): Promise<string[]> {
  const differing: string[] = [];
  const left = documents(readModels, one, signal);
  const right = documents(readModels, other, signal);
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
