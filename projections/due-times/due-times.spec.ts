import {
  ComplaintReopened,
  ComplaintWithdrawn,
  HoldPlaced,
  HoldReleased,
  PointsSplitOff,
  RecordCorrected,
  RelatedComplaintLinked,
  RemedyAccepted,
  RemedyOfferLapsed,
  RemedyProposed,
  type ComplaintEvent,
} from '../../src/complaint/events.js';
import { instant } from '../../src/platform/moment.js';
import { COMPLAINT, given, ofComplaint } from '../../test/support/projections/given.js';
import { received } from '../../test/support/projections/trend-events.js';
import { dueTimes, type DueTimes } from './projection.js';

const hold = (holdId: string, expectedEnd: string): ComplaintEvent =>
  HoldPlaced({
    holdId,
    reason: 'awaiting_third_party',
    counterparty: 'the courier',
    expectedEnd: instant(expectedEnd),
  });

const offer = (remedyId: string, validUntil?: string, needsAcceptance = true): ComplaintEvent =>
  RemedyProposed({
    remedyId,
    needsAcceptance,
    measures: [],
    ...(validUntil !== undefined && { validUntil: instant(validUntil) }),
  });

const statedBy = { party: 'p1', medium: 'phone', at: instant('2026-01-05T09:00:00.000Z') } as const;

/** The document of the complaint after these events; null if it has none. Each event is folded twice. */
async function after(...events: readonly ComplaintEvent[]): Promise<DueTimes | null> {
  const documents = await given(dueTimes, ofComplaint(received(), ...events), { numberOfTimes: 2 });
  return (documents.get(COMPLAINT) as unknown as DueTimes | undefined) ?? null;
}

describe('the due times of a complaint', () => {
  test('a hold is released at its expected end (I10), a day at its end in its zone', async () => {
    const endsOnDay = HoldPlaced({
      holdId: 'h2',
      reason: 'force_majeure',
      counterparty: 'nobody',
      expectedEnd: { precision: 'day', day: '2026-01-09', zone: 'Asia/Shanghai' },
    });
    expect(await after(hold('h1', '2026-01-12T09:00:00.000Z'), endsOnDay)).toMatchObject({
      complaint: COMPLAINT,
      nextDue: '2026-01-09T16:00:00.000Z',
      due: [
        {
          subject: 'h2',
          purpose: 'hold',
          level: 'end',
          dueAt: '2026-01-09T16:00:00.000Z',
          command: { name: 'ReleaseHold', body: { holdId: 'h2', occurredAt: '2026-01-09T16:00:00.000Z' } },
        },
        { subject: 'h1', dueAt: '2026-01-12T09:00:00.000Z' },
      ],
    });
  });

  test('a released hold has none', async () => {
    const released = HoldReleased({ holdId: 'h1', cause: 'answered' });
    expect(await after(hold('h1', '2026-01-12T09:00:00.000Z'), released)).toMatchObject({ nextDue: null, due: [] });
  });

  test('an offer lapses at the end of its validity (T12)', async () => {
    expect(await after(offer('r1', '2026-01-12T09:00:00.000Z'))).toMatchObject({
      nextDue: '2026-01-12T09:00:00.000Z',
      due: [
        {
          subject: 'r1',
          purpose: 'offer',
          command: { name: 'LapseRemedyOffer', body: { remedyId: 'r1', occurredAt: '2026-01-12T09:00:00.000Z' } },
        },
      ],
    });
  });

  test.each([
    ['accepted', RemedyAccepted({ remedyId: 'r1', statedBy })],
    ['lapsed', RemedyOfferLapsed({ remedyId: 'r1' })],
  ])('an offer that is %s has none', async (_state, event) => {
    expect(await after(offer('r1', '2026-01-12T09:00:00.000Z'), event)).toMatchObject({ nextDue: null, due: [] });
  });

  test('an offer that has no end or needs no acceptance has none', async () => {
    expect(await after(offer('r1'), offer('r2', '2026-01-12T09:00:00.000Z', false))).toMatchObject({ due: [] });
  });

  test('an offer that is approved after the end of its validity is due at its proposal, on 5 January at 09:00', async () => {
    expect(await after(offer('r1', '2026-01-02T00:00:00.000Z'))).toMatchObject({
      nextDue: '2026-01-05T09:00:00.000Z',
    });
  });

  test('a split-off is finished a minute after its recording, until the second file is linked (T27)', async () => {
    const complaintId = '0b6b2f5e-5c1f-5f0e-9a55-3f0e8f2d7a61';
    const split = PointsSplitOff({ pointIds: ['p2'], nature: 'report', complaintId });
    expect(await after(split)).toMatchObject({
      due: [{ subject: complaintId, purpose: 'split_off', command: { name: 'FinishSplitOff', body: { complaintId } } }],
    });
    const linked = RelatedComplaintLinked({ complaintId, relation: 'split_off' });
    expect(await after(split, linked)).toMatchObject({ nextDue: null, due: [] });
  });

  test('a corrected end of a hold is the due time (T22)', async () => {
    const corrected = RecordCorrected({
      correctionId: 'k1',
      target: { revision: 1, type: 'HoldPlaced' },
      field: 'expectedEnd',
      oldValue: { time: instant('2026-01-12T09:00:00.000Z') },
      newValue: { time: instant('2026-01-14T09:00:00.000Z') },
      basis: 'The letter',
    });
    expect(await after(hold('h1', '2026-01-12T09:00:00.000Z'), corrected)).toMatchObject({
      nextDue: '2026-01-14T09:00:00.000Z',
    });
  });

  test('the end of the complaint ends its holds; a complaint without due times needs no document then', async () => {
    const withdrawn = ComplaintWithdrawn({ statedBy, continuedOnOwnInitiative: false });
    const ended = [hold('h1', '2026-01-12T09:00:00.000Z'), withdrawn];
    expect(await after(...ended)).toBeNull();
    const reopened = ComplaintReopened({ episode: 2, kind: 'dissatisfied', reason: 'still broken' });
    expect(await after(...ended, reopened)).toMatchObject({ nextDue: null, due: [] });
    expect(await after(...ended, reopened, hold('h2', '2026-01-20T09:00:00.000Z'))).toMatchObject({
      due: [{ subject: 'h2' }],
    });
  });
});
