import type { Json } from '../platform/json.js';
import { compareText } from './value-order.js';

/**
 * Coarsens a field: text from one boundary up to the next becomes the label between them. Values that sort before text
 * (missing, null, numbers) take the first label, which is always the value itself; values that sort after text take the
 * last.
 */
export interface Buckets {
  /** Ascending by their UTF-8 bytes. */
  readonly boundaries: readonly string[];
  /** One more than boundaries; undefined keeps the value. */
  readonly labels: readonly BucketLabel[];
}

export type BucketLabel = string | undefined;

/** Buckets as a balanced tree of comparisons with their boundaries. */
export function bucketTree<T>(
  { boundaries, labels }: Buckets,
  step: (step: BucketLabel) => T,
  fork: (boundary: string, below: T, from: T) => T,
): T {
  const between = (first: number, last: number): T => {
    if (first === last) return step(labels[first]);
    const middle = Math.ceil((first + last) / 2);
    return fork(boundaries[middle - 1] ?? '', between(first, middle - 1), between(middle, last));
  };
  return between(0, boundaries.length);
}

/** Buckets over a field (`'$field'`) as a MongoDB expression. */
export const bucketExpression = (field: string, buckets: Buckets): Json =>
  bucketTree<Json>(
    buckets,
    (step) => step ?? field,
    (boundary, below, from) => ({ $cond: [{ $lt: [field, boundary] }, below, from] }),
  );

/** The bucket of a value. */
export function toBucket({ boundaries, labels }: Buckets, value: Json | undefined): Json | undefined {
  if (value === undefined || value === null || typeof value === 'number') return value;
  if (typeof value !== 'string') return labels.at(-1) ?? value;
  let [first, last] = [0, boundaries.length];
  while (first < last) {
    const middle = Math.ceil((first + last) / 2);
    if (compareText(value, boundaries[middle - 1] ?? '') < 0) last = middle - 1;
    else first = middle;
  }
  return labels[first] ?? value;
}
