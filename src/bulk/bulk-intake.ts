import { LRUCache } from 'lru-cache';
import { Readable } from 'node:stream';
import type { Unmet } from '../complaint/decision.js';
import { commandIdOf, complaintIdOf } from '../complaint/identity.js';
import { parseReference } from '../complaint/reference.js';
import type { BatchSummary, OpenBatch } from '../intake-batch/batch-book.js';
import type { RejectedLine } from '../intake-batch/events.js';
import { KeyedQueue } from '../platform/keyed-queue.js';
import { isUnusable, pointerInLine, readLine, type UnusableLine } from './bulk-line.js';
import type { BulkAnswer, BulkCommand, CommandSender } from './command-sender.js';
import { Lines } from './lines.js';

/** What became of one line. */
export type LineResult = { readonly line: number; readonly key?: string } & (
  | Extract<BulkAnswer, { status: 'accepted' | 'already_there' }>
  | { readonly status: 'rejected'; readonly code: string; readonly errors: readonly Unmet[]; readonly id?: string }
);

export interface BulkOptions {
  readonly sender: CommandSender;
  /** Whose keys they are: a lodging key means his complaint. */
  readonly credential: string;
  readonly batch: OpenBatch;
  /** Lines decided side by side, of different complaints (default 256); answers come in the order of the lines. */
  readonly concurrency?: number;
}

/** Lodging keys remembered; beyond that a key means the complaint that a lodging without a source would have made. */
const KEYS_REMEMBERED = 500_000;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

interface Numbered {
  readonly number: number;
  readonly command: BulkCommand | UnusableLine;
  /** What orders the line: its complaint. */
  readonly lane: string;
}

/**
 * Takes commands line by line. Lines of one complaint are decided in their order, those of others side by side; a bad
 * line is a result and never an end. Reads no further than its results are taken, so memory stays flat.
 */
export async function* takeLines(
  source: AsyncIterable<Buffer>,
  options: BulkOptions,
): AsyncGenerator<LineResult | BatchSummary> {
  const { batch, sender, credential, concurrency = 256 } = options;
  const lines = new Lines();
  const lanes = new KeyedQueue();
  const complaints = new LRUCache<string, string>({ max: KEYS_REMEMBERED });
  let complete = false;
  let summary: BatchSummary;

  async function* numbered(): AsyncGenerator<Numbered> {
    for await (const raw of lines.of(source))
      yield { number: raw.number, ...addressed(readLine(raw), credential, complaints) };
  }
  const answer = async ({ number, command, lane }: Numbered): Promise<LineResult> => {
    if (isUnusable(command)) return { line: number, status: 'rejected', ...command };
    const answered = await lanes.run(lane, () => sender.send(command));
    return resultOf(number, command.key, answered);
  };

  try {
    const results = Readable.from(numbered()).map(answer, { concurrency });
    for await (const result of results as AsyncIterable<LineResult>) {
      if (result.status === 'rejected') await batch.rejected(noteOf(result));
      else batch.taken(result.status);
      yield result;
    }
    complete = true;
  } finally {
    summary = await batch.close(lines.sha256(), complete);
  }
  yield summary;
}

/** Finds the complaint that a line means, so that lines of one complaint keep their order. */
function addressed(
  command: BulkCommand | UnusableLine,
  credential: string,
  complaints: LRUCache<string, string>,
): Pick<Numbered, 'command' | 'lane'> {
  if (isUnusable(command)) return { command, lane: '' };
  if (command.command === 'LodgeComplaint') {
    const id = complaintIdOf({ sources: sourcesIn(command.body) }, commandIdOf(credential, command.key));
    complaints.set(command.key, id);
    return { command, lane: id };
  }
  const { complaint } = command;
  if (complaint === undefined || UUID.test(complaint)) return { command, lane: complaint?.toLowerCase() ?? '' };
  const lodged = complaints.get(complaint);
  if (lodged === undefined && parseReference(complaint) !== undefined) return { command, lane: complaint };
  const id = lodged ?? complaintIdOf({}, commandIdOf(credential, complaint));
  return { command: { ...command, complaint: id }, lane: id };
}

/** The sources of a body that is not validated yet; a bad one is refused later, under whatever id. */
function sourcesIn(body: BulkCommand['body']): { readonly system: string; readonly ref: string }[] {
  const { sources } = body;
  const [first] = Array.isArray(sources) ? (sources as unknown[]) : [];
  if (typeof first !== 'object' || first === null || !('system' in first) || !('ref' in first)) return [];
  const { system, ref } = first;
  return typeof system === 'string' && typeof ref === 'string' ? [{ system, ref }] : [];
}

function noteOf({ line, key, code, errors }: Extract<LineResult, { status: 'rejected' }>): RejectedLine {
  const pointer = errors[0]?.pointer;
  return { line, code, ...(key !== undefined && { reference: key }), ...(pointer !== undefined && { pointer }) };
}

function resultOf(line: number, key: string, answer: BulkAnswer): LineResult {
  if (answer.status !== 'rejected') return { line, key, ...answer };
  const { status, code, unmet, id } = answer;
  const errors = unmet.map(({ pointer, ...rest }) =>
    pointer === undefined ? rest : { ...rest, pointer: pointerInLine(pointer) },
  );
  return { line, key, status, code, errors, ...(id !== undefined && { id }) };
}
