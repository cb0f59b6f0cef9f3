import type { CommandReply } from '../../../src/demo/caller.js';
import type { Role } from '../../../src/access/actor.js';
import type { JsonObject } from '../../../src/platform/json.js';

/** One command request. Its sender repeats it with the same key until the outcome is known. */
export interface CommandRequest {
  readonly key: string;
  readonly by: Role;
  /** Path of the request. */
  readonly path: string;
  readonly body: JsonObject;
  /** Expected revision, sent as If-Match. */
  readonly ifMatch?: number;
}

/** Outcome of a request: recorded, refused with a code, or unknown. */
export type Answer =
  | { readonly kind: 'recorded'; readonly status: number; readonly reply: CommandReply }
  | { readonly kind: 'refused'; readonly status: number; readonly code: string }
  /** No response, or a status 5xx: the sender repeats the request. */
  | { readonly kind: 'unknown'; readonly status?: number; readonly code?: string };

/** All requests of a test and their outcomes. The log must agree with them under every injected fault. */
export class Ledger {
  readonly recorded = new Map<CommandRequest, CommandReply>();
  readonly refused = new Map<CommandRequest, string>();
  /** Sent; the outcome is unknown. */
  readonly open = new Set<CommandRequest>();
  /** Descriptions of responses that contradict an earlier one, and of unexpected statuses. */
  readonly faults: string[] = [];

  sent(request: CommandRequest): void {
    if (!this.recorded.has(request)) this.open.add(request);
  }

  answered(request: CommandRequest, answer: Answer): void {
    if (answer.kind === 'unknown') {
      if (answer.status !== undefined && answer.status !== 503)
        this.fault(request, `was answered ${String(answer.status)}`);
      return;
    }
    this.open.delete(request);
    const before = this.recorded.get(request);
    if (answer.kind === 'recorded') {
      if (before !== undefined) this.compare(request, before, answer.reply);
      else this.recorded.set(request, answer.reply);
    } else if (before !== undefined) this.fault(request, `was recorded and is now refused with ${answer.code}`);
    else this.refused.set(request, answer.code);
  }

  private compare(request: CommandRequest, before: CommandReply, now: CommandReply): void {
    const [first, again] = [before, now].map((reply) => JSON.stringify({ ...reply, alreadyThere: true }));
    if (first !== again) this.fault(request, `was answered ${String(first)}, then ${String(again)}`);
    if (!now.alreadyThere) this.fault(request, 'was recorded twice');
  }

  private fault({ key, path }: CommandRequest, what: string): void {
    this.faults.push(`${key} (${path}) ${what}`);
  }
}
