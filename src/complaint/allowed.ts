import type { Complaint } from './complaint.js';
import { unmetGuards, type Context, type Unmet } from './decision.js';
import { complaintCommands } from './table.js';

/** One command, as asked of one complaint by one actor at one time. */
export interface Allowed {
  readonly command: string;
  readonly path: string;
  readonly allowed: boolean;
  /** Why not; empty when it is allowed. Particulars of the command are judged when it comes. */
  readonly unmet: readonly Unmet[];
}

/** What may be done with a complaint now, and what is missing for the rest: by the guards that refuse the commands. */
export const allowedNow = (complaint: Complaint, context: Context): Allowed[] =>
  complaintCommands
    .filter(({ creates }) => creates !== true)
    .map(({ name, path, decider }) => {
      const unmet = unmetGuards(decider, complaint, context);
      return { command: name, path, allowed: unmet.length === 0, unmet };
    });
