import { parentPort, receiveMessageOnPort, workerData, type MessagePort } from 'node:worker_threads';
import { openLogSource } from './engines.js';
import type { VerificationTask } from './verification.js';
import { verifyStore } from '../audit/verify.js';

/* Entry point of the worker thread that verifies the log; verification.ts starts it. */

async function run(port: MessagePort, { stores, against }: VerificationTask): Promise<void> {
  const source = await openLogSource(stores);
  try {
    for await (const step of verifyStore(source, { against })) {
      port.postMessage(step);
      // any message asks the thread to stop; a listener would not run between pages that SQLite reads synchronously
      if (receiveMessageOnPort(port) !== undefined) return;
    }
  } finally {
    source.close();
  }
}

if (parentPort === null) throw new Error('verify-worker.js must run as a worker thread');
void run(parentPort, workerData as VerificationTask);
