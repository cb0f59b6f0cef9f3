import { randomUUID } from 'node:crypto';
import type streams from '@eventstore/db-client/generated/streams_pb.js';
import type { ServerErrorResponse } from '@grpc/grpc-js';
import type { EventLog } from './event-log.js';
import type { Faults, OpenCall } from './faults.js';
import { consumerTooSlow, handlerThrew } from './grpc-status.js';
import { indexOfRecord, type ReadCall } from './read-position.js';
import type { RecordedEvent } from './recorded-event.js';
import { filterPredicate } from './subscription-filter.js';
import { caughtUp, checkpoint, confirmation, eventResponse, streamName } from './wire.js';

/** Maximum number of live events that wait for a client that does not read. One more drops the subscription. */
const LIVE_BUFFER = 32;
/** When more live events than this wait at once, the server drops the subscription even if the client reads, ... */
const LIVE_BURST = 96;
/** ... after it has sent this many of them. On a real server the number depends on timing: 31 to 300 were observed. */
const SENT_OF_BURST = 64;
/**
 * Examined events between two checkpoints if the client requests no window. The interval multiplier of the request
 * multiplies this number.
 */
const DEFAULT_WINDOW = 32;
/** After this time in ms without progress, a connection is blocked by flow control, and not only busy. */
const STALL_TIMEOUT_MS = 10;

/** What a subscription reads: the whole log, or one stream. */
interface Source {
  /** The event at the index; undefined if readers cannot see it yet. */
  at(index: number): RecordedEvent | undefined;
  /** The server sends no `caughtUp` for a stream that does not exist yet. */
  exists(): boolean;
}

/** One catch-up subscription: sends the events stored after its start, `caughtUp` once, then each new event. */
export class Subscription implements OpenCall {
  readonly kind = 'subscription';
  readonly #log: EventLog;
  readonly #faults: Faults;
  readonly #call: ReadCall;
  readonly #source: Source;
  readonly #matches: (event: RecordedEvent) => boolean;
  readonly #resolveLinks: boolean;
  /** Examined events between two checkpoints. Without a filter there are no checkpoints. */
  readonly #checkpointInterval: number;
  readonly #release: () => void;
  #nextIndex: number;
  #examined = 0;
  #isLive = false;
  /** Number of live events that are still sent before the subscription is dropped. Infinity unless a burst occurred. */
  #liveEventsLeft = Infinity;
  #isBlocked = false;
  #hasEnded = false;
  #stallTimer: NodeJS.Timeout | undefined;

  static start(log: EventLog, faults: Faults, call: ReadCall, options: streams.ReadReq.Options): void {
    const start = startOf(log, options);
    if (start === undefined) {
      call.emit('error', handlerThrew());
      return;
    }
    call.write(confirmation(randomUUID()));
    new Subscription(log, faults, call, options, start).resume();
  }

