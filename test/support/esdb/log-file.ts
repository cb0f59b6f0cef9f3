import { closeSync, existsSync, fdatasync, fsyncSync, ftruncateSync, openSync, readFileSync, write } from 'node:fs';
import { dirname } from 'node:path';
import { fromLine, toLine, type RecordedEvent } from './recorded-event.js';

const LINE_FEED = 10;

/**
 * The durable log: an append-only file with one line for each commit. Commits that arrive while the disk is busy are
 * written and flushed together (group commit). An I/O error is thrown as an uncaught exception, so it ends the process.
 */
export class LogFile {
  readonly #fd: number;
  #unwritten: Buffer[] = [];
  #callbacks: (() => void)[] = [];
  #isBusy = false;

  private constructor(fd: number) {
    this.#fd = fd;
  }

  /** Opens or creates the file and returns its commits in order. Removes an incomplete last line, left by a kill. */
  static open(path: string): { file: LogFile; commits: RecordedEvent[][] } {
    const isNew = !existsSync(path);
    const fd = openSync(path, 'a+');
    if (isNew) syncDirectory(dirname(path));
    const bytes = readFileSync(path);
    const commits: RecordedEvent[][] = [];
    let start = 0;
    for (let end = bytes.indexOf(LINE_FEED); end !== -1; end = bytes.indexOf(LINE_FEED, start)) {
      const commit = fromLine(bytes.subarray(start, end));
      if (!commit) break;
      commits.push(commit);
      start = end + 1;
    }
    if (start < bytes.length) {
      ftruncateSync(fd, start);
      fsyncSync(fd);
    }
    return { file: new LogFile(fd), commits };
  }

  /** Starts to write a commit. It is durable when a later `afterSync` runs its callback. */
  append(commit: readonly RecordedEvent[]): void {
    this.#unwritten.push(toLine(commit));
    this.#flush();
  }

  /** Runs `act` after fdatasync has flushed every commit that was appended before this call. */
  afterSync(act: () => void): void {
    if (!this.#isBusy && this.#unwritten.length === 0) act();
    else this.#callbacks.push(act);
  }

  /** Closes the file after every appended commit is on disk. */
  close(): Promise<void> {
    return new Promise((resolve) => {
      this.afterSync(() => {
        closeSync(this.#fd);
        resolve();
      });
    });
  }

  #flush(): void {
    if (this.#isBusy) return;
    this.#isBusy = true;
    // Commits that arrive in this turn of the event loop join the group.
    setImmediate(() => {
      const group = Buffer.concat(this.#unwritten);
      const callbacks = this.#callbacks;
      this.#unwritten = [];
      this.#callbacks = [];
      this.#write(group, () => {
        this.#isBusy = false;
        if (this.#unwritten.length > 0) {
          this.#flush();
        } else {
          callbacks.push(...this.#callbacks);
          this.#callbacks = [];
        }
        for (const callback of callbacks) callback();
      });
    });
  }

  #write(bytes: Buffer, done: () => void): void {
    write(this.#fd, bytes, 0, bytes.length, null, (writeError, written) => {
      if (writeError) throw writeError;
      if (written < bytes.length) {
        this.#write(bytes.subarray(written), done);
        return;
      }
      fdatasync(this.#fd, (syncError) => {
        if (syncError) throw syncError;
        done();
      });
    });
  }
}

/** Makes a new file in the directory durable. */
function syncDirectory(path: string): void {
  const fd = openSync(path, 'r');
  fsyncSync(fd);
  closeSync(fd);
}
