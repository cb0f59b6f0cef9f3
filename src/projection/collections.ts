import type { ModelRecord, ReadModels, WriteSession } from '../readmodels/read-models.js';
import type { Projection } from './projection.js';

/*
 * A projection writes physical collections named `<name>@<version>.<build>`, each with a checkpoint. Queries read the
 * live one, which the model record names. A name is never used again: the model record keeps the last build number.
 */

export const collectionName = ({ name, version }: Projection, build: number): string =>
  `${name}@${String(version)}.${String(build)}`;

/** The projection version in the name of a physical collection; undefined if the name has no version. */
export function versionOf(collection: string): number | undefined {
  const version = /@(\d+)\.\d+$/.exec(collection)?.[1];
  return version === undefined ? undefined : Number(version);
}

const buildNumberOf = (collection: string): number => Number(collection.slice(collection.lastIndexOf('.') + 1));

/** The names of all physical collections of the model, of every version. */
async function physicalCollections(readModels: Pick<ReadModels, 'listCollections'>, name: string): Promise<string[]> {
  const collections = await readModels.listCollections();
  return collections.filter((collection) => collection.startsWith(`${name}@`) && versionOf(collection) !== undefined);
}

/** The number of the next build: greater than the last assigned number and every number in a collection name. */
export async function nextBuildNumber(
  readModels: Pick<ReadModels, 'listCollections'>,
  { name, builds: lastBuild }: Pick<ModelRecord, 'name' | 'builds'>,
): Promise<number> {
  return Math.max(lastBuild, ...(await physicalCollections(readModels, name)).map(buildNumberOf)) + 1;
}

/** Drops what a cancelled or killed build left: every collection of the model that is neither live nor kept. */
export async function dropLeftovers(
  readModels: Pick<ReadModels, 'listCollections'>,
  session: WriteSession,
  { name, live, kept }: ModelRecord,
): Promise<void> {
  for (const collection of await physicalCollections(readModels, name))
    if (collection !== live && collection !== kept) await session.dropCollection(collection);
}
