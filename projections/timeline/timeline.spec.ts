import { NoteAdded } from '../../src/complaint/events.js';
import { MAX_APPEND_BYTES } from '../../src/eventstore/event-store.js';
import { FaultyReadModels } from '../../test/support/projections/faulty-read-models.js';
import { COMPLAINT, given } from '../../test/support/projections/given.js';
import { fact } from '../../test/support/projections/memory-log.js';
import { replaceLiveDocuments } from '../../test/support/read-models/serve.js';
import { EVENTS_PER_PAGE, timeline, type TimelinePage } from './projection.js';
import { timelineOf } from './query.js';

const stream = `complaint-${COMPLAINT}`;
const notes = (count: number) =>
  Array.from({ length: count }, (_, n) =>
    fact(stream, NoteAdded({ noteId: `n${String(n + 1)}`, text: 'called' }), 'recorded'),
  );

describe('the timeline', () => {
  test('an entry has type, data, times and actor of the event', async () => {
    const pages = await given(timeline, notes(1), { numberOfTimes: 2 });
    expect(pages.get(`${COMPLAINT}/0`)).toMatchObject({
      complaint: COMPLAINT,
      page: 0,
      entries: [
        {
          revision: 0,
          type: 'NoteAdded',
          occurredAt: { precision: 'instant', recorded: '2026-01-05T09:00:01.000Z' },
          recordedAt: '2026-01-05T09:00:01.000Z',
          actor: { type: 'person', id: 'amy', role: 'handler' },
          facts: { noteId: 'n1', text: 'called' },
        },
      ],
    });
  });

  test('a page has at most 16 events, and every event is in one page', async () => {
    const pages = await given(timeline, notes(205), { numberOfTimes: 2 });
    const documents = [...pages.values()] as unknown as TimelinePage[];
    expect(documents.map(({ entries }) => entries.length).sort((a, b) => a - b)).toEqual([
      13,
      ...Array<number>(12).fill(16),
    ]);
    const revisions = documents.flatMap(({ entries }) => entries.map(({ revision }) => revision)).sort((a, b) => a - b);
    expect(revisions).toEqual(Array.from({ length: 205 }, (_, n) => n));
  });

  test('a page with appends of the maximum size fits into a MongoDB document of 16 MiB', () => {
    // 1 MiB remains for the other fields of the page
    expect(EVENTS_PER_PAGE * MAX_APPEND_BYTES).toBeLessThan(15 * 1024 * 1024);
  });

  test('consecutive queries return every entry once, with its time in the field `at`', async () => {
    const pages = await given(timeline, notes(205));
    const readModels = new FaultyReadModels();
    await replaceLiveDocuments(readModels.port, timeline, pages.values());
    const revisions: number[] = [];
    for (let from: number | null = 0; from !== null;) {
      const answer = await timelineOf(readModels.port, COMPLAINT, { from, limit: 70 });
      revisions.push(...answer.entries.map(({ revision }) => revision));
      expect(answer.entries.every(({ occurredAt }) => 'at' in occurredAt)).toBe(true);
      from = answer.next;
    }
    expect(revisions).toEqual(Array.from({ length: 205 }, (_, n) => n));
    expect(await timelineOf(readModels.port, 'unknown-id')).toEqual({ entries: [], next: null });
    await readModels.remove();
  });
});
