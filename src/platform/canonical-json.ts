/** A value that JSON would drop or change; `path` locates it. */
export class NotLossless extends Error {
  override readonly name = 'NotLossless';
  constructor(
    readonly path: string,
    what: string,
  ) {
    super(`${path}: ${what} cannot be stored as JSON without loss`);
  }
}

/** Deeper values are rejected: readers of the log must be able to parse them. */
export const MAX_DEPTH = 200;

const LONE_SURROGATE = /\p{Surrogate}/u;

/**
 * Canonical JSON (RFC 8785) of values that JSON represents unchanged. Rejects undefined in an array, NaN, infinities,
 * -0, bigint, symbols, functions, Date, Map and similar objects, lone surrogates, cycles. A property that is undefined
 * counts as absent. Checks and serialises in one walk, because every appended event passes here.
 * @throws NotLossless
 */
export function canonicalJson(value: unknown, path: string): string {
  return written(value, path, undefined, 0);
}

/** The path is computed only for an error. */
interface Place {
  readonly parent: Place | undefined;
  readonly key: string | number;
}

function written(value: unknown, root: string, place: Place | undefined, depth: number): string {
  switch (typeof value) {
    case 'boolean':
      return value ? 'true' : 'false';
    case 'string':
      return quoted(value) ?? refuse(root, place, 'a lone surrogate');
    case 'number':
      if (!Number.isFinite(value)) return refuse(root, place, String(value));
      if (Object.is(value, -0)) return refuse(root, place, '-0');
      return String(value); // RFC 8785 uses the number format of ECMAScript
    case 'object':
      if (value === null) return 'null';
      if (depth === MAX_DEPTH) return refuse(root, place, `a value nested deeper than ${String(MAX_DEPTH)}`);
      return Array.isArray(value) ? list(value, root, place, depth) : members(value, root, place, depth);
    default:
      return refuse(root, place, value === undefined ? 'undefined' : `a ${typeof value}`);
  }
}

function list(values: readonly unknown[], root: string, place: Place | undefined, depth: number): string {
  let text = '[';
  for (let index = 0; index < values.length; index++) {
    if (index > 0) text += ',';
    text += written(values[index], root, { parent: place, key: index }, depth + 1);
  }
  return `${text}]`;
}

function members(value: object, root: string, place: Place | undefined, depth: number): string {
  const kind = Object.prototype.toString.call(value);
  if (kind !== '[object Object]') return refuse(root, place, `a ${kind.slice(8, -1)}`);
  if ('toJSON' in value && typeof value.toJSON === 'function') return refuse(root, place, 'an object with toJSON');
  let text = '';
  for (const key of sorted(Object.keys(value))) {
    const member = (value as Readonly<Record<string, unknown>>)[key];
    if (member === undefined) continue;
    const at = { parent: place, key };
    const name = quotedName(key) ?? refuse(root, at, 'a name with a lone surrogate');
    text += `${text === '' ? '{' : ','}${name}:${written(member, root, at, depth + 1)}`;
  }
  return text === '' ? '{}' : `${text}}`;
}

/** Sorted by UTF-16 code units. Objects read from the log already are. */
function sorted(keys: string[]): string[] {
  for (let at = 1; at < keys.length; at++) if ((keys[at] ?? '') < (keys[at - 1] ?? '')) return keys.sort();
  return keys;
}

/** Cache of quoted names: almost all of them recur. */
const NAMES = new Map<string, string>();
const MAX_CACHED_NAMES = 5_000;

function quotedName(key: string): string | undefined {
  const known = NAMES.get(key);
  if (known !== undefined) return known;
  const name = quoted(key);
  if (name !== undefined && key.length < SHORT && NAMES.size < MAX_CACHED_NAMES) NAMES.set(key, name);
  return name;
}

/** Text that needs no escape. Longer text is not tested: JSON.stringify is faster there. */
const PLAIN = /^[ !#-[\]-~]*$/;
const SHORT = 100;

/** undefined for text with a lone surrogate, which JSON.stringify would escape. */
function quoted(text: string): string | undefined {
  if (text.length < SHORT && PLAIN.test(text)) return `"${text}"`;
  const json = JSON.stringify(text);
  return json.includes('\\ud') && LONE_SURROGATE.test(text) ? undefined : json;
}

function refuse(root: string, place: Place | undefined, what: string): never {
  let path = '';
  for (let at = place; at !== undefined; at = at.parent)
    path = (typeof at.key === 'number' ? `[${String(at.key)}]` : `.${at.key}`) + path;
  throw new NotLossless(root + path, what);
}
