/** A value cannot be stored as JSON, because JSON would drop or change it. `path` is where the value is. */
export class NotLossless extends Error {
  override readonly name = 'NotLossless';
  constructor(
    readonly path: string,
    what: string,
  ) {
    super(`${path}: ${what} cannot be stored as JSON without loss`);
  }
}

/** Maximum nesting of objects and arrays. Deeper values are rejected, because some JSON parsers cannot read them. */
export const MAX_DEPTH = 200;

const LONE_SURROGATE = /\p{Surrogate}/u;

/**
 * Serialises a value as canonical JSON (RFC 8785). Rejects what JSON cannot represent unchanged: undefined in an array,
 * NaN, infinities, -0, bigint, symbols, functions, Date, Map and similar objects, lone surrogates, cycles. A property
 * that is undefined counts as absent. Checks and serialises in one pass, because this runs for every appended event.
 * @param path path of the value itself, for the error
 * @throws NotLossless
 */
export function canonicalJson(value: unknown, path: string): string {
  return serialise(value, path, undefined, 0);
}

/** The place of a value in the whole value: a linked list of keys and indexes. Only an error needs it as a path. */
interface Place {
  readonly parent: Place | undefined;
  readonly key: string | number;
}

function serialise(value: unknown, root: string, place: Place | undefined, depth: number): string {
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
      return Array.isArray(value)
        ? serialiseList(value, root, place, depth)
        : serialiseObject(value, root, place, depth);
    default:
      return refuse(root, place, value === undefined ? 'undefined' : `a ${typeof value}`);
  }
}

function serialiseList(values: readonly unknown[], root: string, place: Place | undefined, depth: number): string {
  let text = '[';
  for (let index = 0; index < values.length; index++) {
    if (index > 0) text += ',';
    text += serialise(values[index], root, { parent: place, key: index }, depth + 1);
  }
  return `${text}]`;
}

function serialiseObject(value: object, root: string, place: Place | undefined, depth: number): string {
  const tag = Object.prototype.toString.call(value); // such as `[object Date]`
  if (tag !== '[object Object]') return refuse(root, place, `a ${tag.slice('[object '.length, -1)}`);
  if ('toJSON' in value && typeof value.toJSON === 'function') return refuse(root, place, 'an object with toJSON');
  let text = '';
  for (const key of sorted(Object.keys(value))) {
    const member = (value as Readonly<Record<string, unknown>>)[key];
    if (member === undefined) continue;
    const memberPlace = { parent: place, key };
    const name = quotedName(key) ?? refuse(root, memberPlace, 'a name with a lone surrogate');
    text += `${text === '' ? '{' : ','}${name}:${serialise(member, root, memberPlace, depth + 1)}`;
  }
  return text === '' ? '{}' : `${text}}`;
}

/** Sorts by UTF-16 code units. The keys of objects that were read from the log are sorted already. */
function sorted(keys: string[]): string[] {
  for (let index = 1; index < keys.length; index++) {
    const isOutOfOrder = (keys[index] ?? '') < (keys[index - 1] ?? '');
    if (isOutOfOrder) return keys.sort();
  }
  return keys;
}

/** Cache of quoted property names, because nearly all names occur many times. */
const quotedNames = new Map<string, string>();
const MAX_CACHED_NAMES = 5_000;

function quotedName(key: string): string | undefined {
  const cached = quotedNames.get(key);
  if (cached !== undefined) return cached;
  const name = quoted(key);
  if (name !== undefined && key.length < MAX_SHORT_LENGTH && quotedNames.size < MAX_CACHED_NAMES)
    quotedNames.set(key, name);
  return name;
}

/** Text without characters that JSON escapes: printable ASCII except `"` and `\`. */
const PLAIN = /^[ !#-[\]-~]*$/;

/** Longer text is not tested against PLAIN, because JSON.stringify is faster for it. */
const MAX_SHORT_LENGTH = 100;

/** The text as a JSON string; undefined for text with a lone surrogate, which JSON.stringify would change. */
function quoted(text: string): string | undefined {
  if (text.length < MAX_SHORT_LENGTH && PLAIN.test(text)) return `"${text}"`;
  const json = JSON.stringify(text);
  return json.includes('\\ud') && LONE_SURROGATE.test(text) ? undefined : json;
}

/** @throws NotLossless with the path of the place */
function refuse(root: string, place: Place | undefined, what: string): never {
  let path = '';
  for (let step = place; step !== undefined; step = step.parent)
    path = (typeof step.key === 'number' ? `[${String(step.key)}]` : `.${step.key}`) + path;
  throw new NotLossless(root + path, what);
}
