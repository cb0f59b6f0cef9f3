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

/** The share of a {@link SharedByteBudget} that one caller may hold. */
const SHARE_OF_CALLER = 1 / 4;

/**
 * Limits the bytes that all callers hold together, and those of each caller to a quarter of them. So a caller who holds
 * bytes for long does not keep the others waiting.
 */
export class SharedByteBudget {
  private readonly total: ByteBudget;
  /** By name; callers are credentials, so there are at most as many as in keys.json. */
  private readonly shares = new Map<string, ByteBudget>();

  constructor(private readonly limit: number) {
    this.total = new ByteBudget(limit);
  }

  /** Resolves when there is room; see {@link ByteBudget.take}. */
  async take(caller: string, bytes: number): Promise<TakenBytes> {
    const ofShare = await this.shareOf(caller).take(bytes);
    return together(ofShare, await this.total.take(bytes));
  }

  /** Returns undefined, without waiting, if there is no room now. */
  tryTake(caller: string, bytes: number): TakenBytes | undefined {
    const ofShare = this.shareOf(caller).tryTake(bytes);
    const ofTotal = ofShare && this.total.tryTake(bytes);
    if (ofTotal === undefined) ofShare?.release();
    return ofShare && ofTotal && together(ofShare, ofTotal);
  }

  private shareOf(caller: string): ByteBudget {
    const share = this.shares.get(caller) ?? new ByteBudget(this.limit * SHARE_OF_CALLER);
    this.shares.set(caller, share);
    return share;
  }
}

const together = (one: TakenBytes, other: TakenBytes): TakenBytes => {
  const resize = (bytes: number): void => {
    one.resize(bytes);
    other.resize(bytes);
  };
  return { resize, release: () => resize(0) };
};
