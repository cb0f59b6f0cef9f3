import { createHash } from 'node:crypto';
import { canonicalJson } from '../platform/canonical-json.js';
import type { Json } from '../platform/json.js';
import { componentsOf, isObject } from './matching.js';
import type { Document, ReadModels } from './read-models.js';

/**
 * The SHA-256, in hexadecimal, of documents in the order of their `_id` (UTF-8 bytes): one line of canonical JSON
 * (RFC 8785) and a line feed for each, without `_position` and without tombstones. Engines, batch sizes and the order
 * of events of different documents do not show in it.
 *
 * `leaveOut`: dotted paths of values that are removed first, objects and arrays with all they hold; `*` is every
 * element or key. `points.*.decidedAt` leaves out that field of every element. A path that meets nothing removes nothing.
 */
export class Digest {
  private readonly hash = createHash('sha256');
  private readonly removed: Removed;
  private last: Buffer | undefined;

  constructor(leaveOut: readonly string[] = []) {
    this.removed = removal(['_position', ...leaveOut]);
  }

  /** Throws RangeError when the document does not follow the one before. */
  add(document: Document): void {
    const id = Buffer.from(document._id);
    if (this.last !== undefined && Buffer.compare(this.last, id) >= 0)
      throw new RangeError(`${document._id} is digested out of order`);
    this.last = id;
    if (document._deleted === true) return;
    this.hash.update(`${canonicalJson(without(document, this.removed), document._id)}\n`);
  }

  hex(): string {
    return this.hash.digest('hex');
  }
}

/** The {@link Digest} of documents at hand, sorted by `_id`. */
export function digest(documents: Iterable<Document>, leaveOut: readonly string[] = []): string {
  const digest = new Digest(leaveOut);
  for (const document of documents) digest.add(document);
  return digest.hex();
}

/**
 * The {@link Digest} of a collection, read in pages: a million documents are never held at once. The pages are no
 * single snapshot: hold the projection while it runs.
 */
export async function digestCollection(
  readModels: Pick<ReadModels, 'find'>,
  collection: string,
  leaveOut: readonly string[] = [],
): Promise<string> {
  const digest = new Digest(leaveOut);
  let after: string | undefined;
  for (;;) {
    const page = await readModels.find(collection, {
      sort: { _id: 1 },
      limit: PAGE,
      ...(after === undefined ? {} : { after: [after] }),
    });
    for (const document of page) digest.add(document);
    after = page.at(-1)?._id;
    if (page.length < PAGE || after === undefined) return digest.hex();
  }
}

const PAGE = 500;

/** `true`: the value itself is removed; else what is removed inside, by key. */
type Removed = true | Map<string, Removed>;

function removal(paths: readonly string[]): Removed {
  const root = new Map<string, Removed>();
  for (const path of paths) {
    const components = componentsOf(path);
    if (components.includes('')) throw new TypeError(`${path} is no path`);
    let level = root;
    for (const [at, component] of components.entries()) {
      const known = level.get(component);
      if (known === true) break; // all of it is removed already
      if (at === components.length - 1) level.set(component, true);
      else if (known === undefined) {
        const next = new Map<string, Removed>();
        level.set(component, next);
        level = next;
      } else level = known;
    }
  }
  return root;
}

/** The value itself where nothing is removed: most of a document is left as it is. */
function without(value: Json, removed: Removed): Json | undefined {
  if (removed === true) return undefined;
  if (Array.isArray(value)) {
    const elements = value as readonly Json[];
    const every = removed.get('*');
    if (every === undefined) return elements;
    const left = elements.map((element) => without(element, every));
    if (left.every((element, at) => element === elements[at])) return elements;
    return left.filter((element) => element !== undefined);
  }
  if (!isObject(value)) return value;
  let kept: Record<string, Json> = value;
  for (const [part, inside] of removed)
    for (const key of part === '*' ? Object.keys(kept) : [part]) {
      const member = Object.hasOwn(kept, key) ? kept[key] : undefined;
      if (member === undefined) continue;
      const left = without(member, inside);
      if (left === member) continue;
      if (kept === value) kept = { ...kept }; // one copy, whatever is removed from it
      if (left === undefined) Reflect.deleteProperty(kept, key);
      else kept[key] = left;
    }
  return kept;
}
