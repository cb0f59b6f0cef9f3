import {
  ComplaintReceived,
  ComplaintWithdrawn,
  HoldPlaced,
  RemedyAccepted,
  RemedyMeasureCompleted,
  RemedyProposed,
} from '../../src/complaint/events.js';
import type { DomainEvent } from '../../src/eventstore/envelope.js';
import { instant } from '../../src/platform/moment.js';
import type { Document } from '../../src/readmodels/read-models.js';
import { FaultyReadModels } from '../../test/support/projections/faulty-read-models.js';
import { given, ofComplaint } from '../../test/support/projections/given.js';
import { fact } from '../../test/support/projections/memory-log.js';
import { replaceLiveDocuments } from '../../test/support/read-models/serve.js';
import { CursorInvalid } from './cursor.js';
import { complaints } from './projection.js';
import { queue } from './queue.js';

const received = (at = '2026-01-05T09:00:00.000Z') =>
  ComplaintReceived({
    reference: 'ABCDEFGHJKMNPQR',
    receivedAt: instant(at),
    channel: 'phone',
    sources: [],
    parties: [],
    points: [{ id: 'p1', subject: {} }],
  });

describe('the queue', () => {
  const readModels = new FaultyReadModels();
  afterAll(() => readModels.remove());

  beforeAll(async () => {
    const items: Document[] = [];
    for (let hour = 0; hour < 5; hour++) {
      const id = `c${String(hour)}`;
      const at = `2026-01-05T0${String(hour)}:00:00.000Z`;
      const documents = await given(complaints, [fact(`complaint-${id}`, received(at))]);
      items.push(...documents.values());
    }
    await replaceLiveDocuments(readModels.port, complaints, items.reverse());
  });
  const now = '2026-01-06T02:30:00.000Z';

  test('the earliest due time comes first, and age and remaining time are computed from now', async () => {
    const { items } = await queue(readModels.port, { now });
    expect(items.map(({ id }) => id)).toEqual(['c0', 'c1', 'c2', 'c3', 'c4']);
    expect(items[0]).toMatchObject({
      ageHours: 26,
      targets: { firstResponse: { state: 'overdue', remainingHours: -2.5 } },
    });
    expect(items[4]?.targets.firstResponse).toMatchObject({ kind: 'target', state: 'running', remainingHours: 1.5 });
    expect(items[0]).not.toHaveProperty('progress');
  });

  test('pages that follow the cursor have every item once', async () => {
    const first = await queue(readModels.port, { now, limit: 2 });
    const second = await queue(readModels.port, { now, limit: 2, ...(first.next !== null && { cursor: first.next }) });
    const third = await queue(readModels.port, { now, limit: 2, ...(second.next !== null && { cursor: second.next }) });
    expect([...first.items, ...second.items, ...third.items].map(({ id }) => id)).toEqual([
      'c0',
      'c1',
      'c2',
      'c3',
      'c4',
    ]);
    expect(third.next).toBeNull();
  });

  test('a hold is active until its expected end if no release is recorded (I10)', async () => {
    const held = HoldPlaced({
      holdId: 'h1',
      reason: 'awaiting_complainant',
      counterparty: 'a1',
      expectedEnd: instant('2026-01-09T09:00:00.000Z'),
    });
    const onHold = new FaultyReadModels();
    await replaceLiveDocuments(
      onHold.port,
      complaints,
      (await given(complaints, ofComplaint(received(), held))).values(),
    );
    const holdsAt = async (at: string) => (await queue(onHold.port, { now: at })).items.map(({ holds }) => holds);
    expect(await holdsAt('2026-01-09T08:59:59.999Z')).toEqual([['h1']]);
    expect(await holdsAt('2026-01-09T09:00:00.000Z')).toEqual([[]]);
    await onHold.remove();
  });

  test('a null filter matches unknown values', async () => {
    expect((await queue(readModels.port, { now, filter: { handler: null, channel: 'phone' } })).items).toHaveLength(5);
    expect((await queue(readModels.port, { now, filter: { handler: 'amy' } })).items).toHaveLength(0);
  });

  test('a cursor of another query is refused', async () => {
    const { next } = await queue(readModels.port, { now, limit: 2 });
    const cursor = next ?? '';
    await expect(queue(readModels.port, { now, cursor, filter: { channel: 'phone' } })).rejects.toThrow(
      'another query',
    );
    await expect(queue(readModels.port, { now, cursor, limit: 200 })).resolves.toMatchObject({ next: null });
  });

  test.each(['', 'x', '{', '[1,2,3]', '["d",true,"2026-01-05"]', '["d",true,"\\ud800","c1"]'])(
    'the cursor with the content %j is refused',
    async (content) => {
      const cursor = Buffer.from(content).toString('base64url');
      await expect(queue(readModels.port, { now, cursor })).rejects.toThrow(CursorInvalid);
    },
  );

  test('an ended complaint is listed while a measure is owed', async () => {
    const proposed = RemedyProposed({
      remedyId: 'r1',
      needsAcceptance: true,
      measures: [
        {
          id: 'm1',
          type: 'refund',
          pointIds: ['p1'],
          action: 'pay back',
          owner: 'amy',
          provider: 'self',
          dueAt: instant('2026-01-09T09:00:00.000Z'),
        },
      ],
    });
    const statedBy = { party: 'a1', medium: 'phone', at: instant('2026-01-05T12:00:00.000Z') } as const;
    const accepted = RemedyAccepted({ remedyId: 'r1', statedBy });
    const withdrawn = ComplaintWithdrawn({ statedBy, continuedOnOwnInitiative: false });
    const ended = new FaultyReadModels();
    const stagesAfter = async (...events: readonly DomainEvent[]) => {
      await replaceLiveDocuments(ended.port, complaints, (await given(complaints, ofComplaint(...events))).values());
      return (await queue(ended.port, { now })).items.map(({ stage }) => stage);
    };
    expect(await stagesAfter(received(), proposed, withdrawn)).toEqual([]);
    expect(await stagesAfter(received(), proposed, accepted, withdrawn)).toEqual(['Withdrawn']);
    const completed = RemedyMeasureCompleted({ remedyId: 'r1', measureId: 'm1' });
    expect(await stagesAfter(received(), proposed, accepted, withdrawn, completed)).toEqual([]);
    await ended.remove();
  });
});
