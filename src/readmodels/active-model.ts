import { NotYetVisible, type ReadModels } from './read-models.js';

/** What a query needs of the read models. */
export type Queried = Pick<ReadModels, 'resolveAlias' | 'find' | 'getMany' | 'count' | 'aggregate' | 'distinct'>;

/** A read model that was never built: the projections have not started yet. */
export class NotBuilt extends NotYetVisible {
  override readonly name = 'NotBuilt';
  constructor(readonly projection: string) {
    super(`the read model ${projection} has not been built yet`);
  }
}

/**
 * Asks the collection that the name means now. A rebuild may swap it in between and drop the old one: then it is asked
 * once more.
 * @throws NotBuilt
 */
export async function ask<T>(
  readModels: Queried,
  name: string,
  question: (collection: string) => Promise<T>,
): Promise<T> {
  const collection = await readModels.resolveAlias(name);
  if (collection === null) throw new NotBuilt(name);
  try {
    return await question(collection);
  } catch (error) {
    const now = await readModels.resolveAlias(name);
    if (now === null || now === collection) throw error;
    return question(now);
  }
}
