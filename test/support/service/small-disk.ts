import { execFileSync } from 'node:child_process';
import { closeSync, mkdirSync, mkdtempSync, openSync, rmSync, statfsSync, writeSync } from 'node:fs';
import { join } from 'node:path';

/** A file system of a few megabytes in memory (tmpfs), which a test can fill up. */
export class SmallDisk {
  private readonly filler: string;

  private constructor(
    private readonly mountPoint: string,
    /** A folder in this file system. */
    readonly folder: string,
  ) {
    this.filler = join(mountPoint, 'filler');
  }

  /**
   * Mounts a new file system in a new folder inside `within`. Each mount point has a different path, because SQLite
   * deletes a write-ahead log by its path when the last connection is garbage-collected: at the same path it would delete
   * the log of the next file system.
   * @throws Error if this process is not allowed to mount a file system
   */
  static mount(within: string, megabytes: number): SmallDisk {
    const mountPoint = mkdtempSync(join(within, 'disk-'));
    const options = ['-t', 'tmpfs', '-o', `size=${String(megabytes)}m`];
    execFileSync('mount', [...options, 'tmpfs', mountPoint], { stdio: 'pipe' });
    const folder = join(mountPoint, 'data');
    mkdirSync(folder);
    return new SmallDisk(mountPoint, folder);
  }

  /** Fills the file system until only this many kilobytes are free. */
  fill(freeKilobytes: number): void {
    const file = openSync(this.filler, 'a');
    const block = Buffer.alloc(4096);
    try {
      while (this.free() > freeKilobytes * 1024) writeSync(file, block);
    } finally {
      closeSync(file);
    }
  }

  /** Number of free bytes. */
  free(): number {
    const { bavail, bsize } = statfsSync(this.mountPoint);
    return bavail * bsize;
  }

  /** Frees the space that `fill` has used. */
  clear(): void {
    rmSync(this.filler, { force: true });
  }

  unmount(): void {
    execFileSync('umount', ['-l', this.mountPoint], { stdio: 'pipe' });
  }
}

/** Why no small disk can be mounted in this folder; undefined if it can. */
export function noSmallDisk(within: string): string | undefined {
  if (process.platform !== 'linux') return 'tmpfs exists only on Linux';
  try {
    SmallDisk.mount(within, 1).unmount();
    return undefined;
  } catch {
    return 'mounting a small disk needs root';
  }
}
