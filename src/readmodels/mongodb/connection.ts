import { setTimeout as pause } from 'node:timers/promises';
import {
  MongoBulkWriteError,
  MongoClient,
  MongoError,
  MongoNetworkError,
  MongoServerError,
  MongoServerSelectionError,
  ReadConcern,
  type Db,
  type MongoClientOptions,
} from 'mongodb';
import { systemClock, type Clock } from '../../platform/clock.js';
import { within } from '../../platform/timeout.js';
import { QueryTooSlow, ReadModelsUnavailable } from '../read-models.js';

export interface MongoOptions {
  /** Name of the database (default: the one in the URL; if it has none, `redress`). */
  readonly database?: string;
  /** Which store this is, for error messages; no credentials (default: the hosts in the URL). */
  readonly where?: string;
  /** Milliseconds after which a call that finds no primary throws {@link ReadModelsUnavailable} (default 5,000). */
  readonly serverSelectionTimeoutMS?: number;
  /** Milliseconds for which a server may send nothing during a command (default 20,000). */
  readonly socketTimeoutMS?: number;
  /** Time limit in milliseconds of one call, which may send several commands (default 30,000). */
  readonly callTimeoutMS?: number;
  readonly clock?: Clock;
}

const SERVER_SELECTION_TIMEOUT_MS = 5_000;
const SOCKET_TIMEOUT_MS = 20_000;
const CALL_TIMEOUT_MS = 30_000;

/** A write succeeds when a majority of the servers has it in its journal. Reads use only the primary. */
const REQUIRED_OPTIONS = {
  writeConcern: { w: 'majority', j: true },
  readPreference: 'primary',
  readConcern: new ReadConcern('local'),
} as const;

/** A call timed out. Its outcome on the server is unknown. */
class NoAnswer extends Error {
  override readonly name = 'NoAnswer';
}

/**
 * The connection to one database. All access goes through {@link Connection.withTimeLimit} and {@link Connection.withoutTimeLimit}:
 * no other code keeps the client of the driver. The write concern (w: majority, j: true) and the read preference
 * (primary) are set on the database, so that a connection string cannot change them. A connection string may choose
 * servers, credentials, TLS, pool sizes, `retryReads` and `retryWrites`.
 */
export class Connection {
  /** Which store this is, for error messages. */
  private readonly where: string;
  private readonly clock: Clock;
  private readonly callTimeoutMS: number;
  /**
   * Time limit in milliseconds of one query on the server. It is shorter than the other timeouts, so that the server
   * ends a slow query before the driver closes the connection.
   */
  readonly queryTimeMS: number;
  private isClosed = false;
  private failingSince: string | null = null;

  private constructor(
    private current: MongoClient,
    private readonly url: string,
    private readonly options: MongoOptions,
  ) {
    const { hosts, srvHost } = current.options;
    this.where = options.where ?? srvHost ?? hosts.map(String).join(',');
    this.clock = options.clock ?? systemClock;
    this.callTimeoutMS = options.callTimeoutMS ?? CALL_TIMEOUT_MS;
    const { socketTimeoutMS = SOCKET_TIMEOUT_MS } = options;
    this.queryTimeMS = Math.ceil(0.75 * Math.min(socketTimeoutMS, this.callTimeoutMS));
  }

  /** Connects and pings the primary. Throws {@link ReadModelsUnavailable}, and other errors of the driver. */
  static async open(url: string, options: MongoOptions = {}): Promise<Connection> {
    const connection = new Connection(new MongoClient(url, settings(options)), url, options);
    try {
      await connection.withTimeLimit(ping);
      return connection;
    } catch (error) {
      await connection.close();
      throw error;
    }
  }

  /** The current client of the driver. After a call without a response it is replaced by another one. */
  get client(): MongoClient {
    return this.current;
  }

  /** Time of the first failed call after the last successful one (RFC 3339, UTC); null if the last call succeeded. */
  get unavailableSince(): string | null {
    return this.failingSince;
  }

  /**
   * Runs the work with a time limit. Transient errors and timeouts become {@link ReadModelsUnavailable}. The
   * `timeoutMS` of the driver is not sufficient: if the server closes a connection or stops reading in the middle of a
   * large command, driver 7.9 waits forever.
   */
  async withTimeLimit<T>(work: (database: Db) => Promise<T>): Promise<T> {
    const client = this.current;
    const onTimeout = (): Error => {
      this.replace(client);
      return new NoAnswer(`no answer within ${String(this.callTimeoutMS)} ms`);
    };
    const isReplaced = (): boolean => client !== this.current; // another call has timed out, which ends this one too
    return this.withMappedErrors(
      () => within(this.callTimeoutMS, work(this.databaseOf(client)), onTimeout),
      isReplaced,
    );
  }

  /**
   * Runs work that may take long, e.g. building an index. Instead of a time limit, it pings the server regularly and
   * fails when the server does not answer. Uses a separate client.
   */
  async withoutTimeLimit<T>(work: (database: Db) => Promise<T>): Promise<T> {
    const client = new MongoClient(this.url, {
      ...settings(this.options),
      socketTimeoutMS: 0,
      maxPoolSize: 1,
      minPoolSize: 0,
    });
    const finished = new AbortController();
    try {
      return await this.withMappedErrors(() =>
        Promise.race([work(this.databaseOf(client)), this.pingUntilFailure(finished.signal)]),
      );
    } finally {
      finished.abort();
      await this.closeClient(client);
    }
  }

