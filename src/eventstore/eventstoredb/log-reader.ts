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
import { isSystemEvent, logPosition, storedEventOptions, type PositionFilter } from './recorded-event.js';

/** Sends a call to the leader of the cluster. A follower may lag, so its answer could miss the latest events. */
export const LEADER = { requiresLeader: true } as const satisfies BaseOptions;

/** Maximum number of events to which the page size grows while few events match. */
const MAX_PAGE_EVENTS = 4096;

/** What one read call returns. */
interface CollectedEvents {
  /** The events that match. */
  readonly events: StoredEvent[];
  /** The call ended early because of the character limit. */
  readonly isCut: boolean;
}

/** A page of the log from the server. */
interface Page extends CollectedEvents {
  /** Number of examined events, whether they match or not. */
  readonly examined: number;
  /** Positions of the first and the last examined event. */
  readonly first: Position | undefined;
  readonly last: Position | undefined;
}

/** Reads pages of streams and of `$all`. Each page has a timeout. */
export class LogReader {
  /** Result of the last `head()`: `end` is the position of the last event of the log at that time. */
  private previous: { readonly head: Position | null; readonly end: Position } | undefined;

  /**
   * @param timeoutMs timeout of one page, in ms
   * @param closed aborted when the store is closed; a disposed client then ends its reads without an error
   */
  constructor(
    private readonly client: EventStoreDBClient,
    private readonly timeoutMs: number,
    private readonly closed: AbortSignal,
  ) {}

  /** @throws StoreUnavailable, RangeError */
  async read(stream: string, { from, direction = 'forwards', limit }: ReadOptions): Promise<StoredEvent[]> {
    checkLimit(limit);
    const fromRevision: ReadRevision = from === undefined ? edgeOf(direction) : BigInt(from);
    const filter: PositionFilter = (name, type) => !isSystemEvent(name, type);
    const options = { ...LEADER, fromRevision, direction, maxCount: limit };
    const { events } = await this.collectWithRetry(
      () => this.client.readStream(stream, options, storedEventOptions(filter)),
      readFailure,
    );
    return events;
  }

  /** @throws StoreUnavailable, RangeError */
  async readAll(options: ReadAllOptions): Promise<StoredEvent[]> {
    const { prefixes, direction = 'forwards', limit, maxCharacters = Infinity } = options;
    checkLimit(limit);
    if (prefixes?.length === 0) return [];
    const isWanted = (stream: string): boolean => prefixes?.some((prefix) => stream.startsWith(prefix)) ?? true;
    const found: StoredEvent[] = [];
    let after = options.after ?? undefined;
    for (let size = limit + 1; ; size = Math.min(size * 4, MAX_PAGE_EVENTS)) {
      const page = await this.page(after, direction, size, isWanted, maxCharacters);
      found.push(...page.events);
      if (page.isCut || found.length >= limit) return found.slice(0, limit);
      if (page.examined < size || page.last === undefined) return found;
      after = page.last;
    }
  }

  /** Position of the last event that is not a system event. Reads only what was added since the last call. */
  async head(): Promise<Position | null> {
    const previous = this.previous;
    let end: Position | undefined;
    let after: Position | undefined;
    for (let size = 1; ; size = Math.min(size * 8, MAX_PAGE_EVENTS)) {
      const page = await this.page(after, 'backwards', size, () => true);
      end ??= page.first;
      const [last] = page.events;
      const reachesPreviousEnd = previous !== undefined && page.last !== undefined && page.last <= previous.end;
      const reachedStart = page.examined < size || page.last === undefined;
      if (last !== undefined || reachesPreviousEnd || reachedStart) {
        const head = last?.position ?? (reachesPreviousEnd ? previous.head : null);
        if (end !== undefined) this.previous = { head, end };
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
    let examined = 0;
    let first: Position | undefined;
    let last: (() => Position) | undefined;
    const filter: PositionFilter = (stream, type, position) => {
      examined += 1;
      first ??= position();
      last = position;
      // A forward read starts with the event at the position `after`, which is excluded here.
      return !isSystemEvent(stream, type) && isWanted(stream) && !(examined === 1 && first === after);
    };
    const options = { ...LEADER, fromPosition, direction, maxCount: size };
    const collected = await this.collectWithRetry(
      () => {
        examined = 0;
        first = last = undefined;
        return this.client.readAll(options, storedEventOptions(filter));
      },
      (error) => readFailure(error, after),
      maxCharacters,
    );
    return { ...collected, examined, first, last: (last as (() => Position) | undefined)?.() };
  }

  /**
   * Retries once if the call reached a node that is not the leader: the error tells the client the leader's address.
   */
  private async collectWithRetry(
    call: () => StreamingRead<unknown>,
    mapError: (error: unknown) => unknown,
    maxCharacters = Infinity,
  ): Promise<CollectedEvents> {
    for (let attempt = 0; ; attempt += 1) {
      try {
        return await this.collect(call(), maxCharacters);
      } catch (error) {
        if (failureOf(error).type === 'stream-not-found') return { events: [], isCut: false };
        if (attempt > 0 || !isNotLeader(error)) throw mapError(error);
        await nextTurn();
      }
    }
  }

  private async collect(stream: StreamingRead<unknown>, maxCharacters: number): Promise<CollectedEvents> {
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
      return { events, isCut: !isComplete };
    } finally {
      clearTimeout(timer);
      if (!isComplete) cancelCall(stream);
    }
  }
}

/** Cancels a call, and reads its remaining data: a call that the server has ended closes only after that. */
function cancelCall(stream: StreamingRead<unknown>): void {
  void stream.cancel().catch(() => undefined);
  stream.resume();
}

/**
 * Where a read starts by default. The default of the client is 'start', from which a backward read returns one event.
 */
const edgeOf = (direction: Direction): 'start' | 'end' => (direction === 'forwards' ? 'start' : 'end');

function checkLimit(limit: number): void {
  if (!Number.isSafeInteger(limit) || limit < 1) throw new RangeError(`a page of ${String(limit)} events`);
}
