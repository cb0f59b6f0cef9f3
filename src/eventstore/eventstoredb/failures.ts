import {
  AppendAmbiguous,
  AppendRefused,
  AppendTooLarge,
  StoreUnavailable,
  storedBytes,
  WrongExpectedRevision,
  type EncodedEvent,
  type ExpectedRevision,
} from '../event-store.js';

/** The fields of an error. An error of the client has a `type`, a `code` or both. */
export interface Failure {
  /** The client's name for the kind of error, in kebab case. */
  readonly type: string | undefined;
  /** gRPC status code. */
  readonly code: number | undefined;
  readonly message: string;
}

// Status codes of gRPC.
const CANCELLED = 1;
const UNKNOWN = 2;
const INVALID_ARGUMENT = 3;
const ABORTED = 10;
const UNIMPLEMENTED = 12;

/** Messages of errors after which the call was certainly not sent, because there was no connection. */
const NEVER_SENT = /No connection established|Failed to discover|Channel closed before call started/;

export function failureOf(error: unknown): Failure {
  const { type, code, message } =
    error instanceof Error ? (error as Error & Partial<Failure>) : { message: String(error) };
  return {
    type: typeof type === 'string' ? type : undefined,
    code: typeof code === 'number' ? code : undefined,
    message,
  };
}

/** The error comes from the client or the server; any other error is a bug in this program. */
const isFromClientOrServer = ({ type, code }: Failure): boolean => type !== undefined || code !== undefined;

/** The call reached a node that is not the leader; the client uses the leader for its next call. */
export const isNotLeader = (error: unknown): boolean => failureOf(error).type === 'not-leader';

/**
 * The server stopped waiting for its own write, so the append may be stored or not. The server also answers this if the
 * same batch is already being written.
 */
export const isServerTimeout = (error: unknown): boolean => {
  const { type } = failureOf(error);
  return type === 'deadline-exceeded' || type === 'timeout';
};

/** The server dropped a slow live subscription. This is normal: the caller resubscribes at once. */
export const isTooSlow = (error: unknown): boolean => failureOf(error).code === ABORTED;

export interface Append {
  readonly stream: string;
  readonly expected: ExpectedRevision;
  readonly events: readonly EncodedEvent[];
}

/**
 * Maps the server's answer to one append to the errors of the port. Unless the append was certainly rejected, the
 * outcome is ambiguous: the caller may send the same batch at the same revision again. Errors that do not come from the
 * client or the server are returned unchanged.
 */
export function appendFailure(error: unknown, { stream, expected, events }: Append): unknown {
  const failure = failureOf(error);
  const errorOptions = { cause: error };
  switch (failure.type) {
    case 'wrong-expected-version':
      return new WrongExpectedRevision(stream, expected, actualRevision(error));
    case 'maximum-append-size-exceeded':
      return new AppendTooLarge(bytesOf(events));
    case 'stream-deleted':
      return new AppendRefused(`stream ${stream} was deleted on the server`, errorOptions);
    case 'access-denied':
      return new StoreUnavailable(`the server denies appends to ${stream}`, errorOptions);
    default:
  }
  if (failure.code === INVALID_ARGUMENT) return new AppendRefused(failure.message, errorOptions);
  return isFromClientOrServer(failure) ? ambiguous(error, stream) : error;
}

/**
 * Maps the error that ended a gRPC stream of appends to the errors of the port, for one unanswered append on it.
 * Another append may have caused the error, so the outcome is ambiguous unless no append can have been stored.
 * @param stream event stream of the append
 */
export function brokenStreamFailure(error: unknown, stream: string): Error {
  const { type, code, message } = failureOf(error);
  if (NEVER_SENT.test(message)) return unreachable(error);
  if (type === 'access-denied') return new StoreUnavailable(`the server denies appends to ${stream}`, { cause: error });
  if (code === UNIMPLEMENTED)
    return new StoreUnavailable('the server has no batch appends (EventStoreDB has them since 21.10)', {
      cause: error,
    });
  return ambiguous(error, stream);
}

const ambiguous = (error: unknown, stream: string): AppendAmbiguous =>
  new AppendAmbiguous(`the outcome of an append to ${stream} is unknown: ${failureOf(error).message}`, {
    cause: error,
  });

/** Maps the error of a read to the errors of the port. `after`: the position after which the read started. */
export function readFailure(error: unknown, after?: string): unknown {
  const failure = failureOf(error);
  if (failure.code === UNKNOWN && after !== undefined && failure.message.includes('ReadAllResult'))
    return new RangeError(`there is no event at position ${after} in this store`, { cause: error });
  if (failure.type === 'stream-deleted') return error;
  if (!isFromClientOrServer(failure) && !NEVER_SENT.test(failure.message)) return error;
  if (failure.type === 'access-denied')
    return new StoreUnavailable(`the server denies reads: ${failure.message}`, { cause: error });
  return unreachable(error);
}

/** The error for a call that was certainly not sent, or for a failed read. */
export function unreachable(error: unknown): StoreUnavailable {
  const { code, message } = failureOf(error);
  const reason = code === CANCELLED ? 'the call was cancelled' : message;
  return new StoreUnavailable(`the event store cannot be reached: ${reason}`, { cause: error });
}

function actualRevision(error: unknown): ExpectedRevision {
  const { actualVersion } = error as { readonly actualVersion?: bigint | 'no_stream' };
  return typeof actualVersion === 'bigint' ? Number(actualVersion) : 'none';
}

const bytesOf = (events: readonly EncodedEvent[]): number =>
  events.reduce((bytes, event) => bytes + storedBytes(event), 0);
