import { command, given, type Fields } from '../../test/support/given.js';
import {
  accepted,
  apology,
  closed,
  contentVerified,
  identified,
  eventsUntilInvestigated,
  meritsAssessed,
  proposed,
  received,
  refund,
  reopened,
  eventsUntilResponded,
  statedByWang,
  upheld,
} from '../../test/support/complaint-history.js';
import * as commands from './commands/resolution.js';
import * as events from './events.js';

const determined = [...eventsUntilInvestigated(), upheld];
const completed = (measureId: string) => events.RemedyMeasureCompleted({ remedyId: 'r1', measureId });
const implemented = events.RemedyImplemented({ remedyId: 'r1' });
const refundAndApology = proposed({ measures: [refund, apology] });
const unidentified = [received(), contentVerified, meritsAssessed, upheld];
const waived = (measureId: string) =>
  events.RemedyMeasureWaived({ remedyId: 'r1', measureId, reason: 'Not wanted', responsible: 'supervisor-1' });

describe('T13: completing a measure', () => {
  const complete = (overrides: Fields<commands.CompleteMeasure> = {}) =>
    command(commands.CompleteMeasure, { remedyId: 'r1', measureId: 'm1', ...overrides });

  test('the completion of the last open measure implements the remedy', () => {
    given(...determined, refundAndApology, accepted)
      .when(complete())
      .then(completed('m1'));
    given(...determined, refundAndApology, accepted, completed('m1'))
      .when(complete({ measureId: 'm2' }))
      .then(completed('m2'), implemented);
  });
  test('requires a remedy that is accepted or needs no acceptance', () => {
    given(...determined, proposed())
      .when(complete())
      .thenRejected('no_open_measure');
    given(...determined, proposed({ needsAcceptance: false }))
      .when(complete())
      .then(completed('m1'), implemented);
    given(...determined, proposed(), proposed({ remedyId: 'r2', needsAcceptance: false }))
      .when(complete())
      .thenRejected('not_owed', '/remedyId');
  });
  test('after the end, a measure can be completed only if its remedy was accepted', () => {
    const withdrawn = events.ComplaintWithdrawn({ statedBy: statedByWang, continuedOnOwnInitiative: false });
    given(...determined, proposed(), accepted, withdrawn)
      .when(complete())
      .then(completed('m1'), implemented);
    given(...determined, proposed({ needsAcceptance: false }), withdrawn)
      .when(complete())
      .thenRejected('no_open_measure');
  });
  test('rejects a measure that is already done or waived', () => {
    given(...determined, refundAndApology, accepted, completed('m1'))
      .when(complete())
      .thenRejected('nothing_to_change', '/measureId');
    given(...determined, proposed(), accepted, completed('m1'), implemented)
      .when(complete())
      .thenRejected('nothing_to_change');
    given(...determined, refundAndApology, accepted, waived('m1'))
      .when(complete())
      .thenRejected('measure_waived', '/measureId');
  });
  test('rejects an unknown remedy, measure or evidence', () => {
    const owed = given(...determined, proposed(), accepted);
    owed.when(complete({ remedyId: 'r9' })).thenRejected('unknown_remedy', '/remedyId');
    owed.when(complete({ measureId: 'm9' })).thenRejected('unknown_measure', '/measureId');
    owed.when(complete({ evidenceIds: ['e1'] })).thenRejected('unknown_evidence', '/evidenceIds/0');
  });
  test('requires a confirmation if a third party provides the measure', () => {
    const byThirdParty = [...determined, proposed({ measures: [{ ...refund, provider: 'third_party' }] }), accepted];
    given(...byThirdParty)
      .when(complete())
      .thenRejected('confirmation_missing', '/confirmation');
    given(...byThirdParty)
      .when(complete({ confirmation: 'Courier’s mail' }))
      .thenRecorded('RemedyMeasureCompleted', 'RemedyImplemented');
  });
  test('requires a verified identity for a monetary measure only', () => {
    given(...unidentified, proposed(), accepted)
      .when(complete())
      .thenRejected('identity_not_verified');
    given(...unidentified, proposed({ measures: [apology] }), accepted)
      .when(complete({ measureId: 'm2' }))
      .thenRecorded('RemedyMeasureCompleted', 'RemedyImplemented');
  });
});

describe('T13: waiving a measure', () => {
  const waive = (overrides: Fields<commands.WaiveMeasure> = {}) =>
    command(commands.WaiveMeasure, {
      remedyId: 'r1',
      measureId: 'm2',
      reason: 'Not wanted',
      responsible: 'supervisor-1',
      ...overrides,
    });

  test('records the waiver with reason and responsible person', () =>
    given(...determined, refundAndApology, accepted)
      .when(waive())
      .then(waived('m2')));
  test('rejects a responsible person with a conflict of interest', () =>
    given(
      ...determined,
      refundAndApology,
      accepted,
      events.ConflictOfInterestDeclared({ person: 'supervisor-1', reason: 'Cousin' }),
    )
      .when(waive())
      .thenRejected('conflict_of_interest', '/responsible'));
  test('the last waiver implements the remedy if another measure was done; otherwise the remedy is waived', () => {
    given(...determined, refundAndApology, accepted, completed('m1'))
      .when(waive())
      .then(waived('m2'), implemented);
    given(...determined, refundAndApology, accepted, waived('m1'))
      .when(waive())
      .then(waived('m2'));
    expect(given(...determined, refundAndApology, accepted, waived('m1'), waived('m2')).state.remedies[0]?.status).toBe(
      'Waived',
    );
  });
  test('rejects a measure that is waived, done, not accepted or unknown', () => {
    given(...determined, refundAndApology, accepted, waived('m2'))
      .when(waive())
      .thenRejected('nothing_to_change', '/measureId');
    given(...determined, refundAndApology, accepted, completed('m2'))
      .when(waive())
      .thenRejected('measure_done', '/measureId');
    given(...determined, refundAndApology)
      .when(waive())
      .thenRejected('no_open_measure');
    given(...determined, refundAndApology, accepted)
      .when(waive({ measureId: 'm9' }))
      .thenRejected('unknown_measure', '/measureId');
  });
});