  async close(): Promise<void> {
    this.isClosed = true;
    await this.closeClient(this.current);
  }

  /** Sets the write concern again, because the client merges its own with that of the connection string. */
  private databaseOf(client: MongoClient): Db {
    const inUrl = /^mongodb(?:\+srv)?:\/\/[^/]+\/([^?]+)/.exec(this.url)?.[1];
    const name = this.options.database ?? (inUrl === undefined ? 'redress' : decodeURIComponent(inUrl));
    return client.db(name, REQUIRED_OPTIONS);
  }

  /**
   * Runs the work and converts errors of the driver. An error while `isReplaced` is true counts as unavailability,
   * whatever its cause.
   */
  private async withMappedErrors<T>(work: () => Promise<T>, isReplaced = (): boolean => false): Promise<T> {
    if (this.isClosed) throw new Error(`the read models at ${this.where} are closed`); // the driver would reconnect
    const startedAt = this.clock.now();
    try {
      const result = await work();
      this.failingSince = null;
      return result;
    } catch (error) {
      if (error instanceof ReadModelsUnavailable) throw error;
      if (!isReplaced() && !isUnavailable(error)) {
        if (error instanceof MongoServerError) this.failingSince = null; // the server has answered
        throw isTimeLimitError(error) ? new QueryTooSlow(this.queryTimeMS, { cause: error }) : error;
      }
      this.failingSince ??= startedAt;
      throw new ReadModelsUnavailable(this.where, this.failingSince, { cause: error });
    }
  }

  /** Pings the server regularly. Never resolves; rejects when a ping fails. */
  private async pingUntilFailure(signal: AbortSignal): Promise<never> {
    for (;;) {
      await pause(this.callTimeoutMS, undefined, { signal });
      await this.withTimeLimit(ping);
    }
  }

  /** Replaces the client after a call without a response, which would occupy a connection of its pool forever. */
  private replace(client: MongoClient): void {
    if (client !== this.current || this.isClosed) return;
    this.current = new MongoClient(this.url, settings(this.options));
    void this.closeClient(client);
  }

  /** Closes a client with a time limit, because it sends a message to the server, which may not answer. */
  private async closeClient(client: MongoClient): Promise<void> {
    const onTimeout = (): Error => new NoAnswer('the client does not close');
    await within(this.callTimeoutMS, client.close(), onTimeout).catch(() => undefined);
  }
}

const ping = (database: Db): Promise<unknown> => database.command({ ping: 1 });

/** The options of a client. They take precedence over the connection string. */
function settings({
  serverSelectionTimeoutMS = SERVER_SELECTION_TIMEOUT_MS,
  socketTimeoutMS = SOCKET_TIMEOUT_MS,
}: MongoOptions): MongoClientOptions {
  return {
    serverSelectionTimeoutMS,
    connectTimeoutMS: serverSelectionTimeoutMS,
    waitQueueTimeoutMS: socketTimeoutMS,
    socketTimeoutMS,
    ...REQUIRED_OPTIONS,
    // documents are JSON: the driver returns numbers as JavaScript numbers and omits no field
    promoteValues: true,
    promoteLongs: true,
    useBigInt64: false,
    raw: false,
    ignoreUndefined: false,
    serializeFunctions: false,
    enableUtf8Validation: true,
  };
}

/**
 * Codes of errors that may pass: the server shuts down, is not the primary, is unreachable or interrupted the command,
 * or rejects the user (13, 18 and 8000), until an operator corrects that.
 */
const TRANSIENT_CODES = new Set([6, 7, 13, 18, 89, 91, 189, 262, 8000, 9001, 10107, 11600, 11602, 13435, 13436]);

/** The error code MaxTimeMSExpired. */
const MAX_TIME_EXPIRED = 50;
const isTimeLimitError = (error: unknown): boolean =>
  error instanceof MongoServerError && error.code === MAX_TIME_EXPIRED;

/** Error codes of Node for a socket that the server has closed. The driver does not convert these errors. */
const CLOSED_SOCKET_CODES = new Set(['EPIPE', 'ECONNRESET', 'ERR_STREAM_DESTROYED']);

/** Whether the error means that the server is unavailable, so that a retry may succeed. */
export function isUnavailable(error: unknown): boolean {
  if (error instanceof Error && 'code' in error && CLOSED_SOCKET_CODES.has(String(error.code))) return true;
  if (error instanceof NoAnswer) return true;
  if (!(error instanceof MongoError)) return false;
  if (error instanceof MongoServerSelectionError || error instanceof MongoNetworkError) return true;
  if (error.name === 'MongoWaitQueueTimeoutError' || error.name === 'MongoTopologyClosedError') return true;
  if (error instanceof MongoServerError && TRANSIENT_CODES.has(Number(error.code))) return true;
  if (error instanceof MongoBulkWriteError && error.code === undefined) return hidesNetworkError(error);
  return error.hasErrorLabel('RetryableWriteError') || isUnavailable(error.cause);
}

/**
 * Whether the cause of a failed bulk write is a network error. The driver does not keep the class of the cause, but
 * copies its fields to the error of the bulk write.
 */
const hidesNetworkError = (error: MongoBulkWriteError): boolean =>
  ['beforeHandshake', 'reason', 'address', 'waitQueueSize'].some((field) => field in error);
