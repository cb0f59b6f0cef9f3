import { v5 } from 'uuid';

/** Namespace of the version 5 UUIDs. It must never change, because all recorded ids derive from it. */
const COMMAND_NAMESPACE = '6f1c7a54-2f0b-5d3e-9a87-40c2b1d5e6f0';

/** The same key of the same credential always gives the same command id (I19). */
export const commandIdOf = (credential: string, idempotencyKey: string): string =>
  v5(`${credential}\n${idempotencyKey}`, COMMAND_NAMESPACE);
