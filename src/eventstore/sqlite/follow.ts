import { setImmediate as nextTurn } from 'node:timers/promises';

import { SubscriptionDropped, type SubscribeOptions, type SubscriptionBatch } from '../event-store.js';
import { positionNumber, positionText, type LogReader } from './log-reader.js';

/** What a subscription needs of its store. */
export interface Followed {
  /** True when there will be nothing more to read. */
  closed(): boolean;
  /** The reader of the connection in use; undefined while there is none. */
  log(): LogReader | undefined;
  /** Resolves when there may be more, when there is a connection again, or when the signal aborts. */
  more(signal: AbortSignal): Promise<void>;
}

/** A subscription: reads the file from its cursor on, at its consumer's pace, and waits at the end. */
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
      await nextTurn(); // catching up must not hold up everything else
    } else {
      await store.more(signal);
    }
  }
}
