/** A value that JSON would drop or change; `path` says where it stands. */
export class NotLossless extends Error {
  override readonly name = 'NotLossless';
  constructor(
    readonly path: string,
    what: string,
  ) {
    super(`${path}: ${what} cannot be stored as JSON without loss`);
  }
}

/** Deeper values are refused: readers of the log must be able to parse them. */
export const MAX_DEPTH = 200;

const LONE_SURROGATE = /\p{Surrogate}/u;

/**
 * Refuses what JSON cannot carry unchanged: undefined in an array, NaN, infinities, -0, bigint, symbols, functions,
 * Date, Map and the like, lone surrogates, cycles. A property that is undefined counts as absent.
 * @throws NotLossless
 */
export function checkLossless(value: unknown, path: string): void {
  check(value, path, undefined, 0);
}

/** The path is put together only when there is something to say about it. */
interface Place {
  readonly parent: Place | undefined;
  readonly key: string | number;
}

function check(value: unknown, root: string, place: Place | undefined, depth: number): void {
  switch (typeof value) {
    case 'boolean':
      return;
    case 'string':
      if (LONE_SURROGATE.test(value)) throw refused(root, place, 'a lone surrogate');
      return;
    case 'number':
      if (!Number.isFinite(value)) throw refused(root, place, String(value));
      if (Object.is(value, -0)) throw refused(root, place, '-0');
      return;
    case 'object':
      if (value !== null) checkObject(value, root, place, depth);
      return;
    default:
      throw refused(root, place, value === undefined ? 'undefined' : `a ${typeof value}`);
  }
}

function checkObject(value: object, root: string, place: Place | undefined, depth: number): void {
  if (depth === MAX_DEPTH) throw refused(root, place, `a value nested deeper than ${String(MAX_DEPTH)}`);
  if (Array.isArray(value)) {
    for (let index = 0; index < value.length; index++)
      check(value[index], root, { parent: place, key: index }, depth + 1);
    return;
  }
  const kind = Object.prototype.toString.call(value);
  if (kind !== '[object Object]') throw refused(root, place, `a ${kind.slice(8, -1)}`);
  if ('toJSON' in value && typeof value.toJSON === 'function') throw refused(root, place, 'an object with toJSON');
  for (const [key, member] of Object.entries(value)) {
    if (member === undefined) continue;
    const at = { parent: place, key };
    if (LONE_SURROGATE.test(key)) throw refused(root, at, 'a name with a lone surrogate');
    check(member, root, at, depth + 1);
  }
}

function refused(root: string, place: Place | undefined, what: string): NotLossless {
  let path = '';
  for (let at = place; at !== undefined; at = at.parent)
    path = (typeof at.key === 'number' ? `[${String(at.key)}]` : `.${at.key}`) + path;
  return new NotLossless(root + path, what);
}
