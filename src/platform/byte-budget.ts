import { getHeapStatistics } from 'node:v8';

const MEBIBYTE = 1024 * 1024;

/** This share of the heap that the process may use (`--max-old-space-size`), and at most so many MiB; in bytes. */
export const heapShare = (share: number, atMostMebibytes: number): number =>
  Math.floor(Math.min(getHeapStatistics().heap_size_limit * share, atMostMebibytes * MEBIBYTE));

/** Bytes taken from a budget. */
export interface TakenBytes {
  /** What it turned out to be. More than was taken is never refused. */
  readonly resize: (bytes: number) => void;
  /** Call it once. */
  readonly release: () => void;
}

/** Bounds the bytes that are held at once. Those who find no room wait in the order in which they came. */
export class ByteBudget {
  private taken = 0;
  private readonly waiting: { readonly bytes: number; readonly enter: () => void }[] = [];

  constructor(private readonly limit: number) {}

  /** Resolves when there is room. What is larger than the whole budget has room when nothing else is held. */
  async take(bytes: number): Promise<TakenBytes> {
    if (this.waiting.length > 0 || !this.hasRoom(bytes))
      await new Promise<void>((enter) => this.waiting.push({ bytes, enter }));
    else this.taken += bytes;
    return this.takenBytes(bytes);
  }

  /** Undefined when there is no room now. */
  tryTake(bytes: number): TakenBytes | undefined {
    if (this.waiting.length > 0 || !this.hasRoom(bytes)) return undefined;
    this.taken += bytes;
    return this.takenBytes(bytes);
  }

  private hasRoom(bytes: number): boolean {
    return this.taken === 0 || this.taken + bytes <= this.limit;
  }

  private takenBytes(bytes: number): TakenBytes {
    let held = bytes;
    const resize = (size: number): void => {
      this.taken += size - held;
      held = size;
      this.admit();
    };
    return { resize, release: () => resize(0) };
  }

  private admit(): void {
    for (let [next] = this.waiting; next !== undefined && this.hasRoom(next.bytes); [next] = this.waiting) {
      void this.waiting.shift();
      this.taken += next.bytes;
      next.enter();
    }
  }
}
