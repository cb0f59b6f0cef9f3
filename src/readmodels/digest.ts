import { createHash } from 'node:crypto';
import { canonicalJson } from '../platform/canonical-json.js';
import type { Json } from '../platform/json.js';
import type { Document } from './read-models.js';

/**
 * Computes two SHA-256 digests of documents in one pass: one of all fields, and one of the content, which is all fields
 * without `leaveOut`. Documents are added in the order of their `_id` (UTF-8 bytes). Each is hashed as one line of
 * canonical JSON (RFC 8785) and a line feed, without `_position`; tombstones are omitted. The engine, batch sizes and
 * the relative order of events of different documents do not affect the digests.
 *
 * `leaveOut`: dotted paths of values that are not content, including everything inside them; `*` is every element or
 * key. `points.*.decidedAt` leaves out that field of every element. A path without a match leaves out nothing.
 */
export class Digests {
  private readonly all = createHash('sha256');
  private readonly content = createHash('sha256');
  private readonly leftOut: LeftOut;
  private last: Buffer | undefined;
  private added = 0;

  constructor(leaveOut: readonly string[] = []) {
    const paths = leaveOut.map((path) => path.split('.'));
    const invalid = paths.findIndex((components) => components.includes(''));
    if (invalid !== -1)
      throw new TypeError(`expected dotted paths without empty components, found ${JSON.stringify(leaveOut[invalid])}`);
    this.leftOut = leftOutBelow(paths);
  }

  /** @throws RangeError if the document is not after the previous one in the order of `_id` */
  add(document: Document): void {
    const id = Buffer.from(document._id);
    if (this.last !== undefined && Buffer.compare(this.last, id) >= 0)
      throw new RangeError(`documents must be added in the order of their _id: ${document._id} is out of order`);
    this.last = id;
    if (document._deleted === true) return;
    this.added += 1;
    const { _position, ...fields } = document;
    const { all, content = '' } = texts(fields, this.leftOut, document._id);
    this.all.update(`${all}\n`);
    this.content.update(`${content}\n`);
  }

  /** Call it once, after the last document. */
  end(): { readonly documents: number; readonly digest: string; readonly contentDigest: string } {
    return { documents: this.added, digest: this.all.digest('hex'), contentDigest: this.content.digest('hex') };
  }
}

/**
 * What is not content: the value itself (`true`), or values below it, by key; `*` is every key without its own entry.
 */
type LeftOut = true | ReadonlyMap<string, LeftOut>;

function leftOutBelow(paths: readonly (readonly string[])[]): LeftOut {
  if (paths.some((path) => path.length === 0)) return true;
  const below = new Map<string, LeftOut>();
  for (const key of new Set(paths.map(([first]) => first ?? '')))
    below.set(
      key,
      leftOutBelow(paths.filter(([first]) => first === key || first === '*').map((path) => path.slice(1))),
    );
  return below;
}

/** Canonical JSON of a value, and of its content; undefined if the whole value is left out. */
interface Texts {
  readonly all: string;
  readonly content: string | undefined;
}

function texts(value: Json, leftOut: LeftOut | undefined, path: string): Texts {
  if (leftOut === undefined || leftOut === true || typeof value !== 'object' || value === null) {
    const all = canonicalJson(value, path);
    return { all, content: leftOut === true ? undefined : all };
  }
  const every = leftOut.get('*');
  const joined = new JoinedTexts();
  if (isList(value)) {
    value.forEach((element, index) => {
      joined.add('', texts(element, every, `${path}[${String(index)}]`));
    });
    return joined.between('[', ']');
  }
  for (const key of Object.keys(value).sort()) {
    const member = value[key];
    if (member === undefined) continue;
    joined.add(`${canonicalJson(key, path)}:`, texts(member, leftOut.get(key) ?? every, `${path}.${key}`));
  }
  return joined.between('{', '}');
}

const isList = (value: Json): value is readonly Json[] => Array.isArray(value);

/** Concatenates the texts of members. Keeps a separate `content` only from the first member that differs. */
class JoinedTexts {
  private all = '';
  private content: string | undefined;

  add(name: string, { all, content }: Texts): void {
    if (content !== all) this.content ??= this.all;
    if (this.content !== undefined && content !== undefined)
      this.content += `${this.content === '' ? '' : ','}${name}${content}`;
    this.all += `${this.all === '' ? '' : ','}${name}${all}`;
  }

  between(open: string, close: string): Texts {
    const all = `${open}${this.all}${close}`;
    return { all, content: this.content === undefined ? all : `${open}${this.content}${close}` };
  }
}
