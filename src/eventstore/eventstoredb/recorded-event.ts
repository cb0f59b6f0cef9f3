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

/**
 * Options for the read and subscription streams of the client. With them, the streams return ReceivedEvents, and control
 * messages between them. The client's own conversion would parse data and metadata, and return the raw text if parsing
 * fails.
 */
export function receivedEventOptions(): ReadableOptions {
  const options: TransformOptions = {
    highWaterMark: MAX_BUFFERED_EVENTS,
    transform(response: ReadResp, _encoding, next: TransformCallback) {
      if (response.hasConfirmation()) this.push('confirmed' satisfies ControlMessage);
      else if (response.hasCaughtUp()) this.push('caught up' satisfies ControlMessage);
      else if (response.hasFellBehind()) this.push('fell behind' satisfies ControlMessage);
      else if (response.hasCheckpoint()) this.push('checkpoint' satisfies ControlMessage);
      const record = response.getEvent()?.getEvent();
      if (record === undefined) next();
      else next(null, new ReceivedEvent(record));
    },
  };
  return options as ReadableOptions; // the client passes them to a Transform
}

/** Maximum number of events in the buffer before the conversion, and in the buffer after it. */
const MAX_BUFFERED_EVENTS = 64;

/** An event as the server sent it. Its data and metadata are decoded only on demand: many events are skipped. */
export class ReceivedEvent {
  readonly stream: string;

  constructor(private readonly record: ReadResp.ReadEvent.RecordedEvent) {
    this.stream = text(record.getStreamIdentifier()?.getStreamName_asU8());
  }

  /** True for system streams, system events, links and tombstones, which Redress never writes. */
  get isOfSystem(): boolean {
    return this.stream.startsWith('$') || this.type.startsWith('$');
  }

  get position(): Position {
    return positionText(this.record.getCommitPosition(), this.record.getPreparePosition());
  }

  /** Bytes of data and metadata. */
  get bytes(): number {
    return this.record.getData_asU8().length + this.record.getCustomMetadata_asU8().length;
  }

  decode(): StoredEvent {
    const { stream, type, position, record } = this;
    return {
      stream,
      revision: Number(record.getStreamRevision()),
      position,
      eventId: record.getId()?.getString() ?? '',
      type,
      data: text(record.getData_asU8()),
      metadata: text(record.getCustomMetadata_asU8()),
    };
  }

  private get type(): string {
    return this.record.getMetadataMap().get('type') ?? '';
  }
}

function text(bytes: Uint8Array | undefined): string {
  return bytes === undefined ? '' : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
}
