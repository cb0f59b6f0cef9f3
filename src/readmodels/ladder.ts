import type { Json } from '../platform/json.js';
import { compareText } from './value-order.js';

/**
 * Coarsens a field: text from one boundary up to the next becomes the step that lies between them. What sorts before
 * text (missing, null, numbers) takes the first step, which is always the value itself; what sorts after it the last.
 */
export interface Ladder {
  /** Ascending by their UTF-8 bytes. */
  readonly boundaries: readonly string[];
  /** One more than boundaries; undefined leaves the value as it is. */
  readonly steps: readonly Step[];
}

export type Step = string | undefined;

/** The ladder as a balanced tree of comparisons with its boundaries. */
export function ladderTree<T>(
  { boundaries, steps }: Ladder,
  step: (step: Step) => T,
  fork: (boundary: string, below: T, from: T) => T,
): T {
  const between = (first: number, last: number): T => {
    if (first === last) return step(steps[first]);
    const middle = Math.ceil((first + last) / 2);
    return fork(boundaries[middle - 1] ?? '', between(first, middle - 1), between(middle, last));
  };
  return between(0, boundaries.length);
}

/** The ladder over a field (`'$field'`) as MongoDB writes it. */
export const ladderExpression = (field: string, ladder: Ladder): Json =>
  ladderTree<Json>(
    ladder,
    (step) => step ?? field,
    (boundary, below, from) => ({ $cond: [{ $lt: [field, boundary] }, below, from] }),
  );

/** What a value becomes. */
export function climbed({ boundaries, steps }: Ladder, value: Json | undefined): Json | undefined {
  if (value === undefined || value === null || typeof value === 'number') return value;
  if (typeof value !== 'string') return steps.at(-1) ?? value;
  let [first, last] = [0, boundaries.length];
  while (first < last) {
    const middle = Math.ceil((first + last) / 2);
    if (compareText(value, boundaries[middle - 1] ?? '') < 0) last = middle - 1;
    else first = middle;
  }
  return steps[first] ?? value;
}
