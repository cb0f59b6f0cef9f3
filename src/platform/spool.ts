import { open, rm, type FileHandle } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { v4 as uuid } from 'uuid';

export interface SpoolOptions {
  /** Folder of the temporary file; default: the folder for temporary files. */
  readonly folder?: string;
  /** Bytes kept in memory before they are written to the file (default 64 KiB). */
  readonly memory?: number;
}

const BLOCK = 64 * 1024;

/**
 * Buffers data until it is read, for any delay: the newest in memory, the rest in a temporary file. A reader that keeps
 * up never causes a file, and the file is at most as large as the largest backlog. The file is unlinked as soon as it is
 * open, so that it disappears with the process.
 */
export class Spool extends Readable {
  /** Read in this order: file, tail. */
  private file: FileHandle | undefined;
  private from = 0;
  private to = 0;
  private tail: Buffer[] = [];
  private tailBytes = 0;

  private ended = false;
  private wanted = false;
  private reading = false;
  private writing: Promise<void> | undefined;

  constructor(private readonly options: SpoolOptions = {}) {
    super({ highWaterMark: BLOCK });
  }

  /** Resolves when the next chunk may be added; await it. @throws Error after the reader has ended, ENOSPC */
  async add(chunk: Buffer): Promise<void> {
    if (this.destroyed) throw new Error('the reader has ended');
    this.tail.push(chunk);
    this.tailBytes += chunk.length;
    this.serve();
    if (this.tailBytes < (this.options.memory ?? BLOCK)) return;
    await (this.writing = this.writeTail());
    this.serve();
  }

  /** No more data will be added. */
  end(): void {
    this.ended = true;
    this.serve();
  }

  /** Bytes in the file. */
  get onDisk(): number {
    return this.to - this.from;
  }

  override _read(): void {
    this.wanted = true;
    this.serve();
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.tail = [];
    void this.close().then(
      () => done(error),
      (closing: unknown) => done(error ?? (closing as Error)),
    );
  }

  private serve(): void {
    if (!this.wanted || this.reading || this.destroyed) return;
    if (this.from < this.to) this.readFile();
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
    const length = Math.min(BLOCK, this.to - this.from);
    file.read(Buffer.allocUnsafe(length), 0, length, this.from).then(
      ({ buffer, bytesRead }) => {
        this.from += bytesRead;
        this.reading = false;
        this.wanted = false;
        if (!this.destroyed) this.push(buffer.subarray(0, bytesRead));
      },
      (error: unknown) => this.destroy(error as Error),
    );
  }

  private async writeTail(): Promise<void> {
    const bytes = this.takeTail();
    if (this.from === this.to) this.from = this.to = 0; // everything was read: reuse the space
    try {
      this.file ??= await this.open();
      const { file } = this;
      for (let written = 0; written < bytes.length;)
        written += (await file.write(bytes, written, bytes.length - written, this.to + written)).bytesWritten;
      this.to += bytes.length;
    } finally {
      this.writing = undefined;
    }
  }

  private async open(): Promise<FileHandle> {
    const path = join(this.options.folder ?? tmpdir(), `redress-${uuid()}.spool`);
    const file = await open(path, 'wx+', 0o600);
    await rm(path);
    return file;
  }

  private async close(): Promise<void> {
    await this.writing?.catch(() => undefined);
    await this.file?.close();
  }
}
