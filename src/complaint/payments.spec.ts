import { command, given, SUPERVISOR, withMetadata, type Fields } from '../../test/support/given.js';
import {
  accepted,
  apology,
  closed,
  complainantWang,
  contentVerified,
  eventsUntilInvestigated,
  eventsUntilResponded,
  identified,
  meritsAssessed,
  proposed,
  received,
  refund,
  statedByWang,
  upheld,
} from '../../test/support/complaint-history.js';
import { instant } from '../platform/moment.js';
import * as commands from './commands/remedies.js';
import * as events from './events.js';
import type { Party } from './terms/facts.js';

const determined = [...eventsUntilInvestigated(), upheld];
const owed = [...determined, proposed(), accepted];
const cny = (amount: number) => ({ amount, currency: 'CNY' });
const completed = events.RemedyMeasureCompleted({ remedyId: 'r1', measureId: 'm1' });
const implemented = events.RemedyImplemented({ remedyId: 'r1' });
const pay = (overrides: Fields<commands.RecordRedressPayment> = {}) =>
  command(commands.RecordRedressPayment, {
    remedyId: 'r1',
    measureId: 'm1',
    payee: 'a1',
    money: cny(6800),
    exGratia: false,
    ...overrides,
  });
const payExGratia = (amount: number, overrides: Fields<commands.RecordRedressPayment> = {}) =>
  command(commands.RecordRedressPayment, { payee: 'a1', money: cny(amount), exGratia: true, ...overrides });
const paid = (paymentId: string, amount: number, more: Partial<ReturnType<typeof events.RedressPaid>['data']> = {}) =>
  events.RedressPaid({
    paymentId,
    remedyId: 'r1',
    measureId: 'm1',
    payee: 'a1',
    money: cny(amount),
    exGratia: false,
    ...more,
  });
const returned = (paymentId: string) => events.RedressReturned({ paymentId, reason: 'Account closed' });

describe('T13: paying a measure (I23)', () => {
  test('the payment of the promised amount completes the measure', () =>
    given(...owed)
      .when(pay())
      .then(paid('y1', 6800), completed, implemented));
  test('parts complete the measure when they reach its amount', () => {
    given(...owed)
      .when(pay({ money: cny(5000) }))
      .then(paid('y1', 5000));
    given(...owed, paid('y1', 5000))
      .when(pay({ money: cny(1800) }))
      .then(paid('y2', 1800), completed, implemented);
  });
  test('payments never exceed the measure, done or not', () => {
    given(...owed)
      .when(pay({ money: cny(6801) }))
      .thenRejected('more_than_owed', '/money/amount');
    given(...owed, paid('y1', 5000))
      .when(pay({ money: cny(1801) }))
      .thenRejected('more_than_owed', '/money/amount');
    given(...owed, paid('y1', 6800), completed, implemented)
      .when(pay({ money: cny(1) }))
      .thenRejected('more_than_owed', '/money/amount');
  });
  test('pays in the currency of the measure alone', () =>
    given(...owed)
      .when(pay({ money: { amount: 1, currency: 'EUR' } }))
      .thenRejected('other_currency', '/money/currency'));
  test('a payment does not complete what others do: another kind of measure, or that of a third party', () => {
    const repair = { ...apology, id: 'm1', type: 'repair', amount: cny(6800) } as const;
    given(...determined, proposed({ measures: [repair] }), accepted)
      .when(pay())
      .then(paid('y1', 6800));
    given(...determined, proposed({ measures: [{ ...refund, provider: 'third_party' }] }), accepted)
      .when(pay())
      .then(paid('y1', 6800));
  });
  test('a measure that an earlier version completed without a payment can still be paid', () =>
    given(...owed, completed, implemented)
      .when(pay())
      .then(paid('y1', 6800)));
  test('what was accepted is paid after every end', () =>
    given(...owed, closed)
      .when(pay())
      .thenRecorded('RedressPaid', 'RemedyMeasureCompleted', 'RemedyImplemented'));
  test('requires a measure that is owed', () => {
    given(...determined, proposed())
      .when(pay())
      .thenRejected('not_owed', '/remedyId');
    given(...determined)
      .when(pay())
      .thenRejected('unknown_remedy', '/remedyId');
    given(...owed)
      .when(pay({ measureId: 'm9' }))
      .thenRejected('unknown_measure', '/measureId');
    const waived = events.RemedyMeasureWaived({
      remedyId: 'r1',
      measureId: 'm1',
      reason: 'Not wanted',
      responsible: 'supervisor-1',
    });
    given(...determined, proposed({ measures: [refund, apology] }), accepted, waived)
      .when(pay())
      .thenRejected('measure_waived', '/measureId');
    given(...owed)
      .when(command(commands.RecordRedressPayment, { measureId: 'm1', money: cny(1), exGratia: false }))
      .thenRejected('remedy_missing', '/remedyId');
    given(...determined, proposed({ measures: [{ ...refund, type: 'waiver_of_charge' }] }), accepted)
      .when(pay())
      .thenRejected('moves_no_money', '/measureId');
  });
  test('names the payment, and rejects a used id, a zero amount, and a repeated reference', () => {
    given(...owed)
      .when(pay({ paymentId: 'bank-1' }))
      .then(paid('bank-1', 6800), completed, implemented);
    given(...owed, paid('y1', 1))
      .when(pay({ paymentId: 'y1', money: cny(1) }))
      .thenRejected('id_taken', '/paymentId');
    given(...owed)
      .when(pay({ money: cny(0) }))
      .thenRejected('no_money', '/money/amount');
    given(...owed, paid('y1', 100, { paymentRef: 'B-1' }))
      .when(pay({ money: cny(100), paymentRef: 'B-1' }))
      .thenRejected('nothing_to_change', '/paymentRef');
    given(...owed, paid('y1', 100, { paymentRef: 'B-1' }), returned('y1'))
      .when(pay({ money: cny(100), paymentRef: 'B-1' }))
      .thenRecorded('RedressPaid');
  });
  test('the time of the payment is when it happened: in the past, and after the acceptance (I21)', () => {
    const paidAt = instant('2026-11-03T09:00:00.000Z');
    given(...owed)
      .when(pay({ paidAt, money: cny(100) }))
      .then({ ...paid('y1', 100, { paidAt }), occurredAt: paidAt });
    given(...owed)
      .when(pay({ paidAt: instant('2026-11-10T13:00:00.000Z') }))
      .thenRejected('in_future', '/paidAt');
    given(...owed)
      .when(pay({ paidAt: instant('2026-11-02T08:57:59.000Z') }))
      .thenRejected('before_what_it_answers', '/paidAt');
  });
});

