import type { CommandReply } from '../../../src/demo/caller.js';
import type { Role } from '../../../src/access/actor.js';
import type { JsonObject } from '../../../src/platform/json.js';

/** A request with a command. Its sender repeats it with the same key until the outcome is known. */
export interface CommandRequest {
  /** Idempotency key. */
  readonly key: string;
  /** Role whose API key is sent. */
  readonly by: Role;
  /** Path of the URL. */
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

/** All requests of a test and their outcomes. The event log must agree with them whatever failures the test causes. */
export class Ledger {
  readonly recorded = new Map<CommandRequest, CommandReply>();
  readonly refused = new Map<CommandRequest, string>();
  /** Requests that were sent and whose outcome is unknown. */
  readonly open = new Set<CommandRequest>();
  /** Descriptions of responses that contradict an earlier response, and of unexpected statuses. */
  readonly faults: string[] = [];

  /** To be called before a request is sent or repeated. */
  addSent(request: CommandRequest): void {
    if (!this.recorded.has(request)) this.open.add(request);
  }

  /** To be called with the outcome of a request. */
  addOutcome(request: CommandRequest, answer: Answer): void {
    if (answer.kind === 'unknown') {
      if (answer.status !== undefined && answer.status !== 503)
        this.addFault(request, `got the unexpected status ${String(answer.status)}`);
      return;
    }
    this.open.delete(request);
    const firstReply = this.recorded.get(request);
    if (answer.kind === 'recorded') {
      if (firstReply !== undefined) this.compare(request, firstReply, answer.reply);
      else this.recorded.set(request, answer.reply);
    } else if (firstReply !== undefined) this.addFault(request, `was recorded and is now refused with ${answer.code}`);
    else this.refused.set(request, answer.code);
  }

  /** A repeated request must get the first reply again, with `alreadyThere`. */
  private compare(request: CommandRequest, firstReply: CommandReply, laterReply: CommandReply): void {
    const [first, later] = [firstReply, laterReply].map((reply) => JSON.stringify({ ...reply, alreadyThere: true }));
    if (first !== later) this.addFault(request, `got the reply ${String(first)}, then ${String(later)}`);
    if (!laterReply.alreadyThere) this.addFault(request, 'was recorded twice');
  }

  private addFault({ key, path }: CommandRequest, fault: string): void {
    this.faults.push(`${key} (${path}) ${fault}`);
  }
}
