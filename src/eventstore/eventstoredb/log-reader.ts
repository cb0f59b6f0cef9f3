import { setImmediate as nextTurn } from 'node:timers/promises';
import type {
  BaseOptions,
  Direction,
  EventStoreDBClient,
  ReadPosition,
  ReadRevision,
  StreamingRead,
} from '@eventstore/db-client';
import {
  StoreUnavailable,
  type Position,
  type ReadAllOptions,
  type ReadOptions,
  type StoredEvent,
} from '../event-store.js';
import { failureOf, isNotLeader, readFailure } from './failures.js';
import { asStored, isSystems, logPosition, type PositionFilter } from './recorded-event.js';

/** In a cluster a follower may lag: a decision, and the proof that nothing follows, need the leader. */
export const LEADER = { requiresLeader: true } as const satisfies BaseOptions;

/** Largest page requested from the server when few of its events match. */
const LARGEST_PAGE = 4096;

/** A page from the server: the matching events, the total count, first and last position. */
interface Page {
  readonly events: StoredEvent[];
  readonly considered: number;
  readonly first: Position | undefined;
  readonly last: Position | undefined;
  /** It ended because of the character limit. */
  readonly isCut: boolean;
}

/** Reads pages of streams and of `$all`, each call within its timeout. */
export class LogReader {
  /** The last event that is not a system event, and the position up to which the log was searched for it. */
  private known: { readonly head: Position | null; readonly end: Position } | undefined;

  /**
   * @param timeoutMs timeout of one page, in ms
   * @param closed a disposed client ends its reads as if they were complete
   */
  constructor(
    private readonly client: EventStoreDBClient,
    private readonly timeoutMs: number,
    private readonly closed: AbortSignal,
  ) {}

  /** @throws StoreUnavailable, RangeError */
  async read(stream: string, { from, direction = 'forwards', limit }: ReadOptions): Promise<StoredEvent[]> {
    counted(limit);
    const fromRevision: ReadRevision = from === undefined ? edgeOf(direction) : BigInt(from);
    const gate: PositionFilter = (name, type) => !isSystems(name, type);
    const options = { ...LEADER, fromRevision, direction, maxCount: limit };
    return this.asked(() => this.client.readStream(stream, options, asStored(gate)), readFailure);
  }

  /** @throws StoreUnavailable, RangeError */
  async readAll(options: ReadAllOptions): Promise<StoredEvent[]> {
    const { prefixes, direction = 'forwards', limit, maxCharacters = Infinity } = options;
    counted(limit);
    if (prefixes?.length === 0) return [];
    const isWanted = (stream: string): boolean => prefixes?.some((prefix) => stream.startsWith(prefix)) ?? true;
    const found: StoredEvent[] = [];
    let after = options.after ?? undefined;
    for (let size = limit + 1; ; size = Math.min(size * 4, LARGEST_PAGE)) {
      const page = await this.page(after, direction, size, isWanted, maxCharacters);
      found.push(...page.events);
      if (page.isCut || found.length >= limit) return found.slice(0, limit);
      if (page.considered < size || page.last === undefined) return found;
      after = page.last;
    }
  }

  /** Position of the last event that is not a system event. Reads only what was added since the last call. */
  async head(): Promise<Position | null> {
    const known = this.known;
    let end: Position | undefined;
    let after: Position | undefined;
    for (let size = 1; ; size = Math.min(size * 8, LARGEST_PAGE)) {
      const page = await this.page(after, 'backwards', size, () => true);
      end ??= page.first;
      const [last] = page.events;
      const reachesKnown = known !== undefined && page.last !== undefined && page.last <= known.end;
      const isThrough = page.considered < size || page.last === undefined;
      if (last !== undefined || reachesKnown || isThrough) {
        const head = last?.position ?? (reachesKnown ? known.head : null);
        if (end !== undefined) this.known = { head, end };
        return head;
      }
      after = page.last;
    }
  }

  private async page(
    after: Position | undefined,
    direction: Direction,
    size: number,
    isWanted: (stream: string) => boolean,
    maxCharacters = Infinity,
  ): Promise<Page> {
    const fromPosition: ReadPosition = after === undefined ? edgeOf(direction) : logPosition(after);
    let considered = 0;
    let first: Position | undefined;
    let last: (() => Position) | undefined;
    const gate: PositionFilter = (stream, type, position) => {
      considered += 1;
      first ??= position();
      last = position;
      // forwards the server starts with the event at the position itself
      return !isSystems(stream, type) && isWanted(stream) && !(considered === 1 && first === after);
    };
    const options = { ...LEADER, fromPosition, direction, maxCount: size };
    const events = await this.asked(
      () => {
        considered = 0;
        first = last = undefined;
        return this.client.readAll(options, asStored(gate));
      },
      (error) => readFailure(error, after),
      maxCharacters,
    );
    const isCut = sizeOf(events) >= maxCharacters;
    return { events, considered, first, last: (last as (() => Position) | undefined)?.(), isCut };
  }

  /** Retries once when the call reached the wrong node: by then the client knows the leader. */
  private async asked(
    call: () => StreamingRead<unknown>,
    failure: (error: unknown) => unknown,
    maxCharacters = Infinity,
  ): Promise<StoredEvent[]> {
    for (let attempt = 0; ; attempt += 1) {
      try {
        return await this.collected(call(), maxCharacters);
      } catch (error) {
        if (failureOf(error).type === 'stream-not-found') return [];
        if (attempt > 0 || !isNotLeader(error)) throw failure(error);
        await nextTurn();
      }
    }
  }

  private async collected(stream: StreamingRead<unknown>, maxCharacters: number): Promise<StoredEvent[]> {
    stream.on('error', () => undefined); // an error after the last event would have no listener
    const timer = setTimeout(() => {
      stream.destroy(new StoreUnavailable(`the event store did not answer a read within ${String(this.timeoutMs)} ms`));
    }, this.timeoutMs);
    const events: StoredEvent[] = [];
    let isComplete = false;
    try {
      let size = 0;
      for await (const event of stream.iterator({ destroyOnReturn: false }) as AsyncIterable<StoredEvent>) {
        events.push(event);
        size += event.data.length + event.metadata.length;
        if (size >= maxCharacters) break;
      }
      isComplete = size < maxCharacters;
      if (this.closed.aborted) throw new StoreUnavailable('the store is closed');
      return events;
    } finally {
      clearTimeout(timer);
      if (!isComplete) cancelCall(stream);
    }
  }
}

/** Cancels a call. If the server has already ended it, the call ends only after the rest of its answer is read. */
function cancelCall(stream: StreamingRead<unknown>): void {
  void stream.cancel().catch(() => undefined);
  stream.resume();
}

const sizeOf = (events: readonly StoredEvent[]): number =>
  events.reduce((size, { data, metadata }) => size + data.length + metadata.length, 0);

/** The default of the client, reading backwards from the start, returns one event. */
const edgeOf = (direction: Direction): 'start' | 'end' => (direction === 'forwards' ? 'start' : 'end');

function counted(limit: number): void {
  if (!Number.isSafeInteger(limit) || limit < 1) throw new RangeError(`a page of ${String(limit)} events`);
}
