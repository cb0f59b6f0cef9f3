import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { ReadReq } from '@eventstore/db-client/generated/streams_pb.js';
import type streams from '@eventstore/db-client/generated/streams_pb.js';
import type { ServerErrorResponse } from '@grpc/grpc-js';
import type { EventLog } from './event-log.js';
import type { Faults } from './faults.js';
import { handlerThrew, streamDeleted, unexpectedRead } from './grpc-status.js';
import { indexOfRecord, type ReadCall } from './read-position.js';
import type { RecordedEvent } from './recorded-event.js';
import { Subscription } from './subscription.js';
import { eventResponse, streamName, streamNotFound } from './wire.js';

/** The result of a read: events, or the reason why there are none. */
type ReadResult =
  | { readonly kind: 'events'; readonly events: Iterable<RecordedEvent> }
  | { readonly kind: 'no stream'; readonly name: string }
  | { readonly kind: 'error'; readonly error: ServerErrorResponse };

/** Handles a read of, or a subscription to, a stream or `$all`: the protocol has one call for these four. */
export function read(log: EventLog, faults: Faults, call: ReadCall): void {
  const fail = (error: ServerErrorResponse): void => {
    call.emit('error', error);
  };
  const handle = (): void => {
    const options = call.request.getOptions();
    if (!options) {
      fail(handlerThrew());
    } else if (options.hasSubscription()) {
      Subscription.start(log, faults, call, options);
    } else {
      answer(options);
    }
  };
  const answer = (options: streams.ReadReq.Options): void => {
    const result = findEvents(log, options);
    if (result.kind === 'error') {
      fail(result.error);
    } else if (result.kind === 'no stream') {
      call.write(streamNotFound(result.name));
      call.end();
    } else {
      void send(log, faults, call, result.events, options.getResolveLinks());
    }
  };
  faults.admit(call, call.request.getOptions()?.hasAll() === true ? 'read all' : 'read', handle, fail);
}

function findEvents(log: EventLog, options: streams.ReadReq.Options): ReadResult {
  const isBackwards = options.getReadDirection() === ReadReq.Options.ReadDirection.BACKWARDS;
  const limit = Number(options.getCount());
  const stream = options.getStream();
  return stream ? findInStream(log, stream, isBackwards, limit) : findInAll(log, options.getAll(), isBackwards, limit);
}

function findInStream(
  log: EventLog,
  options: streams.ReadReq.Options.StreamOptions,
  isBackwards: boolean,
  limit: number,
): ReadResult {
  const name = streamName(options.getStreamIdentifier());
  const stream = log.stream(name);
  if (limit <= 0 || (options.hasEnd() && !isBackwards)) {
    return { kind: 'error', error: unexpectedRead('ReadStreamResult') };
  }
  if (stream.tombstone && log.isVisible(stream.tombstone)) return { kind: 'error', error: streamDeleted(name) };
  const lastVisible = lastVisibleRevision(log, stream.events);
  if (lastVisible < 0 || stream.isSoftDeleted) return { kind: 'no stream', name };
  const first = stream.firstReadable(Date.now());
  const requestedRevision = options.hasStart() ? 0 : options.hasEnd() ? lastVisible : Number(options.getRevision());
  return isBackwards
    ? { kind: 'events', events: walk(stream.events, Math.min(requestedRevision, lastVisible), first, -1, limit) }
    : { kind: 'events', events: walk(stream.events, Math.max(requestedRevision, first), lastVisible, 1, limit) };
}

function findInAll(
  log: EventLog,
  options: streams.ReadReq.Options.AllOptions | undefined,
  isBackwards: boolean,
  limit: number,
): ReadResult {
  const position = options?.getPosition();
  const index = position ? indexOfRecord(log, position) : options?.hasEnd() ? log.length : 0;
  if (limit <= 0 || index === undefined) return { kind: 'error', error: unexpectedRead('ReadAllResult') };
  const last = log.length - 1;
  return isBackwards
    ? { kind: 'events', events: walkAll(log, index - 1, 0, -1, limit) }
    : { kind: 'events', events: walkAll(log, index, last, 1, limit) };
}

/** Revision of the stream's last event that readers can see, -1 if there is none. */
function lastVisibleRevision(log: EventLog, events: readonly RecordedEvent[]): number {
  let head = events.length - 1;
  for (let event = events[head]; event && !log.isVisible(event); event = events[head]) head -= 1;
  return head;
}

/** At most `limit` events from index `from` to index `to`, both inclusive. */
function* walk(
  events: readonly RecordedEvent[],
  from: number,
  to: number,
  step: 1 | -1,
  limit: number,
): Iterable<RecordedEvent> {
  let remaining = limit;
  for (let index = from; step * (to - index) >= 0 && remaining > 0; index += step, remaining -= 1) {
    const event = events[index];
    if (event) yield event;
  }
}

/** As `walk`, for the events of the whole log. */
function* walkAll(log: EventLog, from: number, to: number, step: 1 | -1, limit: number): Iterable<RecordedEvent> {
  let remaining = limit;
  for (let index = from; step * (to - index) >= 0 && remaining > 0; index += step, remaining -= 1) {
    const event = log.at(index);
    if (event) yield event;
  }
}

/** Sends the events as fast as the client reads them. A freeze withholds those that are not sent yet. */
async function send(
  log: EventLog,
  faults: Faults,
  call: ReadCall,
  events: Iterable<RecordedEvent>,
  resolveLinks: boolean,
): Promise<void> {
  const cancelled = new AbortController();
  call.on('cancelled', () => {
    cancelled.abort();
  });
  try {
    for (const event of events) {
      if (faults.isFrozen)
        await new Promise<void>((resolve) => {
          faults.whenNotFrozen(resolve);
        });
      if (faults.readDelayMs > 0) await sleep(faults.readDelayMs);
      if (cancelled.signal.aborted) return;
      if (!call.write(eventResponse(log, event, resolveLinks))) {
        await once(call, 'drain', { signal: cancelled.signal });
      }
    }
    faults.whenNotFrozen(() => call.end());
  } catch (error) {
    if (!cancelled.signal.aborted) throw error;
  }
}
