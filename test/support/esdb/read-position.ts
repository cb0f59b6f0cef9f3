import type streams from '@eventstore/db-client/generated/streams_pb.js';
import type { ServerWritableStream } from '@grpc/grpc-js';
import type { EventLog } from './event-log.js';

export type ReadCall = ServerWritableStream<streams.ReadReq, streams.ReadResp>;

/**
 * Index in the log of the event at this position. For a position at or after the end of the log: the length of the log.
 * Undefined if no record begins at the position.
 */
export function indexOfRecord(log: EventLog, position: streams.ReadReq.Options.Position): number | undefined {
  const commit = BigInt(position.getCommitPosition());
  if (commit >= BigInt(log.end)) return log.length;
  if (commit === 0n) return 0;
  const index = log.indexOf(Number(commit));
  const isRecord = log.at(index)?.position === Number(commit);
  return isRecord && position.getPreparePosition() === position.getCommitPosition() ? index : undefined;
}
