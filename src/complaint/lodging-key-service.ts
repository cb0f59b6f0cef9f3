import { LRUCache } from 'lru-cache';
import { setImmediate as nextTick } from 'node:timers/promises';
import { within } from '../platform/timeout.js';

/** A lodging whose key is checked. */
export interface LodgingKey {
  readonly commandId: string;
  /** Id of the complaint that the lodging would make. */
  readonly complaint: string;
}

/**
 * Finds, by command id, the lodgings whose command has lodged another complaint. Uses what the read model has now,
 * without waiting until it has caught up with the log.
 */
export type LodgingLookup = (lodgings: readonly LodgingKey[]) => Promise<ReadonlyMap<string, string>>;

/** Maximum number of lodgings of this process that are kept until the read model has them. */
const MAX_RECENT = 50_000;

/** Maximum number of lodgings in one look-up. */
const MAX_LOOKED_UP = 500;

/** Milliseconds after which a look-up has failed, so that enough of the time limit of a command remains. */
const LOOK_UP_TIMEOUT_MS = 2_000;

/** Milliseconds without look-ups after one has failed, so that lodgings do not wait for a store that is unavailable. */
const PAUSE_MS = 5_000;

interface Waiting extends LodgingKey {
  readonly resolve: (other: string | undefined) => void;
}

/**
 * Finds the complaint that an idempotency key lodged (I19). A lodging with another source goes to another stream, so the
 * stream itself does not show that the key was used. Lodgings that are checked at the same time, such as the lines of a
 * bulk request, share one query. If a look-up fails, the lodging is accepted: the read models may be unavailable.
 */
export class LodgingKeyService {
  private readonly recent = new LRUCache<string, string>({ max: MAX_RECENT });
  private waiting: Waiting[] = [];
  private pausedUntil = 0;

  constructor(private readonly lookUp: LodgingLookup) {}

  /** Call it for each lodging that this process recorded. */
  remember({ commandId, complaint }: LodgingKey): void {
    this.recent.set(commandId, complaint);
  }

  /** The id of another complaint that the command has lodged; undefined if none is known. */
  async otherComplaint(lodging: LodgingKey): Promise<string | undefined> {
    const recent = this.recent.get(lodging.commandId);
    if (recent !== undefined) return recent === lodging.complaint ? undefined : recent;
    if (performance.now() < this.pausedUntil) return undefined;
    return new Promise((resolve) => {
      this.waiting.push({ ...lodging, resolve });
      if (this.waiting.length === 1) void this.lookUpWaiting();
    });
  }

  /** Looks up all lodgings that are asked for until the next turn of the event loop. */
  private async lookUpWaiting(): Promise<void> {
    await nextTick();
    const waiting = this.waiting;
    this.waiting = [];
    for (let start = 0; start < waiting.length; start += MAX_LOOKED_UP) {
      const page = waiting.slice(start, start + MAX_LOOKED_UP);
      const others = await this.othersOf(page);
      for (const { commandId, resolve } of page) resolve(others.get(commandId));
    }
  }

  private async othersOf(lodgings: readonly LodgingKey[]): Promise<ReadonlyMap<string, string>> {
    try {
      return await within(LOOK_UP_TIMEOUT_MS, this.lookUp(lodgings), () => new Error('timeout'));
    } catch {
      this.pausedUntil = performance.now() + PAUSE_MS;
      return new Map();
    }
  }
}
