import type { StoredEvent } from '../../src/eventstore/event-store.js';
import { Feed } from '../../src/projection/feed.js';
import type { Page } from '../../src/projection/page.js';
import { eventually } from '../support/eventually.js';
import { booked } from '../support/projections/accounts.js';
import { decodeJson } from '../support/projections/given.js';
import { MemoryLog } from '../support/projections/memory-log.js';

const types = (page: Page): string[] => Array.from({ length: page.length }, (_, index) => page.at(index).type);
const positions = (page: Page): string[] => Array.from({ length: page.length }, (_, index) => page.at(index).position);

describe('the feed', () => {
  let log: MemoryLog;
  let feed: Feed;
  let stop: AbortController;
  const openFeed = async (pollInterval = 60_000) => {
    feed = new Feed({ store: log, decode: decodeJson, prefixes: ['account-'], pollInterval });
    await feed.open();
  };
  const after = (cursor: string | null) => feed.after(cursor, stop.signal);

  beforeEach(() => {
    log = new MemoryLog();
    stop = new AbortController();
  });
  afterEach(() => {
    stop.abort();
    feed.close();
  });

  test('returns the events after a position, whatever earlier callers have read', async () => {
    const first = log.record(booked('a', 1));
    log.record(booked('b', 2, 'Second'));
    await openFeed();
    expect(types(await after(null))).toEqual(['Booked', 'Second']);
    expect(types(await after(first))).toEqual(['Second']);
  });

  test('reads and decodes a page once for all cursors', async () => {
    log.record(booked('a', 1));
    await openFeed();
    const reading = jest.spyOn(log, 'readAll');
    const [first, second] = await Promise.all([after(null), after(null)]);
    expect(first.recorded(0)).toBe(second.recorded(0));
    expect((await after(null)).recorded(0)).toBe(first.recorded(0));
    // only the read of a page has `maxCharacters`
    expect(reading.mock.calls.filter(([{ maxCharacters }]) => maxCharacters !== undefined)).toHaveLength(1);
  });

  test('joins small pages of the subscription for a cursor that is behind', async () => {
    const first = log.record(booked('a', 0));
    await openFeed();
    let last = first;
    for (let n = 0; n < 5; n++) {
      const waiting = after(last);
      log.record(booked('a', n));
      const page = await waiting;
      if (n === 3) page.recorded(0); // decodes one of the pages before they are joined
      last = page.through;
    }
    const joined = await after(first);
    expect(positions(joined)).toHaveLength(5);
    expect(positions(joined)).toEqual(positions(joined).map((_, index) => joined.recorded(index).position));
  });

  test('after the log was restored, delivers an event at a position below the former end of the log', async () => {
    for (let n = 0; n < 10; n++) log.record(booked('a', n));
    await openFeed();
    await after(null);
    const last = log.events[9]?.position ?? '';
    const waiting = after(last);
    await Promise.resolve();
    log.events = log.events.slice(0, 8); // as a backup restores it
    log.drop();
    await expect(waiting).rejects.toThrow('the test dropped it');
    const cursor = log.events[7]?.position ?? '';
    const next = after(cursor);
    const position = log.record(booked('a', 9, 'AfterRestore'));
    const page = await next;
    expect([types(page), page.through]).toEqual([['AfterRestore'], position]);
    expect(feed.end).toBe(position);
    expect(positions(await after(null))).toHaveLength(9);
  });

  test('answers a call after the loss of the subscription without a read that began before the loss', async () => {
    log.record(booked('a', 1, 'BeforeRestore'));
    await openFeed();
    let completeRead: (events: StoredEvent[]) => void = () => undefined;
    const reading = jest.spyOn(log, 'readAll');
    const { readAll } = MemoryLog.prototype;
    let hasFirstReadBegun = false;
    reading.mockImplementation((options) => {
      if (options.maxCharacters === undefined || hasFirstReadBegun) return readAll.call(log, options);
      hasFirstReadBegun = true;
      return new Promise((resolve) => (completeRead = resolve));
    });
    const early = after(null);
    await eventually(() => hasFirstReadBegun);
    log.drop();
    await eventually(() => feed.lostSubscriptions === 1);
    const eventsBefore = log.events;
    log.events = eventsBefore.map((event) => ({ ...event, type: 'Restored' }));
    expect(types(await after(null))).toEqual(['Restored']);
    completeRead(eventsBefore);
    expect(types(await early)).toEqual(['BeforeRestore']);
    expect(types(await after(null))).toEqual(['Restored']);
  });

  test('reads the log for a waiting call if a writer reports an event that the subscription does not deliver', async () => {
    log.record(booked('a', 1));
    await openFeed();
    const { through } = await after(null);
    log.isSilent = true;
    const waiting = after(through);
    await Promise.resolve();
    feed.notify(log.record(booked('a', 2, 'Notified')));
    expect(types(await waiting)).toEqual(['Notified']);
  });

  test('skips no event that is recorded during a read', async () => {
    const first = log.record(booked('a', 1));
    await openFeed();
    await after(null);
    log.isSilent = true;
    let completeRead: (events: StoredEvent[]) => void = () => undefined;
    const reading = jest.spyOn(log, 'readAll');
    reading.mockImplementationOnce(() => new Promise((resolve) => (completeRead = resolve)));
    feed.notify(`${first}0`); // a later position without a matching event: triggers a read
    const waiting = after(first);
    while (reading.mock.calls.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    const position = log.record(booked('a', 2));
    feed.notify(position);
    completeRead([]); // the read began before the event was recorded
    const page = await waiting;
    expect(page.through < position || page.length === 1).toBe(true);
  });

  test('ends a call at once when its signal is aborted, even during a read', async () => {
    log.record(booked('a', 1));
    await openFeed();
    log.isSilent = true;
    let completeRead: (events: StoredEvent[]) => void = () => undefined;
    const reading = jest.spyOn(log, 'readAll');
    reading.mockImplementationOnce(() => new Promise((resolve) => (completeRead = resolve)));
    const waiting = after(null);
    while (reading.mock.calls.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    stop.abort(new Error('the caller aborted'));
    completeRead([]);
    await expect(waiting).rejects.toThrow('the caller aborted');
  });
});
