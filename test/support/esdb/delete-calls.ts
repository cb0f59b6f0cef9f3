import shared from '@eventstore/db-client/generated/shared_pb.js';
import streams from '@eventstore/db-client/generated/streams_pb.js';
import type { ServerErrorResponse, ServerUnaryCall } from '@grpc/grpc-js';
import { expectedRevision } from './append-calls.js';
import type { ExpectedRevision } from './append-check.js';
import type { EventLog } from './event-log.js';
import type { Faults } from './faults.js';
import { deleteConflict, handlerThrew, streamDeleted } from './grpc-status.js';
import { streamName } from './wire.js';

type Answer<Response> = (error: ServerErrorResponse | null, response?: Response) => void;

/** Soft delete: hides the events of a stream. The next append continues the revisions of the stream. */
export function softDelete(
  log: EventLog,
  faults: Faults,
  call: ServerUnaryCall<streams.DeleteReq, streams.DeleteResp>,
  answer: Answer<streams.DeleteResp>,
): void {
  deleteStream(log, faults, call, false, (error, position) => {
    const response = new streams.DeleteResp();
    if (position === undefined) response.setNoPosition(new shared.Empty());
    else {
      const allPosition = new streams.DeleteResp.Position().setCommitPosition(position).setPreparePosition(position);
      response.setPosition(allPosition);
    }
    answer(error, response);
  });
}

/** Hard delete: the server then rejects every append to a stream of this name. */
export function tombstone(
  log: EventLog,
  faults: Faults,
  call: ServerUnaryCall<streams.TombstoneReq, streams.TombstoneResp>,
  answer: Answer<streams.TombstoneResp>,
): void {
  deleteStream(log, faults, call, true, (error, position) => {
    const response = new streams.TombstoneResp();
    if (position === undefined) response.setNoPosition(new shared.Empty());
    else {
      const allPosition = new streams.TombstoneResp.Position().setCommitPosition(position).setPreparePosition(position);
      response.setPosition(allPosition);
    }
    answer(error, response);
  });
}

function deleteStream(
  log: EventLog,
  faults: Faults,
  call:
    | ServerUnaryCall<streams.DeleteReq, streams.DeleteResp>
    | ServerUnaryCall<streams.TombstoneReq, streams.TombstoneResp>,
  isHard: boolean,
  answer: Answer<string>,
): void {
  const handle = (): void => {
    const options = call.request.getOptions();
    const stream = streamName(options?.getStreamIdentifier());
    if (!options || stream === '') {
      answer(handlerThrew());
      return;
    }
    const expected = expectedRevision(options, options.getRevision());
    const outcome = log.delete(stream, expected, isHard);
    log.whenDurable(() => {
      faults.whenNotFrozen(() => {
        if (outcome.kind === 'deleted') answer(streamDeleted(stream));
        else if (outcome.kind === 'conflict')
          answer(deleteConflict(stream, versionNumber(expected), BigInt(outcome.head)));
        else answer(null, outcome.position === undefined ? undefined : String(outcome.position));
      });
    });
  };
  faults.admit(call, 'write', handle, answer);
}

/** The expected revision as the server writes it in its error: each keyword has a negative number. */
function versionNumber(expected: ExpectedRevision): bigint {
  if (typeof expected === 'bigint') return expected;
  return { no_stream: -1n, any: -2n, stream_exists: -4n }[expected];
}
