import { parentPort, workerData, type MessagePort } from 'node:worker_threads';
import type { FromAggregation, ToAggregation } from '../readmodels/embedded/aggregation-thread.js';
import { EmbeddedReadModels } from '../readmodels/embedded/embedded-read-models.js';
import { UnknownCollection } from '../readmodels/read-models.js';

/* Entry point of the thread that groups documents of the embedded read models; see AggregationThread. */

function run(port: MessagePort, file: string): void {
  const readModels = EmbeddedReadModels.openReadOnly(file);
  const report = (message: FromAggregation): void => port.postMessage(message);

  async function answer({ id, collection, pipeline }: Extract<ToAggregation, { kind: 'aggregate' }>): Promise<void> {
    try {
      report({ id, groups: await readModels.aggregate(collection, pipeline) });
    } catch (error) {
      if (error instanceof UnknownCollection) report({ id, isUnknown: true });
      else report({ id, error: plainError(error) });
    }
  }

  port.on('message', (message: ToAggregation) => {
    if (message.kind === 'aggregate') void answer(message);
    else void readModels.close().finally(() => port.close()); // the thread can end now
  });
}

/** The fields of an error that another thread needs; `structuredClone` drops the code of a SQLite error. */
function plainError(error: unknown): { name: string; message: string; code?: unknown } {
  if (!(error instanceof Error)) return { name: 'Error', message: String(error) };
  const { name, message } = error;
  return { name, message, ...('code' in error && { code: error.code }) };
}

if (parentPort === null) throw new Error('aggregation-worker.js must run as a worker thread');
run(parentPort, workerData as string);
