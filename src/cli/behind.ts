import type { Projection } from '../projection/projection.js';
import type { Stores } from '../app/stores.js';
import { printNotice } from './invocation.js';

/**
 * Prints a notice if the read model does not include every event of its streams. Read models follow the log only while
 * a service runs. They stay behind if the service was killed, or was stopped before they had caught up.
 */
export async function warnWhenBehind(
  { eventStore, readModels }: Pick<Stores, 'eventStore' | 'readModels'>,
  { name, streams }: Pick<Projection, 'name' | 'streams'>,
): Promise<void> {
  const model = await readModels.loadModel(name);
  if (model?.live == null) return; // not built yet: the query itself reports that
  const position = (await readModels.loadCheckpoint(model.live))?.position ?? null;
  const [firstMissing] = await eventStore.readAll({ after: position, prefixes: streams, limit: 1 });
  if (firstMissing === undefined) return;
  printNotice(
    `not up to date: ${name} lacks the events from position ${firstMissing.position} to ` +
      `${(await eventStore.head()) ?? firstMissing.position}; start the service to catch up`,
  );
}
