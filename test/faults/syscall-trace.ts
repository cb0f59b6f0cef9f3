/** What a trace says about acknowledgements and the disk. */
export interface Durability {
  readonly acknowledgements: number;
  /** Completed fsync or fdatasync calls on the write-ahead log. */
  readonly syncs: number;
  /** The traced lines of acknowledgements that were given before the disk had what they acknowledge. */
  readonly early: readonly string[];
}

export interface TraceQuestion {
  /** How the path of the write-ahead log ends. */
  readonly log: string;
  /** Tells the traced write that is an acknowledgement, e.g. by its text. */
  readonly acknowledgement: RegExp;
  /** The program commits one thing at a time: each acknowledgement needs a write and a sync of its own. */
  readonly oneAtATime: boolean;
}

const WRITE = /\b(?:write|pwrite64|writev|pwritev|sendto|sendmsg)\(\d+<([^>]*)>/;
const SYNC = /\bf(?:data)?sync\(\d+<([^>]*)>/;

/**
 * Reads the output of `strace -f -y`, one system call a line. An acknowledgement is early when the log was not synced
 * after it was last written; one at a time, also when nothing was written since the acknowledgement before it. Right for
 * programs that acknowledge a commit before they write the next one.
 */
export function durabilityOf(trace: string, { log, acknowledgement, oneAtATime }: TraceQuestion): Durability {
  const syncing = new Map<string, boolean>(); // by thread: a call that was interrupted in the trace
  const early: string[] = [];
  let [acknowledgements, syncs] = [0, 0];
  let state = 'unwritten' as 'unwritten' | 'written' | 'synced';
  const synced = (): void => {
    syncs += 1;
    if (state === 'written') state = 'synced';
  };
  for (const line of trace.split('\n')) {
    const thread = /^\d+/.exec(line)?.[0] ?? '';
    const sync = SYNC.exec(line)?.[1];
    if (sync?.endsWith(log) === true) {
      if (line.includes('<unfinished')) syncing.set(thread, true);
      else if (/= 0\b/.test(line)) synced();
    } else if (/<\.\.\. f(?:data)?sync resumed>.*= 0\b/.test(line) && syncing.delete(thread)) {
      synced();
    } else if (WRITE.exec(line)?.[1]?.endsWith(log) === true) {
      state = 'written';
    } else if (acknowledgement.test(line)) {
      acknowledgements += 1;
      if (state !== 'synced') early.push(line);
      if (oneAtATime) state = 'unwritten';
    }
  }
  return { acknowledgements, syncs, early };
}
