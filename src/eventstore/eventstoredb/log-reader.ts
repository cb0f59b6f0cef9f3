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
import { logPosition, receivedEventOptions, type ReceivedEvent } from './recorded-event.js';

/** Sends a call to the leader of the cluster. A follower may lag, so its answer could miss the latest events. */
export const LEADER = { requiresLeader: true } as const satisfies BaseOptions;

/** Maximum number of events to which the page size grows while few events match. */
const MAX_PAGE_EVENTS = 4096;

/** What a read collects. */
interface Collection {
  /** Whether the event is wanted. A system event never is. */
  readonly isWanted?: (event: ReceivedEvent) => boolean;
  /** Receives the wanted events. */
  readonly events: StoredEvent[];
  /** Maximum number of events to collect. */
  readonly limit: number;
  /** Once this many characters are examined and an event is collected, the read ends. */
  readonly maxCharacters?: number;
  /** Position of an event that is not examined: a forward read starts with the event at the position `after`. */
  readonly after?: Position | undefined;
}

/** The events that one read call has examined, whether they are wanted or not. */
interface Examined {
  /** Number of events. */
  readonly events: number;
  readonly characters: number;
  /** Positions of the first and the last event. */
  readonly first: Position | undefined;
  readonly last: Position | undefined;
  /** The call ended early because of the maximum of characters. */
  readonly isCut: boolean;
}

const NONE: Examined = { events: 0, characters: 0, first: undefined, last: undefined, isCut: false };

/** Reads pages of streams and of `$all`. A read fails if no event arrives for some time, not if it has many events. */
export class LogReader {
  /** Result of the last `head()`: `end` is the position of the last event of the log at that time. */
  private previous: { readonly head: Position | null; readonly end: Position } | undefined;

  /**
   * @param timeoutMs maximum time until the next event or the end of a page, in ms
   * @param closed aborted when the store is closed; a disposed client then ends its reads without an error
   */
  constructor(
    private readonly client: EventStoreDBClient,
    private readonly timeoutMs: number,
    private readonly closed: AbortSignal,
  ) {}

  /** @throws StoreUnavailable, RangeError */
  async read(stream: string, { from, direction = 'forwards', limit, timeoutMs }: ReadOptions): Promise<StoredEvent[]> {
    checkLimit(limit);
    const fromRevision: ReadRevision = from === undefined ? edgeOf(direction) : BigInt(from);
    const options = { ...LEADER, fromRevision, direction, maxCount: limit };
    const events: StoredEvent[] = [];
    await this.collectWithRetry(
      () => this.client.readStream(stream, options, receivedEventOptions()),
      { events, limit },
      readFailure,
      timeoutMs,
    );
    return events;
  }

  /** @throws StoreUnavailable, RangeError */
  async readAll(options: ReadAllOptions): Promise<StoredEvent[]> {
    const { prefixes, direction = 'forwards', limit, maxCharacters = Infinity } = options;
    checkLimit(limit);
    if (prefixes?.length === 0) return [];
    const isWanted = ({ stream }: ReceivedEvent): boolean =>
      prefixes?.some((prefix) => stream.startsWith(prefix)) ?? true;
    const events: StoredEvent[] = [];
    let after = options.after ?? undefined;
    let characters = 0;
    for (let size = limit + 1; ; size = Math.min(size * 4, MAX_PAGE_EVENTS)) {
      const remainingCharacters = maxCharacters - characters;
      const collection = { isWanted, events, limit, maxCharacters: remainingCharacters, after };
      const examined = await this.examine(direction, size, collection);
      if (examined.isCut || events.length >= limit) return events;
      if (examined.events < size || examined.last === undefined) return events;
      after = examined.last;
      characters += examined.characters;
    }
  }

  /** Position of the last event that is not a system event. Reads only what was added since the last call. */
  async head(): Promise<Position | null> {
    const events: StoredEvent[] = [];
    let end: Position | undefined;
    let after: Position | undefined;
    for (let size = 1; ; size = Math.min(size * 8, MAX_PAGE_EVENTS)) {
      const examined = await this.examine('backwards', size, { events, limit: 1, after });
      end ??= examined.first;
      const [last] = events;
      // a log that ends earlier than before was restored
      const previous =
        end !== undefined && this.previous !== undefined && end >= this.previous.end ? this.previous : undefined;
      const reachesPreviousEnd = previous !== undefined && examined.last !== undefined && examined.last <= previous.end;
      const reachedStart = examined.events < size || examined.last === undefined;
      if (last !== undefined || reachesPreviousEnd || reachedStart) {
        const head = last?.position ?? (reachesPreviousEnd ? previous.head : null);
        if (end !== undefined) this.previous = { head, end };
        return head;
      }
      after = examined.last;
    }
  }

  /** Examines `size` events of `$all` after a position, or fewer if the log or the collection ends. */
  private examine(direction: Direction, size: number, collection: Collection): Promise<Examined> {
    const { after } = collection;
    const fromPosition: ReadPosition = after === undefined ? edgeOf(direction) : logPosition(after);
    const options = { ...LEADER, fromPosition, direction, maxCount: size };
    return this.collectWithRetry(
      () => this.client.readAll(options, receivedEventOptions()),
      collection,
      (error) => readFailure(error, after),
    );
  }

  /**
   * Retries once if the call reached a node that is not the leader: the error tells the client the leader's address.
   * @param timeoutMs maximum time of the call, in ms
   */
  private async collectWithRetry(
    call: () => StreamingRead<unknown>,
    collection: Collection,
    mapError: (error: unknown) => unknown,
    timeoutMs?: number,
  ): Promise<Examined> {
    for (let attempt = 0; ; attempt += 1) {
      try {
        return await this.collect(call(), collection, timeoutMs);
      } catch (error) {
        if (failureOf(error).type === 'stream-not-found') return NONE;
        if (attempt > 0 || !isNotLeader(error)) throw mapError(error);
        await nextTurn();
      }
    }
  }

  private async collect(
    call: StreamingRead<unknown>,
    { isWanted = () => true, events, limit, maxCharacters = Infinity, after }: Collection,
    timeoutMs: number | undefined,
  ): Promise<Examined> {
    call.on('error', () => undefined); // an error after the last event would have no listener
    const fail = (ms: number): void => {
      call.destroy(new StoreUnavailable(`the event store did not answer a read within ${String(ms)} ms`));
    };
    const idleTimer = setTimeout(fail, this.timeoutMs, this.timeoutMs);
    const timer = timeoutMs === undefined ? undefined : setTimeout(fail, timeoutMs, timeoutMs);
    let examined = 0;
    let characters = 0;
    let first: ReceivedEvent | undefined;
    let last: ReceivedEvent | undefined;
    let isComplete = false;
    try {
      let isCut = false;
      for await (const event of call.iterator({ destroyOnReturn: false }) as AsyncIterable<ReceivedEvent>) {
        idleTimer.refresh();
        examined += 1;
        first ??= event;
        last = event;
        if (examined === 1 && event.position === after) continue;
        characters += event.bytes;
        if (events.length < limit && !event.isOfSystem && isWanted(event)) events.push(event.decode());
        isCut = characters >= maxCharacters && events.length > 0;
        if (isCut) break;
      }
      isComplete = !isCut;
      if (this.closed.aborted) throw new StoreUnavailable('the store is closed');
      return { events: examined, characters, first: first?.position, last: last?.position, isCut };
    } finally {
      clearTimeout(idleTimer);
      clearTimeout(timer);
      if (!isComplete) cancelCall(call);
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
