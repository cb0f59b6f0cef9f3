import { renameSync, writeFileSync } from 'node:fs';

/**
 * Sets the clock of the processes that load the preload `clock` with this file: milliseconds by which it is ahead of the
 * real time. A process never reads a half-written file.
 */
export function setClockFile(file: string, milliseconds: number): void {
  writeFileSync(`${file}.next`, String(Math.round(milliseconds)));
  renameSync(`${file}.next`, file);
}
