import { setTimeout as pause } from 'node:timers/promises';
import {
  SubscriptionDropped,
  type EventStore,
  type Position,
  type SubscribeOptions,
  type SubscriptionBatch,
} from '../../src/eventstore/event-store.js';

/** How often it is looked whether a subscription that says nothing has something to say, in milliseconds. */
export const LOOK_EVERY_MS = 15_000;

/**
 * The batches of a subscription, as long as it delivers. One that has fallen silent, without an error and without an
 * end, is dropped: what stood in the log at one look has come by the next. Ends at once when the signal aborts, even
 * where the subscription does not.
 * @throws SubscriptionDropped, and whatever the subscription throws
 */
export async function* attended(
  store: EventStore,
  options: SubscribeOptions,
  lookEvery = LOOK_EVERY_MS,
): AsyncGenerator<SubscriptionBatch, void, undefined> {
  const over = new AbortController();
  const signal = AbortSignal.any([options.signal, over.signal]);
  const batches = store.subscribe({ ...options, signal })[Symbol.asyncIterator]();
  let handed = options.after;
  try {
    while (!options.signal.aborted) {
      const next = await delivered(batches.next(), silence(store, { ...options, after: handed }, lookEvery));
      if (next.done === true) return;
      handed = next.value.events.at(-1)?.position ?? handed;
      yield next.value;
    }
  } catch (error) {
    if (!options.signal.aborted) throw error;
  } finally {
    over.abort();
    // not awaited: it may be what does not come back
    void Promise.resolve(batches.return?.()).catch(() => undefined);
  }
}

type Silence = (signal: AbortSignal) => Promise<never>;

async function delivered<T>(next: Promise<T>, unlessSilent: Silence): Promise<T> {
  const came = new AbortController();
  try {
    return await Promise.race([next, unlessSilent(came.signal)]);
  } finally {
    came.abort();
  }
}

/** Rejects when the log goes on without the subscription, or when either signal aborts. */
function silence(store: EventStore, { after, prefixes, signal: ended }: SubscribeOptions, every: number): Silence {
  return async (came) => {
    const signal = AbortSignal.any([ended, came]);
    for (let due: Position | null = null; ;) {
      await pause(every, undefined, { signal });
      if (due !== null && (after === null || after < due))
        throw new SubscriptionDropped(`the subscription after ${after ?? 'the start'} has fallen silent before ${due}`);
      // a log that cannot be read either proves nothing
      const last = await store
        .readAll({ direction: 'backwards', limit: 1, ...(prefixes && { prefixes }) })
        .catch(() => []);
      due = last[0]?.position ?? null;
    }
  };
}
