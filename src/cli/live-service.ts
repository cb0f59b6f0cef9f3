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
interface Request {
  readonly method: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: ReadableStream | string;
  readonly duplex?: 'half';
}

/** A client of the service that runs on this data folder; it uses the keys of that folder. */
export class LiveService {
  constructor(
    readonly url: string,
    private readonly keyOf: (role: Role) => string,
  ) {}

  /** Requests JSON from an address. @throws UserError with the error of the service */
  async ask<T>(role: Role, path: string, method: 'GET' | 'POST' | 'DELETE' = 'GET', body?: object): Promise<T> {
    const json = { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
    const response = await this.fetch(role, path, { method, ...(body !== undefined && json) });
    return (await response.json()) as T;
  }

  /** Starts a job and waits for its end. @throws UserError if the job fails */
  async run<T extends object>(
    role: Role,
    path: string,
    onProgress: (progress: object) => void = () => undefined,
    body?: object,
  ): Promise<T> {
    const started = await this.ask<Job>(role, path, 'POST', body);
    for (let job = started, wait = 20; ; wait = Math.min(1000, wait * 1.5)) {
      if (job.state === 'done' && job.result !== undefined) return job.result as T;
      if (job.state !== 'running')
        throw new UserError(`${job.kind} ${job.subject} ${job.state}: ${job.error ?? 'no reason given'}`);
      if (job.progress !== undefined) onProgress(job.progress);
      await pause(wait);
      job = await this.ask<Job>(role, `/v1/jobs/${started.id}`);
    }
  }

  /** Sends a stream and yields the lines of the answer, also while it is still sending. */
  async *send<T>(role: Role, path: string, type: string, body: Readable): AsyncGenerator<T> {
    const response = await this.fetch(role, path, {
      method: 'POST',
      headers: { 'content-type': type },
      body: Readable.toWeb(body),
      duplex: 'half',
    });
    if (response.body === null) throw incompleteAnswer(this.url);
    let last = '{}';
    try {
      const received = Readable.fromWeb(response.body);
      for await (const line of createInterface({ input: received, crlfDelay: Infinity })) {
        last = line;
        yield JSON.parse(line) as T;
      }
    } catch (error) {
      throw incompleteAnswer(this.url, error);
    }
    // an answer without its summary is not complete
    if (!('sha256' in (JSON.parse(last) as object))) throw incompleteAnswer(this.url);
  }

  private async fetch(role: Role, path: string, init: Request): Promise<Response> {
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

/** What was recorded stays recorded; the same command, run again, sends the rest. */
const incompleteAnswer = (url: string, cause?: unknown): UserError =>
  new UserError(
    `the service at ${url} closed the connection before its answer was complete; run the same command again`,
    { cause },
  );

/**
 * Finds the service that runs on this data folder, or undefined if none runs. It must accept a key of the folder, because
 * another service may use the same address now.
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
  const answers = await fetch(`${server.url}/v1/jobs`, {
    headers: { authorization: `Bearer ${keyOf('supervisor')}` },
    signal: AbortSignal.timeout(ANSWER_TIMEOUT_MS),
  }).then(
    ({ ok }) => ok,
    () => false,
  );
  return answers ? new LiveService(server.url, keyOf) : undefined;
}

const ANSWER_TIMEOUT_MS = 5000;
