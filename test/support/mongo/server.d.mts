/** A running MongoDB stand-in. */
export interface MongoServer {
  /** `mongodb://127.0.0.1:<port>`, without a database. */
  readonly url: string;
  readonly port: number;
  /** Id of the server process, for SIGSTOP and SIGCONT. */
  readonly pid: number;
  /** Sends SIGKILL to the server and waits until its process has ended. */
  kill(): Promise<void>;
  /** Ends the server regularly, even if it is suspended by SIGSTOP, and waits until its process has ended. */
  stop(): Promise<void>;
}

/**
 * Starts the stand-in with its data in `dir` (created if missing) and waits until it listens on 127.0.0.1.
 * Acknowledged writes survive `kill()` and a new start on the same `dir`.
 *
 * @param options `port` 0 or absent: a free port
 * @throws Error if Java or Maven is missing, or the server does not start; the message quotes their output
 */
export function startMongo(options: { readonly dir: string; readonly port?: number }): Promise<MongoServer>;

/**
 * Builds the stand-in unless this version of its source is already built. Of several concurrent processes one builds, and
 * the others wait for it. Returns the folders of the jars and of the compiled classes.
 */
export function buildMongo(): Promise<{ readonly jars: string; readonly classes: string }>;
