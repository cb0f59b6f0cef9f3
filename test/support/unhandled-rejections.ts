import { setTimeout as sleep } from 'node:timers/promises';
import { runInThisContext } from 'node:vm';

/** The real `process`: Jest gives tests a copy that does not emit `unhandledRejection`. */
const realProcess = runInThisContext('process') as NodeJS.Process;

/**
 * Makes a test of the suite fail if it leaves an unhandled rejection, because in the service an unhandled rejection ends
 * the process. Call this function after the `afterEach` of the suite: Jest runs `afterEach` hooks in order of
 * definition, and the suite must have closed everything before the check.
 */
export function expectNoUnhandledRejections(): void {
  const unhandled: unknown[] = [];
  const onUnhandledRejection = (reason: unknown): void => void unhandled.push(reason);
  beforeAll(() => realProcess.on('unhandledRejection', onUnhandledRejection));
  afterAll(() => realProcess.off('unhandledRejection', onUnhandledRejection));
  afterEach(async () => {
    await sleep(20); // milliseconds, for rejections that follow the end of the test
    expect(unhandled.splice(0)).toEqual([]);
  });
}
