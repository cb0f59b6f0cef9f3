import { randomUUID } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { EventStoreDBClient } from '@eventstore/db-client';
import type { BatchAppendResp } from '@eventstore/db-client/generated/streams_pb.js';
import { AppendAmbiguous, ConnectionReplaced, StoreUnavailable } from '../event-store.js';
import { decodeAnswer, encodeAppend, type AppendAnswer } from './append-messages.js';
import { AppendStream, type AppendStreamUser } from './append-stream.js';
import { appendFailure, brokenStreamFailure, unreachable, type Append } from './failures.js';

/**
 * Maximum bytes of the requests that are written and unanswered. Further appends wait. This is enough for about 15
 * appends of the largest size (1 MiB), or for about ten thousand of ordinary size.
 */
export const MAX_BYTES_IN_FLIGHT = 16 * 1024 * 1024;

/** After this many consecutive streams that end without an answer, the waiting appends fail too. */
const MAX_UNANSWERED_STREAMS = 2;

interface PendingAppend {
  readonly id: string;
  readonly append: Append;
  /** Number of the only stream over which the append may be sent; undefined: any. */
  readonly connection: number | undefined;
  readonly timer: NodeJS.Timeout;
  readonly resolve: (answer: AppendAnswer) => void;
  readonly reject: (error: unknown) => void;
  /** Bytes of the encoded request; 0 before it is encoded. */
  bytes: number;
  request?: Buffer | undefined;
  /** The stream to which the append was written; absent while the append waits. */
  stream?: AppendStream<PendingAppend>;
}

/**
 * Sends the appends of one store in order, each as one message, over one gRPC stream at a time. When a stream breaks,
 * it opens another. An append waits while the connection has no room or too many bytes are unanswered. The time that it
 * waits counts towards its timeout.
 */
export class AppendQueue implements AppendStreamUser<PendingAppend> {
  private readonly waiting = new Set<PendingAppend>();
  private stream: AppendStream<PendingAppend> | undefined;
  private isOpening = false;
  private isClosed = false;
  private unansweredStreams = 0;
  private openedStreams = 0;
  private inFlight = 0;

  /**
   * @param fullTimeoutMs an append that got no answer within this time shows that its stream may hang; a shorter timeout
   * shows nothing
   */
  constructor(
    private readonly client: EventStoreDBClient,
    private readonly maxBytesInFlight = MAX_BYTES_IN_FLIGHT,
    private readonly fullTimeoutMs = 0,
  ) {}

  /** Number of the last stream that was opened. A stream never outlives the process of the server. */
  get connection(): number {
    return this.openedStreams;
  }

  /** Bytes of the requests that are written and unanswered. */
  get bytesInFlight(): number {
    return this.inFlight;
  }

  /**
   * @param timeoutMs maximum time until the answer, in ms
   * @param connection the only stream over which to send it, by its number
   * @throws the errors of EventStore.append; their `cause` is the client's error
   */
  append(append: Append, timeoutMs: number, connection?: number): Promise<AppendAnswer> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.expire(pending, timeoutMs);
      }, timeoutMs);
      const pending: PendingAppend = { id: randomUUID(), append, connection, timer, resolve, reject, bytes: 0 };
      this.waiting.add(pending);
      this.write();
    });
  }

  /** Ends the current stream as soon as it has no unanswered append. */
  close(): void {
    this.isClosed = true;
    this.stream?.retire();
    this.stream = undefined;
  }

  answered(pending: PendingAppend, response: BatchAppendResp): void {
    this.unansweredStreams = 0;
    this.release(pending);
    try {
      pending.resolve(decodeAnswer(response, pending.append.stream));
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

  /** Writes the waiting appends while there is room. Opens a stream first if there is none. */
  private write(): void {
    if (this.waiting.size === 0) return;
    if (this.stream === undefined) {
      void this.openStream();
      return;
    }
    for (const pending of this.waiting) {
      if (pending.connection !== undefined && pending.connection !== this.openedStreams) {
        const { stream } = pending.append;
        this.rejectWaiting(
          pending,
          new ConnectionReplaced(`an append to ${stream} was not sent over a new connection`),
        );
        continue;
      }
      if (!this.stream.hasRoom) return;
      const request = this.encode(pending);
      if (request === undefined) continue;
      if (this.inFlight > 0 && this.inFlight + request.length > this.maxBytesInFlight) return;
      this.waiting.delete(pending);
      this.inFlight += request.length;
      pending.stream = this.stream;
      pending.request = undefined;
      this.stream.write(pending.id, pending, request);
    }
  }

  /**
   * Encodes the request. Returns undefined if that fails; then it has rejected this append, and the others continue.
   */
  private encode(pending: PendingAppend): Buffer | undefined {
    try {
      pending.request ??= encodeAppend(pending.id, pending.append);
      pending.bytes = pending.request.length;
      return pending.request;
    } catch (error) {
      this.rejectWaiting(pending, error);
      return undefined;
    }
  }

  private async openStream(): Promise<void> {
    if (this.isOpening) return;
    this.isOpening = true;
    try {
      await nextTurn(); // after an error, the client selects another node one turn later
      const stream = await AppendStream.open(this.client, this);
      if (this.isClosed) stream.retire();
      else {
        this.stream = stream;
        this.openedStreams += 1;
      }
    } catch (error) {
      this.failWaiting(error);
    }
    this.isOpening = false;
    this.write();
  }

  /** Rejects an append whose timeout has passed: as not sent if it still waits, otherwise as ambiguous. */
  private expire(pending: PendingAppend, timeoutMs: number): void {
    const { stream } = pending.append;
    if (this.waiting.delete(pending)) {
      pending.reject(new StoreUnavailable(`an append to ${stream} could not be sent within ${timeoutMs} ms`));
      return;
    }
    this.release(pending);
    pending.reject(new AppendAmbiguous(`an append to ${stream} was not answered within ${timeoutMs} ms`));
    const isUnresponsive = pending.stream?.forget(pending.id) ?? false;
    if (isUnresponsive && timeoutMs >= this.fullTimeoutMs && pending.stream === this.stream) {
      this.stream?.retire(); // perhaps only this call hangs: later appends use a new one
      this.stream = undefined;
    }
    this.write();
  }

  /** Rejects all waiting appends; none of them was sent. */
  private failWaiting(error: unknown): void {
    this.unansweredStreams = 0;
    for (const pending of this.waiting) this.rejectWaiting(pending, unreachable(error));
  }

  private rejectWaiting(pending: PendingAppend, error: unknown): void {
    this.waiting.delete(pending);
    clearTimeout(pending.timer);
    pending.reject(error);
  }

  /** Stops the timer of a written append and frees its bytes, because it is answered or no longer awaited. */
  private release(pending: PendingAppend): void {
    clearTimeout(pending.timer);
    this.inFlight -= pending.bytes;
  }
}
