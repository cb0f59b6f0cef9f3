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
import { LineSplitter } from './lines.js';

/** The result of one line. */
export type LineResult = { readonly line: number; readonly key?: string } & (BulkAcceptance | LineRefusal);

interface LineRefusal {
  readonly status: 'rejected';
  readonly code: string;
  /** Each `pointer` is a JSON pointer into the line. */
  readonly errors: readonly Unmet[];
  readonly id?: string;
}

export interface BulkOptions {
  readonly sender: BulkCommandSender;
  readonly batch: OpenBatch;
  /** Maximum number of lines decided in parallel (default 256); results keep the order of the lines. */
  readonly concurrency?: number;
}

/** Maximum number of complaint names cached during a request: enough for key and reference of 50,000 lodgings. */
const MAX_CACHED_NAMES = 100_000;

/**
 * Decides a request of many commands, one per line. Yields the result of each line in order, then the summary. Lines of
 * one complaint are decided in order, even if some name it by id and others by reference or lodging key. Lines of
 * different complaints are decided in parallel. An invalid line is rejected and does not end the request. Reads the
 * source only as fast as the results are consumed, so that memory stays constant. If the source fails or the consumer
 * stops, lines in progress are finished first, and the batch is closed as incomplete.
 * @throws the error of the source, or StoreUnavailable if the batch cannot be recorded
 */
export async function* decideLines(
  source: AsyncIterable<Buffer>,
  { sender, batch, concurrency = 256 }: BulkOptions,
): AsyncGenerator<LineResult | BatchSummary, void, undefined> {
  const splitter = new LineSplitter();
  const resolver = new ComplaintResolver(sender);
  const perComplaint = new KeyedQueue();
  let complete = false;
  let summary: BatchSummary;

  async function* resolvedLines(): AsyncGenerator<ResolvedLine> {
    for await (const line of splitter.split(source)) {
      const size = line.bytes?.length ?? 0;
      yield { number: line.number, size, ...(await resolver.resolve(readLine(line))) };
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
      await batch.addRejected({ line: line.number, reference: key, code, pointer: errors[0]?.pointer });
    } else batch.addRecorded(result.status);
    return result;
  };

  try {
    yield* mapOrdered(resolvedLines(), { limit: concurrency, sizeOf: ({ size }) => size, work: decide });
    complete = true;
  } finally {
    summary = await batch.close(splitter.sha256(), complete);
  }
  yield summary;
}

/** A line with a valid command and the id of its complaint, or the reason why the line is rejected. */
type Resolved =
  | { readonly refused: LineRefusal & { readonly key?: string } }
  | {
      readonly command: CommandLine;
      readonly prepared: PreparedCommand;
      /** The id of the complaint. */
      readonly complaint: string;
    };

type ResolvedLine = {
  readonly number: number;
  /** Size in bytes. */
  readonly size: number;
} & Resolved;

/** Finds the complaint of each line. Call it for one line at a time, in the order of the lines. */
class ComplaintResolver {
  /** Complaint ids by lodging key, by reference, or by another name that was looked up. */
  private readonly idsByName = new LRUCache<string, string>({ max: MAX_CACHED_NAMES });

  constructor(private readonly sender: BulkCommandSender) {}

  async resolve(command: CommandLine | UnusableLine): Promise<Resolved> {
    if (isUnusable(command)) return { refused: { status: 'rejected', ...command } };
    const prepared = this.sender.prepare(command);
    if ('status' in prepared) return refusedBy(command, prepared);
    if (prepared.lodges !== undefined) {
      this.remember(command.key, prepared.lodges);
      return { command, prepared, complaint: prepared.lodges };
    }
    const { complaint: name } = command;
    if (name === undefined) return { refused: withoutComplaint(command.key) };
    let complaint = this.cachedId(name);
    if (complaint === undefined) {
      try {
        complaint = await this.sender.find(name);
      } catch (error) {
        return refusedBy(command, this.sender.refusalFor(error));
      }
      if (complaint === undefined) return { refused: notFound(command.key, name) };
      this.idsByName.set(name, complaint);
    }
    return { command, prepared, complaint };
  }

  /** Stores key and reference of a lodging before it is decided, because later lines may already name it by them. */
  private remember(key: string, complaint: string): void {
    // a key that is used again for another complaint keeps its first complaint
    for (const name of [key, referenceOf(complaint)])
      if (!this.idsByName.has(name)) this.idsByName.set(name, complaint);
  }

  /** The cached id for a key, an id or a reference. An id is looked up by its reference, which `remember` stores. */
  private cachedId(name: string): string | undefined {
    const cached = this.idsByName.get(name);
    if (cached !== undefined) return cached;
    const id = name.toLowerCase();
    if (isComplaintId(id)) return this.idsByName.get(referenceOf(id)) === id ? id : undefined;
    const reference = parseReference(name);
    return reference === undefined ? undefined : this.idsByName.get(reference);
  }
}

/** Converts a refusal to the result of its line; its pointers become pointers into the line. */
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
  if (answer.status !== 'rejected') return { line, key: command.key, ...answer };
  // the line of this request that should have lodged the complaint was rejected
  if (answer.code === 'complaint_not_found') return { line, ...notFound(command.key, command.complaint ?? '') };
  return { line, ...refusedBy(command, answer).refused };
}
