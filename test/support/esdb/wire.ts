import shared from '@eventstore/db-client/generated/shared_pb.js';
import streams from '@eventstore/db-client/generated/streams_pb.js';
import type { EventLog } from './event-log.js';
import type { ProposedEvent, RecordedEvent } from './recorded-event.js';

type Proposal = streams.AppendReq.ProposedMessage | streams.BatchAppendReq.ProposedMessage;

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** The event in the message, or undefined if the server rejects it: its id is not a UUID, or it has no type. */
export function proposedEvent(message: Proposal): ProposedEvent | undefined {
  const id = uuid(message.getId());
  const properties = message.getMetadataMap();
  const type = properties.get('type') ?? '';
  if (!UUID.test(id) || type === '') return undefined;
  return {
    id,
    type,
    contentType: properties.get('content-type') ?? 'application/octet-stream',
    data: message.getData_asU8(),
    metadata: message.getCustomMetadata_asU8(),
  };
}

/** The UUID as lower-case text, from either of its two forms in the protocol; empty if there is no message. */
export function uuid(message: shared.UUID | undefined): string {
  if (!message) return '';
  const halves = message.getStructured();
  if (!halves) return message.getString().toLowerCase();
  const hex = [halves.getMostSignificantBits(), halves.getLeastSignificantBits()]
    .map((half) => BigInt.asUintN(64, BigInt(half)).toString(16).padStart(16, '0'))
    .join('');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}

export function streamName(identifier: shared.StreamIdentifier | undefined): string {
  return identifier ? Buffer.from(identifier.getStreamName_asU8()).toString('utf8') : '';
}

export function streamIdentifier(name: string): shared.StreamIdentifier {
  return new shared.StreamIdentifier().setStreamName(new Uint8Array(Buffer.from(name)));
}

/** The message that delivers an event to the client. With `resolveLinks`, a link is sent with its target event. */
export function eventResponse(log: EventLog, event: RecordedEvent, resolveLinks: boolean): streams.ReadResp {
  const delivered = new streams.ReadResp.ReadEvent().setCommitPosition(String(event.position));
  if (resolveLinks && event.type === '$>') {
    const target = linkTarget(log, event);
    if (target) delivered.setEvent(recordedEvent(target));
    delivered.setLink(recordedEvent(event));
  } else {
    delivered.setEvent(recordedEvent(event));
  }
  return new streams.ReadResp().setEvent(delivered);
}

function recordedEvent(event: RecordedEvent): streams.ReadResp.ReadEvent.RecordedEvent {
  const message = new streams.ReadResp.ReadEvent.RecordedEvent()
    .setId(new shared.UUID().setString(event.id))
    .setStreamIdentifier(streamIdentifier(event.stream))
    .setStreamRevision(String(event.revision))
    .setPreparePosition(String(event.position))
    .setCommitPosition(String(event.position))
    .setData(event.data)
    .setCustomMetadata(event.metadata);
  message
    .getMetadataMap()
    .set('type', event.type)
    .set('content-type', event.contentType)
    .set('created', String(event.created));
  return message;
}

/** The event that a link names with its data, `revision@stream`. */
function linkTarget(log: EventLog, link: RecordedEvent): RecordedEvent | undefined {
  const [, revision, name] = /^(\d+)@(.*)$/.exec(Buffer.from(link.data).toString('utf8')) ?? [];
  return name === undefined ? undefined : log.stream(name).events[Number(revision)];
}

export function confirmation(id: string): streams.ReadResp {
  return new streams.ReadResp().setConfirmation(new streams.ReadResp.SubscriptionConfirmation().setSubscriptionId(id));
}

export function checkpoint(position: number): streams.ReadResp {
  return new streams.ReadResp().setCheckpoint(
    new streams.ReadResp.Checkpoint().setCommitPosition(String(position)).setPreparePosition(String(position)),
  );
}

export function caughtUp(): streams.ReadResp {
  return new streams.ReadResp().setCaughtUp(new streams.ReadResp.CaughtUp());
}

export function streamNotFound(name: string): streams.ReadResp {
  return new streams.ReadResp().setStreamNotFound(
    new streams.ReadResp.StreamNotFound().setStreamIdentifier(streamIdentifier(name)),
  );
}
