import { AppendAmbiguous, StoreUnavailable, type EventStore } from '../eventstore/event-store.js';
import type { Clock } from '../platform/clock.js';

/** The store rejects appends: from the first failed append until the next successful one. */
export interface AppendOutage {
  readonly since: string;
  /** Message of the latest error, with its causes. Internal: it may quote event content. */
  readonly error: string;
}

/**
 * Records whether appends of this process succeed. A store may answer reads while its disk has no room for another
 * event; only an append detects that.
 */
export class AppendHealth {
  private failure: AppendOutage | null = null;

  constructor(private readonly clock: Clock) {}

  /** null while appends succeed. Only a successful append clears it. */
  get refusing(): AppendOutage | null {
    return this.failure;
  }

  /** The same store; each append updates this health. */
  monitor(store: EventStore): EventStore {
    return {
      storeId: store.storeId,
      append: async (...append) => {
        try {
          const result = await store.append(...append);
          this.failure = null;
          return result;
        } catch (error) {
          if (error instanceof StoreUnavailable || error instanceof AppendAmbiguous)
            this.failure = { since: this.failure?.since ?? this.clock.now(), error: messageWithCauses(error) };
          throw error;
        }
      },
      read: (...what) => store.read(...what),
      readAll: (what) => store.readAll(what),
      head: () => store.head(),
      subscribe: (what) => store.subscribe(what),
      close: () => store.close(),
    };
  }
}

function messageWithCauses(error: Error): string {
  return error.cause instanceof Error ? `${error.message}: ${messageWithCauses(error.cause)}` : error.message;
}
