import { execFileSync } from 'node:child_process';
import { closeSync, mkdirSync, mkdtempSync, openSync, rmSync, statfsSync, writeSync } from 'node:fs';
import { join } from 'node:path';

/** A file system of a few megabytes in memory: it can be filled without harm. */
export class SmallDisk {
  private readonly filler: string;

  private constructor(
    private readonly mountPoint: string,
    /** A folder on it. */
    readonly folder: string,
  ) {
    this.filler = join(mountPoint, 'filler');
  }

  /**
   * Mounts it in a new folder of `within`. Never at the same place twice: SQLite removes the write-ahead log of a file by
   * its path when its last connection is collected, and would remove that of whoever has the same path by then.
   * @throws Error where this process may not mount anything
   */
  static mount(within: string, megabytes: number): SmallDisk {
    const at = mkdtempSync(join(within, 'disk-'));
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${String(megabytes)}m`, 'tmpfs', at], { stdio: 'pipe' });
    const folder = join(at, 'data');
    mkdirSync(folder);
    return new SmallDisk(at, folder);
  }

  /** Takes all the room but so many kilobytes. */
  fill(butFor: number): void {
    const file = openSync(this.filler, 'a');
    const block = Buffer.alloc(4096);
    try {
      while (this.free() > butFor * 1024) writeSync(file, block);
    } finally {
      closeSync(file);
    }
  }

  free(): number {
    const { bavail, bsize } = statfsSync(this.mountPoint);
    return bavail * bsize;
  }

  /** Gives the room back. */
  clear(): void {
    rmSync(this.filler, { force: true });
  }

  unmount(): void {
    execFileSync('umount', ['-l', this.mountPoint], { stdio: 'pipe' });
  }
}

/** Why no disk of our own can be had here; undefined when it can. */
export function noSmallDisk(within: string): string | undefined {
  if (process.platform !== 'linux') return 'tmpfs is of Linux';
  try {
    SmallDisk.mount(within, 1).unmount();
    return undefined;
  } catch {
    return 'mounting a small disk needs root';
  }
}
