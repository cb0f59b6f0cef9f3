import type { ModelRecord } from '../readmodels/read-models.js';
import { collectionName, isBuiltBy, nextBuildNumber } from './collections.js';
import type { ModelContext } from './model-context.js';
import { ParkedDocuments } from './parked-documents.js';
import { ProjectionWriter, type Parking } from './projection-writer.js';
import { SkippedEvents, skipsOf } from './skipped-events.js';

/** The collection of a model that queries read, and the writer that this runner uses for it. */
export class LiveCollection {
  /** undefined during the first build of a new version or variant: the live collection is that of the old one. */
  writer: ProjectionWriter | undefined;
  /** The model record, as last loaded or changed. */
  record: ModelRecord | undefined;
  readonly parked = new ParkedDocuments();
  /** Whether the indexes of the collection are missing: only after a first build, until the model has caught up. */
  private isUnindexed = false;

  constructor(private readonly context: ModelContext) {}

  /**
   * Opens the live collection from the stored model record and checkpoint; creates it if the model has none.
   * @throws ProjectionHalted (`history_changed`), SessionLost
   */
  async open(): Promise<void> {
    const { projection, control } = this.context;
    this.record = await control.load();
    const { live } = this.record;
    if (live !== null && !isBuiltBy(projection, live)) {
      this.writer = undefined;
      return;
    }
    const collection = live ?? (await this.create());
    await control.session.createCollection(collection, projection.indexes, this.isUnindexed ? 'later' : 'now');
    await this.loadParked(collection);
    const writer = new ProjectionWriter({ ...this.context, session: control.session, collection }, this.parking());
    this.writer ??= writer; // if opening fails, the status still shows its collection and position
    await writer.open();
    this.writer = writer;
  }

  /** Builds the missing indexes. Call it when the model has caught up. */
  async buildMissingIndexes(): Promise<void> {
    if (!this.isUnindexed || this.writer === undefined) return;
    await this.context.control.session.buildIndexes(this.writer.collection);
    this.isUnindexed = false;
  }

  /** Stores changes of the parked documents in the model record. */
  async saveParked(): Promise<void> {
    const unsaved = this.parked.unsaved();
    if (unsaved === undefined) return;
    this.record = await this.context.control.change({ parked: unsaved });
    this.parked.markSaved();
  }

  /** The skipped events of the current version. */
  skips(): SkippedEvents {
    return new SkippedEvents(skipsOf(this.record ?? null, this.context.projection.version));
  }

  /**
   * Creates the first collection of the model and makes it live before it is filled, so that queries see its documents
   * early. Builds its indexes later, because writes without indexes are faster.
   */
  private async create(): Promise<string> {
    const { projection, control, readModels } = this.context;
    const build = await nextBuildNumber(readModels, await control.load());
    const collection = collectionName(projection, build);
    await control.session.createCollection(collection, projection.indexes, 'later');
    this.record = await control.change({ live: collection, builds: build });
    this.isUnindexed = true;
    return collection;
  }

  private parking(): Parking {
    return { allowed: true, documents: this.parked, skips: this.skips(), save: () => this.saveParked() };
  }

  /**
   * Loads the entries of the parked documents from the model record. Removes the entry of a document that already
   * contains its last parked event: a retry wrote the document, but a crash prevented the change of the record.
   */
  private async loadParked(collection: string): Promise<void> {
    const stored = this.record?.parked ?? [];
    this.parked.replace(stored);
    if (stored.length === 0) return;
    const ids = stored.map(({ document }) => document);
    const documents = await this.context.readModels.getMany(collection, ids);
    const positions = new Map(documents.map(({ _id, _position }) => [_id, _position]));
    for (const { document, through } of stored)
      if ((positions.get(document) ?? '') >= through) this.parked.delete(document);
    await this.saveParked();
  }
}
