import { LRUCache } from 'lru-cache';
import { SubscriptionDropped, type EventStore, type Position } from '../eventstore/event-store.js';
import { lastPosition } from './history.js';
import { Page, type Decode } from './page.js';

export interface FeedOptions {
  readonly store: EventStore;
  readonly decode: Decode;
  /** The stream-name prefixes that any projection reads. The feed delivers the events of these streams. */
  readonly prefixes: readonly string[];
  /** Maximum number of events in a page (default {@link PAGE_EVENTS}). */
  readonly pageEvents?: number;
  /** Interval at which a waiting cursor polls the log, in milliseconds (default {@link POLL_INTERVAL_MS}). */
  readonly pollInterval?: number;
}

/** Default maximum number of events in a page. */
export const PAGE_EVENTS = 1000;
/** A page gets no more events once it holds this many characters of data and metadata. */
const MAX_PAGE_CHARACTERS = 4_000_000;
/**
 * Maximum number of characters of data and metadata in all cached pages together. Decoded events take about five times
 * as much memory.
 */
const MAX_CACHED_CHARACTERS = 16_000_000;
export const POLL_INTERVAL_MS = 15_000;
/**
 * How long a cursor waits for the subscription to deliver events that are known to be recorded. Then it reads the log.
 */
const NOTIFY_TIMEOUT_MS = 200;

/** null is before every position. */
const isBefore = (position: Position | null, other: Position | null): boolean =>
  other !== null && (position === null || position < other);

interface Waiter {
  readonly cursor: Position | null;
  /** Ends the wait: with the error if there is one, otherwise because the subscription has delivered events. */
  readonly wake: (failure?: Error) => void;
  /** Shortens the wait to {@link NOTIFY_TIMEOUT_MS}, because events after the cursor are known to be recorded. */
  readonly expedite: () => void;
}

/**
 * Reads the log in pages for any number of cursors. {@link after} returns the page after a position; at the end of the
 * log it waits for events. A cursor cannot miss an event, because each call names a position.
 *
 * Pages are cached: cursors at about the same position share one read and one decoding. One subscription from the end
 * of the log delivers new pages to the waiting cursors; cursors that are behind read the log. If the subscription stops
 * delivering, events arrive later but are not lost, because a waiting cursor also polls the log.
 */
export class Feed {
  /** Cached pages, by the position after which they begin; '' is the start of the log. */
  private readonly pages: LRUCache<string, Page>;
  /** Reads in progress, by the same key. */
  private readonly pendingReads = new Map<string, Promise<Page | undefined>>();
  private readonly waiters = new Set<Waiter>();
  /** Ends the current subscription; undefined when there is none. */
  private subscription: AbortController | undefined;
  /**
   * Position at which the subscription began, or up to which it has delivered events. A cursor before this position finds
   * its events in the cached pages or in the log.
   */
  private delivered: Position | null = null;
  /** Time of the last delivery in milliseconds, by the monotonic clock of this process. */
  private deliveredAt = 0;
  private readonly closed = new AbortController();
  private knownEnd: Position | null = null;
  private knownEndMovedAt = 0;
  private losses = 0;

  constructor(private readonly options: FeedOptions) {
    this.pages = new LRUCache({ maxSize: MAX_CACHED_CHARACTERS, sizeCalculation: ({ size }) => size + 1 });
  }

  /** The known end of the log: the last event, or a later position given to {@link notify}. */
  get end(): Position | null {
    return this.knownEnd;
  }

  /**
   * Number of lost subscriptions. After a loss the store may hold another log, so callers check the history again.
   */
  get lostSubscriptions(): number {
    return this.losses;
  }

  /** Time of the last change of {@link end} in milliseconds, by the monotonic clock of this process. */
  get endMovedAt(): number {
    return this.knownEndMovedAt;
  }

  /**
   * Reads the end of the log, which may be before the known end if the log was restored. Call it before {@link after}.
   */
  async open(): Promise<void> {
    const { store, prefixes } = this.options;
    const before = this.knownEnd;
    const last = await lastPosition(store, prefixes);
    if (this.knownEnd !== before) return; // `notify` has set a later position in the meantime
    this.setEnd(last);
  }

  /** Ends all waits with an error. Does not wait for reads in progress. */
  close(): void {
    this.closed.abort();
    this.subscription?.abort();
    this.wakeAll(new SubscriptionDropped('the feed was closed'));
  }

  /**
   * Tells the feed that the log has grown to this position. Cursors before it read the log if the subscription does not
   * deliver events within {@link NOTIFY_TIMEOUT_MS}.
   */
  notify(position: Position): void {
    if (!isBefore(this.knownEnd, position)) return;
    this.setEnd(position);
    for (const waiter of this.waiters) if (isBefore(waiter.cursor, position)) waiter.expedite();
  }

  /**
   * Returns the page after the cursor; waits while there is none. An empty page means that the log holds no events of
   * these streams between the cursor and its end.
   * @throws SubscriptionDropped when the subscription is lost during the wait, and errors of the store; call it again.
   * Throws the reason of the signal when it aborts.
   */
  async after(cursor: Position | null, signal: AbortSignal): Promise<Page> {
    for (let timedOut = false; ;) {
      signal.throwIfAborted();
      if (this.closed.signal.aborted) throw new SubscriptionDropped('the feed was closed');
      this.subscribe();
      const cached = this.cachedPage(cursor);
      if (cached !== undefined) return cached;
      if (timedOut || isBefore(cursor, this.delivered)) {
        const page = await this.readPage(cursor);
        signal.throwIfAborted();
        if (page !== undefined) {
          if (timedOut && page.length > 0) this.dropSilentSubscription();
          return page;
        }
      }
      timedOut = await this.waitForDelivery(cursor, signal);
    }
  }

