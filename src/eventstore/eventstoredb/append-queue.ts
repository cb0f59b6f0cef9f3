import { randomUUID } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { EventStoreDBClient } from '@eventstore/db-client';
import type { BatchAppendResp } from '@eventstore/db-client/generated/streams_pb.js';
import { AppendAmbiguous, StoreUnavailable } from '../event-store.js';
import { answerIn, encodeAppend, type AppendAnswer } from './append-messages.js';
import { AppendStream, type AppendStreamUser } from './append-stream.js';
import { appendFailure, brokenStreamFailure, unreachable, type Append } from './failures.js';

/**
 * Bytes of requests that may be written and unanswered; more wait. With one append of the largest size more than
 * fifteen others fit, and with appends of ordinary size ten thousand.
 */
export const MAX_BYTES_IN_FLIGHT = 16 * 1024 * 1024;

/** Streams in a row that may end without an answer before the appends that wait fail too. */
const MAX_UNANSWERED_STREAMS = 2;

interface PendingAppend {
  readonly id: string;
  readonly append: Append;
  readonly timer: NodeJS.Timeout;
  readonly resolve: (answer: AppendAnswer) => void;
  readonly reject: (error: unknown) => void;
  /** Once encoded; 0 before. */
  bytes: number;
  request?: Buffer | undefined;
  /** Absent while it waits. */
  stream?: AppendStream<PendingAppend>;
}

/**
 * Sends the appends of one store over one stream after the other, each append as one message, in the order in which
 * they came. An append waits while the connection takes nothing or too many bytes are unanswered, and its time counts
 * from the beginning.
 */
export class AppendQueue implements AppendStreamUser<PendingAppend> {
  private readonly waiting = new Set<PendingAppend>();
  private stream: AppendStream<PendingAppend> | undefined;
  private isOpening = false;
  private isClosed = false;
  private unansweredStreams = 0;
  private inFlight = 0;

  constructor(
    private readonly client: EventStoreDBClient,
    private readonly maxBytesInFlight = MAX_BYTES_IN_FLIGHT,
  ) {}

  /** Bytes of the requests that are written and unanswered. */
  get bytesInFlight(): number {
    return this.inFlight;
  }

  /**
   * @param ms time for the answer, in ms
   * @throws the errors of EventStore.append; their `cause` is the client's error
   */
  append(append: Append, ms: number): Promise<AppendAnswer> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.expire(pending, ms);
      }, ms);
      const pending: PendingAppend = { id: randomUUID(), append, timer, resolve, reject, bytes: 0 };
      this.waiting.add(pending);
      this.write();
    });
  }

  /** Ends the stream when nothing is pending on it. */
  close(): void {
    this.isClosed = true;
    this.stream?.retire();
    this.stream = undefined;
  }

  answered(pending: PendingAppend, response: BatchAppendResp): void {
    this.unansweredStreams = 0;
    this.release(pending);
    try {
      pending.resolve(answerIn(response, pending.append.stream));
    } catch (error) {
      pending.reject(appendFailure(error, pending.append));
    }
    this.write();
  }

  drained(): void {
    this.write();
  }

  ended(stream: AppendStream<PendingAppend>, unanswered: readonly PendingAppend[], error: unknown): void {
    for (const pending of unanswered) {
      this.release(pending);
      pending.reject(brokenStreamFailure(error, pending.append.stream));
    }
    if (this.stream !== stream) return;
    this.stream = undefined;
    if (unanswered.length > 0 && !stream.hasAnswered) this.unansweredStreams += 1;
    if (this.unansweredStreams >= MAX_UNANSWERED_STREAMS) this.failWaiting(error);
    this.write();
  }

  private write(): void {
    if (this.waiting.size === 0) return;
    if (this.stream === undefined) {
      void this.openStream();
      return;
    }
    for (const pending of this.waiting) {
      if (!this.stream.hasRoom) return;
      const request = this.encoded(pending);
      if (request === undefined) continue;
      if (this.inFlight > 0 && this.inFlight + request.length > this.maxBytesInFlight) return;
      this.waiting.delete(pending);
      this.inFlight += request.length;
      pending.stream = this.stream;
      pending.request = undefined;
      this.stream.write(pending.id, pending, request);
    }
  }

  /** Undefined when the append has no encoding: then it alone has failed. */
  private encoded(pending: PendingAppend): Buffer | undefined {
    try {
      pending.request ??= encodeAppend(pending.id, pending.append);
      pending.bytes = pending.request.length;
      return pending.request;
    } catch (error) {
      this.waiting.delete(pending);
      clearTimeout(pending.timer);
      pending.reject(error);
      return undefined;
    }
  }

  private async openStream(): Promise<void> {
    if (this.isOpening) return;
    this.isOpening = true;
    try {
      await nextTurn(); // after an error the client changes its node only now
      const stream = await AppendStream.open(this.client, this);
      if (this.isClosed) stream.retire();
      else this.stream = stream;
    } catch (error) {
      this.failWaiting(error);
    }
    this.isOpening = false;
    this.write();
  }

  private expire(pending: PendingAppend, ms: number): void {
    const { stream } = pending.append;
    if (this.waiting.delete(pending)) {
      pending.reject(new StoreUnavailable(`an append to ${stream} could not be sent within ${ms} ms`));
      return;
    }
    this.release(pending);
    pending.reject(new AppendAmbiguous(`an append to ${stream} was not answered within ${ms} ms`));
    const isSilent = pending.stream?.forget(pending.id) ?? false;
    if (isSilent && pending.stream === this.stream) {
      this.stream?.retire(); // the call may hang alone: what follows tries another
      this.stream = undefined;
    }
    this.write();
  }

  private failWaiting(error: unknown): void {
    this.unansweredStreams = 0;
    for (const pending of this.waiting) {
      clearTimeout(pending.timer);
      pending.reject(unreachable(error));
    }
    this.waiting.clear();
  }

  /** The outcome of a written append is known, or will not be. */
  private release(pending: PendingAppend): void {
    clearTimeout(pending.timer);
    this.inFlight -= pending.bytes;
  }
}
