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
import { proposed, streamName, uuid } from './wire.js';

type Proposal = streams.AppendReq.ProposedMessage | streams.BatchAppendReq.ProposedMessage;

/** The unary path: one call an append, chosen by the client when it is given credentials. */
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
  const decide = (): void => {
    const fate = faults.nextAppend();
    if (fate === 'ignore') return;
    const events = accepted(messages);
    const stream = streamName(options?.getStreamIdentifier());
    if (messages.some((message) => size([message]) > MAX_MESSAGE_SIZE)) answer(messageTooLarge());
    else if (!options || !events || stream === '') answer(handlerThrew());
    else if (size(messages) > MAX_APPEND_SIZE) answer(appendTooLarge());
    else {
      const expected = expectedRevision(options, options.getRevision());
      const outcome = decided(fate, () => log.append(stream, expected, events));
      log.whenDurable(() => {
        if (fate === 'store silently') return;
        faults.unlessFrozen(() => {
          if (outcome.kind === 'appended') answer(null, unarySuccess(outcome));
          else if (outcome.kind === 'conflict') answer(null, unaryConflict(outcome, expected));
          else if (outcome.kind === 'timed out') answer(commitTimeout());
          else answer(streamDeleted(stream));
        });
      });
    }
  };
  call.on('end', () => {
    // A client that gives up in the middle resets its stream: grpc-js says first that it ended and then that it was
    // cancelled. What was sent so far is no append.
    setImmediate(() => {
      if (!call.cancelled) faults.admit(call, 'write', decide, answer);
    });
  });
}

/** The batch path: all appends of a client in one call, each in pieces that its correlation id holds together. */
export class BatchAppends implements OpenCall {
  readonly kind = 'batch';
  readonly #log: EventLog;
  readonly #faults: Faults;
  readonly #call: ServerDuplexStream<streams.BatchAppendReq, streams.BatchAppendResp>;
  readonly #pieces = new Map<string, { options: streams.BatchAppendReq.Options; messages: Proposal[] }>();
  #unanswered = 0;
  #clientIsDone = false;
  #isOver = false;
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
      this.#gather(request);
    });
    call.on('end', () => {
      this.#clientIsDone = true;
      if (this.#unanswered === 0) this.end();
    });
    call.on('cancelled', () => {
      this.#isOver = true;
      faults.unregister(this);
    });
  }

  end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#faults.unregister(this);
    this.#call.end();
  }

  fail(error: ServerErrorResponse): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#faults.unregister(this);
    this.#call.emit('error', error);
  }

  mute(): void {
    this.#isMute = true;
  }

  /** Answers withheld by a freeze are sent by the freeze itself. */
  resume(): void {
    if (this.#clientIsDone && this.#unanswered === 0) this.end();
  }

  #gather(request: streams.BatchAppendReq): void {
    const correlation = request.getCorrelationId();
    const options = request.getOptions();
    const key = uuid(correlation);
    if (options) this.#pieces.set(key, { options, messages: [] });
    const pieces = this.#pieces.get(key);
    if (!pieces || !correlation) {
      this.fail(handlerThrew());
      return;
    }
    pieces.messages.push(...request.getProposedMessagesList());
    if (!request.getIsFinal()) return;
    this.#pieces.delete(key);
    const decide = (): void => {
      this.#decide(correlation, pieces.options, pieces.messages);
    };
    this.#faults.admit(this.#call, 'write', decide, (error) => {
      this.fail(error);
    });
  }

  #decide(correlation: shared.UUID, options: streams.BatchAppendReq.Options, messages: readonly Proposal[]): void {
    if (this.#isOver || this.#isMute) return;
    const fate = this.#faults.nextAppend();
    if (fate === 'ignore') return;
    if (messages.some((message) => size([message]) > MAX_MESSAGE_SIZE)) {
      this.fail(messageTooLarge());
      return;
    }
    const stream = streamName(options.getStreamIdentifier());
    const expected = expectedRevision(options, options.getStreamPosition());
    const outcome = decided(fate, () => this.#append(stream, expected, messages));
    this.#unanswered += 1;
    this.#log.whenDurable(() => {
      this.#faults.unlessFrozen(() => {
        this.#unanswered -= 1;
        if (this.#isOver) return;
        if (fate !== 'store silently') this.#call.write(batchAnswer(correlation, stream, expected, outcome));
        if (this.#clientIsDone && this.#unanswered === 0) this.end();
      });
    });
  }

  #append(stream: string, expected: ExpectedRevision, messages: readonly Proposal[]): BatchOutcome {
    const events = accepted(messages);
    if (!events || stream === '') return { kind: 'bad request' };
    if (size(messages) > MAX_APPEND_SIZE) return { kind: 'too large' };
    return this.#log.append(stream, expected, events);
  }
}

/** Carries out an append and says what is answered, where that differs. */
function decided<Outcome>(fate: AppendFate, append: () => Outcome): Outcome | TimedOut {
  if (fate === 'time out') return TIMED_OUT;
  const outcome = append();
  return fate === 'store and time out' ? TIMED_OUT : outcome;
}

type TimedOut = Extract<AppendOutcome, { kind: 'timed out' }>;
const TIMED_OUT: TimedOut = { kind: 'timed out' };

function accepted(messages: readonly Proposal[]): ProposedEvent[] | undefined {
  const events = messages.map(proposed).filter((event) => event !== undefined);
  return events.length === messages.length ? events : undefined;
}

function size(messages: readonly Proposal[]): number {
  let bytes = 0;
  for (const message of messages) bytes += message.getData_asU8().length + message.getCustomMetadata_asU8().length;
  return bytes;
}

interface Expectation {
  hasAny(): boolean;
  hasNoStream(): boolean;
  hasStreamExists(): boolean;
}

/** The server's three words, or the revision that the request carries in a field of its own name. */
export function expectedRevision(options: Expectation, revision: string): ExpectedRevision {
  if (options.hasAny()) return 'any';
  if (options.hasNoStream()) return 'no_stream';
  return options.hasStreamExists() ? 'stream_exists' : BigInt(revision);
}
