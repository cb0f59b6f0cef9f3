import { randomUUID } from 'node:crypto';
import type streams from '@eventstore/db-client/generated/streams_pb.js';
import type { ServerErrorResponse } from '@grpc/grpc-js';
import type { EventLog } from './event-log.js';
import type { Faults, OpenCall } from './faults.js';
import { consumerTooSlow, handlerThrew } from './grpc-status.js';
import { indexOfRecord, type ReadCall } from './read-position.js';
import type { RecordedEvent } from './recorded-event.js';
import { matcher } from './subscription-filter.js';
import { caughtUp, checkpoint, confirmation, eventResponse, streamName } from './wire.js';

/** Live events that may wait behind a client that does not read; with one more it is dropped. */
const LIVE_BUFFER = 32;
/** Live events waiting at once with which the publisher overtakes even a client that reads ... */
const LIVE_BURST = 96;
/** ... and how many more are sent before it is dropped. The server's own numbers are a race, between 31 and 300. */
const SENT_OF_BURST = 64;
/** Considered events between two checkpoints when the client names no window; times its interval. */
const DEFAULT_WINDOW = 32;
/** A connection that takes nothing for this long (ms) is behind flow control, and not just busy. */
const STALL = 10;

/** Where a subscription reads: the whole log, or one stream. */
interface Source {
  at(index: number): RecordedEvent | undefined;
  /** Whether there is anything to have caught up with: the server waits for a stream that does not exist yet. */
  exists(): boolean;
}

/** One catch-up subscription: everything stored after its start, `caughtUp` once, then what is appended. */
export class Subscription implements OpenCall {
  readonly kind = 'subscription';
  readonly #log: EventLog;
  readonly #faults: Faults;
  readonly #call: ReadCall;
  readonly #source: Source;
  readonly #matches: (event: RecordedEvent) => boolean;
  readonly #resolveLinks: boolean;
  /** Considered events per checkpoint; there are none without a filter. */
  readonly #interval: number;
  readonly #forget: () => void;
  #next: number;
  #considered = 0;
  #isLive = false;
  /** Set when a burst overtook this subscription: live events it is still sent. */
  #left = Infinity;
  #isBlocked = false;
  #isOver = false;
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
    this.#next = start;
    const filter = options.getFilter();
    this.#matches = matcher(filter);
    this.#interval = filter
      ? (filter.hasMax() ? filter.getMax() : DEFAULT_WINDOW) * Math.max(1, filter.getCheckpointintervalmultiplier())
      : Infinity;
    this.#resolveLinks = options.getResolveLinks();
    const stopListening = log.onAppended(() => {
      this.resume();
    });
    this.#forget = (): void => {
      this.#isOver = true;
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
    call.on('cancelled', this.#forget);
    call.on('close', this.#forget);
  }

  end(): void {
    if (this.#isOver) return;
    this.#forget();
    this.#call.end();
  }

  fail(error: ServerErrorResponse): void {
    if (this.#isOver) return;
    this.#forget();
    this.#call.emit('error', error);
  }

  /** Delivers what is new, as far as the client takes it. */
  resume(): void {
    if (this.#isLive && this.#left === Infinity && this.#waiting(LIVE_BURST) > LIVE_BURST) this.#left = SENT_OF_BURST;
    this.#deliver();
  }

  #deliver(): void {
    if (this.#isOver || this.#faults.isSilent) return;
    while (!this.#isBlocked) {
      const event = this.#source.at(this.#next);
      if (!event) break;
      if (this.#left <= 0) {
        this.fail(consumerTooSlow());
        return;
      }
      this.#next += 1;
      this.#consider(event);
    }
    if (this.#isBlocked) {
      if (this.#isLive) this.#watchStall();
      return;
    }
    if (!this.#isLive && this.#source.exists()) {
      this.#isLive = true;
      this.#considered = 0;
      this.#send(caughtUp());
    }
  }

  /** Catching up, every event counts towards a checkpoint; live, only those that the filter hides. */
  #consider(event: RecordedEvent): void {
    const isWanted = this.#matches(event);
    if (isWanted) this.#send(eventResponse(this.#log, event, this.#resolveLinks));
    if (isWanted && this.#isLive) {
      this.#left -= 1;
      return;
    }
    this.#considered += 1;
    if (this.#considered < this.#interval) return;
    this.#considered = 0;
    this.#send(checkpoint(event.position));
  }

  #send(message: streams.ReadResp): void {
    if (!this.#call.write(message)) this.#isBlocked = true;
  }

  #watchStall(): void {
    const unsent = this.#call.writableLength;
    this.#stallTimer ??= setTimeout(() => {
      // A busy event loop runs this before it looks at its sockets: let it look.
      setImmediate(() => {
        if (this.#isOver || !this.#isBlocked || !this.#stallTimer) return;
        this.#stallTimer = undefined;
        const isMoving = this.#call.writableLength < unsent;
        if (!isMoving && this.#waiting(LIVE_BUFFER) > LIVE_BUFFER) this.fail(consumerTooSlow());
        else this.#watchStall();
      });
    }, STALL);
  }

  /** Live events that the client has not taken, counted until they are more than `limit`. */
  #waiting(limit: number): number {
    let waiting = this.#call.writableLength;
    let event = this.#source.at(this.#next);
    for (let index = this.#next; event && waiting <= limit; event = this.#source.at((index += 1))) {
      if (this.#matches(event)) waiting += 1;
    }
    return waiting;
  }
}

/** Index of the first event to deliver: starts are exclusive. Undefined for a position where no record begins. */
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
  const only = options.getStream();
  if (!only) return { at: (index) => log.at(index), exists: () => true };
  const stream = log.stream(streamName(only.getStreamIdentifier()));
  const at = (index: number): RecordedEvent | undefined => {
    const event = stream.events[index];
    return event && log.isVisible(event) ? event : undefined;
  };
  return { at, exists: () => at(0) !== undefined };
}
