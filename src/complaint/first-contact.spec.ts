import { command, given, SUPERVISOR, type Fields } from '../../test/support/given.js';
import {
  closed,
  coldDish,
  investigated,
  MORNING,
  proposed,
  accepted,
  received,
  reopened,
  responded,
  saidByWang,
  upheld,
} from '../../test/support/complaint-history.js';
import { instant } from '../platform/moment.js';
import { ResolveAtFirstContact } from './commands/resolution.js';
import { CloseComplaint } from './commands/feedback.js';
import * as events from './events.js';

const resolve = (more: Fields<ResolveAtFirstContact> = {}) =>
  command(ResolveAtFirstContact, {
    category: 'product_quality',
    whatWasDone: 'Replaced the dish',
    remedyType: 'replacement',
    channel: 'in_person',
    statedBy: saidByWang,
    ...more,
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
  statedBy: saidByWang,
});
const told = events.OutcomeCommunicated({ of: 'd1', channel: 'in_person', to: 'a1', deliveredAt: saidByWang.at });
const ended = events.ComplaintClosed({ reason: 'resolved_at_first_contact' });

describe('T24: resolved at first contact', () => {
  test('one request records every step that it implies', () =>
    given(received()).when(resolve()).then(admitted, classified, determined, implemented, told, ended));
  test('only those that are missing', () =>
    given(received(), admitted, classified).when(resolve()).then(determined, implemented, told, ended));
  test('told the way it came in, unless said otherwise', () => {
    const { channel: _channel, ...silent } = resolve();
    given(received({ channel: 'live_chat' }), admitted, classified)
      .when(command(ResolveAtFirstContact, silent))
      .then(determined, implemented, events.OutcomeCommunicated({ ...told.data, channel: 'live_chat' }), ended);
  });
  test('what was accepted before it was taken in is told no earlier than that', () => {
    const statedBy = { ...saidByWang, at: instant('2026-11-01T08:55:00.000Z') };
    given(received(), admitted, classified)
      .when(resolve({ statedBy }))
      .then(
        determined,
        events.RemedyImplemented({ ...implemented.data, statedBy }),
        events.OutcomeCommunicated({ ...told.data, deliveredAt: MORNING }),
        ended,
      );
  });
  test('stays open when asked to, and then the stated acceptance stands for feedback', () => {
    given(received(), admitted, classified)
      .when(resolve({ keepOpen: true }))
      .then(determined, implemented, told);
    const kept = given(received(), admitted, classified, determined, implemented, told);
    expect(kept.state.stage).toBe('Responded');
    kept.when(command(CloseComplaint)).then(closed);
  });
  test('stays open on hold', () =>
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
      .then(determined, implemented, told));
  test('stays open while a remedy accepted earlier is owed', () =>
    given(...investigated(), upheld, proposed(), accepted, ...responded().slice(-2), closed, reopened())
      .when(resolve())
      .thenRecorded('ComplaintClassified', 'DeterminationMade', 'RemedyImplemented', 'OutcomeCommunicated'));
  test('before the determination', () => {
    given(...investigated(), upheld)
      .when(resolve())
      .thenRejected('wrong_stage');
    given(received(), closed).when(resolve()).thenRejected('not_open');
  });
  test('not where it is safety-critical', () =>
    given(received(), events.SeverityAssessed({ severity: 'serious', safetyCritical: true }))
      .when(resolve())
      .thenRejected('safety_critical'));
  test('in the category it was classified with', () =>
    given(received(), classified)
      .when(resolve({ category: 'price' }))
      .thenRejected('category_differs', '/category'));
  test('accepted by a party, in the past', () => {
    given(received())
      .when(resolve({ statedBy: { ...saidByWang, party: 'a9' } }))
      .thenRejected('unknown_party', '/statedBy/party');
    given(received())
      .when(resolve({ statedBy: { ...saidByWang, at: instant('2026-12-01T00:00:00.000Z') } }))
      .thenRejected('in_future', '/statedBy/at');
  });
  test('not by who is named in it, nor in an internal review by who decided before', () => {
    given(received({ points: [{ ...coldDish, subject: { employeeId: 'handler-1' } }] }))
      .when(resolve())
      .thenRejected('conflict_of_interest');
    given(...responded(), closed, reopened('internal_review'))
      .when(resolve())
      .thenRejected('decided_before');
    given(...responded(), closed, reopened('internal_review'), classified)
      .when(resolve(), { by: SUPERVISOR })
      .thenRecorded('DeterminationMade', 'RemedyImplemented', 'OutcomeCommunicated', 'ComplaintClosed');
  });
});
