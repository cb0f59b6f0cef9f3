/** Random choices from numbers that fast-check generated, so that it can shrink a failing history. */
export class Dice {
  private index = 0;
  constructor(private readonly numbers: readonly number[]) {}

  /** A whole number from 0 to 2^24 - 1. */
  number(): number {
    const number = this.numbers[this.index % this.numbers.length] ?? 0;
    this.index += 1;
    // a multiplicative hash spreads the numbers over the range, because fast-check prefers small ones
    return Math.imul(number * 64 + this.index, 0x9e3779b1) >>> 8;
  }

  /** A random item. @throws Error for an empty list */
  pick<T>(items: readonly T[]): T {
    const item = items[this.number() % items.length];
    if (item === undefined) throw new Error('the list is empty');
    return item;
  }

  /** A random item; `otherwise` if the list is empty, and in 4 percent of all other cases. */
  pickOr<T>(items: readonly T[], otherwise: T): T {
    return items.length === 0 || this.chance(4) ? otherwise : this.pick(items);
  }

  /** True in this percentage of cases. */
  chance(percent: number): boolean {
    return this.number() % 100 < percent;
  }
}
