import { existsSync } from 'node:fs';
import type { Logger } from 'pino';
import { catalogue } from '../../projections/catalogue.js';
import { keysFile, loadKeys, type Keys } from '../access/keys.js';
import type { EventStore } from '../eventstore/event-store.js';
import type { Configuration } from '../platform/configuration.js';
import { isExposed } from '../platform/private-files.js';
import { headForProjections } from '../projection/history.js';

/**
 * Loads the keys of the data folder; creates them only for a new installation. Events without keys in an embedded store
 * mean that keys.json was lost, for example in a restore. A shared event store may have events of other installations, so
 * that new keys beside its events are only logged.
 * @throws KeysMissing, KeysInvalid
 */
export async function installationKeys(
  { data, eventStore: { engine } }: Configuration,
  eventStore: EventStore,
  log?: Logger,
): Promise<Keys> {
  const isNew = !existsSync(keysFile(data));
  const hasOldEvents = isNew && (await headForProjections(eventStore, catalogue)) !== null;
  const keys = loadKeys(data, { create: !hasOldEvents || engine !== 'sqlite' });
  if (hasOldEvents)
    log?.warn('the event store has events, but keys.json is new: a repeated command is refused as a different one');
  else if (isNew)
    log?.info(
      { data },
      `keys.json was created${engine === 'sqlite' ? '' : ': every other process on these servers needs the same file'}`,
    );
  if (isExposed(data)) log?.warn({ data }, 'other users can enter the data folder; set its mode to 0700');
  if (keys.exposed) log?.warn('keys.json can be read by users other than its owner; set its mode to 0600');
  return keys;
}
