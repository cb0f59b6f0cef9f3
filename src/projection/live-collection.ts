import type { ModelRecord } from '../readmodels/read-models.js';
import { collectionName, nextBuild, versionOf } from './collections.js';
import type { ModelContext } from './model-context.js';
import { ParkedDocuments } from './parked-documents.js';
import { ProjectionWriter, type Parking } from './projection-writer.js';
import { SkippedEvents, skipsOf } from './skipped-events.js';

/** The collection that serves a model, as written by the session of this runner. */
export class LiveCollection {
  /** None during the first build of a new version. */
  writer: ProjectionWriter | undefined;
  record: ModelRecord | undefined;
  readonly parked = new ParkedDocuments();
  /** A first build: its indexes are built once it has caught up. */
  private isUnindexed = false;

  constructor(private readonly context: ModelContext) {}

  /**
   * Opens the model from what is stored: its record, its collection, its checkpoint.
   * @throws ProjectionHalted (`history_changed`), SessionLost
   */
  async open(): Promise<void> {
    const { projection, control } = this.context;
    this.record = await control.load();
    const { live } = this.record;
    if (live !== null && versionOf(live) !== projection.version) {
      this.writer = undefined;
      return;
    }
    const collection = live ?? (await this.create());
    await control.session.createCollection(collection, projection.indexes, this.isUnindexed ? 'later' : 'now');
    await this.loadParked(collection);
    const writer = new ProjectionWriter({ ...this.context, session: control.session, collection }, this.parking());
    this.writer ??= writer; // the status shows its position even if it cannot be opened
    await writer.open();
    this.writer = writer;
  }

  /** Called once caught up: from now on queries use its indexes. */
  async complete(): Promise<void> {
    if (!this.isUnindexed || this.writer === undefined) return;
    await this.context.control.session.buildIndexes(this.writer.collection);
    this.isUnindexed = false;
  }

  async saveParked(): Promise<void> {
    const unrecorded = this.parked.unrecorded();
    if (unrecorded === undefined) return;
    this.record = await this.context.control.change({ parked: unrecorded });
    this.parked.recorded();
  }

  skips(): SkippedEvents {
    return new SkippedEvents(skipsOf(this.record ?? null, this.context.projection.version));
  }

  /** A first build may take long: queries see it grow, and loading without indexes is faster. */
  private async create(): Promise<string> {
    const { projection, control, readModels } = this.context;
    const builds = await nextBuild(readModels, await control.load());
    const collection = collectionName(projection, builds);
    await control.session.createCollection(collection, projection.indexes, 'later');
    this.record = await control.change({ live: collection, builds });
    this.isUnindexed = true;
    return collection;
  }

  private parking(): Parking {
    return { allowed: true, documents: this.parked, skips: this.skips(), save: () => this.saveParked() };
  }

  /** Discards the cached state of a document whose retry was not recorded. */
  private async loadParked(collection: string): Promise<void> {
    const recorded = this.record?.parked ?? [];
    this.parked.replace(recorded);
    if (recorded.length === 0) return;
    const ids = recorded.map(({ document }) => document);
    const documents = await this.context.readModels.getMany(collection, ids);
    const positions = new Map(documents.map(({ _id, _position }) => [_id, _position]));
    for (const { document, through } of recorded)
      if ((positions.get(document) ?? '') >= through) this.parked.delete(document);
    await this.saveParked();
  }
}
