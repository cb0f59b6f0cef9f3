import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { PRIVATE_FILE_MODE } from './private-files.js';

/**
 * The content of server.json, which a running service writes to its data folder. A process that only runs projections
 * or timers writes server-projections.json or server-timers.json instead, so that it can share a folder with a service
 * that accepts commands.
 */
export interface ServerFile {
  readonly url: string;
  readonly pid: number;
  /** UTC RFC 3339. */
  readonly startedAt: string;
}

/** The parts of the configuration that determine the file. */
export interface ServerPlace {
  /** The data folder. */
  readonly data: string;
  readonly role: 'all' | 'api' | 'projections' | 'timers';
}

const fileOf = ({ data, role }: ServerPlace): string =>
  join(data, role === 'all' || role === 'api' ? 'server.json' : `server-${role}.json`);

/** Writes the file, or replaces it as a whole. */
export function writeServerFile(place: ServerPlace, server: ServerFile): void {
  const file = fileOf(place);
  const temporaryFile = `${file}.${String(server.pid)}`;
  writeFileSync(temporaryFile, `${JSON.stringify(server)}\n`, { mode: PRIVATE_FILE_MODE });
  renameSync(temporaryFile, file);
}

/** Removes the file, unless another process has replaced it meanwhile. */
export function removeServerFile(place: ServerPlace, { url, startedAt }: ServerFile): void {
  const current = readServerFile(place);
  if (current?.url === url && current.startedAt === startedAt) rmSync(fileOf(place), { force: true });
}

/** What the last service wrote; undefined if there is no file. The service may have ended without removing the file. */
export function readServerFile(place: ServerPlace): ServerFile | undefined {
  try {
    return JSON.parse(readFileSync(fileOf(place), 'utf8')) as ServerFile;
  } catch {
    return undefined;
  }
}
