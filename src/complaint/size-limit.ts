import type { Unmet } from './decision.js';

/*
 * Size limits of a complaint, in bytes of the data and metadata of its events as stored. Reason: every decision needs
 * the whole complaint in memory, and a MongoDB document has at most 16 MiB.
 */

/** Up to this size a complaint accepts every command. */
export const MAX_COMPLAINT_BYTES = 8 * 1024 * 1024;

/** Up to this size a complaint accepts small commands, so that it can still be decided, answered and closed. */
export const MAX_COMPLAINT_BYTES_FOR_SMALL_COMMANDS = 12 * 1024 * 1024;

/** Maximum total size of the events of a small command. */
export const MAX_SMALL_COMMAND_BYTES = 16 * 1024;

/**
 * The problem if a complaint of `storedBytes` would become too large with events of `addedBytes`; undefined if they
 * fit.
 */
export function sizeProblem(storedBytes: number, addedBytes: number): Unmet | undefined {
  const isSmall = addedBytes <= MAX_SMALL_COMMAND_BYTES;
  const limit = isSmall ? MAX_COMPLAINT_BYTES_FOR_SMALL_COMMANDS : MAX_COMPLAINT_BYTES;
  if (storedBytes + addedBytes <= limit) return undefined;
  return {
    code: 'complaint_too_large',
    message:
      `the complaint has ${String(storedBytes)} bytes and this command adds ${String(addedBytes)}; the limit for commands of ` +
      `${isSmall ? 'at most' : 'more than'} ${String(MAX_SMALL_COMMAND_BYTES)} bytes is ${String(limit)}. Keep long ` +
      'texts and documents elsewhere and refer to them with `add-evidence`, or lodge a new complaint that names this one',
  };
}
