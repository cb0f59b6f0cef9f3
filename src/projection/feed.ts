import { LRUCache } from 'lru-cache';
import { SubscriptionDropped, type EventStore, type Position } from '../eventstore/event-store.js';
import { lastPosition } from './history.js';
import { Page, type Decode } from './page.js';

export interface FeedOptions {
  readonly store: EventStore;
  readonly decode: Decode;
  /** Stream-name prefixes of all projections: the positions of every model refer to the same log. */
  readonly prefixes: readonly string[];
  /** Maximum events per page (default {@link PAGE_EVENTS}). */
  readonly pageEvents?: number;
  /** How often a waiting cursor polls the log, in milliseconds (default {@link POLL_INTERVAL_MS}). */
  readonly pollInterval?: number;
}

export const PAGE_EVENTS = 1000;
/** A page ends once it holds this many characters of data and metadata. */
const MAX_PAGE_CHARACTERS = 4_000_000;
/**
 * Characters of data and metadata in all cached pages together; decoded events take about five times as much memory.
 */
const MAX_CACHED_CHARACTERS = 16_000_000;
export const POLL_INTERVAL_MS = 15_000;
/**
 * How long a cursor waits for the subscription to deliver a position that a writer has notified, before it reads the
 * log.
 */
const NOTIFY_TIMEOUT_MS = 200;

const isBefore = (position: Position | null, other: Position | null): boolean =>
  other !== null && (position === null || position < other);

interface Waiter {
  readonly cursor: Position | null;
  readonly wake: (failure?: Error) => void;
  /** The awaited event is recorded: the waiter reads the log soon unless the subscription delivers it. */
  readonly expedite: () => void;
}

/**
 * The log in pages, for any number of cursors: {@link after} returns the page after a position, and waits at the end of
 * the log. A cursor cannot miss an event, because it asks by position.
 *
 * A page is read and decoded once for all cursors nearby. One subscription, from the end of the log, wakes the waiting
 * cursors and delivers their next page; cursors that are behind read pages. A subscription that stops delivering costs
 * only delay: a waiting cursor also polls the log.
 */
export class Feed {
  private readonly pages: LRUCache<string, Page>;
  private readonly reading = new Map<string, Promise<Page | undefined>>();
  private readonly waiting = new Set<Waiter>();
  private subscription: AbortController | undefined;
  /** Position of the last event that the subscription delivered: it delivers later ones, earlier ones must be read. */
  private delivered: Position | null = null;
  private deliveredAt = 0;
  private readonly closed = new AbortController();
  private last: Position | null = null;
  private losses = 0;
  /** When `end` last changed, by the monotonic clock of this process. */
  private moved = 0;

  constructor(private readonly options: FeedOptions) {
    this.pages = new LRUCache({ maxSize: MAX_CACHED_CHARACTERS, sizeCalculation: ({ size }) => size + 1 });
  }

  /** The known end of the log: the last event, or a position that a writer has notified. */
  get end(): Position | null {
    return this.last;
  }

  /** Number of lost subscriptions: a log that returns may be a different one, so callers check its history again. */
  get lostSubscriptions(): number {
    return this.losses;
  }

  get endMovedAt(): number {
    return this.moved;
  }

  /** Reads the end of the log, which may be before the last known end. Call it before {@link after}. */
  async open(): Promise<void> {
    const { store, prefixes } = this.options;
    const known = this.last;
    const last = await lastPosition(store, prefixes);
    if (this.last !== known) return; // a writer has notified a newer one
    this.last = last;
    this.moved = performance.now();
  }

  /** Ends all waits. Does not wait for a store that does not answer. */
  close(): void {
    this.closed.abort();
    this.subscription?.abort();
    this.wake(new SubscriptionDropped('the feed was closed'));
  }

  /** Notifies that the log has grown to this position. Waits for the subscription to deliver it, but not for long. */
  notify(position: Position): void {
    if (!isBefore(this.last, position)) return;
    this.last = position;
    this.moved = performance.now();
    for (const waiter of this.waiting) if (isBefore(waiter.cursor, position)) waiter.expedite();
  }

  /**
   * Returns the page after the cursor; waits while there is none. An empty page means that the log holds nothing for
   * these prefixes up to its end.
   * @throws SubscriptionDropped when the subscription was lost meanwhile, and the errors of reading: ask again
   */
  async after(cursor: Position | null, signal: AbortSignal): Promise<Page> {
    for (let isPolling = false; ;) {
      signal.throwIfAborted();
      if (this.closed.signal.aborted) throw new SubscriptionDropped('the feed was closed');
      this.subscribe();
      const cached = this.cached(cursor);
      if (cached !== undefined) return cached;
      if (isPolling || isBefore(cursor, this.delivered)) {
        const page = await this.read(cursor);
        signal.throwIfAborted();
        if (page !== undefined) {
          if (isPolling && page.length > 0) this.replaceSilentSubscription();
          return page;
        }
      }
      isPolling = await this.news(cursor, signal);
    }
  }

