import { on, once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { EventStoreAddress } from '../platform/configuration.js';
import { openLogSource } from './engines.js';
import { verifyStore, type Verification, type Verify, type VerifyProgress } from '../audit/verify.js';

/** Compiled entry point of the verification thread. */
const WORKER = new URL('./verify-worker.js', import.meta.url);

/** Verifies in a separate thread: a large log takes minutes, and the service answers requests meanwhile. */
export const verifyInThread = (address: EventStoreAddress): Verify =>
  async function* (signal) {
    const thread = new Worker(WORKER, { workerData: address });
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
export const verifyHere = (address: EventStoreAddress): Verify =>
  async function* (signal) {
    const source = await openLogSource(address);
    try {
      for await (const step of verifyStore(source, { pageSize: 200 })) {
        await new Promise((resolve) => setImmediate(resolve));
        signal.throwIfAborted();
        yield step;
      }
    } finally {
      source.close();
    }
  };
