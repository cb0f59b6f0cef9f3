import type shared from '@eventstore/db-client/generated/shared_pb.js';
import type streams from '@eventstore/db-client/generated/streams_pb.js';
import type { sendUnaryData, ServerDuplexStream, ServerErrorResponse, ServerReadableStream } from '@grpc/grpc-js';
import { batchAnswer, unaryConflict, unarySuccess, type BatchOutcome } from './append-answer.js';
import type { ExpectedRevision } from './append-check.js';
import type { AppendOutcome, EventLog } from './event-log.js';
import type { AppendFate, Faults, OpenCall } from './faults.js';
import {
  appendTooLarge,
  commitTimeout,
  handlerThrew,
  MAX_APPEND_SIZE,
  MAX_MESSAGE_SIZE,
  messageTooLarge,
  streamDeleted,
} from './grpc-status.js';
import type { ProposedEvent } from './recorded-event.js';
import { proposedEvent, streamName, uuid } from './wire.js';

type Proposal = streams.AppendReq.ProposedMessage | streams.BatchAppendReq.ProposedMessage;

/** Handles an append in a call of its own. The client uses this call if the caller passes credentials. */
export function unaryAppend(
  log: EventLog,
  faults: Faults,
  call: ServerReadableStream<streams.AppendReq, streams.AppendResp>,
  answer: sendUnaryData<streams.AppendResp>,
): void {
  let options: streams.AppendReq.Options | undefined;
  const messages: Proposal[] = [];
  call.on('data', (request: streams.AppendReq) => {
    options = request.getOptions() ?? options;
    const message = request.getProposedMessage();
    if (message) messages.push(message);
  });
  const handle = (): void => {
    const fate = faults.nextAppendFate();
    if (fate === 'ignore') return;
    const events = validEvents(messages);
    const stream = streamName(options?.getStreamIdentifier());
    if (messages.some((message) => bytesIn([message]) > MAX_MESSAGE_SIZE)) answer(messageTooLarge());
    else if (!options || !events || stream === '') answer(handlerThrew());
    else if (bytesIn(messages) > MAX_APPEND_SIZE) answer(appendTooLarge());
    else {
      const expected = expectedRevision(options, options.getRevision());
      const outcome = outcomeFor(fate, () => log.append(stream, expected, events));
      log.whenDurable(() => {
        if (fate === 'store silently') return;
        faults.whenNotFrozen(() => {
          if (outcome.kind === 'appended') answer(null, unarySuccess(outcome));
          else if (outcome.kind === 'conflict') answer(null, unaryConflict(outcome, expected));
          else if (outcome.kind === 'timed out') answer(commitTimeout());
          else answer(streamDeleted(stream));
        });
      });
    }
  };
  call.on('end', () => {
    // When a client cancels the call before its last message, grpc-js emits 'end' before it marks the call as
    // cancelled. The messages so far are then not an append.
    setImmediate(() => {
      if (!call.cancelled) faults.admit(call, 'write', handle, answer);
    });
  });
}

/**
 * Handles a batch-append call: it carries many appends of one client. One append can take several requests, which
 * have the same correlation id.
 */
export class BatchAppends implements OpenCall {
  readonly kind = 'batch';
  readonly #log: EventLog;
  readonly #faults: Faults;
  readonly #call: ServerDuplexStream<streams.BatchAppendReq, streams.BatchAppendResp>;
  readonly #incomplete = new Map<string, { options: streams.BatchAppendReq.Options; messages: Proposal[] }>();
  #unanswered = 0;
  #clientHasEnded = false;
  #hasEnded = false;
  #isMute = false;

  constructor(
    log: EventLog,
    faults: Faults,
    call: ServerDuplexStream<streams.BatchAppendReq, streams.BatchAppendResp>,
  ) {
    this.#log = log;
    this.#faults = faults;
    this.#call = call;
    faults.register(this);
    call.on('data', (request: streams.BatchAppendReq) => {
      this.#receive(request);
    });
    call.on('end', () => {
      this.#clientHasEnded = true;
      if (this.#unanswered === 0) this.end();
    });
    call.on('cancelled', () => {
      this.#hasEnded = true;
      faults.unregister(this);
    });
  }

  end(): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.#faults.unregister(this);
    this.#call.end();
  }

