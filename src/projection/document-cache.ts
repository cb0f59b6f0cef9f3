import { LRUCache } from 'lru-cache';
import type { Position } from '../eventstore/event-store.js';
import type { Document } from '../readmodels/read-models.js';

/** The result of loading a document. */
export interface LoadedDocument {
  /** null for a tombstone, and when there is no document. */
  readonly content: object | null;
  /** null when there is no document. */
  readonly position: Position | null;
  /** Approximate number of characters. */
  readonly size: number;
}

export const NO_DOCUMENT: LoadedDocument = { content: null, position: null, size: 1 };

export interface CacheLimits {
  /** Maximum number of documents. */
  readonly documents: number;
  /** Maximum number of characters of all documents together. */
  readonly characters: number;
}

export const DEFAULT_CACHE_LIMITS: CacheLimits = { documents: 10_000, characters: 32_000_000 };

/**
 * The most recently written documents, limited in number and size. The next event of a cached document then needs no
 * read.
 */
export class DocumentCache {
  private readonly cache: LRUCache<string, LoadedDocument>;

  constructor({ documents, characters }: CacheLimits = DEFAULT_CACHE_LIMITS) {
    this.cache = new LRUCache({ max: documents, maxSize: characters, sizeCalculation: (document) => document.size });
  }

  get(id: string): LoadedDocument | undefined {
    return this.cache.get(id);
  }

  put(id: string, document: LoadedDocument): void {
    this.cache.set(id, document);
  }

  clear(): void {
    this.cache.clear();
  }
}

export function toLoadedDocument({ _id, _position, _deleted, ...content }: Document): LoadedDocument {
  return { content: _deleted === true ? null : content, position: _position, size: estimateSize(content) };
}

/**
 * Approximate number of characters of a value as JSON; used only to limit memory. Counts two for quotes or brackets,
 * five for a number, boolean or null, and four for the punctuation of a key.
 */
function estimateSize(value: unknown): number {
  if (typeof value === 'string') return value.length + 2;
  if (typeof value !== 'object' || value === null) return 5;
  let size = 2;
  if (Array.isArray(value)) for (const element of value) size += estimateSize(element);
  else for (const key in value) size += key.length + 4 + estimateSize((value as Record<string, unknown>)[key]);
  return size;
}
