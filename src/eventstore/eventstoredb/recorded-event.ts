import type { ReadableOptions, TransformCallback, TransformOptions } from 'node:stream';
import type { Position as LogPosition } from '@eventstore/db-client';
import type { ReadResp } from '@eventstore/db-client/generated/streams_pb.js';
import type { Position, StoredEvent } from '../event-store.js';

/** Number of decimal digits of 2^64. Positions are padded to this length, so that text order is log order. */
const DIGITS = 20;
const POSITION = /^(\d{20})\/(\d{20})$/;

/** The position as text: `<commit>/<prepare>`. */
export const positionText = (commit: bigint | string, prepare: bigint | string): Position =>
  `${String(commit).padStart(DIGITS, '0')}/${String(prepare).padStart(DIGITS, '0')}`;

/** @throws RangeError when the text is not a position of an EventStoreDB */
export function logPosition(position: Position): LogPosition {
  const [, commit, prepare] = POSITION.exec(position) ?? [];
  if (commit === undefined || prepare === undefined)
    throw new RangeError(`${JSON.stringify(position)} is not a position of an EventStoreDB`);
  return { commit: BigInt(commit), prepare: BigInt(prepare) };
}

/** Control messages of a subscription. `checkpoint`: the server is examining events, but none matches the filter. */
export type ControlMessage = 'confirmed' | 'caught up' | 'fell behind' | 'checkpoint';

/** Receives the stream, type and position of every event, and returns whether to keep the event. */
export type PositionFilter = (stream: string, type: string, position: () => Position) => boolean;

/**
 * Options for the read and subscription streams of the client. With them, the streams return StoredEvents with unparsed
 * data and metadata, and control messages between them. The client's own conversion would parse data and metadata, and
 * return the raw text if parsing fails.
 */
export function storedEventOptions(filter: PositionFilter): ReadableOptions {
  const options: TransformOptions = {
    highWaterMark: MAX_BUFFERED_EVENTS,
    transform(response: ReadResp, _encoding, next: TransformCallback) {
      if (response.hasConfirmation()) this.push('confirmed' satisfies ControlMessage);
      else if (response.hasCaughtUp()) this.push('caught up' satisfies ControlMessage);
      else if (response.hasFellBehind()) this.push('fell behind' satisfies ControlMessage);
      else if (response.hasCheckpoint()) this.push('checkpoint' satisfies ControlMessage);
      const record = response.getEvent()?.getEvent();
      const event = record === undefined ? undefined : storedEvent(record, filter);
      if (event === undefined) next();
      else next(null, event);
    },
  };
  return options as ReadableOptions; // the client passes them to a Transform
}

/** Maximum number of events in the buffer before the conversion, and in the buffer after it. */
const MAX_BUFFERED_EVENTS = 64;

/** True for system streams, system events, links and tombstones, which Redress never writes. */
export const isSystemEvent = (stream: string, type: string): boolean => stream.startsWith('$') || type.startsWith('$');

function storedEvent(record: ReadResp.ReadEvent.RecordedEvent, filter: PositionFilter): StoredEvent | undefined {
  const stream = text(record.getStreamIdentifier()?.getStreamName_asU8());
  const type = record.getMetadataMap().get('type') ?? '';
  const position = (): Position => positionText(record.getCommitPosition(), record.getPreparePosition());
  if (!filter(stream, type, position)) return undefined;
  return {
    stream,
    revision: Number(record.getStreamRevision()),
    position: position(),
    eventId: record.getId()?.getString() ?? '',
    type,
    data: text(record.getData_asU8()),
    metadata: text(record.getCustomMetadata_asU8()),
  };
}

function text(bytes: Uint8Array | undefined): string {
  return bytes === undefined ? '' : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
}
