import type { JsonObject } from '../../../src/platform/json.js';
import type {
  Checkpoint,
  CollectionWrites,
  ConditionalWrite,
  Document,
  Find,
  IndexSpec,
  ReadModels,
  WriteResult,
  WriteSession,
} from '../../../src/readmodels/read-models.js';

export const COLLECTION = 'work_queue@1.3';
export const INDEXES: readonly IndexSpec[] = [
  { fields: { open: 1, handler: 1, dueAt: 1 } },
  { fields: { rank: 1 } },
  { fields: { 'points.product': 1 } },
  { fields: { tags: 1, dueAt: -1 } },
];

/** A checkpoint at a position. */
export const at = (position: string): Checkpoint => ({ storeId: 'store', position, eventId: `event-${position}` });

/** Conditional writes that create these documents. */
export const added = (documents: readonly Document[]): ConditionalWrite[] =>
  documents.map((document) => ({ id: document._id, loaded: null, document }));

/** Read models with one open session and one collection, for the contract suites. */
export class ReadModelsFixture {
  models!: ReadModels;
  session!: WriteSession;

  async open(models: ReadModels): Promise<void> {
    this.models = models;
    this.session = await models.openSession();
  }

  /** Writes documents at position 1 into {@link COLLECTION}, which declares {@link INDEXES}. */
  readonly given = async (...documents: readonly (JsonObject & { readonly _id: string })[]): Promise<void> => {
    await this.session.createCollection(COLLECTION, INDEXES);
    const writes = added(documents.map((document) => ({ ...document, _position: '1' })));
    expect(await this.write(writes, null, at('1'))).toEqual({ outcome: 'written' });
  };

  /** Writes to {@link COLLECTION}, and moves its checkpoint. */
  readonly write = (
    writes: readonly ConditionalWrite[],
    from: Checkpoint | null = at('1'),
    to: Checkpoint | null = at('2'),
  ): Promise<WriteResult> => this.writeAll([{ collection: COLLECTION, writes }], from, to);

  /** Writes to several collections, and moves the checkpoint of {@link COLLECTION}. */
  readonly writeAll = (
    changes: readonly CollectionWrites[],
    from: Checkpoint | null = at('1'),
    to: Checkpoint | null = at('2'),
  ): Promise<WriteResult> => this.session.write({ changes, checkpoint: { collection: COLLECTION, from, to } });

  /** Ids of the documents of {@link COLLECTION} that a query finds, in the order of the query. */
  readonly ids = async (query: Find): Promise<string[]> =>
    (await this.models.find(COLLECTION, query)).map((document) => document._id);

  /** Ids of the documents of {@link COLLECTION} that match a filter, in ascending order. */
  readonly matching = (filter: JsonObject): Promise<string[]> => this.ids({ filter, sort: { _id: 1 } });
}
