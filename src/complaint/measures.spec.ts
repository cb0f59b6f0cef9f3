import { command, given, withMetadata, type Fields } from '../../test/support/given.js';
import {
  accepted,
  apology,
  eventsUntilInvestigated,
  proposed,
  refund,
  statedByWang,
  upheld,
} from '../../test/support/complaint-history.js';
import { instant } from '../platform/moment.js';
import * as commands from './commands/remedies.js';
import * as events from './events.js';
import type { Measure } from './terms/facts.js';

const determined = [...eventsUntilInvestigated(), upheld];
const letterOfApology: Measure = { ...apology, id: 'm1' };
const explanation: Measure = { ...apology, type: 'explanation' };
const twoMeasures = proposed({ measures: [letterOfApology, explanation] });
const completed = (measureId: string) => events.RemedyMeasureCompleted({ remedyId: 'r1', measureId });
const implemented = events.RemedyImplemented({ remedyId: 'r1' });
const complete = (overrides: Fields<commands.CompleteMeasure> = {}) =>
  command(commands.CompleteMeasure, { remedyId: 'r1', measureId: 'm1', ...overrides });

describe('T13: completing a measure', () => {
  test('the completion of the last open measure implements the remedy', () => {
    given(...determined, twoMeasures, accepted)
      .when(complete())
      .then(completed('m1'));
    given(...determined, twoMeasures, accepted, completed('m1'))
      .when(complete({ measureId: 'm2' }))
      .then(completed('m2'), implemented);
  });
  test('requires a remedy that is accepted or needs no acceptance', () => {
    given(...determined, twoMeasures)
      .when(complete())
      .thenRejected('no_open_measure');
    given(...determined, proposed({ measures: [letterOfApology], needsAcceptance: false }))
      .when(complete())
      .then(completed('m1'), implemented);
    given(...determined, twoMeasures, proposed({ remedyId: 'r2', measures: [letterOfApology], needsAcceptance: false }))
      .when(complete())
      .thenRejected('not_owed', '/remedyId');
  });
  test('what is owed is owed after every end', () => {
    const withdrawn = events.ComplaintWithdrawn({ statedBy: statedByWang, continuedOnOwnInitiative: false });
    given(...determined, proposed({ measures: [letterOfApology] }), accepted, withdrawn)
      .when(complete())
      .then(completed('m1'), implemented);
    given(...determined, proposed({ measures: [letterOfApology], needsAcceptance: false }), withdrawn)
      .when(complete())
      .then(completed('m1'), implemented);
  });
  test('rejects a measure that is already done or waived', () => {
    given(...determined, twoMeasures, accepted, completed('m1'))
      .when(complete())
      .thenRejected('nothing_to_change', '/measureId');
    given(...determined, proposed({ measures: [letterOfApology] }), accepted, completed('m1'), implemented)
      .when(complete())
      .thenRejected('nothing_to_change');
    const waived = events.RemedyMeasureWaived({
      remedyId: 'r1',
      measureId: 'm1',
      reason: 'Not wanted',
      responsible: 'supervisor-1',
    });
    given(...determined, twoMeasures, accepted, waived)
      .when(complete())
      .thenRejected('measure_waived', '/measureId');
  });
  test('rejects an unknown remedy, measure or evidence', () => {
    const owed = given(...determined, twoMeasures, accepted);
    owed.when(complete({ remedyId: 'r9' })).thenRejected('unknown_remedy', '/remedyId');
    owed.when(complete({ measureId: 'm9' })).thenRejected('unknown_measure', '/measureId');
    owed.when(complete({ evidenceIds: ['e1'] })).thenRejected('unknown_evidence', '/evidenceIds/0');
  });
  test('a measure of money is done by its payments, and by the confirmation of a third party (I23)', () => {
    given(...determined, proposed(), accepted)
      .when(complete())
      .thenRejected('done_by_payment', '/measureId');
    const byThirdParty = [...determined, proposed({ measures: [{ ...refund, provider: 'third_party' }] }), accepted];
    given(...byThirdParty)
      .when(complete())
      .thenRejected('confirmation_missing', '/confirmation');
    given(...byThirdParty)
      .when(complete({ confirmation: 'Courier’s mail' }))
      .thenRecorded('RemedyMeasureCompleted', 'RemedyImplemented');
    given(...determined, proposed({ measures: [{ ...refund, type: 'waiver_of_charge' }] }), accepted)
      .when(complete())
      .thenRecorded('RemedyMeasureCompleted', 'RemedyImplemented');
  });
  test('does not happen before the acceptance (I21)', () =>
    given(...determined, withMetadata(twoMeasures, { at: '2026-11-02T08:00:00.000Z' }), accepted)
      .when(complete({ occurredAt: instant('2026-11-02T08:57:59.000Z') }))
      .thenRejected('before_what_it_answers', '/occurredAt'));
});
