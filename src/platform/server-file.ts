import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Where a running service answers, as it says itself in DATA/server.json. A process that only projects takes no
 * commands and has a file of its own, so that both can share a folder.
 */
export interface ServerFile {
  readonly url: string;
  readonly pid: number;
  /** UTC. */
  readonly startedAt: string;
}

/** Whose file it is: the folder, and what the process does there. */
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

/** Leaves the file of another process that has taken the place meanwhile. */
export function removeServerFile(place: ServerPlace, { url, startedAt }: ServerFile): void {
  const there = readServerFile(place);
  if (there?.url === url && there.startedAt === startedAt) rmSync(fileAt(place), { force: true });
}

/** What the last service of this folder wrote; it may be gone: ask it. */
export function readServerFile(place: ServerPlace): ServerFile | undefined {
  try {
    return JSON.parse(readFileSync(fileAt(place), 'utf8')) as ServerFile;
  } catch {
    return undefined;
  }
}
