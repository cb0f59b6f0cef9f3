import type { JsonObject } from '../platform/json.js';
import { NotYetVisible, UnknownCollection, type Filter, type Find, type ReadModels } from './read-models.js';

/** What a query needs of the read models. */
export type Queryable = Pick<ReadModels, 'loadModel' | 'find' | 'getMany' | 'count' | 'aggregate'>;

/** The read model was never built: the projections have not started yet. */
export class NotBuilt extends NotYetVisible {
  override readonly name = 'NotBuilt';
  constructor(readonly projection: string) {
    super(`the read model ${projection} has not been built yet`);
  }
}

/** A document as its projection wrote it, with the fields that the store adds. */
export type Stored<D> = D & { readonly _id: string; readonly _position: string };

/** Opens the live collection of a model, whose documents are `D`. Throws {@link NotBuilt}. */
export async function openModel<D>(readModels: Queryable, name: string): Promise<Collection<D>> {
  return new Collection<D>(readModels, name, await liveCollection(readModels, name));
}

/**
 * The live collection of a model. A rebuild may replace and drop it between two calls: the call then uses the
 * collection that is live now. Never returns tombstones.
 */
export class Collection<D> {
  constructor(
    private readonly readModels: Queryable,
    private readonly model: string,
    private collection: string,
  ) {}

  find(query: Omit<Find, 'fields'>): Promise<Stored<D>[]> {
    return this.ask(async (collection) => typed<D>(await this.readModels.find(collection, query)));
  }

  findIds(query: Omit<Find, 'fields'>): Promise<string[]> {
    return this.ask(async (collection) => {
      const found = await this.readModels.find(collection, { ...query, fields: [] });
      return found.map(({ _id }) => _id);
    });
  }

  /** The documents with these ids, in no order; ids without a document are left out. */
  getMany(ids: readonly string[]): Promise<Stored<D>[]> {
    return this.ask(async (collection) => {
      const found = await this.readModels.getMany(collection, ids);
      return typed<D>(found.filter(({ _deleted }) => _deleted !== true));
    });
  }

  count(filter: Filter): Promise<number> {
    return this.ask((collection) => this.readModels.count(collection, filter));
  }

  aggregate(pipeline: readonly JsonObject[]): Promise<JsonObject[]> {
    return this.ask((collection) => this.readModels.aggregate(collection, pipeline));
  }

  private async ask<T>(question: (collection: string) => Promise<T>): Promise<T> {
    const asked = this.collection;
    try {
      return await question(asked);
    } catch (error) {
      if (!(error instanceof UnknownCollection)) throw error;
      const live = await liveCollection(this.readModels, this.model);
      if (live === asked) throw error;
      this.collection = live;
      return question(live);
    }
  }
}

async function liveCollection(readModels: Queryable, name: string): Promise<string> {
  const model = await readModels.loadModel(name);
  if (model?.live == null) throw new NotBuilt(name);
  return model.live;
}

/** Only the projection writes the collection, so its documents have the type of the projection. */
const typed = <D>(documents: unknown): Stored<D>[] => documents as Stored<D>[];
