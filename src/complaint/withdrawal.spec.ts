import { command, given, person, withMetadata, type Fields } from '../../test/support/given.js';
import {
  accepted,
  closed,
  complainantWang,
  eventsUntilResponded,
  proposed,
  received,
  statedByWang,
} from '../../test/support/complaint-history.js';
import { authorityVerified, coComplainantLi, lawyerZhao, parties } from '../../test/support/parties.js';
import { instant } from '../platform/moment.js';
import { WithdrawComplaint } from './commands/feedback.js';
import * as events from './events.js';

const withdraw = (overrides: Fields<WithdrawComplaint> = {}) =>
  command(WithdrawComplaint, { statedBy: statedByWang, ...overrides });
const withdrawal = (party: string, more: { partial?: true; continuedOnOwnInitiative?: true } = {}) => ({
  ...events.ComplaintWithdrawn({
    statedBy: { ...statedByWang, party },
    continuedOnOwnInitiative: false,
    ...more,
  }),
  occurredAt: statedByWang.at,
});
const by = (party: string) => withdraw({ statedBy: { ...statedByWang, party } });

describe('T19: withdrawing', () => {
  test('is recorded in every open stage, at the time of the statement', () => {
    given(received()).when(withdraw()).then(withdrawal('a1'));
    given(...eventsUntilResponded())
      .when(withdraw())
      .then(withdrawal('a1'));
    given(...eventsUntilResponded(), closed)
      .when(withdraw())
      .thenRejected('not_open');
    expect(given(received(), withdrawal('a1')).state).toMatchObject({ stage: 'Withdrawn', endedAt: statedByWang.at });
  });
  test('ends the complaint and settles what waits; what is owed stays owed', () => {
    const offer = proposed();
    given(...eventsUntilResponded(), offer)
      .when(withdraw())
      .then(
        { ...events.RemedyOfferLapsed({ remedyId: 'r1', cause: 'ended' }), occurredAt: statedByWang.at },
        withdrawal('a1'),
      );
    given(...eventsUntilResponded(), offer, accepted)
      .when(withdraw())
      .then(withdrawal('a1'));
    expect(
      given(...eventsUntilResponded(), offer, accepted, withdrawal('a1')).state.remedies.map(({ status }) => status),
    ).toEqual(['Accepted']);
  });
  test('needs a statement that is neither before the receipt nor in the future (I21)', () => {
    const at = (time: string) => withdraw({ statedBy: { ...statedByWang, at: instant(time) } });
    given(received()).when(at('2026-10-31T00:00:00.000Z')).thenRejected('before_what_it_answers', '/statedBy/at');
    given(received()).when(at('2027-01-01T00:00:00.000Z')).thenRejected('in_future', '/statedBy/at');
  });
  test('by the employee complained about is refused (I6)', () =>
    given(received({ points: [{ id: 'p1', subject: { employeeId: 'waiter-1' } }] }))
      .when(withdraw(), { by: person('waiter-1') })
      .thenRejected('conflict_of_interest'));
});

describe('T19: a hazard', () => {
  const safetyCritical = events.SeverityAssessed({ severity: 'serious', safetyCritical: true });
  const continued = withdrawal('a1', { continuedOnOwnInitiative: true });

  test('is continued on our own initiative: nothing is settled, and the stage stays', () => {
    given(...eventsUntilResponded(), proposed(), safetyCritical)
      .when(withdraw())
      .then(continued);
    expect(given(received(), safetyCritical, continued).state.stage).toBe('UnderAssessment');
  });
  test.each(['safety', 'reportable', 'systemic'] as const)('is also what the flag %s says', (flag) =>
    given(received(), events.RiskFlagged({ flag, reason: 'Seen elsewhere too' }))
      .when(withdraw())
      .then(continued),
  );
  test('is not what a flag of another kind says, or one that was cleared', () => {
    given(received(), events.RiskFlagged({ flag: 'legal', reason: 'A lawyer writes' }))
      .when(withdraw())
      .then(withdrawal('a1'));
    given(
      received(),
      events.RiskFlagged({ flag: 'systemic', reason: 'Seen elsewhere too' }),
      events.RiskFlagCleared({ flag: 'systemic', reason: 'It was another shop' }),
    )
      .when(withdraw())
      .then(withdrawal('a1'));
  });
  test('is withdrawn only once', () =>
    given(received(), safetyCritical, continued).when(withdraw()).thenRejected('nothing_to_change'));
});

describe('T19, I22: of several complainants', () => {
  const joint = received({ parties: [complainantWang, coComplainantLi] });

  test('each withdraws alone, and the last one ends the complaint', () => {
    given(joint)
      .when(by('a1'))
      .then(withdrawal('a1', { partial: true }));
    expect(given(joint, withdrawal('a1', { partial: true })).state.stage).toBe('Received');
    given(joint, withdrawal('a1', { partial: true }))
      .when(by('a2'))
      .then(withdrawal('a2'));
    given(joint, withdrawal('a1', { partial: true }))
      .when(by('a1'))
      .thenRejected('nothing_to_change', '/statedBy/party');
  });
  test('one who has withdrawn keeps nobody else from it: only the last one is continued on our own initiative', () => {
    const safetyCritical = events.SeverityAssessed({ severity: 'serious', safetyCritical: true });
    given(joint, safetyCritical)
      .when(by('a1'))
      .then(withdrawal('a1', { partial: true }));
    given(joint, safetyCritical, withdrawal('a1', { partial: true }))
      .when(by('a2'))
      .then(withdrawal('a2', { continuedOnOwnInitiative: true }));
  });
  test('a representative withdraws for all whom they act for, with verified authority', () => {
    given(received({ parties })).when(by('a3')).thenRejected('authority_not_verified', '/statedBy/party');
    given(received({ parties }), authorityVerified()).when(by('a3')).then(withdrawal('a3'));
    given(
      received({ parties: [complainantWang, coComplainantLi, { ...lawyerZhao, actsFor: ['a2'] }] }),
      authorityVerified(),
    )
      .when(by('a3'))
      .then(withdrawal('a3', { partial: true }));
  });
  test('a party that is unknown, or whose identity failed, withdraws nothing', () => {
    given(joint).when(by('a9')).thenRejected('unknown_party', '/statedBy/party');
    given(joint, events.IdentityVerificationFailed({ party: 'a1', method: 'call_back', reason: 'Another voice' }))
      .when(by('a1'))
      .thenRejected('identity_failed', '/statedBy/party');
  });
  test('count again after a reopening', () => {
    const reopened = events.ComplaintReopened({ episode: 2, kind: 'own_error', reason: 'Ours', standingOffers: [] });
    given(joint, withdrawal('a1', { partial: true }), withdrawal('a2'), reopened)
      .when(by('a1'))
      .then(withdrawal('a1', { partial: true }));
  });
});

test('T19: without a party on file, somebody who is present withdraws', () => {
  const statedBy = { party: 'unidentified', medium: 'in_person', at: statedByWang.at } as const;
  given(received({ parties: [] }))
    .when(withdraw({ statedBy }))
    .thenRecorded('ComplaintWithdrawn');
  given(received({ parties: [] }))
    .when(withdraw({ statedBy: { ...statedBy, medium: 'phone' } }))
    .thenRejected('unidentified_not_present', '/statedBy');
});

test('T19: a withdrawal recorded late has the time of the statement, not of the recording', () => {
  const { state } = given(received(), withMetadata(withdrawal('a1'), { at: '2026-11-09T09:00:00.000Z' }));
  expect([state.endedAt, state.endRecordedAt]).toEqual([statedByWang.at, '2026-11-09T09:00:00.000Z']);
});
