import type { Json } from '../platform/json.js';
import { compareText } from './value-order.js';

/**
 * Sorts the text values of a field into buckets. Bucket `n` has the label `labels[n]` and contains the text from
 * `boundaries[n - 1]` (inclusive) up to `boundaries[n]` (exclusive). The first bucket has no lower boundary, and it
 * also contains values that sort before text: missing, null and numbers. The last bucket has no upper boundary, and it
 * also contains values that sort after text.
 */
export interface Buckets {
  /** Ascending by their UTF-8 bytes. */
  readonly boundaries: readonly string[];
  /** One more than there are boundaries. The first one is always undefined. */
  readonly labels: readonly BucketLabel[];
}

/** The text that replaces every value of a bucket; undefined: the values are not replaced. */
export type BucketLabel = string | undefined;

/**
 * Builds a balanced decision tree that finds the bucket of a value. `leaf` creates the result for one bucket; `branch`
 * chooses between the values below a boundary and those at or above it.
 */
export function bucketTree<T>(
  { boundaries, labels }: Buckets,
  leaf: (label: BucketLabel) => T,
  branch: (boundary: string, below: T, atOrAbove: T) => T,
): T {
  /** The tree for the buckets with these indexes, both inclusive. */
  const subtree = (first: number, last: number): T => {
    if (first === last) return leaf(labels[first]);
    const middle = Math.ceil((first + last) / 2);
    return branch(boundaries[middle - 1] ?? '', subtree(first, middle - 1), subtree(middle, last));
  };
  return subtree(0, boundaries.length);
}

/** The MongoDB expression for the bucket label of a field (`'$field'`). */
export const bucketExpression = (field: string, buckets: Buckets): Json =>
  bucketTree<Json>(
    buckets,
    (label) => label ?? field,
    (boundary, below, atOrAbove) => ({ $cond: [{ $lt: [field, boundary] }, below, atOrAbove] }),
  );

/** The label of the bucket of a value, or the value itself if the bucket has no label. */
export function toBucket({ boundaries, labels }: Buckets, value: Json | undefined): Json | undefined {
  if (value === undefined || value === null || typeof value === 'number') return value;
  if (typeof value !== 'string') return labels.at(-1) ?? value;
  let [first, last] = [0, boundaries.length]; // the indexes of the buckets that may contain the value
  while (first < last) {
    const middle = Math.ceil((first + last) / 2);
    if (compareText(value, boundaries[middle - 1] ?? '') < 0) last = middle - 1;
    else first = middle;
  }
  return labels[first] ?? value;
}