  fail(error: ServerErrorResponse): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.#faults.unregister(this);
    this.#call.emit('error', error);
  }

  mute(): void {
    this.#isMute = true;
  }

  /** Ends the call if it is complete. `Faults.lift` has already sent the answers that the freeze withheld. */
  resume(): void {
    if (this.#clientHasEnded && this.#unanswered === 0) this.end();
  }

  /** Collects the requests of an append until the final one, then handles the append. */
  #receive(request: streams.BatchAppendReq): void {
    const correlation = request.getCorrelationId();
    const options = request.getOptions();
    const key = uuid(correlation);
    if (options) this.#incomplete.set(key, { options, messages: [] });
    const append = this.#incomplete.get(key);
    if (!append || !correlation) {
      this.fail(handlerThrew());
      return;
    }
    append.messages.push(...request.getProposedMessagesList());
    if (!request.getIsFinal()) return;
    this.#incomplete.delete(key);
    const handle = (): void => {
      this.#handle(correlation, append.options, append.messages);
    };
    this.#faults.admit(this.#call, 'write', handle, (error) => {
      this.fail(error);
    });
  }

  #handle(correlation: shared.UUID, options: streams.BatchAppendReq.Options, messages: readonly Proposal[]): void {
    if (this.#hasEnded || this.#isMute) return;
    const fate = this.#faults.nextAppendFate();
    if (fate === 'ignore') return;
    if (messages.some((message) => bytesIn([message]) > MAX_MESSAGE_SIZE)) {
      this.fail(messageTooLarge());
      return;
    }
    const stream = streamName(options.getStreamIdentifier());
    const expected = expectedRevision(options, options.getStreamPosition());
    const outcome = outcomeFor(fate, () => this.#append(stream, expected, messages));
    this.#unanswered += 1;
    this.#log.whenDurable(() => {
      this.#faults.whenNotFrozen(() => {
        this.#unanswered -= 1;
        if (this.#hasEnded) return;
        if (fate !== 'store silently') this.#call.write(batchAnswer(correlation, stream, expected, outcome));
        if (this.#clientHasEnded && this.#unanswered === 0) this.end();
      });
    });
  }

  #append(stream: string, expected: ExpectedRevision, messages: readonly Proposal[]): BatchOutcome {
    const events = validEvents(messages);
    if (!events || stream === '') return { kind: 'bad request' };
    if (bytesIn(messages) > MAX_APPEND_SIZE) return { kind: 'too large' };
    return this.#log.append(stream, expected, events);
  }
}

/** Runs the append, unless the fault prevents it, and returns the outcome to send to the client. */
function outcomeFor<Outcome>(fate: AppendFate, append: () => Outcome): Outcome | TimedOut {
  if (fate === 'time out') return TIMED_OUT;
  const outcome = append();
  return fate === 'store and time out' ? TIMED_OUT : outcome;
}

type TimedOut = Extract<AppendOutcome, { kind: 'timed out' }>;
const TIMED_OUT: TimedOut = { kind: 'timed out' };

/** The events of the messages; undefined if at least one message is invalid. */
function validEvents(messages: readonly Proposal[]): ProposedEvent[] | undefined {
  const events = messages.map(proposedEvent).filter((event) => event !== undefined);
  return events.length === messages.length ? events : undefined;
}

/** Bytes of data and metadata. */
function bytesIn(messages: readonly Proposal[]): number {
  let bytes = 0;
  for (const message of messages) bytes += message.getData_asU8().length + message.getCustomMetadata_asU8().length;
  return bytes;
}

/** The expected revision in the options of an append or a delete. */
interface Expectation {
  hasAny(): boolean;
  hasNoStream(): boolean;
  hasStreamExists(): boolean;
}

/** Returns the keyword in the options, otherwise `revision`: its field has another name in each type of request. */
export function expectedRevision(options: Expectation, revision: string): ExpectedRevision {
  if (options.hasAny()) return 'any';
  if (options.hasNoStream()) return 'no_stream';
  return options.hasStreamExists() ? 'stream_exists' : BigInt(revision);
}
