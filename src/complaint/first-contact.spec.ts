import { command, given, type Fields } from '../../test/support/given.js';
import {
  closed,
  coldDish,
  complainantWang,
  identified,
  eventsUntilInvestigated,
  received,
  reopened,
  eventsUntilResponded,
  statedByWang,
  upheld,
} from '../../test/support/complaint-history.js';
import { REFERENCE } from '../../test/support/directory.js';
import { coComplainantLi } from '../../test/support/parties.js';
import { instant } from '../platform/moment.js';
import { referenceDataOf } from '../reference/reference-data.js';
import { FCA_RESPONSE_POLICY } from '../response-policy/response-policy.js';
import { LodgeComplaint } from './commands/intake.js';
import { MakeDetermination, ResolveAtFirstContact } from './commands/resolution.js';
import { CloseComplaint } from './commands/feedback.js';
import * as events from './events.js';

const resolve = (overrides: Fields<ResolveAtFirstContact> = {}) =>
  command(ResolveAtFirstContact, {
    category: 'product_quality',
    whatWasDone: 'Replaced the dish',
    remedyType: 'replacement',
    channel: 'in_person',
    statedBy: statedByWang,
    ...overrides,
  });
const acceptedAt = { occurredAt: statedByWang.at };
const admitted = { ...events.ComplaintAdmitted({ implied: true }), ...acceptedAt };
const classified = {
  ...events.ComplaintClassified({
    nature: 'complaint',
    points: [{ id: 'p1', category: 'product_quality' }],
    taxonomyVersion: 1,
  }),
  ...acceptedAt,
};
const determined = {
  ...events.DeterminationMade({
    determinationId: 'd1',
    points: [{ id: 'p1', outcome: 'resolved_without_finding', reasons: 'Replaced the dish' }],
  }),
  ...acceptedAt,
};
const implemented = {
  ...events.RemedyImplemented({
    remedyId: 'r1',
    whatWasDone: 'Replaced the dish',
    remedyType: 'replacement',
    statedBy: statedByWang,
  }),
  ...acceptedAt,
};
const communicated = {
  ...events.OutcomeCommunicated({
    of: 'd1',
    channel: 'in_person',
    to: 'a1',
    deliveredAt: statedByWang.at,
  }),
  ...acceptedAt,
};
const closedAtFirstContact = { ...events.ComplaintClosed({ reason: 'resolved_at_first_contact' }), ...acceptedAt };

const ALL_STEPS = [
  'ComplaintAdmitted',
  'ComplaintClassified',
  'DeterminationMade',
  'RemedyImplemented',
  'OutcomeCommunicated',
  'ComplaintClosed',
] as const;

