import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Role } from '../../src/access/actor.js';
import type { JsonObject } from '../../src/platform/json.js';
import type { Told } from '../support/bulk/bulk-request.js';

/** What lies beside the tests, see README.md. */
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
  /** When it was sent first. */
  readonly at: string;
  readonly as: Role;
  /** What these files call the complaint; a name that no lodging has is sent as it is. */
  readonly complaint: string;
  /** `lodge`, or the command as its address has it. */
  readonly command: string;
  readonly key: string;
  readonly body: JsonObject;
  /** The revision that If-Match names. */
  readonly ifMatch?: number;
  /** The complaint is addressed by its reference, as people type it: lower case, without hyphens. */
  readonly by?: 'reference';
}

/** One file of many commands or rows. */
export interface SentFile {
  readonly at: string;
  readonly as: Role;
  readonly file: string;
  readonly path: string;
}

export type Sent = SentCommand | SentFile;

/** What the service answered. */
export interface CommandOutcome {
  readonly key: string;
  readonly status: number;
  readonly body: JsonObject;
}

export interface FileOutcome {
  readonly file: string;
  readonly status: number;
  /** `complaint` of a row, `id` of a command. */
  readonly results: readonly (Told & { readonly complaint?: string })[];
  readonly summary: Told;
}

export type SentOutcome = CommandOutcome | FileOutcome;

export const isFile = (sent: Sent): sent is SentFile => 'file' in sent;
export const isOfFile = (outcome: SentOutcome): outcome is FileOutcome => 'file' in outcome;

export const linesOf = <T>(path: string): T[] =>
  readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as T);

/** Everything that was sent to the golden store, in order. */
export const sentRequests = (): Sent[] => linesOf<Sent>(join(SENT, 'requests.ndjson'));
