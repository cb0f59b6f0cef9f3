import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Role } from '../../src/access/actor.js';
import type { Clock } from '../../src/platform/clock.js';
import { loadConfiguration } from '../../src/platform/configuration.js';
import { startService, type Service } from '../../src/app/service.js';

/** The real service in a folder of its own, on a free port; uncompiled, so it projects in-process. */
export interface RunningApp {
  readonly url: string;
  readonly folder: string;
  readonly service: Service;
  keyOf(role: Role): string;
  /** Stops it and removes its folder. */
  stop(): Promise<void>;
}

export interface AppOptions {
  readonly clock?: Clock;
  /** Settings beside those of a test, such as the addresses of servers; the stores are embedded without. */
  readonly environment?: Readonly<Record<string, string>>;
  /** See ServiceOptions. */
  readonly stopTimeoutMs?: number;
}

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
    service = await startService({ configuration, projecting: 'in-process', ...options });
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
