import { unpackToCommandError } from '@eventstore/db-client/dist/streams/appendToStream/unpackError.js';
import { parseUUID } from '@eventstore/db-client/dist/utils/grpcUUID.js';
import shared from '@eventstore/db-client/generated/shared_pb.js';
import type { Status } from '@eventstore/db-client/generated/status_pb.js';
import streams from '@eventstore/db-client/generated/streams_pb.js';
import type { EncodedEvent, Position } from '../event-store.js';
import type { Append } from './failures.js';
import { positionText } from './recorded-event.js';

/** The server's answer to an append whose events are stored, by this request or by an earlier attempt. */
export interface AppendAnswer {
  /** Revision of the last event. */
  readonly revision: number;
  /** Absent when the server hides the event, because its stream was deleted. */
  readonly position: Position | undefined;
}

/**
 * Encodes the request of one append. The request has no deadline, because the server compares a deadline with its own
 * clock: it would reject every append of a client whose clock is behind.
 */
export function encodeAppend(correlationId: string, { stream, expected, events }: Append): Buffer {
  const options = new streams.BatchAppendReq.Options().setStreamIdentifier(
    new shared.StreamIdentifier().setStreamName(bytes(stream)),
  );
  if (expected === 'none') options.setNoStream(new shared.Empty());
  else options.setStreamPosition(String(expected));
  const request = new streams.BatchAppendReq()
    .setCorrelationId(uuid(correlationId))
    .setOptions(options)
    .setProposedMessagesList(events.map(proposedMessage))
    .setIsFinal(true);
  const message = request.serializeBinary();
  return Buffer.from(message.buffer, message.byteOffset, message.byteLength);
}

/**
 * Sends the text of the event unchanged. The content type is JSON: the server's projections and web pages read no
 * other.
 */
function proposedMessage({ eventId, type, data, metadata }: EncodedEvent): streams.BatchAppendReq.ProposedMessage {
  const message = new streams.BatchAppendReq.ProposedMessage()
    .setId(uuid(eventId))
    .setData(bytes(data))
    .setCustomMetadata(bytes(metadata));
  message.getMetadataMap().set('type', type).set('content-type', 'application/json');
  return message;
}

const uuid = (text: string): shared.UUID => new shared.UUID().setString(text);
const encoder = new TextEncoder();
const bytes = (text: string): Uint8Array => encoder.encode(text);

/** The correlation id of the request that this response answers; empty if the response has none. */
export const correlationOf = (response: streams.BatchAppendResp): string =>
  parseUUID(response.getCorrelationId()) ?? '';

/** @throws the error in the server's answer, with the `type` or `code` that the client gives such an error */
export function decodeAnswer(response: streams.BatchAppendResp, stream: string): AppendAnswer {
  const success = response.getSuccess();
  if (success === undefined) throw errorOf(response.getError(), stream);
  const position = success.getPosition();
  return {
    revision: Number(success.getCurrentRevision()),
    position: position && positionText(position.getCommitPosition(), position.getPreparePosition()),
  };
}

/** The client converts only the errors in CONVERTIBLE, and throws on an error without details. */
function errorOf(status: Status | undefined, stream: string): Error {
  const details = status?.getDetails()?.getTypeName() ?? '';
  if (status !== undefined && CONVERTIBLE.test(details)) return unpackToCommandError(status, stream);
  return Object.assign(new Error(status?.getMessage() ?? 'the answer is empty'), {
    code: status?.getCode() ?? GRPC_UNKNOWN,
  });
}

const CONVERTIBLE =
  /^event_store\.client\.(WrongExpectedVersion|StreamDeleted|AccessDenied|Timeout|MaximumAppendSizeExceeded)$/;
const GRPC_UNKNOWN = 2;
