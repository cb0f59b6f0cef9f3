import { parentPort, receiveMessageOnPort, workerData, type MessagePort } from 'node:worker_threads';
import { openLogSource } from './engines.js';
import type { EventStoreAddress } from '../platform/configuration.js';
import { verifyStore } from '../audit/verify.js';

/* The thread of a verification that the service was asked for (verification.ts). */

async function run(port: MessagePort, address: EventStoreAddress): Promise<void> {
  const source = await openLogSource(address);
  try {
    for await (const step of verifyStore(source)) {
      port.postMessage(step);
      // asked to stop; a listener would hold the thread, and would not be heard between two pages of SQLite
      if (receiveMessageOnPort(port) !== undefined) return;
    }
  } finally {
    source.close();
  }
}

if (parentPort === null) throw new Error('verify-worker.js runs as a worker thread');
void run(parentPort, workerData as EventStoreAddress);
