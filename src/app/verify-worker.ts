import { parentPort, receiveMessageOnPort, workerData, type MessagePort } from 'node:worker_threads';
import { openLogSource } from './engines.js';
import type { EventStoreAddress } from '../platform/configuration.js';
import { verifyStore } from '../audit/verify.js';

/* The thread in which the service verifies the log (verification.ts). */

async function run(port: MessagePort, address: EventStoreAddress): Promise<void> {
  const source = await openLogSource(address);
  try {
    for await (const step of verifyStore(source)) {
      port.postMessage(step);
      // a request to stop; a listener would keep the thread alive, and would not run between two synchronous pages of SQLite
      if (receiveMessageOnPort(port) !== undefined) return;
    }
  } finally {
    source.close();
  }
}

if (parentPort === null) throw new Error('verify-worker.js runs as a worker thread');
void run(parentPort, workerData as EventStoreAddress);
