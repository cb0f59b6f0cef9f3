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
import { asStored, isSystems, logPosition, type Word } from './recorded-event.js';

/** A batch ends at this many characters of data and metadata, however few events they are. */
const LARGEST_BATCH = 4 * 1024 * 1024;

/** Considered events between two checkpoint messages, in units of 32: signs of life while the filter finds nothing. */
const CHECKPOINT_INTERVAL = 100;

/**
 * A subscription to `$all` with the filter on the server. The consumer's pace is the server's: what is not taken waits
 * there. A live subscription that does not keep up is dropped by the server (23.10), and goes on here at once after the
 * last event handed over. The positions of the server's checkpoints are not used: they run ahead of the events.
 * @param timeoutMs in which the server must confirm
 * @throws SubscriptionDropped when the connection is lost, also where it ended politely
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

/** From one confirmation to one end; ends normally when the server says so or the signal aborts. */
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
    for await (const item of subscription as AsyncIterable<unknown> as AsyncIterable<StoredEvent | Word>) {
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

/** Whether more has arrived; looks twice, because what the connection holds comes a turn later. */
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
  subscription.on('error', () => undefined); // a failure after the loop would find no listener
  return subscription;
}
