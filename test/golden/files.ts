import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Role } from '../../src/access/actor.js';
import type { JsonObject } from '../../src/platform/json.js';
import type { BulkResponseLine } from '../support/bulk/bulk-request.js';

/** Paths of the files of this folder; README.md describes them. */
export const SENT = join(__dirname, 'sent');
export const RECORDED = join(__dirname, 'recorded');
export const ANSWERS = join(RECORDED, 'answers');
export const KEYS = join(__dirname, 'keys.json');
export const EVENTS = join(RECORDED, 'events.db');
export const ROWS = join(RECORDED, 'rows.ndjson');
export const OUTCOMES = join(RECORDED, 'outcomes.ndjson');

/** The time at which every answer was recorded: shortly after the last request. */
export const NOW = '2026-03-30T08:00:00.000Z';

/** One command of requests.ndjson. */
export interface SentCommand {
  /** When the command was sent for the first time. */
  readonly at: string;
  readonly as: Role;
  /** The name of the complaint in these files. A name that no lodging has is sent unchanged as the id. */
  readonly complaint: string;
  /** `lodge`, or the command in the form that the path has. */
  readonly command: string;
  readonly key: string;
  readonly body: JsonObject;
  /** The revision that If-Match names. */
  readonly ifMatch?: number;
  /** If given, the path has the reference of the complaint instead of its id, in lower case and without hyphens. */
  readonly by?: 'reference';
}

/** A file with bulk commands or register rows. */
export interface SentFile {
  readonly at: string;
  readonly as: Role;
  readonly file: string;
  readonly path: string;
}

export type Sent = SentCommand | SentFile;

/** The answer to a command. */
export interface CommandOutcome {
  readonly key: string;
  readonly status: number;
  readonly body: JsonObject;
}

/** The answer to a file. */
export interface FileOutcome {
  readonly file: string;
  readonly status: number;
  /** The complaint id is in `complaint` for a register row, in `id` for a bulk command. */
  readonly results: readonly (BulkResponseLine & { readonly complaint?: string })[];
  readonly summary: BulkResponseLine;
}

export type SentOutcome = CommandOutcome | FileOutcome;

export const isFile = (sent: Sent): sent is SentFile => 'file' in sent;
export const isOfFile = (outcome: SentOutcome): outcome is FileOutcome => 'file' in outcome;

/** The parsed lines of an NDJSON file. */
export const linesOf = <T>(path: string): T[] =>
  readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as T);

/** Everything that was sent to the golden store, in order. */
export const sentRequests = (): Sent[] => linesOf<Sent>(join(SENT, 'requests.ndjson'));