describe('T24: resolving at first contact', () => {
  test('records every step from admission to closing', () =>
    given(received())
      .when(resolve())
      .then(admitted, classified, determined, implemented, communicated, closedAtFirstContact));
  test('does not repeat steps that are already recorded', () =>
    given(received(), admitted, classified)
      .when(resolve())
      .then(determined, implemented, communicated, closedAtFirstContact));
  test('communicates on the intake channel if the command gives no channel', () => {
    const { channel: _channel, ...withoutChannel } = resolve();
    given(received({ channel: 'live_chat' }), admitted, classified)
      .when(command(ResolveAtFirstContact, withoutChannel))
      .then(
        determined,
        implemented,
        { ...events.OutcomeCommunicated({ ...communicated.data, channel: 'live_chat' }), ...acceptedAt },
        closedAtFirstContact,
      );
  });
  test('of an acceptance before the receipt is rejected (I21)', () =>
    given(received())
      .when(resolve({ statedBy: { ...statedByWang, at: instant('2026-11-01T08:55:00.000Z') } }))
      .thenRejected('before_what_it_answers', '/statedBy/at'));
  test('of an acceptance counts within three days of receipt, whenever it is recorded (I24)', () => {
    const accept = (at: string) => resolve({ statedBy: { ...statedByWang, at: instant(at) } });
    given(received())
      .when(accept('2026-11-04T09:00:00.000Z'))
      .thenRecorded(...ALL_STEPS);
    given(received()).when(accept('2026-11-04T09:00:01.000Z')).thenRejected('first_contact_over', '/statedBy/at');
    given(received())
      .when(accept('2026-11-06T09:00:00.000Z'), { house: { firstContactWithin: 5 } })
      .thenRecorded(...ALL_STEPS);
  });
  test('needs the acceptance of every complainant (I22)', () => {
    const both = received({ parties: [complainantWang, coComplainantLi] });
    const statedByLi = { ...statedByWang, party: 'a2' };
    given(both).when(resolve()).thenRejected('agreement_missing', '/agreedBy');
    given(both)
      .when(resolve({ agreedBy: [statedByLi] }))
      .then(
        admitted,
        classified,
        { ...events.DeterminationMade({ ...determined.data, agreedBy: [statedByLi] }), ...acceptedAt },
        implemented,
        communicated,
        { ...events.OutcomeCommunicated({ ...communicated.data, to: 'a2' }), ...acceptedAt },
        closedAtFirstContact,
      );
  });
  test('a guest who gives no name is served at the table', () => {
    const guest = { party: 'unidentified', medium: 'in_person', at: statedByWang.at } as const;
    given(received({ parties: [] }))
      .when(resolve({ statedBy: guest }))
      .thenRecorded(...ALL_STEPS);
    given()
      .when(
        command(LodgeComplaint, {
          channel: 'in_person',
          narrative: 'The dish was cold.',
          resolution: resolve({ statedBy: guest }),
        }),
      )
      .thenRecorded('ComplaintReceived', ...ALL_STEPS);
  });
  test('a lodging with a resolution is received when the acceptance was stated (T1)', () => {
    const statedBy = { party: 'unidentified', medium: 'in_person', at: instant('2026-11-10T11:30:00.000Z') } as const;
    const { decision } = given().when(
      command(LodgeComplaint, { channel: 'in_person', narrative: 'Cold.', resolution: resolve({ statedBy }) }),
    );
    expect(decision).toMatchObject([{ data: { receivedAt: statedBy.at } }, {}, {}, {}, {}, {}, {}]);
  });
  test('of some points leaves the others to be investigated', () => {
    const twoPoints = received({ points: [coldDish, { ...coldDish, id: 'p2' }] });
    given(twoPoints).when(resolve()).thenRejected('points_missing', '/points');
    given(twoPoints)
      .when(resolve({ points: [{ id: 'p1' }] }))
      .then(admitted, classified, determined, implemented, communicated);
    const { state } = given(twoPoints, admitted, classified, determined, implemented, communicated);
    expect([state.stage, state.progress.finalResponse]).toEqual(['UnderAssessment', null]);
    given(twoPoints, admitted, classified, determined, implemented, communicated)
      .when(command(MakeDetermination, { points: [] }))
      .thenRejected('content_not_verified');
  });
  test('pays within the limit of the recorder, to whoever accepted (I14, I23)', () => {
    const pay = (amount: number, more: Fields<ResolveAtFirstContact> = {}) =>
      resolve({ remedyType: 'refund', amount: { amount, currency: 'CNY' }, ...more });
    given(received()).when(pay(50_001)).thenRejected('above_identity_limit', '/amount');
    given(received(), identified).when(pay(100_001)).thenRejected('above_limit', '/amount');
    given(received(), identified)
      .when(pay(100_000))
      .then(
        admitted,
        classified,
        determined,
        {
          ...events.RemedyImplemented({
            ...implemented.data,
            remedyType: 'refund',
            money: { amount: 100_000, currency: 'CNY' },
            payee: 'a1',
          }),
          ...acceptedAt,
        },
        communicated,
        closedAtFirstContact,
      );
    given(received())
      .when(pay(1000, { payee: 'a9' }))
      .thenRejected('unknown_party', '/payee');
  });
  test('sends a summary where the response policy asks for one', () => {
    const { responsePolicies } = referenceDataOf({ responsePolicies: [FCA_RESPONSE_POLICY] });
    const { decision } = given(received()).when(resolve(), { reference: { ...REFERENCE, responsePolicies } });
    expect(decision).toContainEqual({
      ...events.SummaryResolutionCommunicated({
        letterId: 's1',
        of: 'd1',
        addressees: ['a1'],
        channel: 'in_person',
        text: 'Replaced the dish',
        recourse: 'Financial Ombudsman Service',
        referUntil: instant('2027-05-10T12:00:00.000Z'),
        leaflets: ['fos-consumer-leaflet'],
      }),
      ...acceptedAt,
    });
  });
  test('is rejected while a legal or reportable flag stands, and in a later episode', () => {
    given(received(), events.RiskFlagged({ flag: 'reportable', reason: 'Food poisoning' }))
      .when(resolve())
      .thenRejected('risk_flagged');
    given(...eventsUntilResponded(), closed, reopened())
      .when(resolve())
      .thenRejected('not_first_contact');
  });
  test('needs the category of a point that is not classified', () => {
    const { category: _category, ...withoutCategory } = resolve();
    given(received()).when(command(ResolveAtFirstContact, withoutCategory)).thenRejected('category_missing');
    given(received(), classified)
      .when(command(ResolveAtFirstContact, withoutCategory))
      .thenRecorded(
        'ComplaintAdmitted',
        'DeterminationMade',
        'RemedyImplemented',
        'OutcomeCommunicated',
        'ComplaintClosed',
      );
  });
  test('with keepOpen the complaint stays open, and can be closed without feedback', () => {
    given(received(), admitted, classified)
      .when(resolve({ keepOpen: true }))
      .then(determined, implemented, communicated);
    const keptOpen = given(received(), admitted, classified, determined, implemented, communicated);
    expect(keptOpen.state.stage).toBe('Responded');
    keptOpen.when(command(CloseComplaint)).then(closed);
  });
  test('the complaint stays open if it is on hold', () =>
    given(
      received(),
      admitted,
      classified,
      events.HoldPlaced({
        holdId: 'h1',
        reason: 'awaiting_test_or_appraisal',
        counterparty: 'Laboratory',
        expectedEnd: instant('2026-12-01T00:00:00.000Z'),
      }),
    )
      .when(resolve())
      .then(determined, implemented, communicated));
  test('is rejected after the determination and after the end', () => {
    given(...eventsUntilInvestigated(), upheld)
      .when(resolve())
      .thenRejected('wrong_stage');
    given(received(), closed).when(resolve()).thenRejected('not_open');
  });
  test('rejects a safety-critical complaint', () =>
    given(received(), events.SeverityAssessed({ severity: 'serious', safetyCritical: true }))
      .when(resolve())
      .thenRejected('safety_critical'));
  test('rejects a category other than that of the classification', () =>
    given(received(), classified)
      .when(resolve({ category: 'price' }))
      .thenRejected('category_differs', '/category'));
  test('requires a past statement by a known party', () => {
    given(received())
      .when(resolve({ statedBy: { ...statedByWang, party: 'a9' } }))
      .thenRejected('unknown_party', '/statedBy/party');
    given(received())
      .when(resolve({ statedBy: { ...statedByWang, at: instant('2026-12-01T00:00:00.000Z') } }))
      .thenRejected('in_future', '/statedBy/at');
  });
  test('rejects a person with a conflict of interest', () => {
    given(received({ points: [{ ...coldDish, subject: { employeeId: 'handler-1' } }] }))
      .when(resolve())
      .thenRejected('conflict_of_interest');
  });
});
