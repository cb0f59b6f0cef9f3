import {
  ComplaintAssigned,
  ComplaintClosed,
  ComplaintReceived,
  ComplaintReopened,
  ContactRecorded,
  DeterminationMade,
  FinalResponseSent,
  HoldPlaced,
  OutcomeCommunicated,
  RemedyImplemented,
  RemedyMeasureCompleted,
  RemedyProposed,
  SeverityAssessed,
} from '../../src/complaint/events.js';
import type { DomainEvent } from '../../src/eventstore/envelope.js';
import { instant } from '../../src/platform/moment.js';
import { COMPLAINT, given, ofComplaint } from '../../test/support/projections/given.js';
import { fact } from '../../test/support/projections/memory-log.js';
import type { Document } from '../../src/readmodels/read-models.js';
import { FaultyReadModels } from '../../test/support/projections/faulty-read-models.js';
import { replaceLiveDocuments } from '../../test/support/read-models/serve.js';
import { workQueue, type QueueItem } from './projection.js';
import { CursorInvalid, queue } from './query.js';

const received = (at = '2026-01-05T09:00:00.000Z') =>
  ComplaintReceived({
    reference: 'ABCDEFGHJKMNPQR',
    receivedAt: instant(at),
    channel: 'phone',
    sources: [],
    parties: [{ id: 'a1', role: 'complainant', name: 'Li Hua', authority: 'none' }],
    points: [{ id: 'p1', issue: 'cold dish', subject: { product: 'dinner' } }],
  });
const determined = DeterminationMade({
  determinationId: 'd1',
  points: [{ id: 'p1', outcome: 'upheld', reasons: 'it was cold' }],
});
const responded = FinalResponseSent({
  responseId: 'f1',
  kind: 'accept',
  addressees: ['a1'],
  channel: 'phone',
  text: 'we are sorry',
});
const communicated = OutcomeCommunicated({
  of: 'f1',
  channel: 'phone',
  deliveredAt: instant('2026-01-05T12:00:00.000Z'),
});
const proposed = RemedyProposed({
  remedyId: 'r1',
  needsAcceptance: false,
  measures: [
    {
      id: 'm1',
      type: 'replacement',
      pointIds: ['p1'],
      action: 'cook again',
      owner: 'kitchen',
      provider: 'self',
      dueAt: instant('2026-01-06T09:00:00.000Z'),
    },
  ],
});
const atSixPm = (event: DomainEvent): DomainEvent => ({ ...event, occurredAt: instant('2026-01-05T18:00:00.000Z') });
const measureCompleted = atSixPm(RemedyMeasureCompleted({ remedyId: 'r1', measureId: 'm1' }));
const implemented = atSixPm(RemedyImplemented({ remedyId: 'r1' }));

const itemAfter = async (...events: readonly DomainEvent[]): Promise<QueueItem> => {
  const documents = await given(workQueue, ofComplaint(...events), { numberOfTimes: 2 });
  return documents.get(COMPLAINT) as unknown as QueueItem;
};

