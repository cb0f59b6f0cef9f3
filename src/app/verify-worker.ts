import { parentPort, receiveMessageOnPort, workerData, type MessagePort } from 'node:worker_threads';
import { openLogSource } from './engines.js';
import type { EventStoreAddress } from '../platform/configuration.js';
import { verifyStore } from '../audit/verify.js';

/* Entry point of the worker thread that verifies the log; verification.ts starts it. */

async function run(port: MessagePort, address: EventStoreAddress): Promise<void> {
  const source = await openLogSource(address);
  try {
    for await (const step of verifyStore(source)) {
      port.postMessage(step);
      // any message asks the thread to stop; a listener would not run between pages that SQLite reads synchronously
      if (receiveMessageOnPort(port) !== undefined) return;
    }
  } finally {
    source.close();
  }
}

if (parentPort === null) throw new Error('verify-worker.js must run as a worker thread');
void run(parentPort, workerData as EventStoreAddress);
