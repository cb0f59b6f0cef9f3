import type { Unmet } from '../complaint/decision.js';

/** Where bulk work hands its commands: the store itself, or the API of a service that owns it. */
export interface CommandSender {
  send(request: BulkCommand): Promise<BulkAnswer>;
}

/** One command as plain JSON; the same key is the same command, however often it is sent. */
export interface BulkCommand {
  readonly command: string;
  readonly key: string;
  /** Id or reference; absent for `LodgeComplaint`. */
  readonly complaint?: string;
  readonly body: Readonly<Record<string, unknown>>;
}

export type BulkAnswer =
  | {
      readonly status: 'accepted' | 'already_there';
      readonly id: string;
      readonly reference: string;
      readonly revision: number;
      readonly position: string;
      readonly events: readonly string[];
    }
  | { readonly status: 'rejected'; readonly code: string; readonly unmet: readonly Unmet[]; readonly id?: string };
