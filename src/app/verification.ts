import { on, once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { EventStoreAddress } from '../platform/configuration.js';
import { openLogSource } from './engines.js';
import { verifyStore, type Verification, type Verify, type VerifyProgress } from '../audit/verify.js';

/** Compiled entry point of the verification thread. */
const WORKER = new URL('./verify-worker.js', import.meta.url);

/** Verifies in a separate thread, so that the service still answers: a large log takes minutes. */
export const verifyInThread = (address: EventStoreAddress): Verify =>
  async function* (signal) {
    const thread = new Worker(WORKER, { workerData: address });
    const gone = new Promise<number>((resolve) => thread.once('exit', resolve));
    try {
      const failed = once(thread, 'exit').then(([code]) => {
        throw new Error(`the verification thread ended with code ${String(code)} before its result`);
      });
      failed.catch(() => undefined); // the thread also exits after its result
      const messages = on(thread, 'message', { signal }) as AsyncIterator<[VerifyProgress | Verification]>;
      for (;;) {
        const {
          value: [step],
        } = (await Promise.race([messages.next(), failed])) as IteratorYieldResult<[VerifyProgress | Verification]>;
        yield step;
        if (step.kind === 'result') return;
      }
    } finally {
      // ask the thread to stop: to terminate it inside SQLite's driver would end the whole process
      thread.postMessage('stop');
      await gone;
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
