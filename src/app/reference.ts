import { setTimeout as pause } from 'node:timers/promises';
import type { Keys } from '../access/keys.js';
import type { Configuration } from '../platform/configuration.js';
import type { EventStore } from '../eventstore/event-store.js';
import type { Clock } from '../platform/clock.js';
import { INSTALLATION, ReferenceCommands } from '../reference/reference-commands.js';
import { ReferenceFold } from '../reference/reference-fold.js';
import { openEventStoreToRead } from './engines.js';

/** People, units and rules of an installation: what this process knows of them, and the commands that change them. */
export interface InstallationReference {
  readonly reference: ReferenceFold;
  readonly referenceCommands: ReferenceCommands;
}

/** Reads people, units and rules, without changing or following them. */
export async function readReference(eventStore: EventStore, clock: Clock): Promise<ReferenceFold> {
  const fold = new ReferenceFold(eventStore, clock);
  await fold.load();
  return fold;
}

/**
 * Reads people, units and rules. The first start publishes the first versions of the policies; every start records the
 * people who have a credential and are not in the directory yet.
 */
export async function openReference(
  { eventStore, onlyWriter }: { readonly eventStore: EventStore; readonly onlyWriter: boolean },
  clock: Clock,
  keys: Keys,
): Promise<InstallationReference> {
  const reference = await readReference(eventStore, clock);
  const referenceCommands = new ReferenceCommands(eventStore, clock, reference, { onlyWriter });
  await referenceCommands.publishFirstVersions();
  await referenceCommands.recordPeople(peopleOf(keys), 'credential', INSTALLATION);
  return { reference, referenceCommands };
}

/** The people who have a credential, each with the roles of all credentials. */
function peopleOf({ credentials }: Pick<Keys, 'credentials'>) {
  const people = credentials.filter(({ actor }) => actor.type === 'person');
  const ids = [...new Set(people.map(({ actor }) => actor.id))];
  return ids.map((id) => ({
    id,
    roles: [...new Set(people.flatMap(({ actor, role }) => (actor.id === id ? [role] : [])))],
  }));
}

/** Follows the log until the signal aborts. After a failure, subscribes again. */
export async function followReference(
  reference: ReferenceFold,
  signal: AbortSignal,
  onFailure: (error: unknown) => void,
): Promise<void> {
  while (!signal.aborted) {
    try {
      await reference.follow(signal);
    } catch (error) {
      if (signal.aborted) return;
      onFailure(error);
    }
    await pause(RESUBSCRIBE_INTERVAL_MS, undefined, { signal }).catch(() => undefined);
  }
}

const RESUBSCRIBE_INTERVAL_MS = 1000;

/** Reads the people, units and rules of existing stores, while a service may be running. @throws Error without stores */
export async function readStoredReference(configuration: Configuration, clock: Clock): Promise<ReferenceFold> {
  const eventStore = await openEventStoreToRead(configuration.eventStore);
  try {
    return await readReference(eventStore, clock);
  } finally {
    await eventStore.close();
  }
}
