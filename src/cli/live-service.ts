import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import type { ReadableStream } from 'node:stream/web';
import { setTimeout as pause } from 'node:timers/promises';
import { loadKeys } from '../access/keys.js';
import type { Role } from '../access/actor.js';
import type { Configuration } from '../platform/configuration.js';
import type { Job } from '../platform/jobs.js';
import { readServerFile } from '../platform/server-file.js';
import { UserError } from './invocation.js';

/** The options of `fetch` that this client uses. */
interface FetchOptions {
  readonly method: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: ReadableStream | string;
  readonly duplex?: 'half';
}

/** A client of the running service; it uses the keys of the data folder that they share. */
export class LiveService {
  constructor(
    readonly url: string,
    private readonly keyOf: (role: Role) => string,
  ) {}

  /** Sends one request and returns the JSON of its answer. @throws UserError with the error of the service */
  async request<T>(role: Role, path: string, method: 'GET' | 'POST' | 'DELETE' = 'GET', body?: object): Promise<T> {
    const json = { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
    const response = await this.fetch(role, path, { method, ...(body !== undefined && json) });
    return (await response.json()) as T;
  }

  /** Starts a job, waits for its end and returns its result. @throws UserError if the job fails or is cancelled */
  async runJob<T extends object>(
    role: Role,
    path: string,
    onProgress: (progress: object) => void = () => undefined,
    body?: object,
  ): Promise<T> {
    const started = await this.request<Job>(role, path, 'POST', body);
    for (let job = started, waitMs = 20; ; waitMs = Math.min(1000, waitMs * 1.5)) {
      if (job.state === 'done' && job.result !== undefined) return job.result as T;
      if (job.state !== 'running')
        throw new UserError(`${job.kind} ${job.subject} ${job.state}: ${job.error ?? 'no reason given'}`);
      if (job.progress !== undefined) onProgress(job.progress);
      await pause(waitMs);
      job = await this.request<Job>(role, `/v1/jobs/${started.id}`);
    }
  }

  /**
   * Sends a stream and yields the lines of the answer while it is still sending.
   * @throws UserError with the error of the service, or if the answer ends without its summary
   */
  async *send<T>(role: Role, path: string, type: string, body: Readable): AsyncGenerator<T> {
    const response = await this.fetch(role, path, {
      method: 'POST',
      headers: { 'content-type': type },
      body: Readable.toWeb(body),
      duplex: 'half',
    });
    if (response.body === null) throw incompleteAnswer(this.url);
    let lastLine = '{}';
    try {
      const input = Readable.fromWeb(response.body);
      for await (const line of createInterface({ input, crlfDelay: Infinity })) {
        lastLine = line;
        yield JSON.parse(line) as T;
      }
    } catch (error) {
      throw incompleteAnswer(this.url, error);
    }
    const isSummary = 'sha256' in (JSON.parse(lastLine) as object);
    if (!isSummary) throw incompleteAnswer(this.url);
  }

  private async fetch(role: Role, path: string, init: FetchOptions): Promise<Response> {
    const headers = { ...init.headers, authorization: `Bearer ${this.keyOf(role)}` };
    const response = await fetch(`${this.url}${path}`, { ...init, headers }).catch((error: unknown) => {
      throw incompleteAnswer(this.url, error);
    });
    if (response.ok) return response;
    const problem = (await response.json().catch(() => ({}))) as { readonly code?: string; readonly detail?: string };
    throw new UserError(
      `the service at ${this.url} answered ${problem.code ?? String(response.status)}: ${problem.detail ?? ''}`,
    );
  }
}

/** Running the command again is safe: what is already recorded is not recorded twice. */
const incompleteAnswer = (url: string, cause?: unknown): UserError =>
  new UserError(
    `the service at ${url} closed the connection before its answer was complete; run the same command again`,
    { cause },
  );

/**
 * Finds the service that uses this data folder; undefined if none is running. Checks that the service accepts a key of
 * the folder, because another program may use the address by now.
 */
export async function findLiveService({ data, role }: Configuration): Promise<LiveService | undefined> {
  const server = readServerFile({ data, role });
  if (server === undefined) return undefined;
  const keys = loadKeys(data);
  const keyOf = (role: Role): string => {
    const credential = keys.ofRole(role);
    if (credential === undefined)
      throw new UserError(`keys.json has no credential with the role ${role}; add one and restart the service`);
    return credential.key;
  };
  const acceptsKey = await fetch(`${server.url}/v1/jobs`, {
    headers: { authorization: `Bearer ${keyOf('supervisor')}` },
    signal: AbortSignal.timeout(ANSWER_TIMEOUT_MS),
  }).then(
    ({ ok }) => ok,
    () => false,
  );
  return acceptsKey ? new LiveService(server.url, keyOf) : undefined;
}

const ANSWER_TIMEOUT_MS = 5000;
