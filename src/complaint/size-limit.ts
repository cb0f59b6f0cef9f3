import type { Unmet } from './decision.js';

/*
 * Size limits of a complaint, in bytes of the data and metadata of its events as stored. Reason: every decision holds
 * the whole complaint in memory, and a MongoDB document is at most 16 MiB.
 */

/** Up to this size a complaint accepts every command. */
export const MAX_COMPLAINT_BYTES = 8 * 1024 * 1024;

/** Up to this size it accepts small commands: it can still be decided, answered and closed. */
export const MAX_COMPLAINT_BYTES_FOR_SMALL_COMMANDS = 12 * 1024 * 1024;

/** Maximum total size of the events of a small command. */
export const MAX_SMALL_COMMAND_BYTES = 16 * 1024;

/** The reason to reject events of `added` bytes for a complaint of `held` bytes; undefined if they fit. */
export function sizeRefusal(held: number, added: number): Unmet | undefined {
  const isSmall = added <= MAX_SMALL_COMMAND_BYTES;
  const limit = isSmall ? MAX_COMPLAINT_BYTES_FOR_SMALL_COMMANDS : MAX_COMPLAINT_BYTES;
  if (held + added <= limit) return undefined;
  return {
    code: 'complaint_too_large',
    message:
      `the complaint holds ${String(held)} bytes and this command adds ${String(added)}; the limit for commands of ` +
      `${isSmall ? 'at most' : 'more than'} ${String(MAX_SMALL_COMMAND_BYTES)} bytes is ${String(limit)}. Keep long ` +
      'texts and documents elsewhere and refer to them with `add-evidence`, or lodge a new complaint that names this one',
  };
}