describe('the work queue', () => {
  test('a received complaint has two targets: 24 and 72 hours after receipt', async () => {
    const item = await itemAfter(received());
    expect(item).toMatchObject({
      open: true,
      stage: 'Received',
      complainant: 'Li Hua',
      product: 'dinner',
      settled: false,
    });
    expect(item.targets.firstResponse).toEqual({ dueAt: '2026-01-06T09:00:00.000Z', metAt: null });
    expect(item.targets.resolution).toEqual({ dueAt: '2026-01-08T09:00:00.000Z', metAt: null });
    expect(item.nextDue).toBe('2026-01-06T09:00:00.000Z');
  });

  test('names that can be filtered are in the form for comparison: names that look the same are one', async () => {
    const typed = ' Cafe\u0301\u00a0 au lait\u200b';
    const complaint = ComplaintReceived({
      ...received().data,
      points: [{ id: 'p1', issue: typed, category: typed, subject: { product: typed, orgUnit: typed } }],
      sources: [{ system: typed, ref: typed }],
    });
    const compared = 'Caf\u00e9 au lait';
    expect(await itemAfter(complaint)).toMatchObject({
      product: compared,
      category: compared,
      orgUnit: compared,
      sources: [compared],
      issue: typed,
    });
    const assigned = ComplaintAssigned({ handler: 'handler-1', orgUnit: 'Cafe\u0301  1' });
    expect(await itemAfter(complaint, assigned)).toMatchObject({ orgUnit: 'Caf\u00e9 1' });
  });

  test('an item has stage, handler, org unit and severity of the complaint', async () => {
    const item = await itemAfter(
      received(),
      ComplaintAssigned({ handler: 'amy', orgUnit: 'kitchen' }),
      SeverityAssessed({ severity: 'serious', safetyCritical: true }),
    );
    expect(item).toMatchObject({ stage: 'UnderAssessment', handler: 'amy', orgUnit: 'kitchen', severity: 'serious' });
  });

  test('an outbound contact meets the first response target only if it reached the party', async () => {
    const contact = { contactId: 'c1', channel: 'phone', at: instant('2026-01-05T10:00:00.000Z') } as const;
    const notReached = ContactRecorded({ ...contact, direction: 'outbound', result: 'no_answer', substantive: true });
    const reached = ContactRecorded({ ...contact, direction: 'outbound', result: 'reached', substantive: true });
    expect((await itemAfter(received(), notReached)).targets.firstResponse.metAt).toBeNull();
    const item = await itemAfter(received(), notReached, reached);
    expect(item.targets.firstResponse.metAt).toEqual(contact.at);
    expect(item.nextDue).toBe(item.targets.resolution.dueAt);
  });

  test('the communication of the outcome meets the resolution target if no measure is owed', async () => {
    const item = await itemAfter(received(), determined, responded, communicated);
    expect(item).toMatchObject({ stage: 'Responded', open: true, settled: true });
    expect(item.targets.resolution.metAt).toEqual(instant('2026-01-05T12:00:00.000Z'));
  });

  test('an owed measure delays the resolution target until the measure is completed', async () => {
    const beforeCompletion = await itemAfter(received(), determined, proposed, responded, communicated);
    expect(beforeCompletion.settled).toBe(false);
    const item = await itemAfter(
      received(),
      determined,
      proposed,
      responded,
      communicated,
      measureCompleted,
      implemented,
    );
    expect(item.targets.resolution.metAt).toEqual(instant('2026-01-05T18:00:00.000Z'));
  });

  test('a closed complaint is not open; after reopening it is open, with new targets', async () => {
    const closed = [received(), determined, responded, communicated, ComplaintClosed({ reason: 'handled' })];
    expect((await itemAfter(...closed)).open).toBe(false);
    const reopened = {
      ...ComplaintReopened({ episode: 2, kind: 'dissatisfied', reason: 'still cold' }),
      occurredAt: instant('2026-02-01T09:00:00.000Z'),
    };
    const item = await itemAfter(...closed, reopened);
    expect(item).toMatchObject({ open: true, stage: 'UnderAssessment', episode: 2, product: 'dinner', settled: false });
    expect(item.nextDue).toBe('2026-02-02T09:00:00.000Z');
  });

  test('a closed complaint has no holds', async () => {
    const held = HoldPlaced({
      holdId: 'h1',
      reason: 'awaiting_complainant',
      counterparty: 'a1',
      expectedEnd: instant('2026-01-09T09:00:00.000Z'),
    });
    expect((await itemAfter(received(), held)).holds).toEqual([{ id: 'h1', until: '2026-01-09T09:00:00.000Z' }]);
    expect((await itemAfter(received(), held, ComplaintClosed({ reason: 'handled' }))).holds).toEqual([]);
  });
});

describe('the queue query', () => {
  const readModels = new FaultyReadModels();
  afterAll(() => readModels.remove());

  beforeAll(async () => {
    const items: Document[] = [];
    for (let hour = 0; hour < 5; hour++) {
      const id = `c${String(hour)}`;
      const at = `2026-01-05T0${String(hour)}:00:00.000Z`;
      const documents = await given(workQueue, [fact(`complaint-${id}`, received(at))]);
      items.push(...documents.values());
    }
    await replaceLiveDocuments(readModels.port, workQueue, items.reverse());
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
      workQueue,
      (await given(workQueue, ofComplaint(received(), held))).values(),
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

  test.each(['', 'x', Buffer.from('[1,2,3]').toString('base64url'), Buffer.from('{').toString('base64url')])(
    'rejects the cursor %j',
    async (cursor) => {
      await expect(queue(readModels.port, { now, cursor })).rejects.toThrow(CursorInvalid);
    },
  );
});
