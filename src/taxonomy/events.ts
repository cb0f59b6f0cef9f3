import { defineEvent, type EventOf } from '../eventstore/envelope.js';
import type { TaxonomyList } from './code-lists.js';

export const TaxonomyPublished = defineEvent<{
  readonly version: number;
  /** UTC RFC 3339: records are classified by this version from this time on. */
  readonly effectiveFrom: string;
  /** All lists, not only those that changed. */
  readonly lists: readonly TaxonomyList[];
  readonly note?: string;
}>()('TaxonomyPublished', {
  personal: ['note'],
  open: [
    'effectiveFrom',
    'lists.*.name',
    'lists.*.codes.*.code',
    'lists.*.codes.*.en',
    'lists.*.codes.*.zh',
    'lists.*.codes.*.replaces.*',
  ],
});

export const taxonomyEventTypes = [TaxonomyPublished] as const;
export type TaxonomyEvent = EventOf<(typeof taxonomyEventTypes)[number]>;
