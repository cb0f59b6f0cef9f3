import { command, given, type Fields } from '../../test/support/given.js';
import {
  accepted,
  apology,
  closed,
  contentVerified,
  identified,
  investigated,
  meritsAssessed,
  proposed,
  received,
  refund,
  reopened,
  responded,
  saidByWang,
  upheld,
} from '../../test/support/complaint-history.js';
import * as commands from './commands/resolution.js';
import * as events from './events.js';

const determined = [...investigated(), upheld];
const done = (measureId: string) => events.RemedyMeasureCompleted({ remedyId: 'r1', measureId });
const implemented = events.RemedyImplemented({ remedyId: 'r1' });
const both = proposed({ measures: [refund, apology] });
const unidentified = [received(), contentVerified, meritsAssessed, upheld];
const waived = (measureId: string) =>
  events.RemedyMeasureWaived({ remedyId: 'r1', measureId, reason: 'Not wanted', responsible: 'supervisor-1' });

describe('T13: carrying a measure out', () => {
  const complete = (more: Fields<commands.CompleteMeasure> = {}) =>
    command(commands.CompleteMeasure, { remedyId: 'r1', measureId: 'm1', ...more });

  test('the last completed measure implements the remedy', () => {
    given(...determined, both, accepted)
      .when(complete())
      .then(done('m1'));
    given(...determined, both, accepted, done('m1'))
      .when(complete({ measureId: 'm2' }))
      .then(done('m2'), implemented);
  });
  test('requires acceptance, or a remedy that needs none', () => {
    given(...determined, proposed())
      .when(complete())
      .thenRejected('no_open_measure');
    given(...determined, proposed({ needsAcceptance: false }))
      .when(complete())
      .then(done('m1'), implemented);
    given(...determined, proposed(), proposed({ remedyId: 'r2', needsAcceptance: false }))
      .when(complete())
      .thenRejected('not_owed', '/remedyId');
  });
  test('an accepted remedy is owed in every stage', () => {
    const withdrawn = events.ComplaintWithdrawn({ statedBy: saidByWang, continuedOnOwnInitiative: false });
    given(...determined, proposed(), accepted, withdrawn)
      .when(complete())
      .then(done('m1'), implemented);
    given(...determined, proposed({ needsAcceptance: false }), withdrawn)
      .when(complete())
      .thenRejected('no_open_measure');
  });
  test('rejects a repeated completion', () => {
    given(...determined, both, accepted, done('m1'))
      .when(complete())
      .thenRejected('nothing_to_change', '/measureId');
    given(...determined, proposed(), accepted, done('m1'), implemented)
      .when(complete())
      .thenRejected('nothing_to_change');
    given(...determined, both, accepted, waived('m1'))
      .when(complete())
      .thenRejected('measure_waived', '/measureId');
  });
  test('requires existing remedy, measure and evidence', () => {
    const owed = given(...determined, proposed(), accepted);
    owed.when(complete({ remedyId: 'r9' })).thenRejected('unknown_remedy', '/remedyId');
    owed.when(complete({ measureId: 'm9' })).thenRejected('unknown_measure', '/measureId');
    owed.when(complete({ evidenceIds: ['e1'] })).thenRejected('unknown_evidence', '/evidenceIds/0');
  });
  test('the measure of a third party requires confirmation', () => {
    const byThirdParty = [...determined, proposed({ measures: [{ ...refund, provider: 'thirdParty' }] }), accepted];
    given(...byThirdParty)
      .when(complete())
      .thenRejected('confirmation_missing', '/confirmation');
    given(...byThirdParty)
      .when(complete({ confirmation: 'Courier’s mail' }))
      .thenRecorded('RemedyMeasureCompleted', 'RemedyImplemented');
  });
  test('a measure with money requires a verified identity', () => {
    given(...unidentified, proposed(), accepted)
      .when(complete())
      .thenRejected('identity_not_verified');
    given(...unidentified, proposed({ measures: [apology] }), accepted)
      .when(complete({ measureId: 'm2' }))
      .thenRecorded('RemedyMeasureCompleted', 'RemedyImplemented');
  });
});

