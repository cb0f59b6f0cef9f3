import { closeSync, existsSync, fdatasync, fsyncSync, ftruncateSync, openSync, readFileSync, write } from 'node:fs';
import { dirname } from 'node:path';
import { fromLine, toLine, type RecordedEvent } from './recorded-event.js';

const LINE_FEED = 10;

/**
 * The durable log: an append-only file of one line a commit. Commits that arrive while the disk is busy are written
 * and flushed together (group commit). What `afterSync` is given runs only when every commit handed over before it
 * has been through fdatasync. An I/O error is thrown where nobody catches it, so it ends the process.
 */
export class LogFile {
  readonly #fd: number;
  #waiting: Buffer[] = [];
  #after: (() => void)[] = [];
  #busy = false;

  private constructor(fd: number) {
    this.#fd = fd;
  }

  /** Opens or creates the file and gives its commits in order. A torn tail, the mark of a kill, is cut off. */
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

  append(commit: readonly RecordedEvent[]): void {
    this.#waiting.push(toLine(commit));
    this.#flush();
  }

  afterSync(act: () => void): void {
    if (!this.#busy && this.#waiting.length === 0) act();
    else this.#after.push(act);
  }

  /** Closes the file once everything handed over is on disk. */
  close(): Promise<void> {
    return new Promise((closed) => {
      this.afterSync(() => {
        closeSync(this.#fd);
        closed();
      });
    });
  }

  #flush(): void {
    if (this.#busy) return;
    this.#busy = true;
    // Gather what arrives in this turn of the event loop as well.
    setImmediate(() => {
      const group = Buffer.concat(this.#waiting);
      const after = this.#after;
      this.#waiting = [];
      this.#after = [];
      this.#write(group, () => {
        this.#busy = false;
        if (this.#waiting.length > 0) {
          this.#flush();
        } else {
          after.push(...this.#after);
          this.#after = [];
        }
        for (const act of after) act();
      });
    });
  }

  #write(bytes: Buffer, done: () => void): void {
    write(this.#fd, bytes, 0, bytes.length, null, (failure, written) => {
      if (failure) throw failure;
      if (written < bytes.length) {
        this.#write(bytes.subarray(written), done);
        return;
      }
      fdatasync(this.#fd, (unsynced) => {
        if (unsynced) throw unsynced;
        done();
      });
    });
  }
}

function syncDirectory(path: string): void {
  const fd = openSync(path, 'r');
  fsyncSync(fd);
  closeSync(fd);
}
