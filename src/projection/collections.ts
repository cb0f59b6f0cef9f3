import type { ModelRecord, ReadModels, WriteSession } from '../readmodels/read-models.js';
import type { Projection } from './projection.js';

/*
 * A projection writes physical collections `<name>@<version>.<build>`, each with a checkpoint. Queries read the one
 * that the record of the model marks as live. Names are never reused: the record keeps the number of the last build.
 */

export const collectionName = ({ name, version }: Projection, build: number): string =>
  `${name}@${String(version)}.${String(build)}`;

/** The version that a physical collection was built for; undefined for other names. */
export function versionOf(collection: string): number | undefined {
  const version = /@(\d+)\.\d+$/.exec(collection)?.[1];
  return version === undefined ? undefined : Number(version);
}

const buildOf = (collection: string): number => Number(collection.slice(collection.lastIndexOf('.') + 1));

/** Every physical collection of the model, of all versions. */
async function builds(readModels: Pick<ReadModels, 'listCollections'>, name: string): Promise<string[]> {
  const all = await readModels.listCollections();
  return all.filter((collection) => collection.startsWith(`${name}@`) && versionOf(collection) !== undefined);
}

/** The number of the next build: greater than any number assigned or found in a collection name. */
export async function nextBuild(
  readModels: Pick<ReadModels, 'listCollections'>,
  { name, builds: lastBuild }: Pick<ModelRecord, 'name' | 'builds'>,
): Promise<number> {
  return Math.max(lastBuild, ...(await builds(readModels, name)).map(buildOf)) + 1;
}

/** Drops leftovers of a cancelled or killed build: every collection that is neither live nor kept. */
export async function dropLeftovers(
  readModels: Pick<ReadModels, 'listCollections'>,
  session: WriteSession,
  { name, live, kept }: ModelRecord,
): Promise<void> {
  for (const collection of await builds(readModels, name))
    if (collection !== live && collection !== kept) await session.dropCollection(collection);
}