describe('T13: money has a payee (I22, I23)', () => {
  const unchecked = [received(), contentVerified, meritsAssessed, upheld];
  const waivedIdentity = events.IdentityWaived({
    party: 'a1',
    cause: 'not_needed',
    reason: 'Small amount',
    responsible: 'supervisor-1',
  });
  const large = proposed({ measures: [{ ...refund, amount: cny(50_001) }] });

  test('a complainant whose identity is verified', () => {
    const { payee: _payee, ...withoutPayee } = pay();
    given(...owed)
      .when(command(commands.RecordRedressPayment, withoutPayee))
      .thenRejected('payee_missing', '/payee');
    given(...owed)
      .when(pay({ payee: 'a9' }))
      .thenRejected('unknown_party', '/payee');
    given(...unchecked, proposed(), accepted)
      .when(pay())
      .thenRejected('identity_not_verified', '/payee');
    const failed = events.IdentityVerificationFailed({ party: 'a1', method: 'call', reason: 'Another person' });
    given(...unchecked, failed, proposed(), accepted)
      .when(pay())
      .thenRejected('identity_failed', '/payee');
  });
  test('with a waived identity, up to 500 in all in the complaint', () => {
    given(...unchecked, waivedIdentity, large, accepted)
      .when(pay({ money: cny(50_000) }))
      .thenRecorded('RedressPaid');
    given(...unchecked, waivedIdentity, large, accepted)
      .when(pay({ money: cny(50_001) }))
      .thenRejected('above_identity_limit', '/money/amount');
    given(...unchecked, waivedIdentity, large, accepted, paid('y1', 30_000))
      .when(pay({ money: cny(20_001) }))
      .thenRejected('above_identity_limit', '/money/amount');
    given(...unchecked, waivedIdentity, large, accepted, paid('y1', 30_000), returned('y1'))
      .when(pay({ money: cny(20_001) }))
      .thenRecorded('RedressPaid');
    given(...unchecked, waivedIdentity, large, accepted, paid('y1', 30_000), identified)
      .when(pay({ money: cny(20_001) }))
      .thenRecorded('RedressPaid', 'RemedyMeasureCompleted', 'RemedyImplemented');
  });
  test('interim relief and a remedy at first contact count towards that limit', () => {
    const relief = events.InterimReliefProvided({
      reliefId: 'l1',
      type: 'refund',
      amount: cny(30_000),
      payee: 'a1',
      reason: 'No room',
    });
    given(...unchecked, waivedIdentity, relief, large, accepted)
      .when(pay({ money: cny(20_001) }))
      .thenRejected('above_identity_limit', '/money/amount');
    const atFirstContact = events.RemedyImplemented({
      remedyId: 'r9',
      whatWasDone: 'Refunded',
      money: cny(30_000),
      payee: 'a1',
      statedBy: statedByWang,
    });
    given(...unchecked, waivedIdentity, atFirstContact, large, accepted)
      .when(pay({ money: cny(20_001) }))
      .thenRejected('above_identity_limit', '/money/amount');
  });
  test('a complainant to whom the measure is owed, or who acts for them with authority for money', () => {
    const li: Party = { id: 'a2', role: 'co_complainant', name: '李雷', authority: 'none' };
    const lawyer: Party = { id: 'a3', role: 'representative', name: 'Lawyer', authority: 'claimed', actsFor: ['a1'] };
    const joint = [
      received({ parties: [complainantWang, li, lawyer] }),
      identified,
      events.IdentityVerified({ party: 'a2', method: 'card', level: 'basic' }),
      events.IdentityVerified({ party: 'a3', method: 'card', level: 'basic' }),
      upheld,
    ];
    const toWang = [proposed({ to: ['a1'] }), accepted];
    given(...joint, ...toWang)
      .when(pay({ payee: 'a2' }))
      .thenRejected('not_owed_to', '/payee');
    const authority = (...scope: readonly ('act' | 'money')[]) =>
      events.AuthorityVerified({ party: 'a3', basis: 'Power of attorney', scope });
    given(...joint, authority('act'), ...toWang)
      .when(pay({ payee: 'a3' }))
      .thenRejected('authority_not_verified', '/payee');
    given(...joint, authority('act', 'money'), ...toWang)
      .when(pay({ payee: 'a3' }))
      .thenRecorded('RedressPaid', 'RemedyMeasureCompleted', 'RemedyImplemented');
    given(...joint, authority('act', 'money'), proposed({ to: ['a2'] }), accepted)
      .when(pay({ payee: 'a3' }))
      .thenRejected('not_owed_to', '/payee');
  });
  test('the switch for claimed authority does not let anybody be paid', () => {
    const lawyer: Party = { id: 'a3', role: 'representative', name: 'Lawyer', authority: 'claimed' };
    given(
      received({ parties: [complainantWang, lawyer] }),
      events.IdentityVerified({ party: 'a3', method: 'card', level: 'basic' }),
      upheld,
      proposed(),
      accepted,
    )
      .when(pay({ payee: 'a3' }), { house: { authorityRequired: false } })
      .thenRejected('authority_not_verified', '/payee');
  });
  test('somebody who is not named is paid up to the same limit, where no party is on file', () => {
    const anonymous = [received({ parties: [] }), upheld];
    given(...anonymous, large, accepted)
      .when(pay({ payee: 'unidentified', money: cny(50_000) }))
      .thenRecorded('RedressPaid');
    given(...anonymous, large, accepted)
      .when(pay({ payee: 'unidentified', money: cny(50_001) }))
      .thenRejected('above_identity_limit', '/money/amount');
    given(...owed)
      .when(pay({ payee: 'unidentified' }))
      .thenRejected('party_on_file', '/payee');
  });
  test('what others receive in place of the complainant has no payee', () => {
    const taxi = { ...apology, id: 'm1', type: 'assistance', amount: cny(6800) } as const;
    const { payee: _payee, ...withoutPayee } = pay();
    given(...determined, proposed({ measures: [taxi] }), accepted)
      .when(command(commands.RecordRedressPayment, withoutPayee))
      .thenRecorded('RedressPaid');
  });
});

