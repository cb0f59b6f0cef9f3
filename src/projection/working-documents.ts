import type { JsonObject } from '../platform/json.js';
import type { Position, StoredEvent } from '../eventstore/event-store.js';
import type { ConditionalWrite, Document } from '../readmodels/read-models.js';
import { ABSENT, DocumentCache, loadedFrom, type CacheLimits, type Loaded } from './document-cache.js';

/** A document between loading and writing: the stored state, and the result of the fold. */
export interface WorkingDocument {
  readonly id: string;
  readonly loaded: Loaded;
  content: object | null;
  position: Position | null;
  /** Grows by the text length of every folded event: an estimate that avoids walking the document. */
  weight: number;
  /** The first event that changed it; undefined while unchanged. */
  changedBy: StoredEvent | undefined;
}

/** The documents of the current batch, over a cache of recently written ones. */
export class WorkingDocuments {
  private readonly working = new Map<string, WorkingDocument>();
  private readonly cache: DocumentCache;
  private size = 0;

  constructor(
    private readonly fetch: (ids: readonly string[]) => Promise<readonly Document[]>,
    limits?: CacheLimits,
  ) {
    this.cache = new DocumentCache(limits);
  }

  /** Approximate characters of all changed documents. */
  get weight(): number {
    return this.size;
  }

  /** Loads the documents with these ids that are not loaded yet. */
  async load(ids: Iterable<string>): Promise<void> {
    const missing: string[] = [];
    for (const id of ids) {
      if (this.working.has(id)) continue;
      const cached = this.cache.get(id);
      this.working.set(id, workingOn(id, cached ?? ABSENT));
      if (cached === undefined) missing.push(id);
    }
    if (missing.length === 0) return;
    for (const document of await this.fetch(missing))
      this.working.set(document._id, workingOn(document._id, loadedFrom(document)));
  }

  /** @throws Error for a document that was not loaded */
  get(id: string): WorkingDocument {
    const document = this.working.get(id);
    if (document === undefined) throw new Error(`the document ${id} was not loaded`);
    return document;
  }

  /** A fold that returns its argument changed nothing: no write is needed. */
  advance(document: WorkingDocument, content: object | null, event: StoredEvent): void {
    if (content === document.content) return;
    const growth = event.data.length;
    this.size += document.changedBy === undefined ? document.weight + growth : growth;
    document.content = content;
    document.position = event.position;
    document.weight += growth;
    document.changedBy ??= event;
  }

  changed(): WorkingDocument[] {
    return [...this.working.values()].filter(({ changedBy }) => changedBy !== undefined);
  }

  /** Marks the changes as stored. */
  stored(): void {
    for (const { id, content, position, weight } of this.changed()) this.cache.put(id, { content, position, weight });
    this.reset();
  }

  /** Discards all changes; everything is loaded again. */
  discard(): void {
    this.cache.clear();
    this.reset();
  }

  private reset(): void {
    this.working.clear();
    this.size = 0;
  }
}

const workingOn = (id: string, loaded: Loaded): WorkingDocument => ({ id, loaded, ...loaded, changedBy: undefined });

export function writeOf({ id, loaded, content, position }: WorkingDocument): ConditionalWrite {
  const _position = position ?? '';
  const document =
    content === null
      ? { _id: id, _position, _deleted: true as const }
      : { ...(content as JsonObject), _id: id, _position };
  return { id, loaded: loaded.position, document };
}
