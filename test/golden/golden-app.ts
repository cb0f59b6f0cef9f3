import { chmodSync, copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Clock } from '../../src/platform/clock.js';
import type { JsonObject } from '../../src/platform/json.js';
import { startApp, type RunningApp } from '../support/app.js';
import { Client } from '../support/client.js';
import { EVENTS, KEYS } from './files.js';

const CATCH_UP_MS = 45_000;

/** A service with its own data folder, which has the golden keys and, unless it starts empty, the golden events. */
export interface GoldenApp extends RunningApp {
  readonly data: string;
  /** Stops the service and keeps the data folder; `stop` also removes the data folder. */
  close(): Promise<void>;
}

export async function startGoldenApp(clock: Clock, from: 'golden' | 'empty' = 'golden'): Promise<GoldenApp> {
  const data = mkdtempSync(join(tmpdir(), 'redress-golden-'));
  copyFileSync(KEYS, join(data, 'keys.json'));
  chmodSync(join(data, 'keys.json'), 0o600);
  if (from === 'golden') copyFileSync(EVENTS, join(data, 'events.db'));
  const app = await startApp({ clock, environment: { REDRESS_DATA: data } });
  return {
    ...app,
    data,
    close: app.stop,
    stop: async () => {
      await app.stop();
      rmSync(data, { recursive: true, force: true });
    },
  };
}

/** The result of a verification. `head` is the last position of the log. */
export interface Verified {
  readonly ok: boolean;
  readonly events: number;
  readonly streams: number;
  readonly head: string;
  readonly root: string;
  readonly firstError?: JsonObject;
}

interface VerificationJob {
  readonly id: string;
  readonly state: string;
  readonly result?: Verified & { readonly kind: string };
}

/** Runs a verification job. @throws Error if the job ends without a result */
export async function verify(app: RunningApp): Promise<Verified> {
  const client = new Client(app);
  const headers = { authorization: `Bearer ${app.keyOf('auditor')}` };
  let { body: job } = await client.call<VerificationJob>('/v1/verifications', { method: 'POST', headers });
  while (job.state === 'running') {
    await new Promise((resolve) => setTimeout(resolve, 20));
    ({ body: job } = await client.get<VerificationJob>(`/v1/jobs/${job.id}`, { as: 'auditor' }));
  }
  if (job.result === undefined) throw new Error(`verification ended ${job.state}`);
  const { kind: _kind, ...verified } = job.result;
  return verified;
}

/** Waits until these queries include `head`: after a start, read models first catch up. @throws Error after 45 s */
export async function waitUntilCaughtUp(app: RunningApp, head: string): Promise<void> {
  const client = new Client(app);
  const deadline = Date.now() + CATCH_UP_MS;
  for (const query of ['/v1/queue?', '/v1/trends?groupBy=outcome&', '/v1/reconciliation?', '/v1/complaints/none?'])
    while ((await client.get(`${query}minPosition=${head}`, { as: 'auditor' })).status === 503)
      if (Date.now() > deadline) throw new Error(`${query} does not include ${head}`);
}
