import type { CommandReply } from '../../../src/demo/caller.js';
import type { Role } from '../../../src/access/actor.js';
import type { JsonObject } from '../../../src/platform/json.js';

/** One command as its sender knows it: sent again with the same key until it is answered for sure. */
export interface Sending {
  readonly key: string;
  readonly by: Role;
  /** Path of the request. */
  readonly path: string;
  readonly body: JsonObject;
  /** Insist on this revision. */
  readonly ifMatch?: number;
}

/** What the service said: recorded, refused for a reason, or nothing that can be relied on. */
export type Answer =
  | { readonly kind: 'recorded'; readonly status: number; readonly reply: CommandReply }
  | { readonly kind: 'refused'; readonly status: number; readonly code: string }
  /** No answer, or one that says: send it again. */
  | { readonly kind: 'unknown'; readonly status?: number; readonly code?: string };

/** The model of what was sent and what was acknowledged: what must hold whatever happened in between. */
export class Ledger {
  readonly recorded = new Map<Sending, CommandReply>();
  readonly refused = new Map<Sending, string>();
  /** Sent, and not answered for sure. */
  readonly open = new Set<Sending>();
  /** Answers that contradict an earlier one, and answers that no service should give. */
  readonly faults: string[] = [];

  sent(sending: Sending): void {
    if (!this.recorded.has(sending)) this.open.add(sending);
  }

  answered(sending: Sending, answer: Answer): void {
    if (answer.kind === 'unknown') {
      if (answer.status !== undefined && answer.status !== 503)
        this.fault(sending, `was answered ${String(answer.status)}`);
      return;
    }
    this.open.delete(sending);
    const before = this.recorded.get(sending);
    if (answer.kind === 'recorded') {
      if (before !== undefined) this.compare(sending, before, answer.reply);
      else this.recorded.set(sending, answer.reply);
    } else if (before !== undefined) this.fault(sending, `was recorded and is now refused with ${answer.code}`);
    else this.refused.set(sending, answer.code);
  }

  private compare(sending: Sending, before: CommandReply, now: CommandReply): void {
    const [first, again] = [before, now].map((reply) => JSON.stringify({ ...reply, alreadyThere: true }));
    if (first !== again) this.fault(sending, `was answered ${String(first)}, then ${String(again)}`);
    if (!now.alreadyThere) this.fault(sending, 'was recorded twice');
  }

  private fault({ key, path }: Sending, what: string): void {
    this.faults.push(`${key} (${path}) ${what}`);
  }
}
