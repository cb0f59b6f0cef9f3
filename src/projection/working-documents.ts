import type { JsonObject } from '../platform/json.js';
import type { Position, StoredEvent } from '../eventstore/event-store.js';
import type { ConditionalWrite, Document } from '../readmodels/read-models.js';
import {
  NO_DOCUMENT,
  DocumentCache,
  toLoadedDocument,
  type CacheLimits,
  type LoadedDocument,
} from './document-cache.js';

/** A document between loading and writing: as it was loaded, and as the folded events have changed it. */
export interface WorkingDocument {
  readonly id: string;
  readonly loaded: LoadedDocument;
  content: object | null;
  position: Position | null;
  /** Approximate number of characters: the loaded size plus the length of every event that changed the document. */
  size: number;
  /** The first event that changed it; undefined while it is unchanged. */
  changedBy: StoredEvent | undefined;
}

/** The documents of the current batch. Loads them from a cache of recently written documents, or from the store. */
export class WorkingDocuments {
  private readonly working = new Map<string, WorkingDocument>();
  private readonly cache: DocumentCache;
  private sizeOfChanged = 0;

  constructor(
    private readonly fetch: (ids: readonly string[]) => Promise<readonly Document[]>,
    limits?: CacheLimits,
  ) {
    this.cache = new DocumentCache(limits);
  }

  /** Approximate number of characters of all changed documents. */
  get changedSize(): number {
    return this.sizeOfChanged;
  }

  /** Loads the documents with these ids that are not loaded yet. */
  async load(ids: Iterable<string>): Promise<void> {
    const missing: string[] = [];
    for (const id of ids) {
      if (this.working.has(id)) continue;
      const cached = this.cache.get(id);
      this.working.set(id, toWorking(id, cached ?? NO_DOCUMENT));
      if (cached === undefined) missing.push(id);
    }
    if (missing.length === 0) return;
    for (const document of await this.fetch(missing))
      this.working.set(document._id, toWorking(document._id, toLoadedDocument(document)));
  }

  /** @throws Error for a document that was not loaded */
  get(id: string): WorkingDocument {
    const document = this.working.get(id);
    if (document === undefined) throw new Error(`the document ${id} was not loaded`);
    return document;
  }

  /** Sets the content after an event. The same content object means that the event changed nothing. */
  advance(document: WorkingDocument, content: object | null, event: StoredEvent): void {
    if (content === document.content) return;
    const growth = event.data.length;
    this.sizeOfChanged += document.changedBy === undefined ? document.size + growth : growth;
    document.content = content;
    document.position = event.position;
    document.size += growth;
    document.changedBy ??= event;
  }

  changed(): WorkingDocument[] {
    return [...this.working.values()].filter(({ changedBy }) => changedBy !== undefined);
  }

  /** Ends the batch after its changes are stored: caches the changed documents. */
  markStored(): void {
    for (const { id, content, position, size } of this.changed()) this.cache.put(id, { content, position, size });
    this.reset();
  }

  /** Discards all changes and the cache: documents are loaded from the store again. */
  discard(): void {
    this.cache.clear();
    this.reset();
  }

  private reset(): void {
    this.working.clear();
    this.sizeOfChanged = 0;
  }
}

const toWorking = (id: string, loaded: LoadedDocument): WorkingDocument => ({
  id,
  loaded,
  ...loaded,
  changedBy: undefined,
});

/** The write that stores a changed document, on the condition that the stored one is still the loaded one. */
export function writeOf({ id, loaded, content, position }: WorkingDocument): ConditionalWrite {
  const _position = position ?? '';
  const document =
    content === null
      ? { _id: id, _position, _deleted: true as const }
      : { ...(content as JsonObject), _id: id, _position };
  return { id, loaded: loaded.position, document };
}
