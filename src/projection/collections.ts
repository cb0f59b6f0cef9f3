import type { ReadModels } from '../readmodels/read-models.js';
import { parkedBeside } from './parked-events.js';
import type { Projection } from './projection.js';

/*
 * A projection writes physical collections `<name>@<version>.<build>`, each with the checkpoint of the same name.
 * Queries go through the alias `<name>`. The alias `<name>~kept` names the collection that a rebuild kept (the live one
 * itself: none), `<name>~paused` says yes or no; aliases are what the port can compare and set. Beside a physical
 * collection `<name>@<version>.<build>~parked` holds events that wait to be folded into it, `<name>~skipped` those that a version leaves out.
 */

export const collectionName = (projection: Projection, build: number): string =>
  `${projection.name}@${String(projection.version)}.${String(build)}`;

/** The version that a physical collection was built for; undefined for other names. */
export function versionOf(collection: string): number | undefined {
  const version = /@(\d+)\.\d+$/.exec(collection)?.[1];
  return version === undefined ? undefined : Number(version);
}

const kept = (name: string): string => `${name}~kept`;
const paused = (name: string): string => `${name}~paused`;

/** Every physical collection of the projection, of whatever version. */
async function builds(readModels: ReadModels, name: string): Promise<string[]> {
  const all = await readModels.listCollections();
  return all.filter((collection) => collection.startsWith(`${name}@`) && versionOf(collection) !== undefined);
}

const buildOf = (collection: string): number => Number(collection.slice(collection.lastIndexOf('.') + 1));

/** A name that was not used yet. */
export async function nextCollection(readModels: ReadModels, projection: Projection): Promise<string> {
  let last = 0;
  for (const collection of await builds(readModels, projection.name)) last = Math.max(last, buildOf(collection));
  return collectionName(projection, last + 1);
}

/** What is being built, or was when its builder died, to be compared with the live one or to take its place. */
export async function newerThan(readModels: ReadModels, name: string, live: string): Promise<string | undefined> {
  return (await builds(readModels, name)).find((collection) => buildOf(collection) > buildOf(live));
}

/** Drops a physical collection and what is parked beside it; that first, so that it is never found without the other. */
export async function dropBuild(readModels: ReadModels, collection: string): Promise<void> {
  await readModels.dropCollection(parkedBeside(collection));
  await readModels.dropCollection(collection);
}

/** Drops what nobody needs, if the read models are there; else {@link dropLeftovers} does at the next start. */
export async function discard(readModels: ReadModels, collection: string): Promise<void> {
  await dropBuild(readModels, collection).catch(() => undefined);
}

/** Drops what a cancelled or killed rebuild left behind: everything that neither is live nor was kept. */
export async function dropLeftovers(readModels: ReadModels, name: string): Promise<void> {
  const wanted = [await readModels.resolveAlias(name), await readModels.resolveAlias(kept(name))];
  for (const collection of await builds(readModels, name))
    if (!wanted.includes(collection)) await dropBuild(readModels, collection);
}

/** To be called before another collection takes the live one's place: from then on the old one counts as kept. */
export async function keepLive(readModels: ReadModels, name: string, live: string): Promise<void> {
  await dropKept(readModels, name);
  await readModels.swapAlias(kept(name), await readModels.resolveAlias(kept(name)), live);
}

/** The collection that was kept beside the live one; null when there is none. */
export async function keptCollection(readModels: ReadModels, name: string): Promise<string | null> {
  const collection = await readModels.resolveAlias(kept(name));
  if (collection === null || collection === (await readModels.resolveAlias(name))) return null;
  return (await readModels.listCollections()).includes(collection) ? collection : null;
}

export async function dropKept(readModels: ReadModels, name: string): Promise<boolean> {
  const collection = await keptCollection(readModels, name);
  if (collection === null) return false;
  const live = await readModels.resolveAlias(name);
  if (live !== null) await readModels.swapAlias(kept(name), collection, live);
  await dropBuild(readModels, collection);
  return true;
}

export const isPaused = async (readModels: ReadModels, name: string): Promise<boolean> =>
  (await readModels.resolveAlias(paused(name))) === 'yes';

export async function setPaused(readModels: ReadModels, name: string, value: boolean): Promise<void> {
  const before = await readModels.resolveAlias(paused(name));
  await readModels.swapAlias(paused(name), before, value ? 'yes' : 'no');
}
