import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Where a running service answers, as it says itself in DATA/server.json. */
export interface ServerFile {
  readonly url: string;
  readonly pid: number;
  /** UTC. */
  readonly startedAt: string;
}

const fileIn = (folder: string): string => join(folder, 'server.json');

export function writeServerFile(folder: string, server: ServerFile): void {
  const draft = `${fileIn(folder)}.${String(server.pid)}`;
  writeFileSync(draft, `${JSON.stringify(server)}\n`);
  renameSync(draft, fileIn(folder));
}

export function removeServerFile(folder: string): void {
  rmSync(fileIn(folder), { force: true });
}

/** What the last service of this folder wrote; it may be gone: ask it. */
export function readServerFile(folder: string): ServerFile | undefined {
  try {
    return JSON.parse(readFileSync(fileIn(folder), 'utf8')) as ServerFile;
  } catch {
    return undefined;
  }
}
