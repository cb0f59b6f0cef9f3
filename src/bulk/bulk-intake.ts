import { LRUCache } from 'lru-cache';
import type { Unmet } from '../complaint/decision.js';
import { isComplaintId } from '../complaint/identity.js';
import { parseReference, referenceOf } from '../complaint/reference.js';
import type { BatchSummary, OpenBatch } from '../intake-batch/batch-recorder.js';
import { KeyedQueue } from '../platform/keyed-queue.js';
import { isUnusable, pointerInLine, readLine, type CommandLine, type UnusableLine } from './bulk-line.js';
import {
  isTransient,
  type BulkAcceptance,
  type BulkAnswer,
  type BulkNoChange,
  type BulkRefusal,
} from './command-sender.js';
import type { BulkCommandSender, PreparedCommand } from './bulk-command-sender.js';
import { mapOrdered } from './in-order.js';
import { LineSplitter } from './lines.js';
import { noSuchComplaint } from '../complaint/reference.js';

/** The result of one line. */
export type LineResult = { readonly line: number; readonly key?: string } & (
  BulkAcceptance | BulkNoChange | LineRefusal
);

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

/** A cache of one request. With the option `max` it would allocate memory for all names at once, also for a single line. */
const createCache = <V extends object | string>(
  options: Pick<LRUCache.OptionsBase<string, V, unknown>, 'dispose'> = {},
): LRUCache<string, V> => new LRUCache({ maxSize: MAX_CACHED_NAMES, sizeCalculation: () => 1, ...options });

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
        : await perComplaint.run(line.complaint, async () => resultOf(line, await decideResolved(line)));
    if (result.status === 'rejected') {
      const { code, key, errors } = result;
      await batch.addRejected({ line: line.number, reference: key, code, pointer: errors[0]?.pointer });
    } else batch.add(result.status);
    return result;
  };

  const decideResolved = async ({ command, prepared, complaint }: Exclude<Resolved, Refused>): Promise<BulkAnswer> => {
    if (prepared.lodges !== undefined) {
      const answer = await prepared.submit(complaint);
      resolver.rememberAnswer(command.key, complaint, answer);
      return answer;
    }
    // the lodging that the line names is decided by now, because it is earlier in the same queue
    const named = await resolver.complaintAfterLodging(command.complaint ?? '', complaint);
    if ('status' in named) return named;
    const answer = await prepared.submit(named.id);
    const isMissing = answer.status === 'rejected' && answer.code === 'complaint_not_found';
    return isMissing ? (resolver.transientRefusalOf(complaint) ?? answer) : answer;
  };

  try {
    yield* mapOrdered(resolvedLines(), { limit: concurrency, sizeOf: ({ size }) => size, work: decide });
    complete = true;
  } finally {
    summary = await batch.close(splitter.sha256(), complete);
  }
  yield summary;
}

interface Refused {
  readonly refused: LineRefusal & { readonly key?: string };
}

/** A line with a valid command and the id of its complaint, or the reason why the line is rejected. */
type Resolved =
  | Refused
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
  private readonly idsByName = createCache<string>();
  /** Refusals of the lodgings of this request, by key; {@link NOT_FOUND} for those that cannot succeed later. */
  private readonly refusedKeys = createCache<BulkRefusal>({
    dispose: (refusal, _key, reason) => {
      if (reason === 'evict' && isTransient(refusal.code)) this.forgotten = refusal;
    },
  });
  /** Complaints that the lodgings of this request made, by key. */
  private readonly lodgedKeys = createCache<string>();
  /** Refusals of lodgings that may succeed later, by complaint id. */
  private readonly refusedIds = createCache<BulkRefusal>();
  /** A refusal that may concern a name that is no longer cached. */
  private forgotten: BulkRefusal | undefined;

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
      if (complaint === undefined)
        return this.forgotten ? refusedBy(command, this.forgotten) : { refused: notFound(command.key, name) };
      this.idsByName.set(name, complaint);
    }
    return { command, prepared, complaint };
  }

  /** Stores the answer to a lodging. A key keeps the complaint that it lodged, even if a later lodging is refused. */
  rememberAnswer(key: string, complaint: string, answer: BulkAnswer): void {
    if (answer.status !== 'rejected') {
      this.refusedKeys.delete(key);
      this.refusedIds.delete(complaint);
      this.lodgedKeys.set(key, answer.id);
    } else if (!this.lodgedKeys.has(key)) {
      // a lasting refusal can have many reasons, which no later line needs
      this.refusedKeys.set(key, isTransient(answer.code) ? answer : NOT_FOUND);
      if (isTransient(answer.code)) this.refusedIds.set(complaint, answer);
    }
  }

  /** The refusal of the last lodging of the complaint, if the lodging may succeed later. */
  transientRefusalOf(complaint: string): BulkRefusal | undefined {
    return this.refusedIds.get(complaint);
  }

  /**
   * The complaint that a name means, after the lodging that the name refers to was decided. A key means the complaint
   * that its lodging made, in this request or an earlier one, and not the complaint whose source it repeats.
   * @param complaint the id that the name had before
   */
  async complaintAfterLodging(name: string, complaint: string): Promise<{ readonly id: string } | BulkRefusal> {
    const refusal = this.refusedKeys.get(name);
    if (refusal === undefined) return { id: this.lodgedKeys.get(name) ?? complaint };
    if (isTransient(refusal.code)) return refusal;
    try {
      const id = await this.sender.find(name);
      return id === undefined ? NOT_FOUND : { id };
    } catch (error) {
      return this.sender.refusalFor(error);
    }
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

/** Gets its message, which names the complaint, with the result of the line. */
const NOT_FOUND: BulkRefusal = { status: 'rejected', code: 'complaint_not_found', unmet: [] };

const notFound = (key: string, name: string): LineRefusal & { readonly key: string } => ({
  key,
  status: 'rejected',
  code: 'complaint_not_found',
  errors: [{ code: 'complaint_not_found', message: noSuchComplaint(name), pointer: '/complaint' }],
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
