import { setImmediate as nextTurn } from 'node:timers/promises';

import { SubscriptionDropped, type SubscribeOptions, type SubscriptionBatch } from '../event-store.js';
import { positionNumber, positionText, type LogReader } from './log-reader.js';

/** What a subscription needs from its store. */
export interface SubscriptionSource {
  /** True if the store is closed for ever. */
  closed(): boolean;
  /** The reader of the current connection; undefined while there is no connection. */
  log(): LogReader | undefined;
  /** Resolves when new events may exist, when the connection or `closed` has changed, or when the signal aborts. */
  waitForChange(signal: AbortSignal): Promise<void>;
}

/** A subscription: reads a batch whenever its consumer requests one, and waits at the end of the log. */
export async function* follow(
  store: SubscriptionSource,
  options: SubscribeOptions,
): AsyncGenerator<SubscriptionBatch, void, undefined> {
  const { signal, prefixes, batchSize = 1000 } = options;
  let cursor = options.after === null ? 0 : positionNumber(options.after);
  let reportedCaughtUp = false;
  while (!signal.aborted) {
    if (store.closed()) throw new SubscriptionDropped(`the store was closed after ${positionText(cursor)}`);
    const log = store.log();
    if (log === undefined) {
      await store.waitForChange(signal);
      continue;
    }
    const head = log.last();
    const { events, through } =
      head > cursor ? log.batch(cursor, head, prefixes, batchSize) : { events: [], through: cursor };
    cursor = through; // every matching event up to this position has been read
    const caughtUp = cursor >= head;
    if (events.length > 0 || (caughtUp && !reportedCaughtUp)) {
      reportedCaughtUp = caughtUp;
      yield { events, caughtUp };
      await nextTurn(); // catching up must not block the event loop
    } else {
      await store.waitForChange(signal);
    }
  }
}
