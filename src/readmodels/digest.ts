import { createHash } from 'node:crypto';
import { canonicalJson } from '../platform/canonical-json.js';
import type { Json } from '../platform/json.js';
import type { Document } from './read-models.js';

/**
 * Computes two SHA-256 digests of documents in one pass: `digest` over all fields, and `contentDigest` over all fields
 * except those at `leftOutPaths`. Each document is hashed as canonical JSON (RFC 8785) without `_position`, followed by
 * a line feed; tombstones are left out. Documents must be added in the order of their `_id` (UTF-8 bytes). The digests
 * do not depend on the engine, on batch sizes, or on the relative order of events of different documents.
 *
 * `leftOutPaths` are dotted paths of values, which are left out with everything inside them; `*` matches every element
 * or key. `points.*.decidedAt` leaves out `decidedAt` of every element of `points`. A path that matches nothing has no
 * effect.
 */
export class Digests {
  private readonly all = createHash('sha256');
  private readonly content = createHash('sha256');
  private readonly leftOut: LeftOut;
  /** `_id` of the last document. */
  private lastId: Buffer | undefined;
  /** Number of documents, without tombstones. */
  private documents = 0;

  constructor(leftOutPaths: readonly string[] = []) {
    const paths = leftOutPaths.map((path) => path.split('.'));
    const invalidAt = paths.findIndex((components) => components.includes(''));
    const invalid = leftOutPaths[invalidAt];
    if (invalid !== undefined)
      throw new TypeError(`expected dotted paths without empty components, found ${JSON.stringify(invalid)}`);
    this.leftOut = toLeftOut(paths);
  }

  /** @throws RangeError if the document is not after the previous one in the order of `_id` */
  add(document: Document): void {
    const id = Buffer.from(document._id);
    if (this.lastId !== undefined && Buffer.compare(this.lastId, id) >= 0)
      throw new RangeError(`documents must be added in the order of their _id: ${document._id} is out of order`);
    this.lastId = id;
    if (document._deleted === true) return;
    this.documents += 1;
    const { _position, ...fields } = document;
    const { all, content = '' } = canonicalTexts(fields, this.leftOut, document._id);
    this.all.update(`${all}\n`);
    this.content.update(`${content}\n`);
  }

  /** Returns the digests in hexadecimal. Call it once, after the last document. */
  end(): { readonly documents: number; readonly digest: string; readonly contentDigest: string } {
    return { documents: this.documents, digest: this.all.digest('hex'), contentDigest: this.content.digest('hex') };
  }
}

/**
 * What the content leaves out of a value: the whole value (`true`), or parts of it, by key. The key `*` stands for
 * every other key.
 */
type LeftOut = true | ReadonlyMap<string, LeftOut>;

function toLeftOut(paths: readonly (readonly string[])[]): LeftOut {
  if (paths.some((path) => path.length === 0)) return true;
  const byKey = new Map<string, LeftOut>();
  for (const key of new Set(paths.map(([first]) => first ?? ''))) {
    const matching = paths.filter(([first]) => first === key || first === '*');
    byKey.set(key, toLeftOut(matching.map((path) => path.slice(1))));
  }
  return byKey;
}

/** Canonical JSON of a value: all of it, and its content. */
interface CanonicalTexts {
  readonly all: string;
  /** undefined if the content leaves out the whole value. */
  readonly content: string | undefined;
}

/** `path` names the value in error messages. */
function canonicalTexts(value: Json, leftOut: LeftOut | undefined, path: string): CanonicalTexts {
  if (leftOut === undefined || leftOut === true || typeof value !== 'object' || value === null) {
    const all = canonicalJson(value, path);
    return { all, content: leftOut === true ? undefined : all };
  }
  const leftOutOfOthers = leftOut.get('*');
  const joined = new JoinedTexts();
  if (isList(value)) {
    value.forEach((element, index) => {
      joined.add('', canonicalTexts(element, leftOutOfOthers, `${path}[${String(index)}]`));
    });
    return joined.inBrackets('[', ']');
  }
  for (const key of Object.keys(value).sort()) {
    const member = value[key];
    if (member === undefined) continue;
    joined.add(
      `${canonicalJson(key, path)}:`,
      canonicalTexts(member, leftOut.get(key) ?? leftOutOfOthers, `${path}.${key}`),
    );
  }
  return joined.inBrackets('{', '}');
}

const isList = (value: Json): value is readonly Json[] => Array.isArray(value);

/**
 * Joins the texts of members with commas. `content` stays undefined while it is equal to `all`, which avoids building
 * the same text twice.
 */
class JoinedTexts {
  private all = '';
  private content: string | undefined;

  /** `prefix`: the name of the member with a colon; empty in an array. */
  add(prefix: string, { all, content }: CanonicalTexts): void {
    if (content !== all) this.content ??= this.all;
    if (this.content !== undefined && content !== undefined)
      this.content += `${this.content === '' ? '' : ','}${prefix}${content}`;
    this.all += `${this.all === '' ? '' : ','}${prefix}${all}`;
  }

  inBrackets(open: string, close: string): CanonicalTexts {
    const all = `${open}${this.all}${close}`;
    return { all, content: this.content === undefined ? all : `${open}${this.content}${close}` };
  }
}
