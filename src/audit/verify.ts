import canonicalize from 'canonicalize';
import { eventIdOf, GENESIS_HASH, hashOf, joinMetadata } from '../eventstore/chain.js';
import { StoreUnavailable, type Position, type ReadAllOptions, type StoredEvent } from '../eventstore/event-store.js';
import { ServerUnusable } from '../platform/server-unusable.js';
import { PrefixComparison, type Comparison, type EarlierResult } from './earlier-result.js';
import { MerkleTree } from './merkle-tree.js';
import { isRedressStream, OtherProgramsCount, type OtherPrograms } from './other-programs.js';

/** Reads the log to verify, without interpreting it. */
export interface LogSource {
  /** True if the positions are 1, 2, 3, … without gaps. */
  readonly dense?: boolean;
  /** True if other programs may keep streams in the same log. */
  readonly shared?: boolean;
  readAll(options: ReadAllOptions): Promise<StoredEvent[]>;
  /** Faults that the storage engine finds in its own structures. */
  faults?(): Promise<string[]>;
  /** Tables, indexes, triggers and views that are missing, changed, or not created by Redress. */
  schemaDifferences?(): Promise<string[]>;
}

/** The first error, with stream, revision and position of the event if they are known. */
export interface VerifyError {
  readonly stream?: string;
  readonly revision?: number;
  readonly position?: Position;
  /** Description of the error. */
  readonly what: string;
}

export interface VerifyProgress {
  readonly kind: 'progress';
  /** Number of verified events so far. */
  readonly events: number;
  /** Position of the last event that was read. */
  readonly position: Position;
}

export interface Verification {
  readonly kind: 'result';
  readonly ok: boolean;
  /** Number of verified events. */
  readonly events: number;
  readonly streams: number;
  /** Position of the last verified event; null if there is none. */
  readonly head: Position | null;
  /** Root of the Merkle tree (RFC 6962) over the hashes of the verified events in log order, in hexadecimal. */
  readonly root: string;
  /** Events of other programs in the same log; absent if there are none. */
  readonly others?: OtherPrograms;
  /** Comparison with an earlier result; absent if none was given. */
  readonly against?: Comparison;
  /** Differences of the database schema; absent if there are none. */
  readonly schema?: readonly string[];
  readonly firstError?: VerifyError;
}

/** Verifies the stores of this service. Yields progress reports, then the result. */
export type Verify = (
  signal: AbortSignal,
  against: EarlierResult | undefined,
) => AsyncIterable<VerifyProgress | Verification>;

export const VERIFY = Symbol('Verify');

/**
 * Checks every event against docs/event-format.md: canonical JSON, hash, id, chain, order of revisions and positions,
 * recordedAt. Then asks the storage engine for faults. Yields progress reports and, as the last item, the result. Stops at
 * the first wrong event. Keeps one short entry per stream in memory. In a shared log it verifies the streams of Redress and
 * counts the events of other programs. docs/auditors.md lists which changes it detects, alone and compared with an earlier
 * result.
 * @throws StoreUnavailable, ServerUnusable
 */
export async function* verifyStore(
  source: LogSource,
  options: { readonly pageSize?: number; readonly against?: EarlierResult | undefined } = {},
): AsyncGenerator<VerifyProgress | Verification, void, undefined> {
  const pageSize = options.pageSize ?? 1000;
  const isDense = source.dense === true;
  const isShared = source.shared === true;
  const heads = new Map<string, StreamHead>();
  const others = new OtherProgramsCount();
  const tree = new MerkleTree();
  const comparison = options.against === undefined ? undefined : new PrefixComparison(options.against);
  comparison?.observe(tree);
  const schema = (await source.schemaDifferences?.()) ?? [];
  let head: Position | null = null;
  let last: Position | null = null;
  const result = (firstError?: VerifyError, isComplete = false): Verification => {
    const against = comparison?.result(tree.size, isComplete);
    return {
      kind: 'result',
      ok: firstError === undefined && schema.length === 0 && against?.contained !== false,
      events: tree.size,
      streams: heads.size,
      head,
      root: tree.root(),
      ...(others.result !== undefined && { others: others.result }),
      ...(against !== undefined && { against }),
      ...(schema.length > 0 && { schema }),
      ...(firstError !== undefined && { firstError }),
    };
  };

  for (;;) {
    const page = await readPage(source, last, pageSize);
    for (const event of page.events) {
      const isOfOtherProgram = isShared && !isRedressStream(event.stream);
      const what =
        orderError(event, head, tree.size, isDense) ??
        (isShared && !isOfOtherProgram ? notWrittenByRedress(event) : undefined);
      const checked = what ?? (isOfOtherProgram ? undefined : checkEvent(event, heads.get(event.stream)));
      if (typeof checked === 'string') {
        yield result({ stream: event.stream, revision: event.revision, position: event.position, what: checked });
        return;
      }
      last = event.position;
      if (checked === undefined) others.add(event.stream);
      else {
        heads.set(event.stream, checked);
        tree.add(Buffer.from(checked.hash, 'hex'));
        comparison?.observe(tree);
        head = event.position;
      }
    }
    if (page.unreadable !== undefined) {
      const what = page.unreadable;
      yield result(isDense ? { position: densePosition(tree.size + 1), what } : { what });
      return;
    }
    if (page.events.length === 0 || last === null) break;
    yield { kind: 'progress', events: tree.size, position: last };
  }

  const [fault] = (await source.faults?.()) ?? [];
  yield result(fault === undefined ? undefined : { what: `the storage engine reports: ${fault}` }, true);
}

