import { AppendAmbiguous, StoreUnavailable, type EventStore } from '../eventstore/event-store.js';
import type { Clock } from '../platform/clock.js';

/** A period in which the store rejects appends. It ends with the next successful append. */
export interface AppendOutage {
  /** Time of the first failed append (UTC RFC 3339). */
  readonly since: string;
  /** Message of the latest error, with its causes. Do not show it to clients: it may quote event content. */
  readonly error: string;
}

/**
 * Stores whether the appends of this process succeed. A store whose disk is full may still answer reads; only an append
 * detects that.
 */
export class AppendHealth {
  private failure: AppendOutage | null = null;

  constructor(private readonly clock: Clock) {}

  /** The current outage; null while appends succeed. */
  get appendOutage(): AppendOutage | null {
    return this.failure;
  }

  /** Returns a store that passes every call to `store`; each append through the returned store updates this health. */
  monitor(store: EventStore): EventStore {
    return {
      storeId: store.storeId,
      append: async (...args) => {
        try {
          const result = await store.append(...args);
          this.failure = null;
          return result;
        } catch (error) {
          if (error instanceof StoreUnavailable || error instanceof AppendAmbiguous)
            this.failure = { since: this.failure?.since ?? this.clock.now(), error: messageWithCauses(error) };
          throw error;
        }
      },
      read: (...args) => store.read(...args),
      readAll: (options) => store.readAll(options),
      head: () => store.head(),
      subscribe: (options) => store.subscribe(options),
      close: () => store.close(),
    };
  }
}

function messageWithCauses(error: Error): string {
  return error.cause instanceof Error ? `${error.message}: ${messageWithCauses(error.cause)}` : error.message;
}
