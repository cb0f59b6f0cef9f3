import { MAX_ERRORS, pointerStep } from './validate-object.js';

/** What one pass over the bytes of a JSON text finds. */
export interface JsonScan {
  /** Deepest nesting of objects and arrays; the scan stops above its limit. */
  readonly depth: number;
  /** Number of members of all objects, also of those that are repeated. */
  readonly members: number;
}

/**
 * Counts brackets and colons outside of strings, in bytes: in UTF-8, no other character contains the byte of a bracket,
 * colon or quote.
 */
export function scanJson(bytes: Uint8Array, maxDepth = Number.POSITIVE_INFINITY): JsonScan {
  let depth = 0;
  let deepest = 0;
  let members = 0;
  let inString = false;
  for (let index = 0; index < bytes.length; index++) {
    const byte = bytes[index];
    if (inString) {
      if (byte === BACKSLASH) index++;
      else if (byte === QUOTE) inString = false;
    } else if (byte === QUOTE) inString = true;
    else if (byte === COLON) members++;
    else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) {
      if (++depth > deepest) deepest = depth;
      if (depth > maxDepth) break;
    } else if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) depth--;
  }
  return { depth: deepest, members };
}

const QUOTE = 0x22;
const COLON = 0x3a;
const BACKSLASH = 0x5c;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;

export interface RepeatedMember {
  /** JSON pointer to the member. */
  readonly pointer: string;
  readonly code: 'duplicate_member';
  readonly message: string;
}

/**
 * The members that an object of the text has more than once, each named once. `JSON.parse` keeps only the last of them.
 * @param text valid JSON @param value its parsed value @param members what {@link scanJson} counted
 */
export function repeatedMembers(text: string, value: unknown, members: number): RepeatedMember[] {
  if (membersOf(value) === members) return [];
  const pointers = new Set<string>();
  const open: Container[] = []; // the outermost first
  let lastString = '';
  for (const [token] of text.matchAll(TOKEN)) {
    const inner = open.at(-1);
    if (token === '{') open.push({ names: new Set(), step: '' });
    else if (token === '[') open.push({ step: 0 });
    else if (token === '}' || token === ']') open.pop();
    else if (token === ',' && typeof inner?.step === 'number') inner.step += 1;
    else if (token === ':' && inner?.names !== undefined) {
      inner.step = JSON.parse(lastString) as string;
      if (inner.names.has(inner.step) && pointers.size < MAX_ERRORS) pointers.add(pointerTo(open));
      inner.names.add(inner.step);
    } else if (token.startsWith('"')) lastString = token;
  }
  return [...pointers].map((pointer) => ({
    pointer,
    code: 'duplicate_member',
    message: `${pointer.slice(1)} is given more than once in the same object; send it once`,
  }));
}

/** Like {@link repeatedMembers}, for a text that was not scanned. */
export const repeatedMembersIn = (text: string, value: unknown): RepeatedMember[] =>
  repeatedMembers(text, value, scanJson(Buffer.from(text)).members);

/** An object or array that the text has begun and not ended. */
interface Container {
  /** The names of the members so far; undefined for an array. */
  readonly names?: Set<string>;
  /** The name of the current member, or the index of the current element. */
  step: string | number;
}

/** Strings and structural characters of valid JSON. */
const TOKEN = /"[^"\\]*(?:\\.[^"\\]*)*"|[{}[\]:,]/g;

const pointerTo = (open: readonly Container[]): string =>
  open.map(({ step }) => `/${pointerStep(String(step))}`).join('');

/** The number of members of all objects in a parsed value. */
function membersOf(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  const isArray = Array.isArray(value);
  const parts: readonly unknown[] = isArray ? value : Object.values(value);
  return parts.reduce<number>((sum, part) => sum + membersOf(part), isArray ? 0 : parts.length);
}