/** Maximum number of characters of a page, which limits the memory. */
const MAX_PAGE_CHARACTERS = 4 * 1024 * 1024;

interface Page {
  readonly events: readonly StoredEvent[];
  /** Error message, if the event after these cannot be read. */
  readonly unreadable?: string;
}

/** Reads a page. If that fails, reads its events one by one up to the first unreadable event. */
async function readPage(source: LogSource, after: Position | null, limit: number): Promise<Page> {
  try {
    return { events: await source.readAll({ after, limit, ...(limit > 1 && { maxCharacters: MAX_PAGE_CHARACTERS }) }) };
  } catch (error) {
    if (error instanceof StoreUnavailable || error instanceof ServerUnusable) throw error; // the log may be correct
    if (limit === 1) return { events: [], unreadable: error instanceof Error ? error.message : String(error) };
  }
  const events: StoredEvent[] = [];
  let characters = 0;
  for (let last = after; events.length < limit && characters < MAX_PAGE_CHARACTERS;) {
    const page = await readPage(source, last, 1);
    if (page.unreadable !== undefined) return { events, unreadable: page.unreadable };
    const [event] = page.events;
    if (event === undefined) break;
    events.push(event);
    characters += event.data.length + event.metadata.length;
    last = event.position;
  }
  return { events };
}

/** Verifies the position of an event. `previous` is the position of the last verified event, `count` their number. */
function orderError(
  event: StoredEvent,
  previous: Position | null,
  count: number,
  isDense: boolean,
): string | undefined {
  if (previous !== null && event.position <= previous) return `its position is not after ${previous}`;
  const expected = densePosition(count + 1);
  if (isDense && event.position !== expected) return `position ${expected} is missing before it`;
  return undefined;
}

const densePosition = (count: number): Position => String(count).padStart(20, '0');

/** The last verified event of a stream. */
interface StreamHead {
  readonly revision: number;
  readonly hash: string;
  readonly recordedAt: string;
}

/** Verifies an event and its link to the event before it in its stream. Returns an error message if it is wrong. */
function checkEvent(event: StoredEvent, previous: StreamHead | undefined): StreamHead | string {
  const expectedRevision = previous === undefined ? 0 : previous.revision + 1;
  const metadata = canonicalMetadata(event.metadata);
  if (metadata === undefined) return 'its metadata is not canonical JSON';
  if (!isCanonicalObject(event.data)) return 'its data is not canonical JSON';
  const { stream, revision, type, data } = event;
  const hash = hashOf({ stream, revision, type, data, metadata: metadata.withoutHash });
  if (hash !== metadata.hash) return `its hash is ${String(metadata.hash)}, its content gives ${hash}`;
  if (event.eventId !== eventIdOf(hash)) return `its id is ${event.eventId}, its hash gives ${eventIdOf(hash)}`;
  if (revision !== expectedRevision) return `revision ${String(expectedRevision)} of its stream is missing before it`;
  if (metadata.prevHash !== (previous?.hash ?? GENESIS_HASH))
    return 'its prevHash is not the hash of the event before it';
  const { recordedAt } = metadata;
  if (typeof recordedAt !== 'string') return 'it has no recordedAt';
  if (previous !== undefined && recordedAt < previous.recordedAt)
    return 'its recordedAt is earlier than that of the event before it';
  return { revision, hash, recordedAt };
}

/** Error message if another program wrote the event: every event of Redress has `hash` and `prevHash`. */
function notWrittenByRedress({ type, metadata }: StoredEvent): string | undefined {
  const parsed = parseObject(metadata);
  if (parsed !== undefined && ('hash' in parsed || 'prevHash' in parsed)) return undefined;
  return `Redress did not write this ${type}: its metadata have neither hash nor prevHash`;
}

function isCanonicalObject(text: string): boolean {
  const value = parseObject(text);
  return value !== undefined && canonicalText(value) === text;
}

interface CanonicalMetadata {
  readonly hash: unknown;
  readonly prevHash: unknown;
  readonly recordedAt: unknown;
  /** The text that was hashed: the metadata without `hash`. */
  readonly withoutHash: string;
}

/** Undefined if the text is not the canonical JSON of an object. */
function canonicalMetadata(text: string): CanonicalMetadata | undefined {
  const value = parseObject(text);
  if (value === undefined) return undefined;
  const order = Object.keys(value).sort();
  const members = new Map(order.map((key) => [key, canonicalText(value[key]) ?? '']));
  if (joinMetadata(members, order) !== text) return undefined;
  members.delete('hash');
  const { hash, prevHash, recordedAt } = value;
  return { hash, prevHash, recordedAt, withoutHash: joinMetadata(members, order) };
}

/** Undefined if the text is not the JSON of an object. */
function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}

/** Undefined for values without a canonical form, such as a lone surrogate. */
function canonicalText(value: unknown): string | undefined {
  try {
    return canonicalize(value);
  } catch {
    return undefined;
  }
}
