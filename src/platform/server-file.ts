import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * The address of a running service, which it writes to DATA/server.json. A process that only runs projections accepts
 * no commands and has its own file, so that both can share a folder.
 */
export interface ServerFile {
  readonly url: string;
  readonly pid: number;
  /** UTC. */
  readonly startedAt: string;
}

/** Identifies the file: the folder, and the role of the process. */
export interface ServerPlace {
  readonly data: string;
  readonly role: 'all' | 'api' | 'projections';
}

const fileAt = ({ data, role }: ServerPlace): string =>
  join(data, role === 'projections' ? 'server-projections.json' : 'server.json');

export function writeServerFile(place: ServerPlace, server: ServerFile): void {
  const file = fileAt(place);
  const draft = `${file}.${String(server.pid)}`;
  writeFileSync(draft, `${JSON.stringify(server)}\n`);
  renameSync(draft, file);
}

/** Keeps the file if another process has replaced it meanwhile. */
export function removeServerFile(place: ServerPlace, { url, startedAt }: ServerFile): void {
  const there = readServerFile(place);
  if (there?.url === url && there.startedAt === startedAt) rmSync(fileAt(place), { force: true });
}

/** What the last service of this folder wrote; it may have ended: send it a request to find out. */
export function readServerFile(place: ServerPlace): ServerFile | undefined {
  try {
    return JSON.parse(readFileSync(fileAt(place), 'utf8')) as ServerFile;
  } catch {
    return undefined;
  }
}
