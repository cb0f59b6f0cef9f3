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
import { logPosition, receivedEventOptions, type ControlMessage, type ReceivedEvent } from './recorded-event.js';

/** A batch ends when its data and metadata have this many characters, even if it has fewer events than `batchSize`. */
const MAX_BATCH_CHARACTERS = 4 * 1024 * 1024;

/**
 * Examined events between two checkpoint messages, in units of 32. These messages show that the subscription is alive
 * while no event matches its filter.
 */
const CHECKPOINT_INTERVAL = 100;

/**
 * A subscription to `$all` with a server-side filter. Applies back-pressure to the server. When the server drops a live
 * subscription that is too slow (23.10), it resubscribes at once after the last delivered event. Checkpoint positions
 * of the server are not used: they run ahead of the events.
 * @param timeoutMs maximum time until the server confirms the subscription, in ms
 * @throws SubscriptionDropped when the connection is lost or the server ends the subscription
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
    const startPosition = after;
    try {
      for await (const batch of session(client, { ...options, after }, timeoutMs)) {
        after = batch.events.at(-1)?.position ?? after;
        yield batch;
      }
    } catch (error) {
      failure = error;
    }
    if (signal.aborted) return;
    const hasAdvanced = after !== startPosition;
    if (hasAdvanced && isTooSlow(failure)) continue;
    const reason = failure === undefined ? 'the server ended it' : failureOf(failure).message;
    throw new SubscriptionDropped(`the subscription after ${after ?? 'the start'} was lost: ${reason}`, {
      cause: failure,
    });
  }
}

/** The batches of one server subscription. Ends without an error when the server ends it or the signal aborts. */
async function* session(
  client: EventStoreDBClient,
  { after, prefixes, signal, batchSize = 1000 }: SubscribeOptions,
  timeoutMs: number,
): AsyncGenerator<SubscriptionBatch, void, undefined> {
  if (signal.aborted) return;
  const subscription = subscribeToLog(client, after, prefixes);
  const confirmationTimer = setTimeout(() => {
    subscription.destroy(new Error(`it was not confirmed within ${String(timeoutMs)} ms`));
  }, timeoutMs);
  const stop = (): void => {
    clearTimeout(confirmationTimer);
    void subscription.unsubscribe().catch(() => undefined);
    subscription.destroy();
  };
  signal.addEventListener('abort', stop);
  let isLive = false;
  let reportedCaughtUp = false;
  let events: StoredEvent[] = [];
  let characters = 0;
  try {
    for await (const item of subscription as AsyncIterable<unknown> as AsyncIterable<ReceivedEvent | ControlMessage>) {
      if (typeof item === 'object') {
        if (!item.isOfSystem) {
          const event = item.decode();
          events.push(event);
          characters += event.data.length + event.metadata.length;
        }
      } else if (item === 'confirmed') clearTimeout(confirmationTimer);
      else if (item !== 'checkpoint') isLive = item === 'caught up';
      else if (!isLive && events.length === 0) {
        yield { events, caughtUp: false };
        continue;
      }
      const isFull = events.length >= batchSize || characters >= MAX_BATCH_CHARACTERS;
      const moreArrived = await hasMore(subscription);
      if (moreArrived && !isFull) continue;
      const caughtUp = isLive && !moreArrived;
      if (events.length === 0 && (!caughtUp || reportedCaughtUp)) continue;
      reportedCaughtUp = caughtUp;
      yield { events, caughtUp };
      events = [];
      characters = 0;
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

function subscribeToLog(
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
    receivedEventOptions(),
  );
  subscription.on('error', () => undefined); // an error after the loop would have no listener
  return subscription;
}
