import { getHeapStatistics } from 'node:v8';

const MEBIBYTE = 1024 * 1024;

/** The given share of the heap limit (`--max-old-space-size`), but at most the given MiB; in bytes. */
export const heapShare = (share: number, atMostMebibytes: number): number =>
  Math.floor(Math.min(getHeapStatistics().heap_size_limit * share, atMostMebibytes * MEBIBYTE));

/** Bytes reserved in a budget. */
export interface TakenBytes {
  /** Adjusts the reservation to the actual size. Never rejected, even when larger. */
  readonly resize: (bytes: number) => void;
  /** Call it once. */
  readonly release: () => void;
}

/** Bounds the bytes held at once. Callers without room wait in order of arrival. */
export class ByteBudget {
  private reserved = 0;
  private readonly waiting: { readonly bytes: number; readonly enter: () => void }[] = [];

  constructor(private readonly limit: number) {}

  /** Resolves when there is room. A size above the whole budget gets room when nothing else is held. */
  async take(bytes: number): Promise<TakenBytes> {
    if (this.waiting.length > 0 || !this.hasRoom(bytes))
      await new Promise<void>((enter) => this.waiting.push({ bytes, enter }));
    else this.reserved += bytes;
    return this.takenBytes(bytes);
  }

  /** Undefined when there is no room now. */
  tryTake(bytes: number): TakenBytes | undefined {
    if (this.waiting.length > 0 || !this.hasRoom(bytes)) return undefined;
    this.reserved += bytes;
    return this.takenBytes(bytes);
  }

  private hasRoom(bytes: number): boolean {
    return this.reserved === 0 || this.reserved + bytes <= this.limit;
  }

  private takenBytes(bytes: number): TakenBytes {
    let held = bytes;
    const resize = (size: number): void => {
      this.reserved += size - held;
      held = size;
      this.admit();
    };
    return { resize, release: () => resize(0) };
  }

  private admit(): void {
    for (let [next] = this.waiting; next !== undefined && this.hasRoom(next.bytes); [next] = this.waiting) {
      void this.waiting.shift();
      this.reserved += next.bytes;
      next.enter();
    }
  }
}
