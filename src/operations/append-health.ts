import { AppendAmbiguous, StoreUnavailable, type EventStore } from '../eventstore/event-store.js';
import type { Clock } from '../platform/clock.js';

/** What is appended is not taken, since the first append that was not until one is again. */
export interface Refusing {
  readonly since: string;
  /** What the store said of the latest, with its causes. Not for everybody: it may quote what was to be stored. */
  readonly error: string;
}

/**
 * Remembers whether the appends of this process are taken. A store may answer every question and have no room for
 * another event; only those who append find out.
 */
export class AppendHealth {
  private found: Refusing | null = null;

  constructor(private readonly clock: Clock) {}

  /** null while appends are taken, as far as is known: it takes one to see that they are again. */
  get refusing(): Refusing | null {
    return this.found;
  }

  /** The store, watched. */
  over(store: EventStore): EventStore {
    return {
      storeId: store.storeId,
      append: async (...append) => {
        try {
          const result = await store.append(...append);
          this.found = null;
          return result;
        } catch (error) {
          if (error instanceof StoreUnavailable || error instanceof AppendAmbiguous)
            this.found = { since: this.found?.since ?? this.clock.now(), error: withCauses(error) };
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

function withCauses(error: Error): string {
  return error.cause instanceof Error ? `${error.message}: ${withCauses(error.cause)}` : error.message;
}
