import { decoder } from '../../projections/catalogue.js';
import type { Projection } from '../projection/projection.js';
import { firstMissing } from '../projection/first-missing.js';
import type { Stores } from '../app/stores.js';
import { printNotice } from './invocation.js';

/**
 * Prints a notice if the read model lacks an event that would change it. Read models follow the log only while a service
 * runs. They stay behind if the service was killed, or was stopped before they had caught up.
 */
export async function warnWhenBehind(
  { eventStore, readModels }: Pick<Stores, 'eventStore' | 'readModels'>,
  projection: Projection,
): Promise<void> {
  const missing = await firstMissing(eventStore, readModels, projection, (event) => decoder.decode(event));
  if (missing === undefined) return;
  printNotice(
    `not up to date: ${projection.name} lacks the events from position ${missing.position} to ` +
      `${(await eventStore.head()) ?? missing.position}; start the service to catch up`,
  );
}
