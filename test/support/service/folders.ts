import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { killRemaining, reasonToSkip } from './service-process.js';

/** A describe block of tests with the real service. If the service is not compiled, it is skipped; its title says why. */
export function describeService(title: string, tests: () => void): void {
  if (reasonToSkip === undefined) describe(title, tests);
  else describe.skip(`${title} (skipped: ${reasonToSkip})`, tests);
}

/**
 * A new folder for each test of the suite. After the test the service processes are killed and the folder is removed.
 * @param atEnd runs after each test, before its folder is removed
 */
export function freshFolder(atEnd: () => Promise<void> = () => Promise.resolve()): {
  readonly path: string;
  /** Path of a file or folder inside the folder. */
  inside(name: string): string;
} {
  let path = '';
  beforeEach(() => {
    path = mkdtempSync(join(tmpdir(), 'redress-faults-'));
  });
  afterEach(async () => {
    try {
      await atEnd();
    } finally {
      killRemaining();
      rmSync(path, { recursive: true, force: true });
    }
  });
  return {
    get path() {
      return path;
    },
    inside: (name) => join(path, name),
  };
}
