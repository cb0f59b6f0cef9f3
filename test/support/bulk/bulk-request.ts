import { once } from 'node:events';
import { request, type ClientRequest, type IncomingMessage } from 'node:http';
import type { Role } from '../../../src/access/actor.js';
import type { JsonObject } from '../../../src/platform/json.js';
import { checkAnswer } from '../api-document.js';

/** Address and API keys of a service, in this process or another. */
export interface BulkTarget {
  readonly url: string;
  keyOf(role: Role): string;
}

export interface BulkOptions {
  readonly path?: string;
  /** Value of the header `content-type`. */
  readonly type?: string;
  /** Value of the header `accept`; none by default. */
  readonly accept?: string;
  /** Role whose API key is sent. */
  readonly as?: Role;
}

/** A line of the response: the result of one line, or the summary at the end. */
export type BulkResponseLine = JsonObject & {
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
  readonly unchanged?: number;
  readonly rejected?: number;
  readonly sha256?: string;
};

/** A bulk request in progress. A test can send lines and read result lines in any order. */
export class BulkRequest {
  private readonly response: Promise<IncomingMessage>;
  private responseLines: AsyncIterator<string> | undefined;

  private constructor(
    private readonly outgoing: ClientRequest,
    private readonly path: string,
  ) {
    this.response = once(outgoing, 'response').then(([response]) => response as IncomingMessage);
    // Both handlers only prevent unhandled errors: a caller gets the error when it awaits the response.
    this.response.catch(() => undefined);
    outgoing.on('error', () => undefined);
  }

  static open(
    target: BulkTarget,
    { path = '/v1/commands', type = 'application/x-ndjson', accept, as = 'upstream' }: BulkOptions = {},
  ): BulkRequest {
    const headers = { authorization: `Bearer ${target.keyOf(as)}`, 'content-type': type, ...(accept && { accept }) };
    return new BulkRequest(request(target.url + path, { method: 'POST', headers, agent: false }), path);
  }

  /**
   * Sends lines: a string or bytes unchanged, an object as JSON with a line feed. Resolves when the connection accepts
   * more data or is closed.
   */
  async write(...lines: readonly (string | Buffer | object)[]): Promise<this> {
    for (const line of lines) {
      const bytes =
        typeof line === 'string' || Buffer.isBuffer(line)
          ? Buffer.from(line)
          : Buffer.from(`${JSON.stringify(line)}\n`);
      if (!this.outgoing.write(bytes) && !this.outgoing.destroyed) await this.drained();
    }
    return this;
  }

  /** Resolves when the write buffer is empty or the connection is closed. */
  private drained(): Promise<void> {
    return new Promise((resolve) => {
      const onDrainOrClose = () => {
        this.outgoing.off('drain', onDrainOrClose).off('close', onDrainOrClose);
        resolve();
      };
      this.outgoing.once('drain', onDrainOrClose).once('close', onDrainOrClose);
    });
  }

  end(): this {
    this.outgoing.end();
    return this;
  }

  /** Closes the connection in the middle of the request, as a crash of the sender does. */
  disconnect(): void {
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

  /**
   * The next line of the response; undefined at its end.
   * @throws Error if the response is incomplete, or if the line does not match openapi.json
   */
  async next(): Promise<BulkResponseLine | undefined> {
    const response = await this.response;
    this.responseLines ??= linesOf(response);
    const { done, value: text } = await this.responseLines.next();
    if (done === true) return undefined;
    const { statusCode: status = 0, headers } = response;
    checkAnswer({ method: 'POST', path: this.path, status, type: headers['content-type'] ?? '', text });
    return JSON.parse(text) as BulkResponseLine;
  }

  /** All lines of the response that were not read yet. @throws Error if the response is incomplete */
  async rest(): Promise<BulkResponseLine[]> {
    const lines: BulkResponseLine[] = [];
    for (let line = await this.next(); line !== undefined; line = await this.next()) lines.push(line);
    return lines;
  }

  /** The complete body of the response as text, for any status. */
  async text(): Promise<string> {
    let text = '';
    for await (const chunk of (await this.response).setEncoding('utf8')) text += chunk as string;
    return text;
  }
}

async function* linesOf(response: IncomingMessage): AsyncGenerator<string> {
  // not readline, which also splits at U+2028 on newer versions of Node.js
  let rest = '';
  for await (const chunk of response.setEncoding('utf8')) {
    const lines = (rest + (chunk as string)).split('\n');
    rest = lines.pop() ?? '';
    yield* lines;
  }
  if (!response.complete) throw new Error('the response is incomplete');
}

/** Sends lines and reads the whole response: the results and the summary. @throws Error if there is no summary */
export async function sendLines(
  target: BulkTarget,
  lines: readonly (string | Buffer | object)[],
  options: BulkOptions = {},
): Promise<{ readonly results: readonly BulkResponseLine[]; readonly summary: BulkResponseLine }> {
  const bulk = BulkRequest.open(target, options);
  const sending = bulk.write(...lines).then(() => bulk.end());
  const results = await bulk.rest();
  await sending;
  const summary = results.pop();
  if (summary?.sha256 === undefined)
    throw new Error(`expected a summary as the last line, found ${JSON.stringify(summary)}`);
  return { results, summary };
}
