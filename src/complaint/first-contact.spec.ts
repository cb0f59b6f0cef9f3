import { command, given, SUPERVISOR, type Fields } from '../../test/support/given.js';
import {
  closed,
  coldDish,
  delivered,
  eventsUntilInvestigated,
  MORNING,
  proposed,
  accepted,
  received,
  reopened,
  eventsUntilResponded,
  responseSent,
  statedByWang,
  upheld,
} from '../../test/support/complaint-history.js';
import { instant } from '../platform/moment.js';
import { ResolveAtFirstContact } from './commands/resolution.js';
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
const admitted = events.ComplaintAdmitted({});
const classified = events.ComplaintClassified({
  nature: 'complaint',
  points: [{ id: 'p1', category: 'product_quality' }],
  taxonomyVersion: 1,
});
const determined = events.DeterminationMade({
  determinationId: 'd1',
  points: [{ id: 'p1', outcome: 'resolved_without_finding', reasons: 'Replaced the dish' }],
});
const implemented = events.RemedyImplemented({
  remedyId: 'r1',
  whatWasDone: 'Replaced the dish',
  remedyType: 'replacement',
  statedBy: statedByWang,
});
const communicated = events.OutcomeCommunicated({
  of: 'd1',
  channel: 'in_person',
  to: 'a1',
  deliveredAt: statedByWang.at,
});
const closedAtFirstContact = events.ComplaintClosed({ reason: 'resolved_at_first_contact' });

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
        events.OutcomeCommunicated({ ...communicated.data, channel: 'live_chat' }),
        closedAtFirstContact,
      );
  });
  test('if the acceptance was stated before receipt, communicates at the time of receipt', () => {
    const statedBy = { ...statedByWang, at: instant('2026-11-01T08:55:00.000Z') };
    given(received(), admitted, classified)
      .when(resolve({ statedBy }))
      .then(
        determined,
        events.RemedyImplemented({ ...implemented.data, statedBy }),
        events.OutcomeCommunicated({ ...communicated.data, deliveredAt: MORNING }),
        closedAtFirstContact,
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
  test('the complaint stays open if an earlier accepted remedy is owed', () =>
    given(...eventsUntilInvestigated(), upheld, proposed(), accepted, responseSent(), delivered(), closed, reopened())
      .when(resolve())
      .thenRecorded('ComplaintClassified', 'DeterminationMade', 'RemedyImplemented', 'OutcomeCommunicated'));
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
  test('rejects a person with a conflict of interest and, in an internal review, the earlier decider', () => {
    given(received({ points: [{ ...coldDish, subject: { employeeId: 'handler-1' } }] }))
      .when(resolve())
      .thenRejected('conflict_of_interest');
    given(...eventsUntilResponded(), closed, reopened('internal_review'))
      .when(resolve())
      .thenRejected('decided_before');
    given(...eventsUntilResponded(), closed, reopened('internal_review'), classified)
      .when(resolve(), { by: SUPERVISOR })
      .thenRecorded('DeterminationMade', 'RemedyImplemented', 'OutcomeCommunicated', 'ComplaintClosed');
  });
});