  private constructor(log: EventLog, faults: Faults, call: ReadCall, options: streams.ReadReq.Options, start: number) {
    this.#log = log;
    this.#faults = faults;
    this.#call = call;
    this.#source = sourceOf(log, options);
    this.#nextIndex = start;
    const filter = options.getFilter();
    this.#matches = filterPredicate(filter);
    this.#checkpointInterval = filter
      ? (filter.hasMax() ? filter.getMax() : DEFAULT_WINDOW) * Math.max(1, filter.getCheckpointintervalmultiplier())
      : Infinity;
    this.#resolveLinks = options.getResolveLinks();
    const stopListening = log.onAppended(() => {
      this.resume();
    });
    this.#release = (): void => {
      this.#hasEnded = true;
      clearTimeout(this.#stallTimer);
      stopListening();
      faults.unregister(this);
    };
    faults.register(this);
    call.on('drain', () => {
      this.#isBlocked = false;
      clearTimeout(this.#stallTimer);
      this.#stallTimer = undefined;
      this.#deliver();
    });
    call.on('cancelled', this.#release);
    call.on('close', this.#release);
  }

  end(): void {
    if (this.#hasEnded) return;
    this.#release();
    this.#call.end();
  }

  fail(error: ServerErrorResponse): void {
    if (this.#hasEnded) return;
    this.#release();
    this.#call.emit('error', error);
  }

  /** Delivers new events until the client's buffer is full. */
  resume(): void {
    if (this.#isLive && this.#liveEventsLeft === Infinity && this.#countWaiting(LIVE_BURST) > LIVE_BURST)
      this.#liveEventsLeft = SENT_OF_BURST;
    this.#deliver();
  }

  #deliver(): void {
    if (this.#hasEnded || this.#faults.isSilent) return;
    while (!this.#isBlocked) {
      const event = this.#source.at(this.#nextIndex);
      if (!event) break;
      if (this.#liveEventsLeft <= 0) {
        this.fail(consumerTooSlow());
        return;
      }
      this.#nextIndex += 1;
      this.#examine(event);
    }
    if (this.#isBlocked) {
      if (this.#isLive) this.#watchStall();
      return;
    }
    if (!this.#isLive && this.#source.exists()) {
      this.#isLive = true;
      this.#examined = 0;
      this.#send(caughtUp());
    }
  }

  /** During catch-up, every event counts towards a checkpoint; after it, only events that do not match. */
  #examine(event: RecordedEvent): void {
    const isWanted = this.#matches(event);
    if (isWanted) this.#send(eventResponse(this.#log, event, this.#resolveLinks));
    if (isWanted && this.#isLive) {
      this.#liveEventsLeft -= 1;
      return;
    }
    this.#examined += 1;
    if (this.#examined < this.#checkpointInterval) return;
    this.#examined = 0;
    this.#send(checkpoint(event.position));
  }

  #send(message: streams.ReadResp): void {
    if (!this.#call.write(message)) this.#isBlocked = true;
  }

  #watchStall(): void {
    const unsent = this.#call.writableLength;
    this.#stallTimer ??= setTimeout(() => {
      // A late timer runs before the event loop handles its sockets, so the check waits until it has.
      setImmediate(() => {
        if (this.#hasEnded || !this.#isBlocked || !this.#stallTimer) return;
        this.#stallTimer = undefined;
        const isMoving = this.#call.writableLength < unsent;
        if (!isMoving && this.#countWaiting(LIVE_BUFFER) > LIVE_BUFFER) this.fail(consumerTooSlow());
        else this.#watchStall();
      });
    }, STALL_TIMEOUT_MS);
  }

  /** Number of live events that the client has not received. Stops counting at `limit` + 1. */
  #countWaiting(limit: number): number {
    let waiting = this.#call.writableLength;
    let event = this.#source.at(this.#nextIndex);
    for (let index = this.#nextIndex; event && waiting <= limit; event = this.#source.at((index += 1))) {
      if (this.#matches(event)) waiting += 1;
    }
    return waiting;
  }
}

/**
 * Index of the first event to deliver. The event at the requested position or revision is excluded. Undefined for a
 * position at which no record begins.
 */
function startOf(log: EventLog, options: streams.ReadReq.Options): number | undefined {
  const stream = options.getStream();
  if (stream) {
    if (stream.hasStart()) return 0;
    return stream.hasEnd()
      ? log.stream(streamName(stream.getStreamIdentifier())).head + 1
      : Number(stream.getRevision()) + 1;
  }
  const all = options.getAll();
  const position = all?.getPosition();
  if (!position) return all?.hasEnd() ? log.length : 0;
  const index = indexOfRecord(log, position);
  if (index === undefined) return undefined;
  const isEvent = log.at(index)?.position === Number(position.getCommitPosition());
  return isEvent ? index + 1 : index;
}

function sourceOf(log: EventLog, options: streams.ReadReq.Options): Source {
  const streamOptions = options.getStream();
  if (!streamOptions) return { at: (index) => log.at(index), exists: () => true };
  const stream = log.stream(streamName(streamOptions.getStreamIdentifier()));
  const at = (index: number): RecordedEvent | undefined => {
    const event = stream.events[index];
    return event && log.isVisible(event) ? event : undefined;
  };
  return { at, exists: () => at(0) !== undefined };
}