describe('T13: waiving a measure', () => {
  const waive = (more: Fields<commands.WaiveMeasure> = {}) =>
    command(commands.WaiveMeasure, {
      remedyId: 'r1',
      measureId: 'm2',
      reason: 'Not wanted',
      responsible: 'supervisor-1',
      ...more,
    });

  test('requires a responsible person', () =>
    given(...determined, both, accepted)
      .when(waive())
      .then(waived('m2')));
  test('rejects a responsible person with a conflict of interest', () =>
    given(
      ...determined,
      both,
      accepted,
      events.ConflictOfInterestDeclared({ person: 'supervisor-1', reason: 'Cousin' }),
    )
      .when(waive())
      .thenRejected('conflict_of_interest', '/responsible'));
  test('the last waiver implements the remedy if another measure was done', () => {
    given(...determined, both, accepted, done('m1'))
      .when(waive())
      .then(waived('m2'), implemented);
    const allWaived = given(...determined, both, accepted, waived('m1')).when(waive());
    allWaived.then(waived('m2'));
    expect(given(...determined, both, accepted, waived('m1'), waived('m2')).state.remedies[0]?.status).toBe('Waived');
  });
  test('rejects a repeated waiver and a completed measure', () => {
    given(...determined, both, accepted, waived('m2'))
      .when(waive())
      .thenRejected('nothing_to_change', '/measureId');
    given(...determined, both, accepted, done('m2'))
      .when(waive())
      .thenRejected('measure_done', '/measureId');
    given(...determined, both)
      .when(waive())
      .thenRejected('no_open_measure');
    given(...determined, both, accepted)
      .when(waive({ measureId: 'm9' }))
      .thenRejected('unknown_measure', '/measureId');
  });
});

describe('T13: paying', () => {
  const money = { amount: 6800, currency: 'CNY' };
  const pay = (more: Fields<commands.RecordRedressPayment> = {}) =>
    command(commands.RecordRedressPayment, { remedyId: 'r1', measureId: 'm1', money, exGratia: false, ...more });
  const paid = (paymentId: string, amount: number, more: object = {}) =>
    events.RedressPaid({
      paymentId,
      remedyId: 'r1',
      measureId: 'm1',
      money: { ...money, amount },
      exGratia: false,
      ...more,
    });

  test('the promised amount completes the measure', () =>
    given(...determined, proposed(), accepted)
      .when(pay())
      .then(paid('y1', 6800), done('m1'), implemented));
  test('a partial payment does not complete it, the remainder does', () => {
    given(...determined, proposed(), accepted)
      .when(pay({ money: { amount: 5000, currency: 'CNY' } }))
      .then(paid('y1', 5000));
    given(...determined, proposed(), accepted, paid('y1', 5000))
      .when(pay({ money: { amount: 1800, currency: 'CNY' } }))
      .then(paid('y2', 1800), done('m1'), implemented);
  });
  test('does not complete a measure that is no payment or is provided by a third party', () => {
    given(...determined, proposed({ measures: [{ ...apology, type: 'repair' }] }), accepted)
      .when(pay({ measureId: 'm2' }))
      .then(paid('y1', 6800, { measureId: 'm2' }));
    given(...determined, proposed({ measures: [{ ...refund, provider: 'thirdParty' }] }), accepted)
      .when(pay())
      .then(paid('y1', 6800));
  });
  test('may be recorded after the completion of the measure', () =>
    given(...determined, proposed(), accepted, done('m1'), implemented)
      .when(pay())
      .then(paid('y1', 6800)));
  test('is recorded for a remedy, or as ex gratia without one', () => {
    given(...responded(), proposed(), accepted)
      .when(command(commands.RecordRedressPayment, { remedyId: 'r1', money, exGratia: false }))
      .thenRecorded('RedressPaid');
    given(...responded())
      .when(command(commands.RecordRedressPayment, { money, exGratia: true }))
      .then(events.RedressPaid({ paymentId: 'y1', money, exGratia: true }));
    given(...responded())
      .when(command(commands.RecordRedressPayment, { money, exGratia: false }))
      .thenRejected('remedy_missing', '/remedyId');
    given(...responded(), proposed(), accepted, closed, reopened())
      .when(command(commands.RecordRedressPayment, { money, exGratia: true }))
      .thenRejected('remedy_missing', '/remedyId');
  });
  test('requires a verified identity and an owed remedy', () => {
    given(...unidentified, proposed(), accepted)
      .when(pay())
      .thenRejected('identity_not_verified');
    given(received(), identified).when(pay()).thenRejected('nothing_owed');
    const refused = events.RemedyRejected({ remedyId: 'r1', statedBy: saidByWang, reason: 'Too little' });
    const withdrawn = events.ComplaintWithdrawn({ statedBy: saidByWang, continuedOnOwnInitiative: false });
    given(...determined, proposed(), refused, withdrawn)
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
    given(...determined, both, accepted, waived('m1'))
      .when(pay())
      .thenRejected('measure_waived', '/measureId');
  });
  test('requires a positive amount in the promised currency', () => {
    const owed = given(...determined, proposed(), accepted);
    owed.when(pay({ money: { amount: 0, currency: 'CNY' } })).thenRejected('no_money', '/money/amount');
    owed.when(pay({ money: { amount: 1, currency: 'EUR' } })).thenRejected('other_currency', '/money/currency');
  });
  test('one payment is recorded once', () =>
    given(...determined, proposed(), accepted, paid('y1', 6800, { paymentRef: 'B-1' }))
      .when(pay({ paymentRef: 'B-1' }))
      .thenRejected('nothing_to_change', '/paymentRef'));
});
