import { LRUCache } from 'lru-cache';
import type { Unmet } from '../complaint/decision.js';
import { isComplaintId } from '../complaint/identity.js';
import { parseReference, referenceOf } from '../complaint/reference.js';
import type { BatchSummary, OpenBatch } from '../intake-batch/batch-recorder.js';
import { KeyedQueue } from '../platform/keyed-queue.js';
import { isUnusable, pointerInLine, readLine, type CommandLine, type UnusableLine } from './bulk-line.js';
import type { BulkAcceptance, BulkRefusal } from './command-sender.js';
import type { BulkCommandSender, PreparedCommand } from './bulk-command-sender.js';
import { inOrder } from './in-order.js';
import { Lines } from './lines.js';

/** What became of one line. */
export type LineResult = { readonly line: number; readonly key?: string } & (BulkAcceptance | LineRefusal);

interface LineRefusal {
  readonly status: 'rejected';
  readonly code: string;
  /** Pointers are into the line. */
  readonly errors: readonly Unmet[];
  readonly id?: string;
}

export interface BulkOptions {
  readonly sender: BulkCommandSender;
  readonly batch: OpenBatch;
  /** Lines decided side by side, of different complaints (default 256); answers come in the order of the lines. */
  readonly concurrency?: number;
}

/** Names remembered while a request lasts, key and reference of 50,000 lodgings; others are looked up. */
const NAMES_REMEMBERED = 100_000;

/**
 * Takes commands line by line. Lines of one complaint are decided in their order, whatever they call it, those of others
 * side by side; a bad line is a result and never an end. Reads no further than its results are taken, so memory stays
 * flat. However it ends, what was begun is finished, and the batch is closed with the counts of what was decided.
 */
export async function* takeLines(
  source: AsyncIterable<Buffer>,
  { sender, batch, concurrency = 256 }: BulkOptions,
): AsyncGenerator<LineResult | BatchSummary, void, undefined> {
  const lines = new Lines();
  const addressing = new ComplaintResolver(sender);
  const perComplaint = new KeyedQueue();
  let complete = false;
  let summary: BatchSummary;

  async function* addressed(): AsyncGenerator<AddressedLine> {
    for await (const raw of lines.of(source)) {
      const bytes = raw.bytes?.length ?? 0;
      yield { number: raw.number, bytes, ...(await addressing.of(readLine(raw))) };
    }
  }
  const decide = async (line: AddressedLine): Promise<LineResult> => {
    const result =
      'refused' in line
        ? { line: line.number, ...line.refused }
        : await perComplaint.run(line.complaint, async () =>
            resultOf(line, await line.prepared.submit(line.complaint)),
          );
    if (result.status === 'rejected') {
      const { code, key, errors } = result;
      await batch.rejected({ line: line.number, reference: key, code, pointer: errors[0]?.pointer });
    } else batch.taken(result.status);
    return result;
  };

  try {
    yield* inOrder(addressed(), { limit: concurrency, sizeOf: ({ bytes }) => bytes, work: decide });
    complete = true;
  } finally {
    summary = await batch.close(lines.sha256(), complete);
  }
  yield summary;
}

type Addressed =
  | { readonly refused: LineRefusal & { readonly key?: string } }
  | {
      readonly command: CommandLine;
      readonly prepared: PreparedCommand;
      /** Its id. */
      readonly complaint: string;
    };

type AddressedLine = { readonly number: number; readonly bytes: number } & Addressed;

/** Finds the complaint of each line before any is decided, in the order of the lines. */
class ComplaintResolver {
  private readonly known = new LRUCache<string, string>({ max: NAMES_REMEMBERED });

  constructor(private readonly sender: BulkCommandSender) {}

  async of(command: CommandLine | UnusableLine): Promise<Addressed> {
    if (isUnusable(command)) return { refused: { status: 'rejected', ...command } };
    const prepared = this.sender.prepare(command);
    if ('status' in prepared) return refusedBy(command, prepared);
    if (prepared.lodges !== undefined) {
      this.remember(command.key, prepared.lodges);
      return { command, prepared, complaint: prepared.lodges };
    }
    const { complaint: name } = command;
    if (name === undefined) return { refused: nameless(command.key) };
    let complaint = this.remembered(name);
    if (complaint === undefined) {
      try {
        complaint = await this.sender.find(name);
      } catch (error) {
        return refusedBy(command, this.sender.failed(error));
      }
      if (complaint === undefined) return { refused: notFound(command.key, name) };
      this.known.set(name, complaint);
    }
    return { command, prepared, complaint };
  }

  /** What a lodging will be called, before it is decided: lines after it may name it already. */
  private remember(key: string, complaint: string): void {
    // a name means the first that had it: a key with another complaint is a key used twice
    for (const name of [key, referenceOf(complaint)]) if (!this.known.has(name)) this.known.set(name, complaint);
  }

  /** An id takes no place of its own: it is known where its reference is. */
  private remembered(name: string): string | undefined {
    const named = this.known.get(name);
    if (named !== undefined) return named;
    const id = name.toLowerCase();
    if (isComplaintId(id)) return this.known.get(referenceOf(id)) === id ? id : undefined;
    const reference = parseReference(name);
    return reference === undefined ? undefined : this.known.get(reference);
  }
}

function refusedBy(command: CommandLine, { code, unmet, id }: BulkRefusal): { readonly refused: LineRefusal } {
  const errors = unmet.map(({ pointer, ...rest }) =>
    pointer === undefined ? rest : { ...rest, pointer: pointerInLine(pointer, command) },
  );
  const refused = { key: command.key, status: 'rejected', code, errors, ...(id !== undefined && { id }) } as const;
  return { refused };
}

const nameless = (key: string): LineRefusal & { readonly key: string } => ({
  key,
  status: 'rejected',
  code: 'validation_failed',
  errors: [{ code: 'missing', message: 'complaint must say which complaint is meant', pointer: '/complaint' }],
});

const notFound = (key: string, name: string): LineRefusal & { readonly key: string } => ({
  key,
  status: 'rejected',
  code: 'complaint_not_found',
  errors: [
    { code: 'complaint_not_found', message: `there is no complaint ${JSON.stringify(name)}`, pointer: '/complaint' },
  ],
});

function resultOf(
  { number: line, command }: { readonly number: number; readonly command: CommandLine },
  answer: Awaited<ReturnType<PreparedCommand['submit']>>,
): LineResult {
  if (answer.status === 'rejected') {
    const { refused } =
      answer.code === 'complaint_not_found'
        ? { refused: notFound(command.key, command.complaint ?? '') } // its lodging was refused meanwhile
        : refusedBy(command, answer);
    return { line, ...refused };
  }
  return { line, key: command.key, ...answer };
}
