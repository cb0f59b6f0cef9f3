import type { Projection } from '../projection/projection.js';
import type { Stores } from '../app/stores.js';
import { printNotice } from './invocation.js';

/**
 * Prints a warning if the read model is behind the log. Read models follow the log only while a service runs; a service
 * that was stopped under load, or killed, leaves them behind.
 */
export async function warnWhenBehind(
  { eventStore, readModels }: Pick<Stores, 'eventStore' | 'readModels'>,
  { name, streams }: Pick<Projection, 'name' | 'streams'>,
): Promise<void> {
  const model = await readModels.loadModel(name);
  if (model?.live == null) return; // never built: the query reports this itself
  const position = (await readModels.loadCheckpoint(model.live))?.position ?? null;
  const [missing] = await eventStore.readAll({ after: position, prefixes: streams, limit: 1 });
  if (missing === undefined) return;
  printNotice(
    `not up to date: ${name} lacks the events from position ${missing.position} to ` +
      `${(await eventStore.head()) ?? missing.position}; start the service to catch up`,
  );
}
