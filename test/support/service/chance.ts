/** A pseudo-random generator (mulberry32): the same seed gives the same sequence. */
export class Chance {
  private state: number;

  constructor(readonly seed: number) {
    this.state = seed >>> 0;
  }

  /** A number of at least 0 and less than 1. */
  next(): number {
    this.state = (this.state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  }

  /** An integer from `least` to `most`, both included. */
  between(least: number, most: number): number {
    return least + Math.floor(this.next() * (most - least + 1));
  }

  /** True with this probability in percent. */
  percent(probability: number): boolean {
    return this.next() * 100 < probability;
  }

  /** The same items in random order. */
  shuffled<Item>(items: readonly Item[]): Item[] {
    const remaining = [...items];
    return items.flatMap(() => remaining.splice(this.between(0, remaining.length - 1), 1));
  }

  /** A random item. @throws RangeError for an empty list */
  oneOf<Item>(items: readonly Item[]): Item {
    const item = items[Math.floor(this.next() * items.length)];
    if (item === undefined) throw new RangeError('nothing to choose from');
    return item;
  }
}
