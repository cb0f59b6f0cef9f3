import type { Projection } from '../projection/projection.js';
import type { Stores } from '../app/stores.js';
import { printNotice } from './invocation.js';

/**
 * Read models follow the log only while a service runs; one that was stopped in the middle of much work, or killed, has
 * left them behind. Says so beside the answer, because nothing in it would.
 */
export async function noticeWhenBehind(
  { eventStore, readModels }: Pick<Stores, 'eventStore' | 'readModels'>,
  { name, streams }: Pick<Projection, 'name' | 'streams'>,
): Promise<void> {
  const model = await readModels.loadModel(name);
  if (model?.live == null) return; // never built: the query itself says so
  const shown = (await readModels.loadCheckpoint(model.live))?.position ?? null;
  const [missing] = await eventStore.readAll({ after: shown, prefixes: streams, limit: 1 });
  if (missing === undefined) return;
  printNotice(
    `not up to date: ${name} has no event from position ${missing.position} on, and the log goes up to ` +
      `${(await eventStore.head()) ?? missing.position}; a service that runs catches up`,
  );
}
