import { getHeapStatistics } from 'node:v8';

const MEBIBYTE = 1024 * 1024;

/** A share (0 to 1) of the heap limit (`--max-old-space-size`), but at most `maxMebibytes`. Returns bytes. */
export const heapShare = (share: number, maxMebibytes: number): number =>
  Math.floor(Math.min(getHeapStatistics().heap_size_limit * share, maxMebibytes * MEBIBYTE));

/** Bytes that a caller has taken from a budget. */
export interface TakenBytes {
  /** Changes the number of taken bytes to the actual size; this always succeeds, even without room. */
  readonly resize: (bytes: number) => void;
  /** Returns the bytes to the budget. Call it once. */
  readonly release: () => void;
}

/** Limits the bytes that all callers hold together. A caller waits until there is room, in order of arrival. */
export class ByteBudget {
  private takenTotal = 0;
  private readonly waiting: { readonly bytes: number; readonly admit: () => void }[] = [];

  constructor(private readonly limit: number) {}

  /** Resolves when there is room. A size above the whole limit has room when nothing else is taken. */
  async take(bytes: number): Promise<TakenBytes> {
    if (this.waiting.length > 0 || !this.hasRoom(bytes))
      await new Promise<void>((admit) => this.waiting.push({ bytes, admit }));
    else this.takenTotal += bytes;
    return this.takenBytes(bytes);
  }

  /** Returns undefined, without waiting, if there is no room now. */
  tryTake(bytes: number): TakenBytes | undefined {
    if (this.waiting.length > 0 || !this.hasRoom(bytes)) return undefined;
    this.takenTotal += bytes;
    return this.takenBytes(bytes);
  }

  private hasRoom(bytes: number): boolean {
    return this.takenTotal === 0 || this.takenTotal + bytes <= this.limit;
  }

  private takenBytes(bytes: number): TakenBytes {
    let currentBytes = bytes;
    const resize = (newBytes: number): void => {
      this.takenTotal += newBytes - currentBytes;
      currentBytes = newBytes;
      this.admitWaiting();
    };
    return { resize, release: () => resize(0) };
  }

  private admitWaiting(): void {
    for (;;) {
      const [next] = this.waiting;
      if (next === undefined || !this.hasRoom(next.bytes)) return;
      void this.waiting.shift();
      this.takenTotal += next.bytes;
      next.admit();
    }
  }
}
