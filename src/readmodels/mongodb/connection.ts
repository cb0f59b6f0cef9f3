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
  /** Database (default: the one in the URL, otherwise `redress`). */
  readonly database?: string;
  /** Milliseconds a call searches for a primary before it throws {@link ReadModelsUnavailable} (default 5,000). */
  readonly serverSelectionTimeoutMS?: number;
  /** Milliseconds a server may be silent during a command (default 20,000). */
  readonly socketTimeoutMS?: number;
  /** Time limit of a call of one or more commands, in milliseconds; the driver cannot exceed it (default 30,000). */
  readonly callTimeoutMS?: number;
  readonly clock?: Clock;
}

const SOCKET_TIMEOUT_MS = 20_000;
const CALL_TIMEOUT_MS = 30_000;

/** A response means that a majority has journaled the write; no read uses a server that may lag. */
const SAFE = {
  writeConcern: { w: 'majority', j: true },
  readPreference: 'primary',
  readConcern: new ReadConcern('local'),
} as const;

/** A call that timed out. Its outcome on the server is unknown. */
class NoAnswer extends Error {
  override readonly name = 'NoAnswer';
}

/**
 * One database, accessed only through {@link Connection.call}: no other code holds the client of the driver. Settings
 * that must not be weakened are set in code on the database, where a connection string has no effect: w: majority, j:
 * true and reads from the primary. A connection string may choose servers, credentials, TLS, pool sizes, `retryReads`
 * and `retryWrites`.
 */
export class Connection {
  private readonly where: string;
  private readonly clock: Clock;
  private readonly callTimeoutMS: number;
  /** Milliseconds the server may work on one query: it ends that query before the whole connection is closed. */
  readonly queryTimeMS: number;
  private closed = false;
  private failingSince: string | null = null;

  private constructor(
    private current: MongoClient,
    private readonly url: string,
    private readonly options: MongoOptions,
  ) {
    const { hosts, srvHost } = current.options;
    this.where = srvHost ?? hosts.map(String).join(',');
    this.clock = options.clock ?? systemClock;
    this.callTimeoutMS = options.callTimeoutMS ?? CALL_TIMEOUT_MS;
    const { socketTimeoutMS = SOCKET_TIMEOUT_MS } = options;
    this.queryTimeMS = Math.ceil(0.75 * Math.min(socketTimeoutMS, this.callTimeoutMS));
  }

  /** Connects and pings the primary. Throws {@link ReadModelsUnavailable}. */
  static async open(url: string, options: MongoOptions = {}): Promise<Connection> {
    const connection = new Connection(new MongoClient(url, settings(options)), url, options);
    try {
      await connection.reached(ping);
      return connection;
    } catch (error) {
      await connection.close();
      throw error;
    }
  }

  /** The current client; replaced when it leaves a call without a response. */
  get client(): MongoClient {
    return this.current;
  }

  /** Time of the first failed call since the last success; null while the store answers. */
  get unavailableSince(): string | null {
    return this.failingSince;
  }

  /**
   * Runs calls of the driver. Transient errors and timeouts become {@link ReadModelsUnavailable}. The timeout is ours:
   * driver 7.9 waits forever when the server closes a connection, or stops reading from it, in the middle of a large
   * command, and its `timeoutMS` has no effect then.
   */
  async reached<T>(work: (database: Db) => Promise<T>): Promise<T> {
    const client = this.current;
    const late = (): Error => {
      this.replace(client);
      return new NoAnswer(`no answer within ${String(this.callTimeoutMS)} ms`);
    };
    const interrupted = (): boolean => client !== this.current; // another call got no response
    return this.withMappedErrors(() => within(this.callTimeoutMS, work(this.databaseOf(client)), late), interrupted);
  }

  /** Runs work without a time limit (building an index) over its own connection, while the server answers pings. */
  async unhurried<T>(work: (database: Db) => Promise<T>): Promise<T> {
    const client = new MongoClient(this.url, {
      ...settings(this.options),
      socketTimeoutMS: 0,
      maxPoolSize: 1,
      minPoolSize: 0,
    });
    const over = new AbortController();
    try {
      return await this.withMappedErrors(() =>
        Promise.race([work(this.databaseOf(client)), this.silence(over.signal)]),
      );
    } finally {
      over.abort();
      await this.end(client);
    }
  }

  async close(): Promise<void> {
    this.closed = true;
    await this.end(this.current);
  }

