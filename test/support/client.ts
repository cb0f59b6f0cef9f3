import { randomUUID } from 'node:crypto';

import type { Role } from '../../src/access/actor.js';
import type { RunningApp } from './app.js';

/** What the service answered. */
export interface Reply<Body = Record<string, unknown>> {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Body;
}

export interface CallOptions {
  /** Whose key is sent; the handler's when absent. */
  readonly as?: Role;
  /** A new one each time when absent. */
  readonly key?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Calls a running service over HTTP, rightly or wrongly. */
export class Client {
  constructor(private readonly app: RunningApp) {}

  /** Sends a command: a plain body as JSON, text and bytes as they are. */
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

  /** Any request; a body that is not JSON comes back as text. */
  async call<Body = Record<string, unknown>>(path: string, request: RequestInit): Promise<Reply<Body>> {
    const response = await fetch(this.app.url + path, request);
    const text = await response.text();
    const json = /[/+]json/.test(response.headers.get('content-type') ?? '');
    return { status: response.status, headers: response.headers, body: (json ? JSON.parse(text) : text) as Body };
  }

  private credentials(role: Role = 'handler'): Record<string, string> {
    return { authorization: `Bearer ${this.app.keyOf(role)}` };
  }
}
