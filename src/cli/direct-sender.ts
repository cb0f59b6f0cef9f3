import type { Actor } from '../access/actor.js';
import { installationKeys } from '../app/installation-keys.js';
import { lookups } from '../app/lookups.js';
import { openReference } from '../app/reference.js';
import { openStores, waitUntilCaughtUp, type Stores } from '../app/stores.js';
import { BulkCommandSender } from '../bulk/bulk-command-sender.js';
import { CommandService } from '../complaint/command-service.js';
import { systemClock } from '../platform/clock.js';
import type { Configuration } from '../platform/configuration.js';
import { credentialOf } from './credential.js';

/** Sends commands of one credential directly into the stores, while no service uses them. */
export interface DirectSender {
  readonly sender: BulkCommandSender;
  /** Name of the credential. */
  readonly credential: string;
  readonly actor: Actor;
  readonly stores: Stores;
  /** Waits until the read models include what was recorded, then closes the stores. */
  close(): Promise<void>;
}

/**
 * @param as name or role of the credential
 * @throws StoreOwned if another process has locked the event store; UserError if there is no such credential
 */
export async function openDirectSender(configuration: Configuration, as: string): Promise<DirectSender> {
  const stores = await openStores(configuration, systemClock);
  try {
    return await senderTo(stores, configuration, as);
  } catch (error) {
    await stores.close();
    throw error;
  }
}

async function senderTo(stores: Stores, configuration: Configuration, as: string): Promise<DirectSender> {
  const { eventStore, projections, onlyWriter } = stores;
  const keys = await installationKeys(configuration, eventStore);
  const { name: credential, key } = credentialOf(keys, as);
  const actor = keys.findCaller(key)?.actor;
  if (actor === undefined) throw new Error(`expected the key of ${credential} to identify its caller`);
  await projections.start();
  const { reference, referenceCommands } = await openReference(stores, systemClock, keys);
  const commands = new CommandService(eventStore, systemClock, {
    reference,
    recordPeople: (ids, actor) => referenceCommands.recordImported(ids, actor),
    onlyWriter,
    ...lookups(stores),
  });
  const sender = new BulkCommandSender({
    submit: (submission) => commands.submit(submission),
    find: (name) => commands.find(name, credential),
    digestKey: keys.digestKey,
    credential,
    actor,
  });
  const close = async (): Promise<void> => {
    await waitUntilCaughtUp(stores);
    await stores.close();
  };
  return { sender, credential, actor, stores, close };
}
