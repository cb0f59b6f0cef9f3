import { once } from 'node:events';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { streamNameFilter, type AllStreamSubscription, type EventStoreDBClient } from '@eventstore/db-client';
import {
  SubscriptionDropped,
  type Position,
  type StoredEvent,
  type SubscribeOptions,
  type SubscriptionBatch,
} from '../event-store.js';
import { failureOf, isTooSlow } from './failures.js';
import { LEADER } from './log-reader.js';
import { asStored, isSystems, logPosition, type ControlMessage } from './recorded-event.js';

/** A batch ends at this many characters of data and metadata, however few events it holds. */
const LARGEST_BATCH = 4 * 1024 * 1024;

/** Examined events between two checkpoint messages, in units of 32: signs of life while the filter matches nothing. */
const CHECKPOINT_INTERVAL = 100;

/**
 * A subscription to `$all` with a server-side filter. Applies back-pressure to the server. When the server drops a live
 * subscription that is too slow (23.10), it resubscribes at once after the last delivered event. Checkpoint positions
 * of the server are not used: they run ahead of the events.
 * @param timeoutMs for the confirmation by the server
 * @throws SubscriptionDropped when the connection is lost, also when it ended without an error
 */
export async function* follow(
  client: EventStoreDBClient,
  options: SubscribeOptions,
  timeoutMs: number,
): AsyncGenerator<SubscriptionBatch, void, undefined> {
  const { signal } = options;
  if (options.prefixes?.length === 0) {
    if (!signal.aborted) yield { events: [], caughtUp: true };
    if (!signal.aborted) await once(signal, 'abort');
    return;
  }
  let after = options.after;
  for (;;) {
    let failure: unknown;
    const start = after;
    try {
      for await (const batch of session(client, { ...options, after }, timeoutMs)) {
        after = batch.events.at(-1)?.position ?? after;
        yield batch;
      }
    } catch (error) {
      failure = error;
    }
    if (signal.aborted) return;
    const hasMoved = after !== start;
    if (hasMoved && isTooSlow(failure)) continue;
    const why = failure === undefined ? 'the server ended it' : failureOf(failure).message;
    throw new SubscriptionDropped(`the subscription after ${after ?? 'the start'} was lost: ${why}`, {
      cause: failure,
    });
  }
}

/** One server subscription from confirmation to end; ends normally when the server ends it or the signal aborts. */
async function* session(
  client: EventStoreDBClient,
  { after, prefixes, signal, batchSize = 1000 }: SubscribeOptions,
  timeoutMs: number,
): AsyncGenerator<SubscriptionBatch, void, undefined> {
  if (signal.aborted) return;
  const subscription = subscribed(client, after, prefixes);
  const silence = setTimeout(() => {
    subscription.destroy(new Error(`it was not confirmed within ${String(timeoutMs)} ms`));
  }, timeoutMs);
  const stop = (): void => {
    clearTimeout(silence);
    void subscription.unsubscribe().catch(() => undefined);
    subscription.destroy();
  };
  signal.addEventListener('abort', stop);
  let isLive = false;
  let toldCaughtUp = false;
  let events: StoredEvent[] = [];
  let size = 0;
  try {
    for await (const item of subscription as AsyncIterable<unknown> as AsyncIterable<StoredEvent | ControlMessage>) {
      if (typeof item === 'object') {
        events.push(item);
        size += item.data.length + item.metadata.length;
      } else if (item === 'confirmed') clearTimeout(silence);
      else if (item !== 'looking') isLive = item === 'caught up';
      else if (!isLive && events.length === 0) {
        yield { events, caughtUp: false };
        continue;
      }
      const isFull = events.length >= batchSize || size >= LARGEST_BATCH;
      const isMore = await hasMore(subscription);
      if (isMore && !isFull) continue;
      const caughtUp = isLive && !isMore;
      if (events.length === 0 && (!caughtUp || toldCaughtUp)) continue;
      toldCaughtUp = caughtUp;
      yield { events, caughtUp };
      events = [];
      size = 0;
    }
  } finally {
    signal.removeEventListener('abort', stop);
    stop();
  }
}

/** Whether more events have arrived; checks twice, because data in the connection becomes readable one turn later. */
async function hasMore(subscription: AllStreamSubscription): Promise<boolean> {
  if (subscription.readableLength > 0) return true;
  await nextTurn();
  return subscription.readableLength > 0;
}

function subscribed(
  client: EventStoreDBClient,
  after: Position | null,
  prefixes: readonly string[] | undefined,
): AllStreamSubscription {
  const subscription = client.subscribeToAll(
    {
      ...LEADER,
      fromPosition: after === null ? 'start' : logPosition(after),
      ...(prefixes?.includes('') === false && {
        filter: streamNameFilter({ prefixes: [...prefixes], checkpointInterval: CHECKPOINT_INTERVAL }),
      }),
    },
    asStored((stream, type) => !isSystems(stream, type)),
  );
  subscription.on('error', () => undefined); // an error after the loop would have no listener
  return subscription;
}
