import { command, given, HANDLER, SUPERVISOR, withMetadata, type Fields } from '../../test/support/given.js';
import {
  accepted,
  apology,
  eventsUntilInvestigated,
  proposed,
  received,
  refund,
  eventsUntilResponded,
  statedByWang,
  upheld,
  complainantWang,
} from '../../test/support/complaint-history.js';
import { instant } from '../platform/moment.js';
import * as commands from './commands/resolution.js';
import * as events from './events.js';

const determined = [...eventsUntilInvestigated(), upheld];
const { id: _refundId, ...refundMeasure } = refund;

describe('T11: offering a remedy', () => {
  const propose = (overrides: Fields<commands.ProposeRemedy> = {}) =>
    command(commands.ProposeRemedy, { needsAcceptance: true, measures: [refundMeasure], ...overrides });

  test('gives ids to the remedy and its measures', () =>
    given(...determined)
      .when(propose())
      .then(proposed()));
  test('gives measures without an id the next free ids', () =>
    given(...determined)
      .when(propose({ measures: [refundMeasure, { ...apology, id: 'm1' }] }))
      .then(
        proposed({
          measures: [
            { ...refund, id: 'm2' },
            { ...apology, id: 'm1' },
          ],
        }),
      ));
  test('is allowed after the response and rejected before the determination', () => {
    given(...eventsUntilResponded())
      .when(propose())
      .thenRecorded('RemedyProposed');
    given(...eventsUntilInvestigated())
      .when(propose())
      .thenRejected('wrong_stage');
  });
  test('rejects unknown points, and ids that are already used', () => {
    given(...determined, proposed())
      .when(propose({ remedyId: 'r1' }))
      .thenRejected('id_taken', '/remedyId');
    given(...determined)
      .when(propose({ measures: [refund, { ...apology, id: 'm1' }] }))
      .thenRejected('id_taken', '/measures/1/id');
    given(...determined)
      .when(propose({ measures: [{ ...refundMeasure, pointIds: ['p9'] }] }))
      .thenRejected('unknown_point', '/measures/0/pointIds/0');
  });
  test('rejects a validity that ends before the offer is made', () =>
    given(...determined)
      .when(propose({ validUntil: instant('2026-11-05T00:00:00.000Z') }))
      .thenRejected('ends_before_it_begins', '/validUntil'));
});

describe('T11: approving or returning a draft', () => {
  const offer = { remedyId: 'r1', measures: [refund], needsAcceptance: true };
  const drafted = withMetadata(events.RemedyDrafted(offer), { by: HANDLER });
  const approve = (remedyId = 'r1') => command(commands.ApproveRemedy, { remedyId });
  const returnDraft = (remedyId = 'r1') => command(commands.ReturnRemedy, { remedyId, reason: 'Too little' });

  test('a draft is recorded without making the offer', () =>
    given(...determined)
      .when(command(commands.ProposeRemedy, { needsAcceptance: true, measures: [refundMeasure], draft: true }))
      .then(events.RemedyDrafted(offer)));
  test('approval by another person makes the offer', () =>
    given(...determined, drafted)
      .when(approve(), { by: SUPERVISOR })
      .then(events.RemedyApproved({ remedyId: 'r1' }), events.RemedyProposed(offer)));
  test('rejects approval by the author (I14)', () => {
    const draftByAnother = withMetadata(events.RemedyDrafted({ ...offer, remedyId: 'r2' }), { by: SUPERVISOR });
    given(...determined, drafted)
      .when(approve())
      .thenRejected('needs_second_person');
    given(...determined, drafted, draftByAnother)
      .when(approve())
      .thenRejected('needs_second_person', '/remedyId');
  });
  test('rejects the approval or return of a remedy that is not a draft', () => {
    given(...determined)
      .when(approve(), { by: SUPERVISOR })
      .thenRejected('no_draft');
    given(...determined, drafted)
      .when(approve('r9'), { by: SUPERVISOR })
      .thenRejected('unknown_remedy', '/remedyId');
    given(...determined, drafted, proposed({ remedyId: 'r2' }))
      .when(approve('r2'), { by: SUPERVISOR })
      .thenRejected('not_a_draft', '/remedyId');
    given(...determined)
      .when(returnDraft())
      .thenRejected('no_draft');
  });
  test('records the return of a draft with a reason', () =>
    given(...determined, drafted)
      .when(returnDraft())
      .then(events.RemedyReturned({ remedyId: 'r1', reason: 'Too little' })));
});