  private setEnd(position: Position | null): void {
    this.knownEnd = position;
    this.knownEndMovedAt = performance.now();
  }

  /** Joins the cached pages after the cursor: a subscription at the end of the log delivers many small pages. */
  private cachedPage(cursor: Position | null): Page | undefined {
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
    const joined = first.joinedWith(following);
    this.pages.set(cursor ?? '', joined);
    return joined;
  }

  /** Reads one page; concurrent calls for the same page share one read. */
  private readPage(cursor: Position | null): Promise<Page | undefined> {
    const key = cursor ?? '';
    const pending = this.pendingReads.get(key);
    if (pending !== undefined) return pending;
    const page = this.readFromStore(cursor).finally(() => {
      if (this.pendingReads.get(key) === page) this.pendingReads.delete(key);
    });
    this.pendingReads.set(key, page);
    return page;
  }

  /** undefined when the log holds no events after the cursor, as far as is known. */
  private async readFromStore(cursor: Position | null): Promise<Page | undefined> {
    const { store, prefixes, decode, pageEvents = PAGE_EVENTS } = this.options;
    const { end, losses } = this; // as known before the read: the result may lack events that are recorded later
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
    const isFromSameLog = losses === this.losses; // after a loss, the store may hold another log
    return isFromSameLog ? this.cachePage(page) : page;
  }

  private cachePage(page: Page): Page {
    this.pages.set(page.after ?? '', page);
    this.notify(page.through);
    return page;
  }

  /**
   * Subscribes at the end of the log, unless a subscription exists. When the subscription ends, every waiting cursor
   * gets an error.
   */
  private subscribe(): void {
    if (this.subscription !== undefined || this.closed.signal.aborted) return;
    const subscription = new AbortController();
    this.subscription = subscription;
    void this.receive(subscription.signal).then(
      () => this.lose(subscription, new SubscriptionDropped('the subscription ended without an error')),
      (error: unknown) =>
        this.lose(subscription, error instanceof Error ? error : new SubscriptionDropped(String(error))),
    );
  }

  /**
   * Drops a subscription that has delivered nothing for a poll interval. Call it after a poll has found events that the
   * subscription has not delivered.
   */
  private dropSilentSubscription(): void {
    const { pollInterval = POLL_INTERVAL_MS } = this.options;
    if (performance.now() - this.deliveredAt < pollInterval) return; // the subscription is slow, not silent
    this.subscription?.abort();
    this.subscription = undefined;
  }

  private async receive(signal: AbortSignal): Promise<void> {
    const { store, prefixes, decode, pageEvents = PAGE_EVENTS } = this.options;
    if (this.losses > 0) await this.open(); // after a loss the log may end earlier than before
    let after = this.end;
    this.deliverUpTo(after);
    for await (const { events } of store.subscribe({ after, prefixes, signal, batchSize: pageEvents })) {
      if (signal.aborted) return;
      const last = events.at(-1);
      if (last === undefined) continue;
      this.cachePage(new Page(after, last.position, events, decode));
      after = last.position;
      this.deliverUpTo(after);
    }
  }

  private deliverUpTo(position: Position | null): void {
    this.delivered = position;
    this.deliveredAt = performance.now();
    for (const waiter of this.waiters) if (isBefore(waiter.cursor, position)) waiter.wake();
  }

  private lose(subscription: AbortController, error: Error): void {
    if (this.subscription !== subscription) return;
    this.subscription = undefined;
    if (subscription.signal.aborted) return;
    this.losses += 1;
    this.pages.clear();
    this.pendingReads.clear(); // these reads may return events of the log before the loss
    this.delivered = null;
    this.wakeAll(error);
  }

  private wakeAll(failure: Error): void {
    for (const waiter of this.waiters) waiter.wake(failure);
  }

  /**
   * Waits until the subscription has delivered events after the cursor (false), or until it is time to read the log
   * because no event was delivered (true).
   */
  private waitForDelivery(cursor: Position | null, signal: AbortSignal): Promise<boolean> {
    const { pollInterval = POLL_INTERVAL_MS } = this.options;
    const notifyTimeout = Math.min(NOTIFY_TIMEOUT_MS, pollInterval);
    return new Promise((resolve, reject) => {
      const settle = (resolveOrReject: () => void): void => {
        clearTimeout(timer);
        signal.removeEventListener('abort', abort);
        this.waiters.delete(waiter);
        resolveOrReject();
      };
      const abort = (): void => settle(() => reject(signal.reason as Error));
      const waiter: Waiter = {
        cursor,
        wake: (failure) => settle(() => (failure === undefined ? resolve(false) : reject(failure))),
        expedite: () => {
          if (isExpedited) return;
          isExpedited = true;
          clearTimeout(timer);
          timer = setTimeout(onTimeout, notifyTimeout);
        },
      };
      const onTimeout = (): void => settle(() => resolve(true));
      let isExpedited = isBefore(cursor, this.end);
      let timer = setTimeout(onTimeout, isExpedited ? notifyTimeout : pollInterval);
      signal.addEventListener('abort', abort);
      this.waiters.add(waiter);
    });
  }
}