  /** Set again on the database: a write concern in the connection string is merged into that of the client. */
  private databaseOf(client: MongoClient): Db {
    const named = /^mongodb(?:\+srv)?:\/\/[^/]+\/([^?]+)/.exec(this.url)?.[1];
    const name = this.options.database ?? (named === undefined ? 'redress' : decodeURIComponent(named));
    return client.db(name, SAFE);
  }

  private async withMappedErrors<T>(work: () => Promise<T>, interrupted = (): boolean => false): Promise<T> {
    if (this.closed) throw new Error(`the read models at ${this.where} are closed`); // the driver would reconnect
    const startedAt = this.clock.now();
    try {
      const result = await work();
      this.failingSince = null;
      return result;
    } catch (error) {
      if (error instanceof ReadModelsUnavailable) throw error;
      if (!interrupted() && !isUnavailable(error)) {
        if (error instanceof MongoServerError) this.failingSince = null;
        throw tookTooLong(error) ? new QueryTooSlow(this.queryTimeMS, { cause: error }) : error;
      }
      this.failingSince ??= startedAt;
      throw new ReadModelsUnavailable(this.where, this.failingSince, { cause: error });
    }
  }

  /** Never resolves; rejects when the server stops answering. */
  private async silence(signal: AbortSignal): Promise<never> {
    for (;;) {
      await pause(this.callTimeoutMS, undefined, { signal });
      await this.reached(ping);
    }
  }

  /** Replaces the client: a call without a response would hold its pooled connection forever. */
  private replace(client: MongoClient): void {
    if (client !== this.current || this.closed) return;
    this.current = new MongoClient(this.url, settings(this.options));
    void this.end(client);
  }

  /** Closing a client sends a message to its server, which may not answer. */
  private async end(client: MongoClient): Promise<void> {
    const late = (): Error => new NoAnswer('the client does not close');
    await within(this.callTimeoutMS, client.close(), late).catch(() => undefined);
  }
}

const ping = (database: Db): Promise<unknown> => database.command({ ping: 1 });

/** These options take precedence over the connection string. */
function settings({
  serverSelectionTimeoutMS = 5_000,
  socketTimeoutMS = SOCKET_TIMEOUT_MS,
}: MongoOptions): MongoClientOptions {
  return {
    serverSelectionTimeoutMS,
    connectTimeoutMS: serverSelectionTimeoutMS,
    waitQueueTimeoutMS: socketTimeoutMS,
    socketTimeoutMS,
    ...SAFE,
    // documents are JSON: numbers are returned as numbers, nothing is omitted
    promoteValues: true,
    promoteLongs: true,
    useBigInt64: false,
    raw: false,
    ignoreUndefined: false,
    serializeFunctions: false,
    enableUtf8Validation: true,
  };
}

/** Transient: shutting down, stepped down, not a primary, interrupted, unreachable. */
const TRANSIENT_CODES = new Set([6, 7, 89, 91, 189, 262, 9001, 10107, 11600, 11602, 13435, 13436]);

const MAX_TIME_EXPIRED = 50;
const tookTooLong = (error: unknown): boolean => error instanceof MongoServerError && error.code === MAX_TIME_EXPIRED;

/** A write to a socket that the server has just closed: the driver passes on Node's own error. */
const BROKEN_SOCKET = new Set(['EPIPE', 'ECONNRESET', 'ERR_STREAM_DESTROYED']);

export function isUnavailable(error: unknown): boolean {
  if (error instanceof Error && 'code' in error && BROKEN_SOCKET.has(String(error.code))) return true;
  if (error instanceof NoAnswer) return true;
  if (!(error instanceof MongoError)) return false;
  if (error instanceof MongoServerSelectionError || error instanceof MongoNetworkError) return true;
  if (error.name === 'MongoWaitQueueTimeoutError' || error.name === 'MongoTopologyClosedError') return true;
  if (error instanceof MongoServerError && TRANSIENT_CODES.has(Number(error.code))) return true;
  if (error instanceof MongoBulkWriteError && error.code === undefined) return hidesNetworkError(error);
  return error.hasErrorLabel('RetryableWriteError') || isUnavailable(error.cause);
}

/** A failed bulk write has its own class for any cause, and copies the fields of the cause. */
const hidesNetworkError = (error: MongoBulkWriteError): boolean =>
  ['beforeHandshake', 'reason', 'address', 'waitQueueSize'].some((field) => field in error);