describe('T12: the answer of the complainant', () => {
  const accept = (overrides: Fields<commands.AcceptRemedy> = {}) =>
    command(commands.AcceptRemedy, { remedyId: 'r1', statedBy: statedByWang, ...overrides });
  const reject = (overrides: Fields<commands.RejectRemedy> = {}) =>
    command(commands.RejectRemedy, { remedyId: 'r1', statedBy: statedByWang, reason: 'Wants more', ...overrides });
  const rejected = events.RemedyRejected({ remedyId: 'r1', statedBy: statedByWang, reason: 'Wants more' });
  const secondOffer = proposed({ remedyId: 'r2' });

  test('records an acceptance', () =>
    given(...determined, proposed())
      .when(accept())
      .then(accepted));
  test('records a rejection', () =>
    given(...determined, proposed())
      .when(reject())
      .then(rejected));
  test('rejects a repeated answer', () => {
    given(...determined, proposed(), accepted)
      .when(accept())
      .thenRejected('nothing_to_change');
    given(...determined, proposed(), accepted, secondOffer)
      .when(accept())
      .thenRejected('nothing_to_change', '/remedyId');
    given(...determined, proposed(), rejected)
      .when(reject())
      .thenRejected('nothing_to_change');
    given(...determined, proposed(), rejected, secondOffer)
      .when(reject())
      .thenRejected('nothing_to_change', '/remedyId');
  });
  test('requires an offer that awaits an answer', () => {
    given(...determined)
      .when(accept())
      .thenRejected('no_open_offer');
    given(...determined, proposed(), accepted, secondOffer)
      .when(reject())
      .thenRejected('not_offered', '/remedyId');
    given(...determined, proposed())
      .when(accept({ remedyId: 'r9' }))
      .thenRejected('unknown_remedy', '/remedyId');
    given(...eventsUntilInvestigated())
      .when(accept())
      .thenRejected('wrong_stage');
  });
  test('requires a past statement by a known party with authority, with known evidence', () => {
    const offered = given(...determined, proposed());
    offered
      .when(accept({ statedBy: { ...statedByWang, party: 'a9' } }))
      .thenRejected('unknown_party', '/statedBy/party');
    offered
      .when(accept({ statedBy: { ...statedByWang, at: instant('2026-12-01T00:00:00.000Z') } }))
      .thenRejected('in_future', '/statedBy/at');
    offered
      .when(accept({ statedBy: { ...statedByWang, evidenceId: 'e1' } }))
      .thenRejected('unknown_evidence', '/statedBy/evidenceId');
    const authorityRejected = events.AuthorityRejected({ party: 'a1', reason: 'Names another' });
    given(
      ...eventsUntilInvestigated(received({ parties: [{ ...complainantWang, role: 'representative' }] })),
      upheld,
      proposed(),
      authorityRejected,
    )
      .when(accept())
      .thenRejected('authority_rejected', '/statedBy/party');
  });

  const validUntil = instant('2026-11-05T00:00:00.000Z');
  const lapse = (remedyId = 'r1') => command(commands.LapseRemedyOffer, { remedyId });
  const lapsed = events.RemedyOfferLapsed({ remedyId: 'r1' });

  test('an offer lapses after its validity has ended, and not before', () => {
    given(...determined, proposed({ validUntil }))
      .when(lapse())
      .then(lapsed);
    given(...determined, proposed({ validUntil }))
      .when(lapse(), { now: '2026-11-04T23:59:59.999Z' })
      .thenRejected('still_valid');
    given(...determined, proposed())
      .when(lapse())
      .thenRejected('still_valid');
    given(...determined, proposed({ validUntil }), secondOffer)
      .when(lapse('r2'))
      .thenRejected('still_valid', '/remedyId');
  });
  test('an offer whose validity has ended can be accepted until its lapse is recorded', () => {
    given(...determined, proposed({ validUntil }))
      .when(accept())
      .then(accepted);
    given(...determined, proposed({ validUntil }), lapsed)
      .when(accept())
      .thenRejected('no_open_offer');
    given(...determined, proposed({ validUntil }), lapsed)
      .when(lapse())
      .thenRejected('nothing_to_change');
    given(...determined, proposed({ validUntil }), lapsed, proposed({ remedyId: 'r2', validUntil }))
      .when(lapse())
      .thenRejected('nothing_to_change', '/remedyId');
  });
});
