import { open, rm, type FileHandle } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { v4 as uuid } from 'uuid';

export interface SpoolOptions {
  /** Folder of the temporary file (default: the folder for temporary files of the operating system). */
  readonly folder?: string;
  /** Number of bytes in memory from which they are written to the file (default 64 KiB). */
  readonly memory?: number;
  /** Limits the bytes on disk, together with other spools (default: no limit). */
  readonly quota?: SpoolQuota;
}

/** A limit for the bytes that several spools together have on disk. A spool beyond it waits until readers have read. */
export class SpoolQuota {
  private used = 0;
  private waiting: (() => void)[] = [];

  constructor(private readonly limit: number) {}

  get isExceeded(): boolean {
    return this.used >= this.limit;
  }

  /** Adds bytes, or removes them if the number is negative. */
  change(bytes: number): void {
    this.used += bytes;
    if (!this.isExceeded) this.wakeAll();
  }

  /** Resolves at the next change that may have made room, or at `wakeAll`. */
  nextChange(): Promise<void> {
    return new Promise((resolve) => this.waiting.push(resolve));
  }

  wakeAll(): void {
    for (const wake of this.waiting.splice(0)) wake();
  }
}

const BLOCK_BYTES = 64 * 1024;

/**
 * Buffers data until they are read, however late: the newest in memory, older data in a temporary file. A fast reader
 * never causes a file. The file is at most as large as the largest backlog. It is unlinked as soon as it is open, so
 * that it disappears with the process.
 */
export class Spool extends Readable {
  private file: FileHandle | undefined;
  /** The unread bytes of the file begin at `fileStart` and end before `fileEnd`. They are older than the tail. */
  private fileStart = 0;
  private fileEnd = 0;
  /** The newest data, in memory. */
  private tail: Buffer[] = [];
  private tailBytes = 0;

  private ended = false;
  /** True if the reader waits for data. */
  private wanted = false;
  private reading = false;
  private writing: Promise<void> | undefined;

  constructor(private readonly options: SpoolOptions = {}) {
    super({ highWaterMark: BLOCK_BYTES });
  }

  /**
   * Adds a chunk. Resolves when the next chunk may be added; with a quota, when its bytes on disk are below the limit.
   * @throws Error if the reader has ended, or if the file cannot be written, for example ENOSPC
   */
  async add(chunk: Buffer): Promise<void> {
    this.checkReader();
    this.tail.push(chunk);
    this.tailBytes += chunk.length;
    this.pushNext();
    if (this.tailBytes < (this.options.memory ?? BLOCK_BYTES)) return;
    await (this.writing = this.writeTail());
    this.pushNext();
    const { quota } = this.options;
    while (quota?.isExceeded === true) {
      await quota.nextChange();
      this.checkReader();
    }
  }

  private checkReader(): void {
    if (this.destroyed) throw new Error('the reader has ended');
  }

  /** Call it when no more data will be added. */
  end(): void {
    this.ended = true;
    this.pushNext();
  }

  /** Number of unread bytes in the file. */
  get onDisk(): number {
    return this.fileEnd - this.fileStart;
  }

  override _read(): void {
    this.wanted = true;
    this.pushNext();
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.tail = [];
    this.options.quota?.wakeAll();
    void this.closeFile().then(
      () => done(error),
      (closeError: unknown) => done(error ?? (closeError as Error)),
    );
  }

  /** Passes the next data to the reader, if the reader waits for them and they are available. */
  private pushNext(): void {
    if (!this.wanted || this.reading || this.destroyed) return;
    if (this.fileStart < this.fileEnd) this.readFile();
    else if (this.writing !== undefined) return;
    else if (this.tail.length > 0) {
      this.wanted = false;
      this.push(this.takeTail());
    } else if (this.ended) this.push(null);
  }

  private takeTail(): Buffer {
    const bytes = Buffer.concat(this.tail);
    this.tail = [];
    this.tailBytes = 0;
    return bytes;
  }

  private readFile(): void {
    const { file } = this;
    if (file === undefined) return;
    this.reading = true;
    const length = Math.min(BLOCK_BYTES, this.fileEnd - this.fileStart);
    file.read(Buffer.allocUnsafe(length), 0, length, this.fileStart).then(
      ({ buffer, bytesRead }) => {
        this.fileStart += bytesRead;
        this.options.quota?.change(-bytesRead);
        this.reading = false;
        this.wanted = false;
        if (!this.destroyed) this.push(buffer.subarray(0, bytesRead));
      },
      (error: unknown) => this.destroy(error as Error),
    );
  }

  private async writeTail(): Promise<void> {
    const bytes = this.takeTail();
    if (this.fileStart === this.fileEnd) this.fileStart = this.fileEnd = 0; // all was read: reuse the space of the file
    try {
      this.file ??= await this.openFile();
      const { file } = this;
      for (let written = 0; written < bytes.length;)
        written += (await file.write(bytes, written, bytes.length - written, this.fileEnd + written)).bytesWritten;
      this.fileEnd += bytes.length;
      this.options.quota?.change(bytes.length);
    } finally {
      this.writing = undefined;
    }
  }

  private async openFile(): Promise<FileHandle> {
    const path = join(this.options.folder ?? tmpdir(), `redress-${uuid()}.spool`);
    const file = await open(path, 'wx+', 0o600);
    await rm(path);
    return file;
  }

  private async closeFile(): Promise<void> {
    await this.writing?.catch(() => undefined);
    await this.file?.close();
    this.options.quota?.change(-this.onDisk);
    this.fileStart = this.fileEnd;
  }
}
