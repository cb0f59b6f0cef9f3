import type { JsonObject } from '../platform/json.js';
import {
  NotYetVisible,
  UnknownCollection,
  type CountOptions,
  type Filter,
  type Find,
  type ReadModels,
} from './read-models.js';

/** The part of the read models that a query uses. */
export type Queryable = Pick<ReadModels, 'loadModel' | 'find' | 'getMany' | 'count' | 'aggregate'>;

/** The read model has no live collection, because the projections have not started yet. */
export class NotBuilt extends NotYetVisible {
  override readonly name = 'NotBuilt';
  constructor(readonly projection: string) {
    super(`the read model ${projection} has not been built yet`);
  }
}

/** How an operator gets read models that were never built. */
export const HOW_TO_BUILD = 'start the service, which builds what is missing from the log: redress serve';

/** A document of type `D` with the two fields that the projection runner adds. */
export type Stored<D> = D & { readonly _id: string; readonly _position: string };

/** Opens the live collection of a model for queries; `D` is the type of its documents. Throws {@link NotBuilt}. */
export async function openModel<D>(readModels: Queryable, name: string): Promise<Collection<D>> {
  return new Collection<D>(readModels, name, await liveCollection(readModels, name));
}

/**
 * Queries the live collection of a model. If a rebuild has dropped the collection since the last call, the call reads
 * the collection that is live now. Never returns tombstones.
 */
export class Collection<D> {
  constructor(
    private readonly readModels: Queryable,
    private readonly model: string,
    private collection: string,
  ) {}

  find(query: Omit<Find, 'fields'>): Promise<Stored<D>[]> {
    return this.query(async (collection) => typed<D>(await this.readModels.find(collection, query)));
  }

  findIds(query: Omit<Find, 'fields'>): Promise<string[]> {
    return this.query(async (collection) => {
      const documents = await this.readModels.find(collection, { ...query, fields: [] });
      return documents.map(({ _id }) => _id);
    });
  }

  /** The documents with these ids, in no particular order; omits ids without a document. */
  getMany(ids: readonly string[]): Promise<Stored<D>[]> {
    return this.query(async (collection) => {
      const documents = await this.readModels.getMany(collection, ids);
      return typed<D>(documents.filter(({ _deleted }) => _deleted !== true));
    });
  }

  count(filter: Filter, options?: CountOptions): Promise<number> {
    return this.query((collection) => this.readModels.count(collection, filter, options));
  }

  aggregate(pipeline: readonly JsonObject[]): Promise<JsonObject[]> {
    return this.query((collection) => this.readModels.aggregate(collection, pipeline));
  }

  /** Runs the query; if its collection does not exist any more, runs it once more on the live one. */
  private async query<T>(run: (collection: string) => Promise<T>): Promise<T> {
    const { collection } = this;
    try {
      return await run(collection);
    } catch (error) {
      if (!(error instanceof UnknownCollection)) throw error;
      const live = await liveCollection(this.readModels, this.model);
      if (live === collection) throw error;
      this.collection = live;
      return run(live);
    }
  }
}

/** The name of the live collection. Throws {@link NotBuilt}. */
async function liveCollection(readModels: Queryable, name: string): Promise<string> {
  const model = await readModels.loadModel(name);
  if (model?.live == null) throw new NotBuilt(name);
  return model.live;
}

/** Only the projection writes the collection, so its documents have the type of the projection. */
const typed = <D>(documents: unknown): Stored<D>[] => documents as Stored<D>[];
