import type { Json } from '../platform/json.js';

/**
 * MongoDB's order of values, across types: null < numbers < strings < objects < arrays < booleans. Strings compare by
 * their UTF-8 bytes; objects key by key as written (type, name, value); arrays element by element.
 * `Buffer.compare(orderKey(a), orderKey(b))` gives the order; equal keys mean equal values. A missing value sorts as
 * null.
 */
export function orderKey(value: Json | undefined): Buffer {
  const bytes: number[] = [];
  writeValue(bytes, value ?? null);
  return Buffer.from(bytes);
}

/** First bytes of the keys, spaced as MongoDB's canonical types. */
export const ORDER = { nothing: 0x05, number: 0x0a, string: 0x0f, object: 0x14, array: 0x19, boolean: 0x28 } as const;

/** The order of two texts by their UTF-8 bytes, which is code point order (JavaScript's `<` is not). */
export const compareText = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));

/** Whether every engine stores and compares the text unchanged: no U+0000, no lone surrogate. */
export const storable = (text: string): boolean => !text.includes('\0') && !/\p{Cs}/u.test(text);

const END = 0;

function writeValue(bytes: number[], value: Json): void {
  if (value === null) bytes.push(ORDER.nothing);
  else if (typeof value === 'number') bytes.push(ORDER.number, ...numberBytes(value));
  else if (typeof value === 'string') writeText(bytes, ORDER.string, value);
  else if (typeof value === 'boolean') bytes.push(ORDER.boolean, value ? 1 : 0);
  else if (Array.isArray(value)) {
    bytes.push(ORDER.array);
    for (const element of value as readonly Json[]) writeValue(bytes, element);
    bytes.push(END);
  } else {
    bytes.push(ORDER.object);
    for (const [name, field] of Object.entries(value)) {
      const written: number[] = [];
      writeValue(written, field);
      writeText(bytes, written[0] ?? ORDER.nothing, name);
      for (const byte of written.slice(1)) bytes.push(byte);
    }
    bytes.push(END);
  }
}

/** U+0000 is written as 00 FF, so that the end (00) sorts before every continuation. */
function writeText(bytes: number[], type: number, text: string): void {
  bytes.push(type);
  for (const byte of Buffer.from(text)) {
    bytes.push(byte);
    if (byte === 0) bytes.push(0xff);
  }
  bytes.push(END);
}

/** The bytes of a double, ordered as the number: sign bit flipped, negative ones inverted. */
function numberBytes(value: number): Buffer {
  const bytes = Buffer.allocUnsafe(8);
  bytes.writeDoubleBE(value + 0); // −0 is 0
  const inverted = (bytes[0] ?? 0) >= 0x80;
  for (let at = 0; at < 8; at += 1) bytes[at] = (bytes[at] ?? 0) ^ (inverted ? 0xff : at === 0 ? 0x80 : 0);
  return bytes;
}
