import { setTimeout as sleep } from 'node:timers/promises';
import { runInThisContext } from 'node:vm';

/** Jest gives tests a copy of `process` without rejection events: this is the real one. */
const realProcess = runInThisContext('process') as NodeJS.Process;

/**
 * Fails each test of a suite that leaves a rejection which nobody handles: in the service it would end the process.
 * Call it after the suite's own `afterEach`: Jest runs those in order, and everything must be closed by then.
 */
export function expectNoUnhandledRejections(): void {
  const unhandled: unknown[] = [];
  const note = (reason: unknown): void => void unhandled.push(reason);
  beforeAll(() => realProcess.on('unhandledRejection', note));
  afterAll(() => realProcess.off('unhandledRejection', note));
  afterEach(async () => {
    await sleep(20);
    expect(unhandled.splice(0)).toEqual([]);
  });
}
