import { unpackToCommandError } from '@eventstore/db-client/dist/streams/appendToStream/unpackError.js';
import { parseUUID } from '@eventstore/db-client/dist/utils/grpcUUID.js';
import shared from '@eventstore/db-client/generated/shared_pb.js';
import type { Status } from '@eventstore/db-client/generated/status_pb.js';
import streams from '@eventstore/db-client/generated/streams_pb.js';
import type { EncodedEvent, Position } from '../event-store.js';
import type { Append } from './failures.js';
import { positionText } from './recorded-event.js';

/** The server's answer to an append that it stored, now or before. */
export interface AppendAnswer {
  /** Revision of the last event. */
  readonly revision: number;
  /** Absent when the server hides the event, because its stream was deleted. */
  readonly position: Position | undefined;
}

/**
 * The request of one append, as the bytes of its message. It has no deadline: the server would compare one with its own
 * clock, and refuse every append of a client whose clock is late.
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

/** The text of the event goes out unchanged; as JSON, because the server's projections and pages read only that. */
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

/** The id that the request had; the server sends it in either of two forms. */
export const correlationOf = (response: streams.BatchAppendResp): string =>
  parseUUID(response.getCorrelationId()) ?? '';

/** @throws the error that the server answered, as the client names it (`type`, `code`) */
export function answerIn(response: streams.BatchAppendResp, stream: string): AppendAnswer {
  const success = response.getSuccess();
  if (success === undefined) throw errorIn(response.getError(), stream);
  const position = success.getPosition();
  return {
    revision: Number(success.getCurrentRevision()),
    position: position && positionText(position.getCommitPosition(), position.getPreparePosition()),
  };
}

/** The client names few of these errors, and fails on those without details. */
function errorIn(status: Status | undefined, stream: string): Error {
  const details = status?.getDetails()?.getTypeName() ?? '';
  if (status !== undefined && NAMED.test(details)) return unpackToCommandError(status, stream);
  return Object.assign(new Error(status?.getMessage() ?? 'the answer is empty'), {
    code: status?.getCode() ?? UNKNOWN,
  });
}

const NAMED =
  /^event_store\.client\.(WrongExpectedVersion|StreamDeleted|AccessDenied|Timeout|MaximumAppendSizeExceeded)$/;
const UNKNOWN = 2;
