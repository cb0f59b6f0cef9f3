import { LRUCache } from 'lru-cache';

import type { Position } from '../eventstore/event-store.js';

/** A document as the runner holds it: null content is a tombstone or no document, null position is no document. */
export interface Held {
  readonly content: object | null;
  readonly position: Position | null;
  /** Roughly its size in characters. */
  readonly weight: number;
}

export interface CacheLimits {
  readonly documents: number;
  readonly characters: number;
}

export const DEFAULT_CACHE: CacheLimits = { documents: 10_000, characters: 32_000_000 };

/** The documents written last, bounded in number and size: the next event of an open complaint finds its document here. */
export class HotDocuments {
  private readonly cache: LRUCache<string, Held>;

  constructor({ documents, characters }: CacheLimits = DEFAULT_CACHE) {
    this.cache = new LRUCache({ max: documents, maxSize: characters, sizeCalculation: (held) => held.weight });
  }

  get(id: string): Held | undefined {
    return this.cache.get(id);
  }

  put(id: string, held: Held): void {
    this.cache.set(id, held);
  }

  clear(): void {
    this.cache.clear();
  }
}

/** Characters of a value as JSON, roughly; only to bound memory. */
export function weigh(value: unknown): number {
  if (typeof value === 'string') return value.length + 2;
  if (typeof value !== 'object' || value === null) return 5;
  let weight = 2;
  if (Array.isArray(value)) for (const element of value) weight += weigh(element);
  else for (const key in value) weight += key.length + 4 + weigh((value as Record<string, unknown>)[key]);
  return weight;
}
