import { setImmediate as nextTurn } from 'node:timers/promises';

import { SubscriptionDropped, type SubscribeOptions, type SubscriptionBatch } from '../event-store.js';
import { positionNumber, positionText, type LogReader } from './log-reader.js';

/** What a subscription needs from its store. */
export interface Followed {
  /** True once no more events can be read. */
  closed(): boolean;
  /** The reader of the current connection; undefined while there is none. */
  log(): LogReader | undefined;
  /** Resolves when there may be more events, when a connection is available again, or when the signal aborts. */
  more(signal: AbortSignal): Promise<void>;
}

/** A subscription: reads from its cursor at the pace of its consumer, and waits at the end of the log. */
export async function* follow(
  store: Followed,
  options: SubscribeOptions,
): AsyncGenerator<SubscriptionBatch, void, undefined> {
  const { signal, prefixes, batchSize = 1000 } = options;
  let cursor = options.after === null ? 0 : positionNumber(options.after);
  let toldCaughtUp = false;
  while (!signal.aborted) {
    if (store.closed()) throw new SubscriptionDropped(`the store was closed after ${positionText(cursor)}`);
    const log = store.log();
    if (log === undefined) {
      await store.more(signal);
      continue;
    }
    const head = log.last();
    const { events, through } =
      head > cursor ? log.batch(cursor, head, prefixes, batchSize) : { events: [], through: cursor };
    cursor = through;
    const caughtUp = cursor >= head;
    if (events.length > 0 || (caughtUp && !toldCaughtUp)) {
      toldCaughtUp = caughtUp;
      yield { events, caughtUp };
      await nextTurn(); // catching up must not block the event loop
    } else {
      await store.more(signal);
    }
  }
}
