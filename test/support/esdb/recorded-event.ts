import { crc32 } from 'node:zlib';

/** An event in an append request. It has no revision and no position yet. */
export interface ProposedEvent {
  /** A UUID in lower case: the server ignores the case of an id. */
  readonly id: string;
  readonly type: string;
  readonly contentType: string;
  readonly data: Uint8Array;
  readonly metadata: Uint8Array;
}

/** A stored event, with its revision in its stream and its position in the log. */
export interface RecordedEvent extends ProposedEvent {
  readonly stream: string;
  readonly revision: bigint;
  /** Byte offset in the log. Both the commit and the prepare position have this value. */
  readonly position: number;
  /** Time of the append, in units of 100 ns since 1970, as the server sends it. */
  readonly created: bigint;
}

/** The revision of a tombstone (the event that records a hard delete), and the `$tb` of a soft-deleted stream. */
export const END_OF_STREAM = 9_223_372_036_854_775_807n;

/** Bytes that the record of this event takes in the log: the content, and about 96 bytes of framing. */
export function sizeInLog(stream: string, event: ProposedEvent): number {
  const names = Buffer.byteLength(stream) + Buffer.byteLength(event.type);
  return 96 + names + event.data.length + event.metadata.length;
}

/** Hexadecimal digits of a CRC-32. */
const CHECKSUM_LENGTH = 8;

/** The fields of one event in a line of the log file, in the order in which `toLine` writes them. */
type Row = [string, string, string, string, string, string, string, number, string];

/** One commit as one line of the log file. The checksum at its start lets `fromLine` detect an incomplete line. */
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

/** The commit in a line (without the line feed), or undefined if the line is incomplete. */
export function fromLine(line: Buffer): RecordedEvent[] | undefined {
  const body = line.subarray(CHECKSUM_LENGTH + 1); // a space follows the checksum
  if (body.length === 0 || line.toString('latin1', 0, CHECKSUM_LENGTH) !== checksum(body)) return undefined;
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
  return crc32(body).toString(16).padStart(CHECKSUM_LENGTH, '0');
}
