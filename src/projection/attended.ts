import {
  SubscriptionDropped,
  type EventStore,
  type Position,
  type SubscribeOptions,
  type SubscriptionBatch,
} from '../eventstore/event-store.js';

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
  const { after, prefixes, signal } = options;
  const over = new AbortController();
  const subscription = { ...options, signal: AbortSignal.any([signal, over.signal]) };
  const batches = store.subscribe(subscription)[Symbol.asyncIterator]();
  let handed = after;
  let due: Position | null = null;
  /** Ends the wait at hand. One for every batch, as what a batch leaves behind stays as long as the subscription. */
  let giveUp: (reason: Error) => void = () => undefined;
  const delivered = (): Promise<IteratorResult<SubscriptionBatch, unknown>> => {
    due = null;
    return new Promise((resolve, reject) => {
      giveUp = reject;
      batches.next().then(resolve, reject);
    });
  };
  const look = async (): Promise<void> => {
    if (due !== null && (handed === null || handed < due))
      giveUp(
        new SubscriptionDropped(`the subscription after ${handed ?? 'the start'} has fallen silent before ${due}`),
      );
    // a log that cannot be read either proves nothing
    const last = await store
      .readAll({ direction: 'backwards', limit: 1, ...(prefixes && { prefixes }) })
      .catch(() => []);
    due = last[0]?.position ?? null;
  };
  const looking = setInterval(() => void look(), lookEvery);
  const leave = (): void => giveUp(new SubscriptionDropped('nobody waits for it any more'));
  signal.addEventListener('abort', leave);
  try {
    while (!signal.aborted) {
      const next = await delivered();
      if (next.done === true) return;
      handed = next.value.events.at(-1)?.position ?? handed;
      yield next.value;
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    clearInterval(looking);
    signal.removeEventListener('abort', leave);
    over.abort();
    // not awaited: it may be what does not come back
    void Promise.resolve(batches.return?.()).catch(() => undefined);
  }
}
