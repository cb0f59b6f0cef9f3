import type { Complaint } from './complaint.js';
import { unmetGuards, type Context, type Unmet } from './decision.js';
import { complaintCommands } from './table.js';

/** Whether one actor may send one command to one complaint now. */
export interface Allowed {
  readonly command: string;
  readonly path: string;
  readonly allowed: boolean;
  /** Unmet conditions; empty if allowed. The fields of a command are checked only when it is sent. */
  readonly unmet: readonly Unmet[];
}

/**
 * Every command for an existing complaint, with its unmet conditions: the result of the guards that reject the
 * command.
 */
export const allowedNow = (complaint: Complaint, context: Context): Allowed[] =>
  complaintCommands
    .filter(({ creates }) => creates !== true)
    .map(({ name, path, decider }) => {
      const unmet = unmetGuards(decider, complaint, context);
      return { command: name, path, allowed: unmet.length === 0, unmet };
    });
