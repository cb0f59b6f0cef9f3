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

/** Details of a client failure. Its classes differ by path (a plain Error with a code, or one with a type). */
export interface Failure {
  /** The name that the client gives it, in kebab case. */
  readonly type: string | undefined;
  /** gRPC status code. */
  readonly code: number | undefined;
  readonly message: string;
}

const CANCELLED = 1;
const UNKNOWN = 2;
const INVALID_ARGUMENT = 3;
const ABORTED = 10;
const INTERNAL = 13;

/** The call never left this process: there was no connection. */
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
const isClients = ({ type, code }: Failure): boolean => type !== undefined || code !== undefined;

/** The call reached a node that is not the leader; the client uses the leader for its next call. */
export const isNotLeader = (error: unknown): boolean => failureOf(error).type === 'not-leader';

/** The server dropped a slow live subscription: routine, resubscribe at once. */
export const isTooSlow = (error: unknown): boolean => failureOf(error).code === ABORTED;

export interface Append {
  readonly stream: string;
  readonly expected: ExpectedRevision;
  readonly events: readonly EncodedEvent[];
}

/**
 * Maps a failed append to the errors of the port. Unless it was certainly rejected or certainly not sent, the outcome
 * is ambiguous: the caller may send the same batch at the same revision again. Errors that do not come from the client
 * are returned unchanged.
 */
export function appendFailure(error: unknown, { stream, expected, events }: Append): unknown {
  const failure = failureOf(error);
  const because = { cause: error };
  switch (failure.type) {
    case 'wrong-expected-version':
      return new WrongExpectedRevision(stream, expected, actualIn(error));
    case 'maximum-append-size-exceeded':
      return new AppendTooLarge(bytesOf(events));
    case 'stream-deleted':
      return new AppendRefused(`stream ${stream} was deleted on the server`, because);
    case 'access-denied':
      return new StoreUnavailable(`the server denies appends to ${stream}`, because);
    case 'not-leader':
      return new StoreUnavailable('the server is not the leader of its cluster', because);
    default:
  }
  const { code, message } = failure;
  if (code === INVALID_ARGUMENT || (code === INTERNAL && message.includes('serialization failure')))
    return new AppendRefused(message, because);
  if (NEVER_SENT.test(message)) return unreachable(error);
  if (!isClients(failure)) return error;
  return new AppendAmbiguous(`the outcome of an append to ${stream} is unknown: ${message}`, because);
}

/** Maps a failed read to the errors of the port. `after`: the position after which it read. */
export function readFailure(error: unknown, after?: string): unknown {
  const failure = failureOf(error);
  if (failure.code === UNKNOWN && after !== undefined && failure.message.includes('ReadAllResult'))
    return new RangeError(`there is no event at position ${after} in this store`, { cause: error });
  if (failure.type === 'stream-deleted') return error;
  if (!isClients(failure) && !NEVER_SENT.test(failure.message)) return error;
  if (failure.type === 'access-denied')
    return new StoreUnavailable(`the server denies reads: ${failure.message}`, { cause: error });
  return unreachable(error);
}

export function unreachable(error: unknown): StoreUnavailable {
  const { code, message } = failureOf(error);
  const what = code === CANCELLED ? 'the call was cancelled' : message;
  return new StoreUnavailable(`the event store cannot be reached: ${what}`, { cause: error });
}

function actualIn(error: unknown): ExpectedRevision {
  const { actualVersion } = error as { readonly actualVersion?: bigint | 'no_stream' };
  return typeof actualVersion === 'bigint' ? Number(actualVersion) : 'none';
}

const bytesOf = (events: readonly EncodedEvent[]): number =>
  events.reduce((bytes, event) => bytes + storedBytes(event), 0);
