/** Random choices from numbers that fast-check generated, so that it can shrink a failing history. */
export class Dice {
  private next = 0;
  constructor(private readonly numbers: readonly number[]) {}

  number(): number {
    const number = this.numbers[this.next % this.numbers.length] ?? 0;
    this.next += 1;
    return Math.imul(number * 64 + this.next, 0x9e3779b1) >>> 8; // spread: fast-check prefers small numbers
  }

  pick<T>(from: readonly T[]): T {
    const picked = from[this.number() % from.length];
    if (picked === undefined) throw new Error('nothing to pick from');
    return picked;
  }

  /** An item of the list, or `otherwise` if the list is empty and in 4 percent of all cases. */
  of<T>(from: readonly T[], otherwise: T): T {
    return from.length === 0 || this.chance(4) ? otherwise : this.pick(from);
  }

  chance(percent: number): boolean {
    return this.number() % 100 < percent;
  }
}
