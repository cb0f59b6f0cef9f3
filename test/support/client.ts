import { randomUUID } from 'node:crypto';

import type { Role } from '../../src/access/actor.js';
import { checkedText } from './api-document.js';
import type { RunningApp } from './app.js';

/** A response of the service. */
export interface Reply<Body = Record<string, unknown>> {
  readonly status: number;
  readonly headers: Headers;
  /** Parsed JSON; text if the content type is not JSON. */
  readonly body: Body;
}

export interface CallOptions {
  /** Role whose API key is sent (default: handler). */
  readonly as?: Role;
  /** Idempotency key (default: a new one for each command). */
  readonly key?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Sends valid and invalid requests to a running service over HTTP, and compares each answer with openapi.json. */
export class Client {
  constructor(private readonly app: RunningApp) {}

  /** Sends a command. A body that is a string or bytes is sent unchanged, any other as JSON. */
  post<Body = Record<string, unknown>>(path: string, body: unknown, options: CallOptions = {}): Promise<Reply<Body>> {
    const raw = typeof body === 'string' || body instanceof Uint8Array;
    return this.call<Body>(path, {
      method: 'POST',
      headers: {
        ...this.credentials(options.as),
        'content-type': 'application/json',
        'idempotency-key': options.key ?? randomUUID(),
        ...options.headers,
      },
      body: raw ? body : JSON.stringify(body),
    });
  }

  get<Body = Record<string, unknown>>(path: string, options: CallOptions = {}): Promise<Reply<Body>> {
    return this.call<Body>(path, { headers: { ...this.credentials(options.as), ...options.headers } });
  }

  /** Sends any request, without adding headers. */
  async call<Body = Record<string, unknown>>(path: string, request: RequestInit): Promise<Reply<Body>> {
    const response = await fetch(this.app.url + path, request);
    const text = await checkedText(request.method ?? 'GET', path, response);
    const json = /[/+]json/.test(response.headers.get('content-type') ?? '');
    return { status: response.status, headers: response.headers, body: (json ? JSON.parse(text) : text) as Body };
  }

  private credentials(role: Role = 'handler'): Record<string, string> {
    return { authorization: `Bearer ${this.app.keyOf(role)}` };
  }
}
