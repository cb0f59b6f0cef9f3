import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { killRemaining, notBuilt } from './service-process.js';

/** A describe block of tests with the real service; skipped, and saying why, where that is not compiled. */
export function describeService(title: string, tests: () => void): void {
  if (notBuilt === undefined) describe(title, tests);
  else describe.skip(`${title} (skipped: ${notBuilt})`, tests);
}

/** A fresh folder for each test, removed after it; what is to be done at the end of a test comes before that. */
export function freshFolder(atEnd: () => Promise<void> = () => Promise.resolve()): {
  readonly path: string;
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
