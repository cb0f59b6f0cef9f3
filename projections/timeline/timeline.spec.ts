import { NoteAdded } from '../../src/complaint/events.js';
import { MAX_APPEND_BYTES } from '../../src/eventstore/event-store.js';
import { FaultyReadModels } from '../../test/support/projections/faulty-read-models.js';
import { COMPLAINT, given } from '../../test/support/projections/given.js';
import { fact } from '../../test/support/projections/memory-log.js';
import { serve } from '../../test/support/read-models/serve.js';
import { PAGE, timeline, type TimelinePage } from './projection.js';
import { timelineOf } from './query.js';

const stream = `complaint-${COMPLAINT}`;
const notes = (count: number) =>
  Array.from({ length: count }, (_, n) =>
    fact(stream, NoteAdded({ noteId: `n${String(n + 1)}`, text: 'called' }), 'recorded'),
  );

describe('the timeline', () => {
  test('an entry says what happened, when, and who recorded it', async () => {
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

  test('no page holds more than its events, and none is lost between pages', async () => {
    const pages = await given(timeline, notes(205), { numberOfTimes: 2 });
    const found = [...pages.values()] as unknown as TimelinePage[];
    expect(found.map(({ entries }) => entries.length).sort((a, b) => a - b)).toEqual([
      13,
      ...Array<number>(12).fill(16),
    ]);
    const revisions = found.flatMap(({ entries }) => entries.map(({ revision }) => revision)).sort((a, b) => a - b);
    expect(revisions).toEqual(Array.from({ length: 205 }, (_, n) => n));
  });

  test('no page exceeds the limit of a MongoDB document for any events', () =>
    expect(PAGE * MAX_APPEND_BYTES).toBeLessThan(15 * 1024 * 1024));

  test('is read from any revision in pages of any size', async () => {
    const pages = await given(timeline, notes(205));
    const readModels = new FaultyReadModels();
    await serve(readModels.port, timeline, pages.values());
    const seen: number[] = [];
    for (let from: number | null = 0; from !== null;) {
      const answer = await timelineOf(readModels.port, COMPLAINT, { from, limit: 70 });
      seen.push(...answer.entries.map(({ revision }) => revision));
      expect(answer.entries.every(({ occurredAt }) => 'at' in occurredAt)).toBe(true);
      from = answer.next;
    }
    expect(seen).toEqual(Array.from({ length: 205 }, (_, n) => n));
    expect(await timelineOf(readModels.port, 'nobody')).toEqual({ entries: [], next: null });
    await readModels.remove();
  });
});
