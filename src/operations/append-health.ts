import { AppendAmbiguous, StoreUnavailable, type EventStore } from '../eventstore/event-store.js';
import type { Clock } from '../platform/clock.js';
import type { ExplainFailure } from '../platform/server-unusable.js';

/** A period in which the store rejects appends. It ends with the next successful append. */
export interface AppendOutage {
  /** Time of the first failed append (UTC RFC 3339). */
  readonly since: string;
  /** Why the latest append failed, if that is known. */
  readonly cause?: string;
}

/**
 * Stores whether the appends of this process succeed. A store whose disk is full may still answer reads; only an append
 * detects that.
 */
export class AppendHealth {
  private failure: AppendOutage | null = null;

  constructor(
    private readonly clock: Clock,
    private readonly explainFailure: ExplainFailure,
  ) {}

  /** The current outage; null while appends succeed. */
  get appendOutage(): AppendOutage | null {
    return this.failure;
  }

  /** Returns a store that passes every call to `store`; each append through the returned store updates this health. */
  monitor(store: EventStore): EventStore {
    return {
      storeId: store.storeId,
      get connection() {
        return store.connection;
      },
      append: async (...args) => {
        try {
          const result = await store.append(...args);
          this.failure = null;
          return result;
        } catch (error) {
          if (error instanceof StoreUnavailable || error instanceof AppendAmbiguous) {
            const cause = this.explainFailure(error);
            this.failure = {
              since: this.failure?.since ?? this.clock.now(),
              ...(cause !== undefined && { cause }),
            };
          }
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
