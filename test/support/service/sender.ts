import type { Keys } from '../../../src/access/keys.js';
import type { CommandReply } from '../../../src/demo/caller.js';
import type { Answer, CommandRequest } from './ledger.js';

/** URL of a service, and its API keys. */
export interface Address {
  readonly url: string;
  readonly keys: Keys;
}

/** Sends one command; never throws. Stops waiting for the answer when the signal aborts. */
export async function send({ url, keys }: Address, request: CommandRequest, signal?: AbortSignal): Promise<Answer> {
  const { key, by, path, body, ifMatch } = request;
  try {
    const response = await fetch(url + path, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${keys.ofRole(by)?.key ?? ''}`,
        'content-type': 'application/json',
        'idempotency-key': key,
        ...(ifMatch !== undefined && { 'if-match': `"${String(ifMatch)}"` }),
      },
      body: JSON.stringify(body),
      ...(signal && { signal }),
    });
    const { status } = response;
    const text = await response.text();
    if (response.ok) return { kind: 'recorded', status, reply: JSON.parse(text) as CommandReply };
    const { code } = JSON.parse(text) as { readonly code: string };
    return status < 500 ? { kind: 'refused', status, code } : { kind: 'unknown', status, code };
  } catch {
    return { kind: 'unknown' }; // the connection failed, the response is incomplete, or the signal aborted
  }
}
