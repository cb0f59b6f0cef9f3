import { parentPort, workerData, type MessagePort } from 'node:worker_threads';

import { openEventStoreToRead, openReadModels } from './engines.js';
import { startTracing, stopTracing } from '../platform/tracing.js';
import { catalogue, decoder } from '../../projections/catalogue.js';
import { toldError } from '../projection/errors-between-threads.js';
import { InProcessProjections } from '../projection/in-process-projections.js';
import type { Answers, FromWorker, Method, ToWorker, WorkerStores } from '../projection/worker-messages.js';

/*
 * The thread that writes the read models (architecture.md §4): its own connections, so that catching up and rebuilding
 * never stall commands. An error that nobody decided ends the thread; the service starts it again.
 */

/** Notifications of one turn of the event loop wake the subscription once. */
class Doorbell {
  private wake: (() => void) | undefined;
  private rung = false;

  readonly connect = (wake: () => void): void => {
    this.wake = wake;
  };

  ring(): void {
    if (this.rung) return;
    this.rung = true;
    setImmediate(() => {
      this.rung = false;
      this.wake?.();
    });
  }
}

async function run(port: MessagePort, stores: WorkerStores): Promise<void> {
  const tell = (message: FromWorker): void => port.postMessage(message);
  if (stores.traces !== undefined) startTracing(stores.traces);
  const doorbell = new Doorbell();
  const store = await openEventStoreToRead(stores.eventStore, doorbell.connect);
  const { readModels } = await openReadModels(stores.readModels);
  const projections = new InProcessProjections({
    store,
    readModels,
    decode: (event) => decoder.decode(event),
    catalogue,
    watched: stores.readModels.engine === 'mongodb',
    ...(stores.batchSize !== undefined && { batchSize: stores.batchSize }),
    onStatus: (status) => tell({ kind: 'status', status }),
  });
  const cancels = new Map<number, AbortController>();

  async function answer(request: Extract<ToWorker, { kind: 'request' }>): Promise<Answers[Method]> {
    const cancel = new AbortController();
    cancels.set(request.id, cancel);
    const { signal } = cancel;
    try {
      switch (request.method) {
        case 'rebuild':
          return await projections.rebuild(request.name, { keep: request.keep, signal });
        case 'compare':
          return await projections.compare(request.name, { signal });
        case 'drop':
          return await projections.drop(request.name);
        case 'pause':
          await projections.pause(request.name);
          return null;
        case 'resume':
          await projections.resume(request.name);
          return null;
        case 'parked':
          return await projections.parked(request.name);
        case 'retry':
          return await projections.retry(request.name, request.document);
        case 'skip':
          return await projections.skip(request.name, request.request);
        case 'stop':
          await projections.stop();
          await readModels.close();
          await store.close();
          if (stores.traces !== undefined) await stopTracing();
          return null;
      }
    } finally {
      cancels.delete(request.id);
    }
  }

  port.on('message', (message: ToWorker) => {
    switch (message.kind) {
      case 'notify':
        projections.notify(message.head);
        doorbell.ring();
        break;
      case 'cancel':
        cancels.get(message.id)?.abort();
        break;
      case 'request':
        answer(message).then(
          (value) => {
            tell({ kind: 'answer', id: message.id, value });
            if (message.method === 'stop') port.close(); // nothing holds the thread any more
          },
          (error: unknown) => tell({ kind: 'refusal', id: message.id, error: toldError(error) }),
        );
    }
  });
  await projections.start();
  tell({ kind: 'started' });
}

if (parentPort === null) throw new Error('projection-worker.js runs as a worker thread');
// a failure becomes an uncaught error of the thread, which its owner hears as such
void run(parentPort, workerData as WorkerStores);
