import type { Position, StoredEvent } from '../eventstore/event-store.js';
import type { Checkpoint, Document, ReadModels } from '../readmodels/read-models.js';
import type { Projection } from './projection.js';

/** Somebody decided that a document goes on without an event. */
export interface Skip {
  readonly document: string;
  readonly position: Position;
  readonly stream: string;
  readonly revision: number;
  readonly type: string;
  readonly eventId: string;
  readonly reason: string;
  /** Who: type and id of the actor. */
  readonly by: { readonly type: string; readonly id: string };
  /** UTC. */
  readonly at: string;
}

const MOST = 100_000;

/**
 * The events that one version of a projection leaves out (correctness.md §3.11). They belong to the version, not to a
 * physical collection: a rebuild leaves out the same. A skip names its event by id, so that it counts in no other
 * history.
 */
export class Skips {
  private readonly known = new Set<string>();
  private readonly collection: string;
  private readonly version: number;

  constructor(
    private readonly readModels: ReadModels,
    { name, version }: Projection,
  ) {
    this.collection = `${name}~skipped`;
    this.version = version;
  }

  has(document: string, eventId: string): boolean {
    return this.known.size > 0 && this.known.has(`${eventId} ${document}`);
  }

  async load(): Promise<void> {
    this.known.clear();
    for (const { document, eventId } of await this.list()) this.known.add(`${eventId} ${document}`);
  }

  /** In the order of their events. */
  async list(): Promise<Skip[]> {
    if (!(await this.readModels.listCollections()).includes(this.collection)) return [];
    const found = await this.readModels.find(this.collection, {
      filter: { version: this.version },
      sort: { position: 1 },
      limit: MOST,
    });
    return found.map(read);
  }

  /** Recorded before anything follows from it; a skip that was recorded already stays as it is. */
  async add(skip: Skip, storeId: string): Promise<void> {
    const { readModels, collection, version } = this;
    await readModels.createCollection(collection, [{ fields: { version: 1, position: 1 } }]);
    const from = await readModels.loadCheckpoint(collection);
    const to: Checkpoint = { storeId, position: skip.position, eventId: skip.eventId, epoch: from?.epoch ?? 1 };
    const id = `${String(version)} ${skip.eventId} ${skip.document}`;
    const [standing] = await readModels.getMany(collection, [id]);
    if (standing === undefined) {
      const document: Document = { _id: id, _position: skip.position, version, ...skip, by: { ...skip.by } };
      const result = await readModels.write({
        collection,
        writes: [{ id, loaded: null, document }],
        checkpoint: { id: collection, from, to },
      });
      if (!result.ok) throw new Error(`somebody else skips events in ${collection} at this moment: try again`);
    }
    this.known.add(`${skip.eventId} ${skip.document}`);
  }
}

const read = ({ _id, _position, version: _version, ...skip }: Document): Skip => skip as unknown as Skip;

export const skipOf = (
  { stream, revision, type, eventId }: StoredEvent,
  { document, position, reason, by, at }: Pick<Skip, 'document' | 'position' | 'reason' | 'by' | 'at'>,
): Skip => ({ document, position, stream, revision, type, eventId, reason, by, at });
