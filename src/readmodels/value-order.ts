import type { Json } from '../platform/json.js';

/**
 * Returns a key that sorts in MongoDB's order of values: `Buffer.compare(orderKey(a), orderKey(b))` compares two
 * values. Equal values have equal keys, and different values have different keys. A missing value has the key of null.
 *
 * The order of types is null < numbers < strings < objects < arrays < booleans. Strings compare by their UTF-8 bytes,
 * and arrays element by element. Objects compare field by field, in the order in which the fields were written: first
 * the type of the value, then the name, then the value.
 */
export function orderKey(value: Json | undefined): Buffer {
  const bytes: number[] = [];
  writeValue(bytes, value ?? null);
  return Buffer.from(bytes);
}

/** The first byte of a key, by type of the value. The numbers are those of MongoDB's canonical types. */
export const TYPE_BYTES = { null: 0x05, number: 0x0a, string: 0x0f, object: 0x14, array: 0x19, boolean: 0x28 } as const;

/**
 * Compares two texts by their UTF-8 bytes, which is the order of code points. JavaScript's `<` compares UTF-16 units.
 */
export const compareText = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));

/** Whether every engine stores the text unchanged: it contains neither U+0000 nor a lone surrogate. */
export const isStorableText = (text: string): boolean => !text.includes('\0') && !/\p{Cs}/u.test(text);

/** Ends a text, an object or an array. */
const END = 0;

function writeValue(bytes: number[], value: Json): void {
  if (value === null) bytes.push(TYPE_BYTES.null);
  else if (typeof value === 'number') bytes.push(TYPE_BYTES.number, ...numberBytes(value));
  else if (typeof value === 'string') writeText(bytes, TYPE_BYTES.string, value);
  else if (typeof value === 'boolean') bytes.push(TYPE_BYTES.boolean, value ? 1 : 0);
  else if (Array.isArray(value)) {
    bytes.push(TYPE_BYTES.array);
    for (const element of value as readonly Json[]) writeValue(bytes, element);
    bytes.push(END);
  } else {
    bytes.push(TYPE_BYTES.object);
    for (const [name, field] of Object.entries(value)) {
      const fieldBytes: number[] = [];
      writeValue(fieldBytes, field);
      writeText(bytes, fieldBytes[0] ?? TYPE_BYTES.null, name);
      for (const byte of fieldBytes.slice(1)) bytes.push(byte);
    }
    bytes.push(END);
  }
}

/** Writes U+0000 as the bytes 00 FF, so that a text sorts before every longer text that begins with it. */
function writeText(bytes: number[], typeByte: number, text: string): void {
  bytes.push(typeByte);
  for (const byte of Buffer.from(text)) {
    bytes.push(byte);
    if (byte === 0) bytes.push(0xff);
  }
  bytes.push(END);
}

/**
 * The eight bytes of a double, changed so that their order is that of the numbers: inverts all bits of a negative
 * number, and only the sign bit of any other.
 */
function numberBytes(value: number): Buffer {
  const bytes = Buffer.allocUnsafe(8);
  bytes.writeDoubleBE(value + 0); // −0 becomes 0
  const isNegative = (bytes[0] ?? 0) >= 0x80;
  if (isNegative) bytes.forEach((byte, at) => (bytes[at] = byte ^ 0xff));
  else bytes[0] = (bytes[0] ?? 0) ^ 0x80;
  return bytes;
}