describe('T13: paying ex gratia (I14)', () => {
  test('is allowed within the limit of the person, in every stage', () => {
    given(...eventsUntilResponded())
      .when(payExGratia(100_000))
      .then(events.RedressPaid({ paymentId: 'y1', payee: 'a1', money: cny(100_000), exGratia: true }));
    given(received(), identified).when(payExGratia(1)).thenRecorded('RedressPaid');
    given(...eventsUntilResponded(), closed)
      .when(payExGratia(1))
      .thenRecorded('RedressPaid');
  });
  test('above the limit it needs an approved remedy or relief', () => {
    given(...eventsUntilResponded())
      .when(payExGratia(100_001))
      .thenRejected('above_limit', '/money/amount');
    given(...eventsUntilResponded())
      .when(payExGratia(100_001), { by: SUPERVISOR })
      .thenRecorded('RedressPaid');
    given(...eventsUntilResponded(), paid('y1', 60_000, { exGratia: true, remedyId: 'r9', measureId: 'm9' }))
      .when(payExGratia(40_001))
      .thenRejected('above_limit', '/money/amount');
  });
  test('the payment of what was promised does not count towards the limit of whoever records it', () => {
    const promised = proposed({ measures: [{ ...refund, amount: cny(900_000) }] });
    given(...determined, withMetadata(promised, { by: SUPERVISOR }), accepted)
      .when(pay({ money: cny(900_000) }))
      .thenRecorded('RedressPaid', 'RemedyMeasureCompleted', 'RemedyImplemented');
    given(...determined, withMetadata(promised, { by: SUPERVISOR }), accepted, paid('y1', 900_000))
      .when(payExGratia(100_000))
      .thenRecorded('RedressPaid');
  });
  test('an old measure without an amount promises nothing', () => {
    const { amount: _amount, ...withoutAmount } = refund;
    const old = [...determined, proposed({ measures: [withoutAmount] }), accepted];
    given(...old)
      .when(pay())
      .thenRecorded('RedressPaid', 'RemedyMeasureCompleted', 'RemedyImplemented');
    given(...old)
      .when(pay({ money: cny(100_001) }))
      .thenRejected('above_limit', '/money/amount');
  });
  test('with the rule off, one person pays more, and the event says so (I25)', () => {
    const { decision } = given(...eventsUntilResponded()).when(payExGratia(100_001), { house: { remedyByTwo: false } });
    expect(decision).toMatchObject([{ type: 'RedressPaid', policyRefs: [{ off: ['remedyByTwo'] }] }]);
  });
  test('requires the flag, and a remedy that exists', () => {
    given(...owed)
      .when(payExGratia(1, { exGratia: false }))
      .thenRejected('measure_missing', '/measureId');
    given(...owed)
      .when(payExGratia(1, { remedyId: 'r9' }))
      .thenRejected('unknown_remedy', '/remedyId');
  });
});