describe('T13: paying', () => {
  const money = { amount: 6800, currency: 'CNY' };
  const pay = (overrides: Fields<commands.RecordRedressPayment> = {}) =>
    command(commands.RecordRedressPayment, { remedyId: 'r1', measureId: 'm1', money, exGratia: false, ...overrides });
  const paid = (paymentId: string, amount: number, overrides: object = {}) =>
    events.RedressPaid({
      paymentId,
      remedyId: 'r1',
      measureId: 'm1',
      money: { ...money, amount },
      exGratia: false,
      ...overrides,
    });

  test('the promised amount completes the measure', () =>
    given(...determined, proposed(), accepted)
      .when(pay())
      .then(paid('y1', 6800), completed('m1'), implemented));
  test('a partial payment does not complete the measure, the payment of the remainder does', () => {
    given(...determined, proposed(), accepted)
      .when(pay({ money: { amount: 5000, currency: 'CNY' } }))
      .then(paid('y1', 5000));
    given(...determined, proposed(), accepted, paid('y1', 5000))
      .when(pay({ money: { amount: 1800, currency: 'CNY' } }))
      .then(paid('y2', 1800), completed('m1'), implemented);
  });
  test('a payment does not complete a measure that is not monetary or that a third party provides', () => {
    given(...determined, proposed({ measures: [{ ...apology, type: 'repair' }] }), accepted)
      .when(pay({ measureId: 'm2' }))
      .then(paid('y1', 6800, { measureId: 'm2' }));
    given(...determined, proposed({ measures: [{ ...refund, provider: 'third_party' }] }), accepted)
      .when(pay())
      .then(paid('y1', 6800));
  });
  test('a payment may be recorded after the completion of the measure', () =>
    given(...determined, proposed(), accepted, completed('m1'), implemented)
      .when(pay())
      .then(paid('y1', 6800)));
  test('a payment for no measure is accepted for a remedy, or ex gratia in stage Determined or Responded', () => {
    given(...eventsUntilResponded(), proposed(), accepted)
      .when(command(commands.RecordRedressPayment, { remedyId: 'r1', money, exGratia: false }))
      .thenRecorded('RedressPaid');
    given(...eventsUntilResponded())
      .when(command(commands.RecordRedressPayment, { money, exGratia: true }))
      .then(events.RedressPaid({ paymentId: 'y1', money, exGratia: true }));
    given(...eventsUntilResponded())
      .when(command(commands.RecordRedressPayment, { money, exGratia: false }))
      .thenRejected('remedy_missing', '/remedyId');
    given(...eventsUntilResponded(), proposed(), accepted, closed, reopened())
      .when(command(commands.RecordRedressPayment, { money, exGratia: true }))
      .thenRejected('remedy_missing', '/remedyId');
  });
  test('requires a verified identity and a remedy with a measure that can be paid', () => {
    given(...unidentified, proposed(), accepted)
      .when(pay())
      .thenRejected('identity_not_verified');
    given(received(), identified).when(pay()).thenRejected('nothing_owed');
    const remedyRejected = events.RemedyRejected({ remedyId: 'r1', statedBy: statedByWang, reason: 'Too little' });
    const withdrawn = events.ComplaintWithdrawn({ statedBy: statedByWang, continuedOnOwnInitiative: false });
    given(...determined, proposed(), remedyRejected, withdrawn)
      .when(pay())
      .thenRejected('nothing_owed');
    given(...determined, proposed())
      .when(pay())
      .thenRejected('not_owed', '/remedyId');
    given(...determined)
      .when(pay())
      .thenRejected('unknown_remedy', '/remedyId');
    given(...determined, proposed(), accepted)
      .when(pay({ measureId: 'm9' }))
      .thenRejected('unknown_measure', '/measureId');
    given(...determined, refundAndApology, accepted, waived('m1'))
      .when(pay())
      .thenRejected('measure_waived', '/measureId');
  });
  test('requires a positive amount in the promised currency', () => {
    const owed = given(...determined, proposed(), accepted);
    owed.when(pay({ money: { amount: 0, currency: 'CNY' } })).thenRejected('no_money', '/money/amount');
    owed.when(pay({ money: { amount: 1, currency: 'EUR' } })).thenRejected('other_currency', '/money/currency');
  });
  test('rejects a payment with the reference and amount of a recorded payment', () =>
    given(...determined, proposed(), accepted, paid('y1', 6800, { paymentRef: 'B-1' }))
      .when(pay({ paymentRef: 'B-1' }))
      .thenRejected('nothing_to_change', '/paymentRef'));
});
