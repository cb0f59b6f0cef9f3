import type { ReadableOptions, TransformCallback, TransformOptions } from 'node:stream';
import type { Position as LogPosition } from '@eventstore/db-client';
import type { ReadResp } from '@eventstore/db-client/generated/streams_pb.js';
import type { Position, StoredEvent } from '../event-store.js';

/** Digits of 2^64: positions are padded so that text order is log order. */
const DIGITS = 20;
const POSITION = /^(\d{20})\/(\d{20})$/;

/** `<commit>/<prepare>`. */
export const positionText = (commit: bigint | string, prepare: bigint | string): Position =>
  `${String(commit).padStart(DIGITS, '0')}/${String(prepare).padStart(DIGITS, '0')}`;

/** @throws RangeError when the text is not a position of this kind of store */
export function logPosition(position: Position): LogPosition {
  const [, commit, prepare] = POSITION.exec(position) ?? [];
  if (commit === undefined || prepare === undefined)
    throw new RangeError(`${JSON.stringify(position)} is not a position of an EventStoreDB`);
  return { commit: BigInt(commit), prepare: BigInt(prepare) };
}

/** Control messages of a subscription; `looking` while its filter matches nothing. */
export type ControlMessage = 'confirmed' | 'caught up' | 'fell behind' | 'looking';

/** Receives the position of every event and decides whether to keep it. */
export type PositionFilter = (stream: string, type: string, position: () => Position) => boolean;

/**
 * Options for the read and subscription streams of the client, so that they return events as stored, in the form of the
 * port, with control messages in sequence. The conversion of the client would parse data and metadata, and return raw
 * text where parsing fails.
 */
export function asStored(gate: PositionFilter): ReadableOptions {
  const options: TransformOptions = {
    highWaterMark: BUFFERED,
    transform(answer: ReadResp, _encoding, next: TransformCallback) {
      if (answer.hasConfirmation()) this.push('confirmed' satisfies ControlMessage);
      else if (answer.hasCaughtUp()) this.push('caught up' satisfies ControlMessage);
      else if (answer.hasFellBehind()) this.push('fell behind' satisfies ControlMessage);
      else if (answer.hasCheckpoint()) this.push('looking' satisfies ControlMessage);
      const record = answer.getEvent()?.getEvent();
      const event = record === undefined ? undefined : storedEvent(record, gate);
      if (event === undefined) next();
      else next(null, event);
    },
  };
  return options as ReadableOptions; // the client passes them to a Transform
}

/** Buffered events between the connection and the reader, on each side of the conversion. */
const BUFFERED = 64;

/** What Redress never writes: system streams and events, links, tombstones. */
export const isSystems = (stream: string, type: string): boolean => stream.startsWith('$') || type.startsWith('$');

function storedEvent(record: ReadResp.ReadEvent.RecordedEvent, gate: PositionFilter): StoredEvent | undefined {
  const stream = text(record.getStreamIdentifier()?.getStreamName_asU8());
  const type = record.getMetadataMap().get('type') ?? '';
  const position = (): Position => positionText(record.getCommitPosition(), record.getPreparePosition());
  if (!gate(stream, type, position)) return undefined;
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
