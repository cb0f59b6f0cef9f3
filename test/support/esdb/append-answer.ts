import shared from '@eventstore/db-client/generated/shared_pb.js';
import { Code } from '@eventstore/db-client/generated/code_pb.js';
import status from '@eventstore/db-client/generated/status_pb.js';
import streams from '@eventstore/db-client/generated/streams_pb.js';
import any from 'google-protobuf/google/protobuf/any_pb.js';
import empty from 'google-protobuf/google/protobuf/empty_pb.js';
import type { ExpectedRevision } from './append-check.js';
import type { AppendOutcome } from './event-log.js';
import { MAX_APPEND_SIZE } from './grpc-status.js';
import { streamIdentifier } from './wire.js';

type Conflict = Extract<AppendOutcome, { kind: 'conflict' }>;
type Appended = Extract<AppendOutcome, { kind: 'appended' }>;

/** The outcomes in a batch-append response. A unary append reports all failures but a conflict as gRPC errors. */
export type BatchOutcome = AppendOutcome | { readonly kind: 'too large' } | { readonly kind: 'bad request' };

export function unarySuccess(outcome: Appended): streams.AppendResp {
  const success = new streams.AppendResp.Success();
  if (outcome.revision === undefined) success.setNoStream(new shared.Empty());
  else success.setCurrentRevision(String(outcome.revision));
  if (outcome.position === undefined) success.setNoPosition(new shared.Empty());
  else {
    const position = String(outcome.position);
    success.setPosition(new streams.AppendResp.Position().setCommitPosition(position).setPreparePosition(position));
  }
  return new streams.AppendResp().setSuccess(success);
}

export function unaryConflict(outcome: Conflict, expected: ExpectedRevision): streams.AppendResp {
  const conflict = new streams.AppendResp.WrongExpectedVersion();
  if (outcome.head < 0) conflict.setCurrentNoStream(new shared.Empty());
  else conflict.setCurrentRevision(String(outcome.head));
  if (expected === 'any') conflict.setExpectedAny(new shared.Empty());
  else if (expected === 'no_stream') conflict.setExpectedNoStream(new shared.Empty());
  else if (expected === 'stream_exists') conflict.setExpectedStreamExists(new shared.Empty());
  else conflict.setExpectedRevision(String(expected));
  return new streams.AppendResp().setWrongExpectedVersion(conflict);
}

/** The response to the batch append with the correlation id `correlation`. */
export function batchAnswer(
  correlation: shared.UUID,
  stream: string,
  expected: ExpectedRevision,
  outcome: BatchOutcome,
): streams.BatchAppendResp {
  const answer = new streams.BatchAppendResp()
    .setCorrelationId(correlation)
    .setStreamIdentifier(streamIdentifier(stream));
  return outcome.kind === 'appended'
    ? answer.setSuccess(batchSuccess(outcome))
    : answer.setError(batchError(stream, expected, outcome));
}

function batchSuccess(outcome: Appended): streams.BatchAppendResp.Success {
  const success = new streams.BatchAppendResp.Success();
  if (outcome.revision === undefined) success.setNoStream(new empty.Empty());
  else success.setCurrentRevision(String(outcome.revision));
  if (outcome.position === undefined) return success.setNoPosition(new empty.Empty());
  const position = String(outcome.position);
  return success.setPosition(new shared.AllStreamPosition().setCommitPosition(position).setPreparePosition(position));
}

function batchError(
  stream: string,
  expected: ExpectedRevision,
  outcome: Exclude<BatchOutcome, Appended>,
): status.Status {
  const error = (code: Code, name: string, details: { serializeBinary(): Uint8Array }): status.Status => {
    const packed = new any.Any();
    packed.pack(details.serializeBinary(), `event_store.client.${name}`);
    return new status.Status().setCode(code).setMessage(name).setDetails(packed);
  };
  switch (outcome.kind) {
    case 'conflict':
      return error(Code.FAILED_PRECONDITION, 'WrongExpectedVersion', batchConflict(outcome, expected));
    case 'deleted':
      return error(
        Code.FAILED_PRECONDITION,
        'StreamDeleted',
        new shared.StreamDeleted().setStreamIdentifier(streamIdentifier(stream)),
      );
    case 'too large':
      return error(
        Code.INVALID_ARGUMENT,
        'MaximumAppendSizeExceeded',
        new shared.MaximumAppendSizeExceeded().setMaxappendsize(MAX_APPEND_SIZE),
      );
    case 'timed out':
      return error(Code.DEADLINE_EXCEEDED, 'Timeout', new shared.Timeout());
    case 'bad request':
      return error(Code.INVALID_ARGUMENT, 'BadRequest', new shared.BadRequest().setMessage('Bad Request'));
  }
}

function batchConflict(outcome: Conflict, expected: ExpectedRevision): shared.WrongExpectedVersion {
  const conflict = new shared.WrongExpectedVersion();
  if (outcome.head < 0) conflict.setCurrentNoStream(new empty.Empty());
  else conflict.setCurrentStreamRevision(String(outcome.head));
  if (expected === 'any') return conflict.setExpectedAny(new empty.Empty());
  if (expected === 'no_stream') return conflict.setExpectedNoStream(new empty.Empty());
  if (expected === 'stream_exists') return conflict.setExpectedStreamExists(new empty.Empty());
  return conflict.setExpectedStreamPosition(String(expected));
}
