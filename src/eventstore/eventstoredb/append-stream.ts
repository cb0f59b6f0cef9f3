import { convertToCommandError, type EventStoreDBClient } from '@eventstore/db-client';
import { StreamsClient, StreamsService } from '@eventstore/db-client/generated/streams_grpc_pb.js';
import type { BatchAppendResp } from '@eventstore/db-client/generated/streams_pb.js';
import type { ClientDuplexStream } from '@grpc/grpc-js';
import { correlationOf } from './append-messages.js';
import { LEADER } from './log-reader.js';

type BatchAppendCall = ClientDuplexStream<Buffer, BatchAppendResp>;

/** Receives what happens on an append stream. `A` is the type with which the user represents an append. */
export interface AppendStreamUser<A> {
  /** The server answered an append that was written to the stream. */
  answered(append: A, response: BatchAppendResp): void;
  /** The stream has room for more appends. */
  drained(): void;
  /** The stream has ended; no further call follows. `unanswered`: the appends on this stream that got no answer. */
  ended(stream: AppendStream<A>, unanswered: readonly A[], error: unknown): void;
}

/**
 * One batch-append call, with the appends that were written to it and have no answer yet. It shares no state with other
 * append streams.
 */
export class AppendStream<A> {
  /** Unanswered appends by correlation id. `answersBefore`: answers received before the append was written. */
  private readonly unanswered = new Map<string, { readonly append: A; readonly answersBefore: number }>();
  private answers = 0;
  private isFull = false;
  private isRetired = false;
  private isOver = false;

  /**
   * Opens the call. If the node does not answer, this succeeds and the stream ends later with an error.
   * @throws the client's error when no node can be found
   */
  static async open<A>(client: EventStoreDBClient, user: AppendStreamUser<A>): Promise<AppendStream<A>> {
    /* eslint-disable @typescript-eslint/dot-notation -- protected members of the client */
    const open = client['GRPCStreamCreator'](StreamsClient, 'appends', (grpc): BatchAppendCall => {
      const { path, responseDeserialize } = StreamsService.batchAppend;
      const [metadata, options] = client['callArguments'](LEADER, { deadline: Infinity });
      return grpc.makeBidiStreamRequest(path, (request: Buffer) => request, responseDeserialize, metadata, options);
    });
    /* eslint-enable @typescript-eslint/dot-notation */
    return new AppendStream(await open(), user);
  }

  private constructor(
    private readonly call: BatchAppendCall,
    private readonly user: AppendStreamUser<A>,
  ) {
    call.on('data', (response: BatchAppendResp) => {
      this.receive(response);
    });
    call.on('drain', () => {
      this.isFull = false;
      if (!this.isOver) user.drained();
    });
    // This listener is never removed: an error without a listener would end the process.
    call.on('error', (error: Error) => {
      this.end(convertToCommandError(error));
    });
    for (const event of ['end', 'close'])
      call.on(event, () => {
        this.end(Object.assign(new Error('the server ended the stream of appends'), { code: UNAVAILABLE }));
      });
  }

  /** The server has answered at least one append. */
  get hasAnswered(): boolean {
    return this.answers > 0;
  }

  /** False while the call has a full buffer, and after the end of the stream. */
  get hasRoom(): boolean {
    return !this.isFull && !this.isOver;
  }

  /** @param id correlation id of the request */
  write(id: string, append: A, request: Buffer): void {
    this.unanswered.set(id, { append, answersBefore: this.answers });
    this.isFull = !this.call.write(request);
  }

  /** Stops waiting for the answer to an append. Returns true if no append was answered since this one was written. */
  forget(id: string): boolean {
    const written = this.unanswered.get(id);
    this.unanswered.delete(id);
    this.cancelWhenDone();
    return written?.answersBefore === this.answers;
  }

  /** Ends the stream once it has no unanswered append. Nothing may be written to it any more. */
  retire(): void {
    this.isRetired = true;
    this.cancelWhenDone();
  }

  private receive(response: BatchAppendResp): void {
    if (this.isOver) return;
    this.answers += 1;
    const id = correlationOf(response);
    const written = this.unanswered.get(id);
    if (written === undefined) return; // the answer of an append that was forgotten
    this.unanswered.delete(id);
    this.user.answered(written.append, response);
    this.cancelWhenDone();
  }

  /** Cancels the call of a retired stream that has no unanswered append. */
  private cancelWhenDone(): void {
    if (!this.isRetired || this.unanswered.size > 0 || this.isOver) return;
    this.isOver = true;
    this.call.cancel();
  }

  private end(error: unknown): void {
    if (this.isOver) return;
    this.isOver = true;
    this.call.destroy(); // until then, the client keeps a call that the server ended in its set of open streams
    const unanswered = [...this.unanswered.values()].map(({ append }) => append);
    this.unanswered.clear();
    this.user.ended(this, unanswered, error);
  }
}

/** Status code of gRPC. */
const UNAVAILABLE = 14;
