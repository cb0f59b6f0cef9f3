import { parentPort, workerData } from 'node:worker_threads';
import { openLogSource } from '../engines.js';
import type { EventStoreAddress } from '../platform/configuration.js';
import { verifyStore } from './verify.js';

/* The thread of a verification that the service was asked for (verification.ts). */

async function run(address: EventStoreAddress): Promise<void> {
  const source = await openLogSource(address);
  try {
    for await (const step of verifyStore(source)) parentPort?.postMessage(step);
  } finally {
    source.close();
  }
}

void run(workerData as EventStoreAddress);
