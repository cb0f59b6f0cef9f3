import { on, once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { EventStoreAddress } from '../platform/configuration.js';
import { openLogSource } from './engines.js';
import { verifyStore, type Verification, type Verify, type VerifyProgress } from '../audit/verify.js';

/** The compiled thread. */
const WORKER = new URL('./verify-worker.js', import.meta.url);

/** In a thread of its own, so that the service goes on answering: a large log takes minutes. */
export const verifyInThread = (address: EventStoreAddress): Verify =>
  async function* (signal) {
    const thread = new Worker(WORKER, { workerData: address });
    const gone = new Promise<number>((resolve) => thread.once('exit', resolve));
    try {
      const failed = once(thread, 'exit').then(([code]) => {
        throw new Error(`the verification ended with ${String(code)} and no result`);
      });
      failed.catch(() => undefined);
      const messages = on(thread, 'message', { signal }) as AsyncIterator<[VerifyProgress | Verification]>;
      for (;;) {
        const {
          value: [step],
        } = (await Promise.race([messages.next(), failed])) as IteratorYieldResult<[VerifyProgress | Verification]>;
        yield step;
        if (step.kind === 'result') return;
      }
    } finally {
      // asked, never terminated: cut off inside SQLite's driver, a thread takes the whole process with it
      thread.postMessage('stop');
      await gone;
    }
  };

/** In this thread, a page at a time: sources that are not compiled have no other. */
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