  /** Joins the cached pages after the cursor: a live subscription delivers a few events at a time. */
  private cached(cursor: Position | null): Page | undefined {
    const { pageEvents = PAGE_EVENTS } = this.options;
    const first = this.pages.get(cursor ?? '');
    if (first === undefined) return undefined;
    const following: Page[] = [];
    let { length, size, through } = first;
    while (length < pageEvents && size < MAX_PAGE_CHARACTERS) {
      const next = this.pages.get(through);
      if (next === undefined) break;
      following.push(next);
      length += next.length;
      size += next.size;
      through = next.through;
    }
    if (following.length === 0) return first;
    const joined = first.with(following);
    this.pages.set(cursor ?? '', joined);
    return joined;
  }

  /** Reads one page; concurrent calls for the same page share one read. */
  private read(cursor: Position | null): Promise<Page | undefined> {
    const key = cursor ?? '';
    const known = this.reading.get(key);
    if (known !== undefined) return known;
    const page = this.readNow(cursor).finally(() => {
      if (this.reading.get(key) === page) this.reading.delete(key);
    });
    this.reading.set(key, page);
    return page;
  }

  private async readNow(cursor: Position | null): Promise<Page | undefined> {
    const { store, prefixes, decode, pageEvents = PAGE_EVENTS } = this.options;
    const { end, losses } = this; // the state before the read: a later event may not be in the result
    const events = await store.readAll({
      after: cursor,
      prefixes,
      limit: pageEvents,
      maxCharacters: MAX_PAGE_CHARACTERS,
    });
    const last = events.at(-1);
    if (last === undefined)
      return end !== null && isBefore(cursor, end) ? new Page(cursor, end, [], decode) : undefined;
    const page = new Page(cursor, last.position, events, decode);
    return losses === this.losses ? this.keep(page) : page;
  }

  private keep(page: Page): Page {
    this.pages.set(page.after ?? '', page);
    this.notify(page.through);
    return page;
  }

  /** Subscribes at the end of the log, unless a subscription exists. Its end wakes every waiting cursor. */
  private subscribe(): void {
    if (this.subscription !== undefined || this.closed.signal.aborted) return;
    const own = new AbortController();
    this.subscription = own;
    void this.follow(own.signal).then(
      () => this.dropped(own, new SubscriptionDropped('the subscription ended by itself')),
      (error: unknown) => this.dropped(own, error instanceof Error ? error : new SubscriptionDropped(String(error))),
    );
  }

  /** Drops the subscription when it should have delivered what was read instead. */
  private replaceSilentSubscription(): void {
    const { pollInterval = POLL_INTERVAL_MS } = this.options;
    if (performance.now() - this.deliveredAt < pollInterval) return; // only late
    this.subscription?.abort();
    this.subscription = undefined;
  }

  private async follow(signal: AbortSignal): Promise<void> {
    const { store, prefixes, decode, pageEvents = PAGE_EVENTS } = this.options;
    if (this.losses > 0) await this.open(); // a log that returns may end earlier
    let after = this.end;
    this.deliverUpTo(after);
    for await (const { events } of store.subscribe({ after, prefixes, signal, batchSize: pageEvents })) {
      if (signal.aborted) return;
      const last = events.at(-1);
      if (last === undefined) continue;
      this.keep(new Page(after, last.position, events, decode));
      after = last.position;
      this.deliverUpTo(after);
    }
  }

  private deliverUpTo(position: Position | null): void {
    this.delivered = position;
    this.deliveredAt = performance.now();
    for (const waiter of this.waiting) if (isBefore(waiter.cursor, position)) waiter.wake();
  }

  private dropped(own: AbortController, error: Error): void {
    if (this.subscription !== own) return;
    this.subscription = undefined;
    if (own.signal.aborted) return;
    this.losses += 1;
    this.pages.clear();
    this.reading.clear(); // earlier reads belong to the log before the loss
    this.delivered = null;
    this.wake(error);
  }

  private wake(failure: Error): void {
    for (const waiter of this.waiting) waiter.wake(failure);
  }

  /** Waits until the subscription has delivered events after the cursor; true when only the interval has passed. */
  private news(cursor: Position | null, signal: AbortSignal): Promise<boolean> {
    const { pollInterval = POLL_INTERVAL_MS } = this.options;
    const overdue = Math.min(NOTIFY_TIMEOUT_MS, pollInterval);
    return new Promise((resolve, reject) => {
      const settle = (settled: () => void): void => {
        clearTimeout(timer);
        signal.removeEventListener('abort', abort);
        this.waiting.delete(waiter);
        settled();
      };
      const abort = (): void => settle(() => reject(signal.reason as Error));
      const waiter: Waiter = {
        cursor,
        wake: (failure) => settle(() => (failure === undefined ? resolve(false) : reject(failure))),
        expedite: () => {
          if (isHastened) return;
          isHastened = true;
          clearTimeout(timer);
          timer = setTimeout(timeout, overdue);
        },
      };
      const timeout = (): void => settle(() => resolve(true));
      let isHastened = isBefore(cursor, this.end);
      let timer = setTimeout(timeout, isHastened ? overdue : pollInterval);
      signal.addEventListener('abort', abort);
      this.waiting.add(waiter);
    });
  }
}
