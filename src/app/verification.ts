import { on, once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { openLogSource, type VerifiedStores } from './engines.js';
import type { EarlierResult } from '../audit/earlier-result.js';
import { verifyStore, type Verification, type Verify, type VerifyProgress } from '../audit/verify.js';

/** Compiled entry point of the verification thread. */
const WORKER = new URL('./verify-worker.js', import.meta.url);

/** What the verification thread receives. */
export interface VerificationTask {
  readonly stores: VerifiedStores;
  readonly against: EarlierResult | undefined;
}

/** Verifies in a separate thread: a large log takes minutes, and the service answers requests meanwhile. */
export const verifyInThread = (stores: VerifiedStores): Verify =>
  async function* (signal, against) {
    const thread = new Worker(WORKER, { workerData: { stores, against } satisfies VerificationTask });
    const exited = new Promise<number>((resolve) => thread.once('exit', resolve));
    try {
      const failed = once(thread, 'exit').then(([code]) => {
        throw new Error(`the verification thread ended with code ${String(code)} before its result`);
      });
      failed.catch(() => undefined); // no unhandled rejection: the thread also exits after its result
      type Step = VerifyProgress | Verification;
      const messages = on(thread, 'message', { signal }) as AsyncIterator<[Step]>;
      for (;;) {
        const next = (await Promise.race([messages.next(), failed])) as IteratorYieldResult<[Step]>;
        const [step] = next.value;
        yield step;
        if (step.kind === 'result') return;
      }
    } finally {
      // `terminate()` would end the whole process if the thread is inside the SQLite driver
      thread.postMessage('stop');
      await exited;
    }
  };

/** Verifies in this thread, one page at a time; for uncompiled sources (tests). */
export const verifyHere = (stores: VerifiedStores): Verify =>
  async function* (signal, against) {
    const source = await openLogSource(stores);
    try {
      for await (const step of verifyStore(source, { pageSize: 200, against })) {
        await new Promise((resolve) => setImmediate(resolve));
        signal.throwIfAborted();
        yield step;
      }
    } finally {
      source.close();
    }
  };
