import { crc32 } from 'node:zlib';

/** What a client proposes: everything but the place the event will get. */
export interface ProposedEvent {
  /** A UUID in lower case: the server ignores the case of an id. */
  readonly id: string;
  readonly type: string;
  readonly contentType: string;
  readonly data: Uint8Array;
  readonly metadata: Uint8Array;
}

/** An event with its place in its stream and in the log. */
export interface RecordedEvent extends ProposedEvent {
  readonly stream: string;
  readonly revision: bigint;
  /** Byte offset in the log: strictly increasing, never dense. Commit and prepare position are both this. */
  readonly position: number;
  /** 100 ns ticks since 1970, as the server sends them. */
  readonly created: bigint;
}

/** The revision of a tombstone, and the `$tb` of a deleted stream. */
export const END_OF_STREAM = 9_223_372_036_854_775_807n;

/** Bytes a record of this event takes in the log: its strings, and about what the server frames them with. */
export function sizeInLog(stream: string, event: ProposedEvent): number {
  const names = Buffer.byteLength(stream) + Buffer.byteLength(event.type);
  return 96 + names + event.data.length + event.metadata.length;
}

type Row = [string, string, string, string, string, string, string, number, string];

/** One commit as one line of the log file, its checksum first, so that a torn line is recognised as a whole. */
export function toLine(events: readonly RecordedEvent[]): Buffer {
  const rows = events.map((event): Row => [
    event.stream,
    String(event.revision),
    event.id,
    event.type,
    event.contentType,
    Buffer.from(event.data).toString('base64'),
    Buffer.from(event.metadata).toString('base64'),
    event.position,
    String(event.created),
  ]);
  const body = Buffer.from(JSON.stringify(rows));
  return Buffer.concat([Buffer.from(`${checksum(body)} `), body, Buffer.from('\n')]);
}

/** The commit of a line (without its line feed), or undefined when the line is torn. */
export function fromLine(line: Buffer): RecordedEvent[] | undefined {
  const body = line.subarray(9);
  if (line.length < 10 || line.toString('latin1', 0, 8) !== checksum(body)) return undefined;
  const rows = JSON.parse(body.toString('utf8')) as Row[];
  return rows.map(([stream, revision, id, type, contentType, data, metadata, position, created]) => ({
    stream,
    revision: BigInt(revision),
    id,
    type,
    contentType,
    data: new Uint8Array(Buffer.from(data, 'base64')),
    metadata: new Uint8Array(Buffer.from(metadata, 'base64')),
    position,
    created: BigInt(created),
  }));
}

function checksum(body: Buffer): string {
  return crc32(body).toString(16).padStart(8, '0');
}
