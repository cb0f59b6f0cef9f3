/** The acknowledgements and syncs of a trace of system calls. */
export interface Durability {
  readonly acknowledgements: number;
  /** Completed fsync or fdatasync calls on the write-ahead log. */
  readonly syncs: number;
  /** The lines of acknowledgements that precede the sync of the write that they acknowledge. */
  readonly early: readonly string[];
}

export interface TraceQuestion {
  /** The end of the path of the write-ahead log. */
  readonly log: string;
  /** Matches the traced lines that are acknowledgements. */
  readonly acknowledgement: RegExp;
  /** True if the program has one append at a time: then each acknowledgement needs its own write and sync. */
  readonly oneAtATime: boolean;
}

const WRITE = /\b(?:write|pwrite64|writev|pwritev|sendto|sendmsg)\(\d+<([^>]*)>/;
const SYNC = /\bf(?:data)?sync\(\d+<([^>]*)>/;

/**
 * Analyses the output of `strace -f -y`, with one system call per line. An acknowledgement is early if the log was not
 * synced after its last write, or, with `oneAtATime`, if the log was not written since the previous acknowledgement. The
 * result is correct only for programs that acknowledge a commit before they write the next one.
 */
export function durabilityOf(trace: string, { log, acknowledgement, oneAtATime }: TraceQuestion): Durability {
  const unfinishedSyncs = new Set<string>(); // threads with a sync of the log that the trace shows as unfinished
  const early: string[] = [];
  let [acknowledgements, syncs] = [0, 0];
  let state = 'unwritten' as 'unwritten' | 'written' | 'synced';
  const countSync = (): void => {
    syncs += 1;
    if (state === 'written') state = 'synced';
  };
  for (const line of trace.split('\n')) {
    const thread = /^\d+/.exec(line)?.[0] ?? '';
    const sync = SYNC.exec(line)?.[1];
    if (sync?.endsWith(log) === true) {
      if (line.includes('<unfinished')) unfinishedSyncs.add(thread);
      else if (/= 0\b/.test(line)) countSync();
    } else if (/<\.\.\. f(?:data)?sync resumed>.*= 0\b/.test(line) && unfinishedSyncs.delete(thread)) {
      countSync();
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