describe('T13: a payment that came back', () => {
  const comeBack = (paymentId = 'y1') =>
    command(commands.RecordPaymentReturned, { paymentId, reason: 'Account closed' });

  test('no longer stands, and its measure is owed again (I23)', () => {
    const history = [...owed, paid('y1', 6800), completed, implemented];
    given(...history)
      .when(comeBack())
      .then(returned('y1'));
    const { state } = given(...history, returned('y1'));
    expect(state.remedies).toMatchObject([{ status: 'InProgress', measures: [{ status: 'Open' }] }]);
    expect(state.remedies[0]?.dischargedAt).toBeUndefined();
    expect(state.payments).toMatchObject([{ returned: { reason: 'Account closed', by: 'handler-1' } }]);
    given(...history, returned('y1'))
      .when(pay())
      .then(paid('y2', 6800), completed, implemented);
  });
  test('one of two parts leaves the other standing', () => {
    const history = [...owed, paid('y1', 5000), paid('y2', 1800), completed, implemented, returned('y2')];
    given(...history)
      .when(pay({ money: cny(1801) }))
      .thenRejected('more_than_owed', '/money/amount');
    given(...history)
      .when(pay({ money: cny(1800) }))
      .then(paid('y3', 1800), completed, implemented);
  });
  test('requires a payment that stands, and does not happen before it (I21)', () => {
    given(...owed)
      .when(comeBack())
      .thenRejected('no_payment');
    given(...owed, paid('y1', 1), returned('y1'))
      .when(comeBack())
      .thenRejected('nothing_to_change');
    given(...owed, paid('y1', 1), returned('y1'), paid('y2', 1))
      .when(comeBack())
      .thenRejected('nothing_to_change', '/paymentId');
    given(...owed, paid('y1', 1))
      .when(comeBack('y9'))
      .thenRejected('unknown_payment', '/paymentId');
    given(...owed, paid('y1', 1, { paidAt: instant('2026-11-09T12:00:00.000Z') }))
      .when(
        command(commands.RecordPaymentReturned, {
          paymentId: 'y1',
          reason: 'Closed',
          occurredAt: instant('2026-11-09T11:57:59.000Z'),
        }),
      )
      .thenRejected('before_what_it_answers', '/occurredAt');
  });
  test('relief and company response count only what stands', () => {
    const exGratia = events.RedressPaid({ paymentId: 'y1', payee: 'a1', money: cny(100), exGratia: true });
    expect(given(...eventsUntilResponded(), exGratia).state.progress.payments).toHaveLength(1);
    expect(given(...eventsUntilResponded(), exGratia, returned('y1')).state.progress.payments).toEqual([]);
  });
});
