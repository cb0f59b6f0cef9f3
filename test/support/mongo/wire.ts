import { BSON, type Document } from 'mongodb';

/*
 * The messages of MongoDB's protocol. A message begins with four 32-bit integers: its length, its id, the id of the
 * message that it answers, and its opcode.
 */

export const HEADER_BYTES = 16;
export const OP_MSG = 2013;
const OP_QUERY = 2004;

export const opcodeOf = (message: Buffer): number => message.readInt32LE(12);

/**
 * The BSON document of a message. In an OP_QUERY message it follows flags (4 bytes), a name that ends in a zero byte,
 * and two numbers (4 bytes each); in an OP_MSG message it follows flags (4 bytes) and the kind of the section (1 byte).
 */
export function commandOf(message: Buffer): Document {
  const start = opcodeOf(message) === OP_QUERY ? message.indexOf(0, HEADER_BYTES + 4) + 1 + 8 : HEADER_BYTES + 5;
  return BSON.deserialize(message.subarray(start, start + message.readInt32LE(start)));
}

/** The name of a command is the name of its first field. */
export const nameOf = (command: Document): string => Object.keys(command)[0] ?? '';
