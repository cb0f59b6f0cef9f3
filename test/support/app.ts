import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Logger } from 'pino';
import type { Role } from '../../src/access/actor.js';
import type { Clock } from '../../src/platform/clock.js';
import { loadConfiguration } from '../../src/platform/configuration.js';
import { startService, type Service, type ServiceOptions } from '../../src/app/service.js';

/**
 * The real service, run from its TypeScript source in the process of the test, with its own data folder and a free port.
 * Projections run in the same thread, because a worker thread needs compiled code.
 */
export interface RunningApp {
  readonly url: string;
  readonly folder: string;
  readonly service: Service;
  /** The API key of a role. @throws Error if the role has none */
  keyOf(role: Role): string;
  /** Stops the service and removes its folder. */
  stop(): Promise<void>;
}

export interface AppOptions {
  readonly clock?: Clock;
  readonly log?: Logger;
  readonly connectionLimits?: NonNullable<ServiceOptions['connectionLimits']>;
  /** Environment variables of the service, e.g. the addresses of servers. Without addresses the stores are embedded. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Whether the timers start with the service (default true). */
  readonly startTimers?: boolean;
  /** Timeout for requests in progress when the service stops. */
  readonly stopTimeoutMs?: number;
}

/** Starts the service on an empty data folder. */
export async function startApp({ environment, ...options }: AppOptions = {}): Promise<RunningApp> {
  const folder = mkdtempSync(join(tmpdir(), 'redress-test-'));
  const configuration = loadConfiguration({
    REDRESS_DATA: folder,
    REDRESS_PORT: '0',
    REDRESS_LOG: 'silent',
    ...environment,
  });
  let service: Service;
  try {
    service = await startService({ configuration, projectionThread: 'main', ...options });
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    throw error;
  }
  return {
    url: service.url,
    folder,
    service,
    keyOf: (role) => {
      const credential = service.keys.ofRole(role);
      if (credential === undefined) throw new Error(`a new installation has no key for ${role}`);
      return credential.key;
    },
    stop: async () => {
      await service.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
