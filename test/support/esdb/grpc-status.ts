import { Metadata, status, type ServerErrorResponse } from '@grpc/grpc-js';

/**
 * An error that a gRPC handler answers. The client recognises the kind of error by the trailer `exception` and reads
 * the details of the error from the other `trailers`.
 */
export function grpcError(
  code: status,
  details: string,
  exception?: string,
  trailers: Readonly<Record<string, string>> = {},
): ServerErrorResponse {
  const metadata = new Metadata();
  if (exception) metadata.set('exception', exception);
  for (const [name, value] of Object.entries(trailers)) metadata.set(name, value);
  return Object.assign(new Error(details), { code, details, metadata });
}

/** Maximum bytes of the events of one append: the server's default MaxAppendSize. */
export const MAX_APPEND_SIZE = 1_048_576;

/** Maximum bytes of one event that the server accepts in a gRPC message. */
export const MAX_MESSAGE_SIZE = 16 * 1024 * 1024 + 65_536;

/** The answer to an invalid request that the server does not check for. */
export const handlerThrew = (): ServerErrorResponse => grpcError(status.UNKNOWN, 'Exception was thrown by handler.');

/** The answer to a read with an invalid limit or position. */
export const unexpectedRead = (result: 'ReadStreamResult' | 'ReadAllResult'): ServerErrorResponse =>
  grpcError(status.UNKNOWN, `Unexpected ${result}: Error`);

export const streamDeleted = (stream: string): ServerErrorResponse =>
  grpcError(status.FAILED_PRECONDITION, `Event stream '${stream}' is deleted.`, 'stream-deleted', {
    'stream-name': stream,
  });

export const appendTooLarge = (): ServerErrorResponse =>
  grpcError(
    status.INVALID_ARGUMENT,
    `Maximum Append Size of ${String(MAX_APPEND_SIZE)} Exceeded.`,
    'maximum-append-size-exceeded',
    { 'maximum-append-size': String(MAX_APPEND_SIZE) },
  );

export const messageTooLarge = (): ServerErrorResponse =>
  grpcError(status.RESOURCE_EXHAUSTED, 'Received message exceeds the maximum configured message size.');

export const commitTimeout = (): ServerErrorResponse =>
  grpcError(status.ABORTED, 'Operation timed out: Commit phase timeout');

export const deleteConflict = (stream: string, expected: bigint, actual: bigint): ServerErrorResponse =>
  grpcError(
    status.FAILED_PRECONDITION,
    `Delete failed due to WrongExpectedVersion. Stream: ${stream}, Expected version: ${String(expected)}, ` +
      `Actual version: ${String(actual)}`,
    'wrong-expected-version',
    { 'stream-name': stream, 'expected-version': String(expected), 'actual-version': String(actual) },
  );

export const consumerTooSlow = (): ServerErrorResponse =>
  grpcError(
    status.ABORTED,
    'Operation timed out: Consumer too slow to handle event while live. Client resubscription required.',
  );

export const serverStopped = (): ServerErrorResponse => grpcError(status.INTERNAL, 'The server is shutting down.');

export const serverUnavailable = (): ServerErrorResponse => grpcError(status.UNAVAILABLE, 'Server Is Not Ready');

/** The error of an overloaded server or proxy. The client cannot tell whether the server ran the call. */
export const overloaded = (): ServerErrorResponse => grpcError(status.RESOURCE_EXHAUSTED, 'Bandwidth exhausted');

export const notLeader = (host: string, port: number): ServerErrorResponse =>
  grpcError(status.NOT_FOUND, 'Leader info available', 'not-leader', {
    'leader-endpoint-host': host,
    'leader-endpoint-port': String(port),
  });

export const accessDenied = (): ServerErrorResponse =>
  grpcError(status.PERMISSION_DENIED, 'Access Denied', 'access-denied');

/** The answer to a wrong user or password. */
export const unauthenticated = (): ServerErrorResponse => grpcError(status.UNAUTHENTICATED, 'UNAUTHENTICATED');
