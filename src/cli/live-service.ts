import { request, type IncomingMessage, type RequestOptions } from 'node:http';
import { Readable } from 'node:stream';
import { json } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { KeysMissing, loadKeys, type Credential, type Keys } from '../access/keys.js';
import { LineSplitter } from '../bulk/lines.js';
import type { Role } from '../access/actor.js';
import { isInterruption } from '../api/streamed-answer.js';
import type { Configuration } from '../platform/configuration.js';
import type { Job } from '../platform/jobs.js';
import { readServerFile } from '../platform/server-file.js';
import { UserError } from './invocation.js';
import { ProvenConnections } from './proven-connections.js';

/** How long the service may send and receive nothing during a request. */
const ANSWER_TIMEOUT_MS = 60_000;

/** How long the search for a running service may take. */
const SEARCH_TIMEOUT_MS = 5000;

type Method = 'GET' | 'POST' | 'DELETE';

interface Body {
  readonly type: string;
  readonly content: Readable;
}

interface RequestSettings {
  /** Default: GET. */
  readonly method?: Method;
  /** Sent as JSON. */
  readonly body?: object;
  readonly headers?: Readonly<Record<string, string>>;
  /** How long the service may send and receive nothing, in milliseconds. */
  readonly timeoutMs?: number;
}

interface Exchange extends Omit<RequestSettings, 'body'> {
  readonly content: Body | undefined;
}

/** The body of an error response; without members if the answer is not JSON. */
export interface ProblemAnswer {
  readonly code?: string;
  readonly detail?: string;
  readonly errors?: readonly { readonly code: string; readonly message: string; readonly pointer?: string }[];
}

/** The service refused a request. */
export class ServiceRefused extends UserError {
  constructor(
    message: string,
    readonly problem: ProblemAnswer,
  ) {
    super(message);
  }
}

/** A client of the running service; it uses the keys of the data folder that they share. */
export class LiveService {
  private readonly connections: ProvenConnections;

  constructor(
    readonly url: string,
    private readonly keys: Keys,
  ) {
    this.connections = new ProvenConnections(url, keys);
  }

  /** Whether the service of the data folder answers at the address, and accepts its keys. */
  async answers(): Promise<boolean> {
    return this.request('supervisor', '/v1/jobs', { timeoutMs: SEARCH_TIMEOUT_MS }).then(
      () => true,
      () => false,
    );
  }

  /** Sends one request and returns the JSON of its answer. @throws ServiceRefused */
  async request<T>(
    sender: Role | Credential,
    path: string,
    { method = 'GET', body, headers = {}, timeoutMs = ANSWER_TIMEOUT_MS }: RequestSettings = {},
  ): Promise<T> {
    const content = body === undefined ? undefined : Readable.from([JSON.stringify(body)]);
    const type = 'application/json';
    const answer = await this.exchange(sender, path, {
      method,
      headers,
      timeoutMs,
      content: content && { type, content },
    });
    return (await json(answer).catch((error: unknown) => {
      throw incompleteAnswer(this.url, error);
    })) as T;
  }

  /** Starts a job, waits for its end and returns its result. @throws UserError if the job fails or is cancelled */
  async runJob<T extends object>(
    role: Role,
    path: string,
    onProgress: (progress: object) => void = () => undefined,
    body?: object,
  ): Promise<T> {
    const started = await this.request<Job>(role, path, { method: 'POST', ...(body && { body }) });
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
   * @throws ServiceRefused, or UserError if the answer ends without its summary
   */
  async *send<T>(role: Role, path: string, type: string, content: Readable): AsyncGenerator<T> {
    const answer = await this.exchange(role, path, { method: 'POST', content: { type, content } });
    let lastLine: object = {};
    try {
      for await (const { bytes } of new LineSplitter().split(answer)) {
        lastLine = JSON.parse(String(bytes)) as object;
        if (!isInterruption(lastLine)) yield lastLine as T;
      }
    } catch (error) {
      throw incompleteAnswer(this.url, error);
    }
    if (isInterruption(lastLine)) throw refusedAnswer(this.url, { code: lastLine.code, detail: lastLine.message });
    if (!('sha256' in lastLine)) throw incompleteAnswer(this.url);
  }

  /** Sends a request; resolves to its answer when the headers have arrived, perhaps before the body is sent. */
  private async exchange(
    sender: Role | Credential,
    path: string,
    { method, headers = {}, timeoutMs = ANSWER_TIMEOUT_MS, content }: Exchange,
  ): Promise<IncomingMessage> {
    const options: RequestOptions = {
      agent: this.connections,
      method,
      timeout: timeoutMs,
      headers: {
        ...headers,
        authorization: `Bearer ${typeof sender === 'string' ? this.keyOf(sender) : sender.key}`,
        ...(content && { 'content-type': content.type }),
      },
    };
    const answer = await new Promise<IncomingMessage>((resolve, reject) => {
      const sent = request(new URL(path, this.url), options, resolve);
      sent.on('timeout', () => sent.destroy(lateAnswer(this.url, timeoutMs)));
      sent.on('error', (error) => {
        reject(error instanceof UserError ? error : incompleteAnswer(this.url, error));
      });
      if (content === undefined) sent.end();
      else
        pipeline(content.content, sent).catch((error: unknown) => {
          // a file that cannot be read is reported as such; a connection that has ended by the answer or its absence
          if (error instanceof Error && content.content.errored === error) reject(error);
        });
    });
    if (answer.statusCode !== undefined && answer.statusCode < 300) return answer;
    const problem = (await json(answer).catch(() => ({}))) as ProblemAnswer;
    throw refusedAnswer(this.url, { ...problem, code: problem.code ?? String(answer.statusCode) });
  }

  private keyOf(role: Role): string {
    const credential = this.keys.ofRole(role);
    if (credential === undefined)
      throw new UserError(`keys.json has no credential with the role ${role}; add one and restart the service`);
    return credential.key;
  }
}

const refusedAnswer = (url: string, problem: ProblemAnswer): ServiceRefused =>
  new ServiceRefused(`the service at ${url} answered ${problem.code ?? ''}: ${problem.detail ?? ''}`, problem);

/** Running the command again is safe: what is already recorded is not recorded twice. */
const incompleteAnswer = (url: string, cause?: unknown): UserError =>
  new UserError(
    `the service at ${url} closed the connection before its answer was complete; run the same command again`,
    { cause },
  );

const lateAnswer = (url: string, timeoutMs: number): UserError =>
  new UserError(`the service at ${url} has not answered for ${String(timeoutMs / 1000)} s; run the same command again`);

/** Finds the service that uses this data folder; undefined if none is running, or another program has its address. */
export async function findLiveService({ data, role }: Configuration): Promise<LiveService | undefined> {
  const server = readServerFile({ data, role });
  if (server === undefined) return undefined;
  try {
    const service = new LiveService(server.url, loadKeys(data, { create: false }));
    return (await service.answers()) ? service : undefined;
  } catch (error) {
    if (error instanceof KeysMissing) return undefined; // without keys, no service can be recognised
    throw error;
  }
}
