import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeUnless } from '../skip.js';
import { killRemaining, reasonToSkip } from './service-process.js';

/** Describes tests with the real service; skips them if the service is not compiled. */
export const describeService = describeUnless(reasonToSkip);

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
