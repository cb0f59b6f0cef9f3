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
import { ReadModelsUnavailable } from '../read-models.js';

export interface MongoOptions {
  /** Database (default: the one that the URL names, else `redress`). */
  readonly database?: string;
  /** How long a call looks for a primary before it is {@link ReadModelsUnavailable}, in milliseconds (default 5,000). */
  readonly serverSelectionTimeoutMS?: number;
  /** How long a server may be silent while it works on a call, in milliseconds (default 60,000). */
  readonly socketTimeoutMS?: number;
  readonly clock?: Clock;
}

/** An answer stands for what a majority has in its journal; nothing is read from a server that may lag behind. */
const SAFE = {
  writeConcern: { w: 'majority', j: true },
  readPreference: 'primary',
  readConcern: new ReadConcern('local'),
} as const;

/**
 * One client of one database. What must not be weakened is given in code with the database, where no connection string
 * reaches: w: majority, j: true and reads from the primary. What a string may choose is where the servers are, who we
 * are, TLS, pool sizes, `retryReads` and `retryWrites`.
 */
export class Connection {
  readonly database: Db;
  private readonly where: string;
  private readonly clock: Clock;
  private closed = false;
  private away: string | null = null;

  private constructor(
    readonly client: MongoClient,
    private readonly url: string,
    private readonly options: MongoOptions,
  ) {
    this.database = databaseOf(client, url, options);
    const { hosts, srvHost } = client.options;
    this.where = srvHost ?? hosts.map(String).join(',');
    this.clock = options.clock ?? systemClock;
  }

  /** Connects and asks the primary for a sign of life. Throws {@link ReadModelsUnavailable}. */
  static async open(url: string, options: MongoOptions = {}): Promise<Connection> {
    const connection = new Connection(new MongoClient(url, settings(options)), url, options);
    try {
      await connection.reached(() => connection.database.command({ ping: 1 }));
      return connection;
    } catch (error) {
      await connection.close();
      throw error;
    }
  }

  /** When the first call failed since one last succeeded; null while the store answers. */
  get unavailableSince(): string | null {
    return this.away;
  }

  /** Runs calls of the driver; an error that means "not now" becomes {@link ReadModelsUnavailable}. */
  async reached<T>(work: () => Promise<T>): Promise<T> {
    if (this.closed) throw new Error(`the read models at ${this.where} are closed`); // the driver would connect again
    const begun = this.clock.now();
    try {
      const result = await work();
      this.away = null;
      return result;
    } catch (error) {
      if (!isAway(error)) {
        if (error instanceof MongoServerError) this.away = null;
        throw error;
      }
      this.away ??= begun;
      throw new ReadModelsUnavailable(this.where, this.away, { cause: error });
    }
  }

  /** Runs work that may take as long as it takes (building an index) over a connection of its own. */
  async unhurried<T>(work: (database: Db) => Promise<T>): Promise<T> {
    const client = new MongoClient(this.url, {
      ...settings(this.options),
      socketTimeoutMS: 0,
      maxPoolSize: 1,
      minPoolSize: 0,
    });
    try {
      return await this.reached(() => work(databaseOf(client, this.url, this.options)));
    } finally {
      await client.close();
    }
  }

  async close(): Promise<void> {
    this.closed = true;
    await this.client.close();
  }
}

/** What is given here wins over the connection string. */
function settings({ serverSelectionTimeoutMS = 5_000, socketTimeoutMS = 60_000 }: MongoOptions): MongoClientOptions {
  return {
    serverSelectionTimeoutMS,
    connectTimeoutMS: serverSelectionTimeoutMS,
    waitQueueTimeoutMS: socketTimeoutMS,
    socketTimeoutMS,
    ...SAFE,
    // documents are JSON: numbers come back as numbers, nothing is left out
    promoteValues: true,
    promoteLongs: true,
    useBigInt64: false,
    raw: false,
    ignoreUndefined: false,
    serializeFunctions: false,
    enableUtf8Validation: true,
  };
}

/** Given anew with the database: a write concern in the string is merged into that of the client. */
function databaseOf(client: MongoClient, url: string, options: MongoOptions): Db {
  const named = /^mongodb(?:\+srv)?:\/\/[^/]+\/([^?]+)/.exec(url)?.[1];
  const name = options.database ?? (named === undefined ? 'redress' : decodeURIComponent(named));
  return client.db(name, SAFE);
}

/** Shutting down, stepped down, not a primary, interrupted, unreachable: what passes by itself. */
const PASSING = new Set([6, 7, 89, 91, 189, 262, 9001, 10107, 11600, 11602, 13435, 13436]);

/** A write to a socket that the server has just ended: the driver lets Node's own error through. */
const BROKEN_SOCKET = new Set(['EPIPE', 'ECONNRESET', 'ERR_STREAM_DESTROYED']);

export function isAway(error: unknown): boolean {
  if (error instanceof Error && 'code' in error && BROKEN_SOCKET.has(String(error.code))) return true;
  if (!(error instanceof MongoError)) return false;
  if (error instanceof MongoServerSelectionError || error instanceof MongoNetworkError) return true;
  if (error.name === 'MongoWaitQueueTimeoutError' || error.name === 'MongoTopologyClosedError') return true;
  if (error instanceof MongoServerError && PASSING.has(Number(error.code))) return true;
  if (error instanceof MongoBulkWriteError && error.code === undefined) return hidesNetworkError(error);
  return error.hasErrorLabel('RetryableWriteError') || isAway(error.cause);
}

/** A bulk write rejects with its own class whatever happened, and copies the fields of the error that it met. */
const hidesNetworkError = (error: MongoBulkWriteError): boolean =>
  ['beforeHandshake', 'reason', 'address', 'waitQueueSize'].some((field) => field in error);
