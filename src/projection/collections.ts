import type { ModelRecord, ReadModels, WriteSession } from '../readmodels/read-models.js';
import type { Projection } from './projection.js';

/*
 * A projection writes physical collections named `<name>@<version>.<build>`, or `<name>@<version>-<variant>.<build>` if it
 * has a variant, each with a checkpoint. Queries read the live one, which the model record names. A name is never used
 * again: the model record keeps the last build number.
 */

export const collectionName = (projection: NamedProjection, build: number): string =>
  `${projection.name}@${editionOf(projection)}.${String(build)}`;

type NamedProjection = Pick<Projection, 'name' | 'version' | 'variant'>;

/** The version and the variant of a projection, as in the names of its collections. */
const editionOf = ({ version, variant }: Pick<Projection, 'version' | 'variant'>): string =>
  [String(version), ...(variant === undefined ? [] : [variant])].join('-');

/** The version and the variant in the name of a physical collection; undefined if the name has none. */
const editionIn = (collection: string): string | undefined => /@(\d+(?:-[0-9a-z]+)?)\.\d+$/.exec(collection)?.[1];

/** Whether the collection was built by this version and this variant of the projection. */
export const isBuiltBy = (projection: NamedProjection, collection: string): boolean =>
  editionIn(collection) === editionOf(projection);

/** Whether queries of this projection can use the collection: it has the same variant, and perhaps another version. */
export const isReadableBy = ({ variant }: Pick<Projection, 'variant'>, collection: string): boolean =>
  editionIn(collection)?.split('-')[1] === variant;

const buildNumberOf = (collection: string): number => Number(collection.slice(collection.lastIndexOf('.') + 1));

/** The names of all physical collections of the model, of every version. */
async function physicalCollections(readModels: Pick<ReadModels, 'listCollections'>, name: string): Promise<string[]> {
  const collections = await readModels.listCollections();
  return collections.filter((collection) => collection.startsWith(`${name}@`) && editionIn(collection) !== undefined);
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
