import {
  ComplaintAssigned,
  ComplaintClassified,
  ComplaintClosed,
  ComplaintDeclaredInadmissible,
  ComplaintReceived,
  ComplaintReferredExternally,
  ComplaintReopened,
  ContactRecorded,
  DeterminationMade,
  FeedbackSubmitted,
  FinalResponseSent,
  HoldPlaced,
  OutcomeCommunicated,
  PartyAdded,
  PointAdded,
  PointsSplitOff,
  RemedyImplemented,
  RemedyMeasureCompleted,
  RemedyProposed,
  SeverityAssessed,
} from '../../src/complaint/events.js';
import type { DataOf } from '../../src/complaint/complaint.js';
import type { DomainEvent } from '../../src/eventstore/envelope.js';
import { instant } from '../../src/platform/moment.js';
import { COMPLAINT, given, ofComplaint } from '../../test/support/projections/given.js';
import { complaints, progressOf, targetsOf, type ComplaintEntry } from './projection.js';

const contact = { channel: 'phone', address: '+86 10 5555 0100' };
const received = (more: Partial<DataOf<'ComplaintReceived'>> = {}) =>
  ComplaintReceived({
    reference: 'ABCDEFGHJKMNPQR',
    receivedAt: instant('2026-01-05T09:00:00.000Z'),
    channel: 'phone',
    sources: [],
    parties: [{ id: 'a1', role: 'complainant', name: 'Li Hua', contacts: [contact], authority: 'none' }],
    points: [{ id: 'p1', issue: 'cold dish', subject: { product: 'dinner' } }],
    ...more,
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

const entryAfter = async (...events: readonly DomainEvent[]): Promise<ComplaintEntry> => {
  const documents = await given(complaints, ofComplaint(...events), { numberOfTimes: 2 });
  return documents.get(COMPLAINT) as unknown as ComplaintEntry;
};

describe('the main point in the list', () => {
  const two = received({
    points: [
      { id: 'p1', issue: 'cold dish', subject: { product: 'dinner' } },
      { id: 'p2', issue: 'a bribe', subject: { product: 'kitchen' } },
    ],
  });
  const split = PointsSplitOff({ pointIds: ['p1'], nature: 'report', complaintId: 'c2' });

  test('is the first one that counts: the next one after the first was split off (T27)', async () => {
    const classified = ComplaintClassified({
      nature: 'complaint',
      points: [{ id: 'p2', category: 'staff_attitude' }],
      taxonomyVersion: 1,
    });
    expect(await entryAfter(two)).toMatchObject({ mainPoint: 'p1', product: 'dinner', issue: 'cold dish' });
    expect(await entryAfter(two, classified, split)).toMatchObject({
      mainPoint: 'p2',
      product: 'kitchen',
      issue: 'a bribe',
      category: 'staff_attitude',
    });
  });
  test('stays the last one when nothing stays with us', async () =>
    expect(
      await entryAfter(
        received(),
        ComplaintReferredExternally({
          referralId: 't1',
          pointIds: ['p1'],
          body: '12315',
          addressees: [],
          endsComplaint: true,
        }),
      ),
    ).toMatchObject({ mainPoint: 'p1', product: 'dinner', stage: 'ReferredOut' }));
  test('is joined by points that are added later, whose words find the complaint', async () => {
    const added = PointAdded({ point: { id: 'p2', issue: 'rude waiter', subject: {} } });
    expect(await entryAfter(received(), added)).toMatchObject({
      mainPoint: 'p1',
      points: [{ id: 'p1' }, { id: 'p2', issue: 'rude waiter' }],
      words: expect.arrayContaining(['rude', 'waiter']) as string[],
    });
  });
  test('and the complainant: a party that is added to an anonymous complaint has its name in the list', async () => {
    const party = { id: 'a1', role: 'complainant', name: 'Li Hua', authority: 'none' } as const;
    expect(await entryAfter(received({ parties: [] }))).toMatchObject({ anonymous: true, complainant: null });
    expect(await entryAfter(received({ parties: [] }), PartyAdded({ party }))).toMatchObject({
      anonymous: false,
      complainant: 'Li Hua',
    });
  });
});

describe('a complaint in the list', () => {
  test('a received complaint has two targets: 24 and 72 hours after receipt', async () => {
    const entry = await entryAfter(received());
    expect(entry).toMatchObject({
      open: true,
      stage: 'Received',
      complainant: 'Li Hua',
      product: 'dinner',
      settled: false,
    });
    expect(targetsOf(entry)).toEqual({
      firstResponse: { dueAt: '2026-01-06T09:00:00.000Z', metAt: null },
      resolution: { dueAt: '2026-01-08T09:00:00.000Z', metAt: null },
    });
    expect(entry.nextDue).toBe('2026-01-06T09:00:00.000Z');
  });

  test('an entry has stage, handler, org unit and severity of the complaint', async () => {
    const entry = await entryAfter(
      received(),
      ComplaintAssigned({ handler: 'amy', orgUnit: 'kitchen' }),
      SeverityAssessed({ severity: 'serious', safetyCritical: true }),
    );
    expect(entry).toMatchObject({ stage: 'UnderAssessment', handler: 'amy', orgUnit: 'kitchen', severity: 'serious' });
  });

  test('an outbound contact meets the first response target only if it reached the party', async () => {
    const contact = { contactId: 'c1', channel: 'phone', at: instant('2026-01-05T10:00:00.000Z') } as const;
    const notReached = ContactRecorded({ ...contact, direction: 'outbound', result: 'no_answer', substantive: true });
    const reached = ContactRecorded({ ...contact, direction: 'outbound', result: 'reached', substantive: true });
    expect(targetsOf(await entryAfter(received(), notReached)).firstResponse.metAt).toBeNull();
    const entry = await entryAfter(received(), notReached, reached);
    expect(targetsOf(entry).firstResponse.metAt).toEqual(contact.at);
    expect(entry.nextDue).toBe(targetsOf(entry).resolution.dueAt);
  });

  test('the communication of the outcome meets the resolution target if no measure is owed', async () => {
    const entry = await entryAfter(received(), determined, responded, communicated);
    expect(entry).toMatchObject({ stage: 'Responded', open: true, settled: true });
    expect(targetsOf(entry).resolution.metAt).toEqual(instant('2026-01-05T12:00:00.000Z'));
  });

  test('an owed measure delays the resolution target until the measure is completed', async () => {
    const beforeCompletion = await entryAfter(received(), determined, proposed, responded, communicated);
    expect(beforeCompletion.settled).toBe(false);
    const entry = await entryAfter(
      received(),
      determined,
      proposed,
      responded,
      communicated,
      measureCompleted,
      implemented,
    );
    expect(targetsOf(entry).resolution.metAt).toEqual(instant('2026-01-05T18:00:00.000Z'));
  });

  test('a closed complaint is not open; after reopening it is open, with new targets', async () => {
    const closed = [received(), determined, responded, communicated, ComplaintClosed({ reason: 'handled' })];
    expect((await entryAfter(...closed)).open).toBe(false);
    const reopened = {
      ...ComplaintReopened({ episode: 2, kind: 'dissatisfied', reason: 'still cold' }),
      occurredAt: instant('2026-02-01T09:00:00.000Z'),
    };
    const entry = await entryAfter(...closed, reopened);
    expect(entry).toMatchObject({ open: true, stage: 'UnderAssessment', product: 'dinner', settled: false });
    expect(progressOf(entry).episode).toBe(2);
    expect(entry.nextDue).toBe('2026-02-02T09:00:00.000Z');
  });

  test('a closed complaint has no holds', async () => {
    const held = HoldPlaced({
      holdId: 'h1',
      reason: 'awaiting_complainant',
      counterparty: 'a1',
      expectedEnd: instant('2026-01-09T09:00:00.000Z'),
    });
    expect((await entryAfter(received(), held)).holds).toEqual([{ id: 'h1', until: '2026-01-09T09:00:00.000Z' }]);
    expect((await entryAfter(received(), held, ComplaintClosed({ reason: 'handled' }))).holds).toEqual([]);
  });

  test('the words are those of the products and issues of all points, as lodged and as classified', async () => {
    const points = [
      { id: 'p1', issue: 'Cold dish', subject: { product: 'Dinner', subProduct: 'Set menu' } },
      { id: 'p2', issue: 'Late', subIssue: 'Very late', subject: { product: 'Dinner' } },
    ];
    const lodged = ['cold', 'dish', 'dinner', 'set', 'menu', 'late', 'very'];
    expect((await entryAfter(received({ points }))).words).toEqual(lodged);
    const classified = ComplaintClassified({
      nature: 'complaint',
      points: [{ id: 'p2', category: 'delivery', issue: 'Arrived late' }],
      taxonomyVersion: 1,
    });
    const entry = await entryAfter(received({ points }), classified);
    expect(entry.words).toEqual([...lodged, 'arrived']);
    expect(entry).toMatchObject({ issue: 'Cold dish', category: null });
  });

  test('has at most 500 words', async () => {
    const points = Array.from({ length: 50 }, (_, point) => ({
      id: `p${String(point)}`,
      issue: Array.from({ length: 20 }, (_unused, word) => `w${String(point)}x${String(word)}`).join(' '),
      subject: {},
    }));
    const { words } = await entryAfter(received({ points }));
    expect([words.length, words.at(-1)]).toEqual([500, 'w24x19']);
  });

  test('has the system of each source, and its reference with and without the system', async () => {
    const sources = [
      { system: 'crm', ref: 'T-1' },
      { system: 'cfpb', ref: '4711' },
    ];
    const entry = await entryAfter(received({ sources }));
    expect(entry.sources).toEqual(['crm', 'cfpb']);
    expect(entry.sourceRefs).toEqual(['T-1', '["crm","T-1"]', '4711', '["cfpb","4711"]']);
  });

  test('the nature is complaint until the complaint is classified or inadmissible', async () => {
    expect((await entryAfter(received())).nature).toBe('complaint');
    const enquiry = ComplaintClassified({
      nature: 'enquiry',
      points: [{ id: 'p1', category: 'other' }],
      taxonomyVersion: 1,
    });
    expect((await entryAfter(received(), enquiry)).nature).toBe('enquiry');
    const spam = ComplaintDeclaredInadmissible({ reasonCode: 'spam', nature: 'spam', reasons: 'Ad', addressees: [] });
    expect(await entryAfter(received(), spam)).toMatchObject({ nature: 'spam', standing: 'inadmissible', open: false });
  });

  test('has its dates as the day, or as the instant if it is known', async () => {
    const day = (text: string) => ({ precision: 'day', day: text, zone: 'Asia/Shanghai' }) as const;
    const lodged = received({ receivedAt: day('2026-01-04'), incidentAt: { from: day('2026-01-02') } });
    expect(await entryAfter(lodged)).toMatchObject({
      received: '2026-01-04',
      receivedZone: 'Asia/Shanghai',
      incident: '2026-01-02',
      incidentZone: 'Asia/Shanghai',
      recorded: '2026-01-05T09:00:01.000Z',
      responded: null,
      ended: null,
    });
    const closed = { ...ComplaintClosed({ reason: 'handled' }), occurredAt: day('2026-02-01') };
    const entry = await entryAfter(received(), determined, atSixPm(responded), communicated, closed);
    expect(entry).toMatchObject({
      received: '2026-01-05T09:00:00.000Z',
      receivedZone: null,
      incident: null,
      responded: '2026-01-05T18:00:00.000Z',
      ended: '2026-02-01',
    });
  });

  test('has the outcome of this episode, and a standing that needs no setting', async () => {
    expect(await entryAfter(received())).toMatchObject({ outcome: null, standing: 'pending' });
    expect(await entryAfter(received(), determined)).toMatchObject({ outcome: 'upheld', standing: 'in_progress' });
    const answered = [received(), determined, responded, communicated];
    expect(await entryAfter(...answered)).toMatchObject({ standing: 'handled' });
    expect(await entryAfter(...answered, FeedbackSubmitted({ score: 3 }))).toMatchObject({
      standing: '3_or_resolved',
    });
    const reopened = ComplaintReopened({ episode: 2, kind: 'dissatisfied', reason: 'still cold' });
    expect(await entryAfter(...answered, ComplaintClosed({ reason: 'handled' }), reopened)).toMatchObject({
      outcome: null,
      standing: 'unresolved',
    });
  });

  test('is outstanding while it is open or a measure is owed', async () => {
    const closed = ComplaintClosed({ reason: 'handled' });
    const entryOf = async (...events: readonly DomainEvent[]) => {
      const { open, outstanding } = await entryAfter(received(), determined, ...events);
      return { open, outstanding };
    };
    expect(await entryOf()).toEqual({ open: true, outstanding: true });
    expect(await entryOf(proposed, closed)).toEqual({ open: false, outstanding: true });
    expect(await entryOf(proposed, closed, measureCompleted)).toEqual({ open: false, outstanding: false });
  });
});
