import { LRUCache } from 'lru-cache';
import type { Unmet } from '../complaint/decision.js';
import { isComplaintId } from '../complaint/identity.js';
import { parseReference, referenceOf } from '../complaint/reference.js';
import type { BatchSummary, OpenBatch } from '../intake-batch/batch-recorder.js';
import { KeyedQueue } from '../platform/keyed-queue.js';
import { isUnusable, pointerInLine, readLine, type CommandLine, type UnusableLine } from './bulk-line.js';
import type { BulkAcceptance, BulkRefusal } from './command-sender.js';
import type { BulkCommandSender, PreparedCommand } from './bulk-command-sender.js';
import { mapOrdered } from './in-order.js';
import { Lines } from './lines.js';

/** The result of one line. */
export type LineResult = { readonly line: number; readonly key?: string } & (BulkAcceptance | LineRefusal);

interface LineRefusal {
  readonly status: 'rejected';
  readonly code: string;
  /** Pointers refer to the line. */
  readonly errors: readonly Unmet[];
  readonly id?: string;
}

export interface BulkOptions {
  readonly sender: BulkCommandSender;
  readonly batch: OpenBatch;
  /** Maximum number of lines decided in parallel (default 256); results keep the order of the lines. */
  readonly concurrency?: number;
}

/** Names cached during a request: key and reference of 50,000 lodgings; others are looked up. */
const MAX_CACHED_NAMES = 100_000;

/**
 * Decides commands line by line. Lines of one complaint are decided in their order, also if some name it by id and
 * others by reference or lodging key. Lines of different complaints are decided in parallel. A line that cannot be used is rejected
 * and does not end the request. Reads the source only as fast as the results are consumed, so that memory stays constant.
 * In every case it finishes the lines that it has started, and closes the batch with their counts.
 */
export async function* decideLines(
  source: AsyncIterable<Buffer>,
  { sender, batch, concurrency = 256 }: BulkOptions,
): AsyncGenerator<LineResult | BatchSummary, void, undefined> {
  const lines = new Lines();
  const resolver = new ComplaintResolver(sender);
  const perComplaint = new KeyedQueue();
  let complete = false;
  let summary: BatchSummary;

  async function* resolvedLines(): AsyncGenerator<ResolvedLine> {
    for await (const raw of lines.of(source)) {
      const bytes = raw.bytes?.length ?? 0;
      yield { number: raw.number, bytes, ...(await resolver.of(readLine(raw))) };
    }
  }
  const decide = async (line: ResolvedLine): Promise<LineResult> => {
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
    yield* mapOrdered(resolvedLines(), { limit: concurrency, sizeOf: ({ bytes }) => bytes, work: decide });
    complete = true;
  } finally {
    summary = await batch.close(lines.sha256(), complete);
  }
  yield summary;
}

type Resolved =
  | { readonly refused: LineRefusal & { readonly key?: string } }
  | {
      readonly command: CommandLine;
      readonly prepared: PreparedCommand;
      /** The id of the complaint. */
      readonly complaint: string;
    };

type ResolvedLine = { readonly number: number; readonly bytes: number } & Resolved;

/** Finds the complaint of each line, in the order of the lines, before the line is decided. */
class ComplaintResolver {
  private readonly known = new LRUCache<string, string>({ max: MAX_CACHED_NAMES });

  constructor(private readonly sender: BulkCommandSender) {}

  async of(command: CommandLine | UnusableLine): Promise<Resolved> {
    if (isUnusable(command)) return { refused: { status: 'rejected', ...command } };
    const prepared = this.sender.prepare(command);
    if ('status' in prepared) return refusedBy(command, prepared);
    if (prepared.lodges !== undefined) {
      this.remember(command.key, prepared.lodges);
      return { command, prepared, complaint: prepared.lodges };
    }
    const { complaint: name } = command;
    if (name === undefined) return { refused: withoutComplaint(command.key) };
    let complaint = this.cached(name);
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

  /** Stores the names of a lodging before it is decided, because later lines may already use them. */
  private remember(key: string, complaint: string): void {
    // the first complaint keeps the name: the same key with another complaint is a reused key
    for (const name of [key, referenceOf(complaint)]) if (!this.known.has(name)) this.known.set(name, complaint);
  }

  /** An id has no entry of its own: it is found through its reference. */
  private cached(name: string): string | undefined {
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

const withoutComplaint = (key: string): LineRefusal & { readonly key: string } => ({
  key,
  status: 'rejected',
  code: 'validation_failed',
  errors: [
    {
      code: 'missing',
      message: 'complaint must be an id, a reference, or the key of the lodging line',
      pointer: '/complaint',
    },
  ],
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
        ? { refused: notFound(command.key, command.complaint ?? '') } // its lodging has been refused in the meantime
        : refusedBy(command, answer);
    return { line, ...refused };
  }
  return { line, key: command.key, ...answer };
}
