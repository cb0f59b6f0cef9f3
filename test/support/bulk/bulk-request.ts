import { once } from 'node:events';
import { request, type ClientRequest, type IncomingMessage } from 'node:http';
import { createInterface } from 'node:readline';
import type { Role } from '../../../src/access/actor.js';
import type { JsonObject } from '../../../src/platform/json.js';

/** A service, in this process or another. */
export interface Served {
  readonly url: string;
  keyOf(role: Role): string;
}

export interface BulkOptions {
  readonly path?: string;
  readonly type?: string;
  readonly as?: Role;
}

/** What a result line, or the summary, says. */
export type Told = JsonObject & {
  readonly line?: number;
  readonly key?: string;
  readonly status?: string;
  readonly code?: string;
  readonly id?: string;
  readonly reference?: string;
  readonly errors?: readonly { readonly code: string; readonly pointer?: string; readonly message: string }[];
  readonly batch?: string;
  readonly read?: number;
  readonly accepted?: number;
  readonly alreadyThere?: number;
  readonly rejected?: number;
  readonly sha256?: string;
};

/** A bulk request: the test sends lines and reads results one by one, in any order. */
export class BulkRequest {
  private readonly response: Promise<IncomingMessage>;
  private lines: AsyncIterator<string> | undefined;

  private constructor(private readonly outgoing: ClientRequest) {
    this.response = once(outgoing, 'response').then(([response]) => response as IncomingMessage);
    this.response.catch(() => undefined); // told to who asks for the response
    outgoing.on('error', () => undefined);
  }

  static open(
    served: Served,
    { path = '/v1/commands', type = 'application/x-ndjson', as = 'upstream' }: BulkOptions = {},
  ): BulkRequest {
    const headers = { authorization: `Bearer ${served.keyOf(as)}`, 'content-type': type };
    return new BulkRequest(request(served.url + path, { method: 'POST', headers, agent: false }));
  }

  /** Resolves when the connection takes more. */
  async write(...lines: readonly (string | Buffer | object)[]): Promise<this> {
    for (const line of lines) {
      const bytes =
        typeof line === 'string' || Buffer.isBuffer(line)
          ? Buffer.from(line)
          : Buffer.from(`${JSON.stringify(line)}\n`);
      if (!this.outgoing.write(bytes) && !this.outgoing.destroyed) await this.room();
    }
    return this;
  }

  private room(): Promise<void> {
    return new Promise((resolve) => {
      const go = () => {
        this.outgoing.off('drain', go).off('close', go);
        resolve();
      };
      this.outgoing.once('drain', go).once('close', go);
    });
  }

  end(): this {
    this.outgoing.end();
    return this;
  }

  /** As a sender whose machine dies. */
  breakOff(): void {
    this.outgoing.destroy();
  }

  get closed(): boolean {
    return this.outgoing.destroyed;
  }

  async status(): Promise<number> {
    return (await this.response).statusCode ?? 0;
  }

  async header(name: string): Promise<string | undefined> {
    return (await this.response).headers[name] as string | undefined;
  }

  /** The next line of the answer; undefined at its end. */
  async next(): Promise<Told | undefined> {
    this.lines ??= linesOf(await this.response);
    const { done, value } = await this.lines.next();
    return done === true ? undefined : (JSON.parse(value) as Told);
  }

  /** All that is still to come. @throws Error when the answer breaks off */
  async rest(): Promise<Told[]> {
    const told: Told[] = [];
    for (let one = await this.next(); one !== undefined; one = await this.next()) told.push(one);
    return told;
  }

  /** The complete response, for any status. */
  async text(): Promise<string> {
    let text = '';
    for await (const chunk of (await this.response).setEncoding('utf8')) text += chunk as string;
    return text;
  }
}

async function* linesOf(response: IncomingMessage): AsyncGenerator<string> {
  yield* createInterface({ input: response, crlfDelay: Infinity });
  if (!response.complete) throw new Error('the answer broke off');
}

/** Sends lines and takes everything that comes back: results, and the summary. */
export async function sendLines(
  served: Served,
  lines: readonly (string | Buffer | object)[],
  options: BulkOptions = {},
): Promise<{ readonly results: readonly Told[]; readonly summary: Told }> {
  const bulk = BulkRequest.open(served, options);
  const sending = bulk.write(...lines).then(() => bulk.end());
  const all = await bulk.rest();
  await sending;
  const summary = all.pop();
  if (summary?.sha256 === undefined) throw new Error(`there is no summary: ${JSON.stringify(summary)}`);
  return { results: all, summary };
}
