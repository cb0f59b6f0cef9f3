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
  test('does not repeat steps that are already recorded', () =>
    given(received(), admitted, classified).when(resolve()).then(determined, implemented, told, ended));
  test('communicates on the intake channel unless another is given', () => {
    const { channel: _channel, ...silent } = resolve();
    given(received({ channel: 'live_chat' }), admitted, classified)
      .when(command(ResolveAtFirstContact, silent))
      .then(determined, implemented, events.OutcomeCommunicated({ ...told.data, channel: 'live_chat' }), ended);
  });
  test('the communication of an earlier acceptance is not before receipt', () => {
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
  test('stays open with keepOpen, and the stated acceptance replaces feedback', () => {
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
  test('stays open while an earlier accepted remedy is owed', () =>
    given(...investigated(), upheld, proposed(), accepted, ...responded().slice(-2), closed, reopened())
      .when(resolve())
      .thenRecorded('ComplaintClassified', 'DeterminationMade', 'RemedyImplemented', 'OutcomeCommunicated'));
  test('is only allowed before the determination', () => {
    given(...investigated(), upheld)
      .when(resolve())
      .thenRejected('wrong_stage');
    given(received(), closed).when(resolve()).thenRejected('not_open');
  });
  test('rejects a safety-critical complaint', () =>
    given(received(), events.SeverityAssessed({ severity: 'serious', safetyCritical: true }))
      .when(resolve())
      .thenRejected('safety_critical'));
  test('requires the category of the classification', () =>
    given(received(), classified)
      .when(resolve({ category: 'price' }))
      .thenRejected('category_differs', '/category'));
  test('requires a statement of a party in the past', () => {
    given(received())
      .when(resolve({ statedBy: { ...saidByWang, party: 'a9' } }))
      .thenRejected('unknown_party', '/statedBy/party');
    given(received())
      .when(resolve({ statedBy: { ...saidByWang, at: instant('2026-12-01T00:00:00.000Z') } }))
      .thenRejected('in_future', '/statedBy/at');
  });
  test('rejects a person with a conflict of interest and, in an internal review, the earlier decider', () => {
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
