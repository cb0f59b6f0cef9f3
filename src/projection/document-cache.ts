import { LRUCache } from 'lru-cache';
import type { Position } from '../eventstore/event-store.js';
import type { Document } from '../readmodels/read-models.js';

/** A stored document: null content is a tombstone or no document, null position is no document. */
export interface Loaded {
  readonly content: object | null;
  readonly position: Position | null;
  /** Approximate size in characters. */
  readonly weight: number;
}

export const ABSENT: Loaded = { content: null, position: null, weight: 1 };

export interface CacheLimits {
  readonly documents: number;
  readonly characters: number;
}

export const DEFAULT_CACHE: CacheLimits = { documents: 10_000, characters: 32_000_000 };

/**
 * The most recently written documents, bounded in count and size, so that the next event of an open complaint needs no
 * read.
 */
export class DocumentCache {
  private readonly cache: LRUCache<string, Loaded>;

  constructor({ documents, characters }: CacheLimits = DEFAULT_CACHE) {
    this.cache = new LRUCache({ max: documents, maxSize: characters, sizeCalculation: (loaded) => loaded.weight });
  }

  get(id: string): Loaded | undefined {
    return this.cache.get(id);
  }

  put(id: string, loaded: Loaded): void {
    this.cache.set(id, loaded);
  }

  clear(): void {
    this.cache.clear();
  }
}

export function loadedFrom({ _id, _position, _deleted, ...content }: Document): Loaded {
  return { content: _deleted === true ? null : content, position: _position, weight: estimateSize(content) };
}

/** Approximate number of characters of a value as JSON; used only to bound memory. */
function estimateSize(value: unknown): number {
  if (typeof value === 'string') return value.length + 2;
  if (typeof value !== 'object' || value === null) return 5;
  let size = 2;
  if (Array.isArray(value)) for (const element of value) size += estimateSize(element);
  else for (const key in value) size += key.length + 4 + estimateSize((value as Record<string, unknown>)[key]);
  return size;
}
