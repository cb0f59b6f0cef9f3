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
  const opened = async (pollInterval = 60_000) => {
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

  test('returns the events after a position, independent of earlier readers', async () => {
    const first = log.record(booked('a', 1));
    log.record(booked('b', 2, 'Second'));
    await opened();
    expect(types(await after(null))).toEqual(['Booked', 'Second']);
    expect(types(await after(first))).toEqual(['Second']);
  });

  test('reads and decodes a page once for all cursors', async () => {
    log.record(booked('a', 1));
    await opened();
    const reading = jest.spyOn(log, 'readAll');
    const [one, other] = await Promise.all([after(null), after(null)]);
    expect(one.recorded(0)).toBe(other.recorded(0));
    expect((await after(null)).recorded(0)).toBe(one.recorded(0));
    expect(reading.mock.calls.filter(([{ maxCharacters }]) => maxCharacters !== undefined)).toHaveLength(1);
  });

  test('joins small pages of the subscription for a cursor that is behind', async () => {
    const first = log.record(booked('a', 0));
    await opened();
    let last = first;
    for (let n = 0; n < 5; n++) {
      const waiting = after(last);
      log.record(booked('a', n));
      const page = await waiting;
      if (n === 3) page.recorded(0); // one of them is decoded before the join
      last = page.through;
    }
    const joined = await after(first);
    expect(positions(joined)).toHaveLength(5);
    expect(positions(joined)).toEqual(positions(joined).map((_, index) => joined.recorded(index).position));
  });

  test('delivers what a restored, shorter log records below its former end', async () => {
    for (let n = 0; n < 10; n++) log.record(booked('a', n));
    await opened();
    await after(null);
    const last = log.events[9]?.position ?? '';
    const waiting = after(last);
    await Promise.resolve();
    log.events = log.events.slice(0, 8); // restored from a backup
    log.drop();
    await expect(waiting).rejects.toThrow('the test dropped it');
    const cursor = log.events[7]?.position ?? '';
    const next = after(cursor);
    const position = log.record(booked('a', 9, 'Anew'));
    const page = await next;
    expect([types(page), page.through]).toEqual([['Anew'], position]);
    expect(feed.end).toBe(position);
    expect(positions(await after(null))).toHaveLength(9);
  });

  test('does not give a read that began before the subscription was lost to a cursor that asks afterwards', async () => {
    log.record(booked('a', 1, 'Lost'));
    await opened();
    let answer: (events: StoredEvent[]) => void = () => undefined;
    const reading = jest.spyOn(log, 'readAll');
    const { readAll } = MemoryLog.prototype;
    let hangs = true;
    reading.mockImplementation((options) => {
      if (options.maxCharacters === undefined || !hangs) return readAll.call(log, options);
      hangs = false;
      return new Promise((resolve) => (answer = resolve));
    });
    const early = after(null);
    await eventually(() => !hangs);
    log.drop();
    await eventually(() => feed.lostSubscriptions === 1);
    const lost = log.events;
    log.events = lost.map((event) => ({ ...event, type: 'Restored' }));
    expect(types(await after(null))).toEqual(['Restored']);
    answer(lost);
    expect(types(await early)).toEqual(['Lost']);
    expect(types(await after(null))).toEqual(['Restored']);
  });

  test('reads soon for a waiting cursor when a writer has notified an event that the subscription does not deliver', async () => {
    log.record(booked('a', 1));
    await opened();
    const { through } = await after(null);
    log.mute = true;
    const waiting = after(through);
    await Promise.resolve();
    feed.notify(log.record(booked('a', 2, 'Told')));
    expect(types(await waiting)).toEqual(['Told']);
  });

  test('skips no event that was recorded during its read', async () => {
    const first = log.record(booked('a', 1));
    await opened();
    await after(null);
    log.mute = true;
    let answer: (events: StoredEvent[]) => void = () => undefined;
    const reading = jest.spyOn(log, 'readAll');
    reading.mockImplementationOnce(() => new Promise((resolve) => (answer = resolve)));
    feed.notify(`${first}0`); // not a matching event: triggers a read
    const waiting = after(first);
    while (reading.mock.calls.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    const position = log.record(booked('a', 2));
    feed.notify(position);
    answer([]); // read before the event
    const page = await waiting;
    expect(page.through < position || page.length === 1).toBe(true);
  });

  test('ends at once when its caller aborts, even during a read', async () => {
    log.record(booked('a', 1));
    await opened();
    log.mute = true;
    let answer: (events: StoredEvent[]) => void = () => undefined;
    const reading = jest.spyOn(log, 'readAll');
    reading.mockImplementationOnce(() => new Promise((resolve) => (answer = resolve)));
    const waiting = after(null);
    while (reading.mock.calls.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    stop.abort(new Error('given up'));
    answer([]);
    await expect(waiting).rejects.toThrow('given up');
  });
});
