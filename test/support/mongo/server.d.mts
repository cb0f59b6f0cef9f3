/** A running MongoDB stand-in. */
export interface MongoServer {
  /** `mongodb://127.0.0.1:<port>`, without a database. */
  readonly url: string;
  readonly port: number;
  /** Of the server's process, for SIGSTOP and SIGCONT. */
  readonly pid: number;
  /** Ends it as `kill -9` does and waits until it is gone. */
  kill(): Promise<void>;
  /** Ends it in order, a stopped (SIGSTOP) one too, and waits until it is gone. */
  stop(): Promise<void>;
}

/**
 * Starts the stand-in on the data in `dir` (made when absent) and waits until it listens on 127.0.0.1.
 * What it acknowledged is there after `kill()` and a new start on the same `dir`.
 *
 * @param options `port` 0 or absent: one that is free
 * @throws Error where Java or Maven is missing, or the server does not come up; it quotes what they said
 */
export function startMongo(options: { readonly dir: string; readonly port?: number }): Promise<MongoServer>;

/** Builds the stand-in unless this very version of it is built; of several processes that ask at once, one builds. */
export function buildMongo(): Promise<{ readonly jars: string; readonly classes: string }>;
