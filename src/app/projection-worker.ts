import { parentPort, workerData, type MessagePort } from 'node:worker_threads';
import { decoder } from '../../projections/catalogue.js';
import { startTracing, stopTracing } from '../platform/tracing.js';
import { ProjectionRunner } from '../projection/projection-runner.js';
import { threadError } from '../projection/thread-errors.js';
import type { FromWorker, ToWorker, WorkerSettings } from '../projection/worker-messages.js';
import { Terms } from '../subject-index/terms.js';
import { explainFailures, openEventStoreToRead, openReadModels } from './engines.js';
import { modelStores } from './model-stores.js';

/*
 * The thread that writes the read models. It has its own connections, so that catching up and rebuilding never delay
 * commands. An unhandled error ends the thread; the service starts it again.
 */

/** Wakes the subscription once for all notifications of one turn of the event loop. */
class SubscriptionWaker {
  private wake: (() => void) | undefined;
  private isPending = false;

  readonly connect = (wake: () => void): void => {
    this.wake = wake;
  };

  send(): void {
    if (this.isPending) return;
    this.isPending = true;
    setImmediate(() => {
      this.isPending = false;
      this.wake?.();
    });
  }
}

async function run(port: MessagePort, settings: WorkerSettings): Promise<void> {
  const report = (message: FromWorker): void => port.postMessage(message);
  if (settings.traces !== undefined) startTracing(settings.traces);
  const waker = new SubscriptionWaker();
  const store = await openEventStoreToRead(settings.eventStore, waker.connect);
  const { readModels } = await openReadModels(settings.readModels);
  const { readModels: subjects } = await openReadModels(settings.subjects.store, 'REDRESS_SUBJECTS');
  const projections = new ProjectionRunner({
    store,
    stores: modelStores(readModels, { store: subjects, terms: new Terms(settings.subjects) }),
    decode: (event) => decoder.decode(event),
    othersReadCheckpoint: settings.readModels.engine === 'mongodb',
    ...(settings.batchSize !== undefined && { batchSize: settings.batchSize }),
    explainFailure: explainFailures({ ...settings, subjects: settings.subjects.store }),
    onStatus: (status) => report({ kind: 'status', status }),
  });
  const running = new Map<number, AbortController>();

  const execute = ({ id, operation, isCancelled }: Extract<ToWorker, { kind: 'execute' }>): void => {
    const abort = new AbortController();
    if (isCancelled) abort.abort();
    running.set(id, abort);
    void projections
      .execute(operation, abort.signal)
      .then(
        (value) => report({ kind: 'result', id, value }),
        (error: unknown) => report({ kind: 'failure', id, error: threadError(error) }),
      )
      .finally(() => running.delete(id));
  };

  const stop = async (): Promise<void> => {
    await projections.stop();
    await readModels.close();
    await subjects.close();
    await store.close();
    if (settings.traces !== undefined) await stopTracing();
    port.close(); // the thread can end now
  };

  port.on('message', (message: ToWorker) => {
    switch (message.kind) {
      case 'notify':
        projections.notify(message.head);
        waker.send();
        break;
      case 'execute':
        execute(message);
        break;
      case 'cancel':
        running.get(message.id)?.abort();
        break;
      case 'stop':
        void stop();
        break;
    }
  });
  await projections.start();
  report({ kind: 'started' });
}

if (parentPort === null) throw new Error('projection-worker.js must run as a worker thread');
// a failure becomes an uncaught error of this thread; WorkerProjectionRunner receives it as an `error` event
void run(parentPort, workerData as WorkerSettings);
