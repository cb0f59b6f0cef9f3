import { command, given, NOON, person, SUPERVISOR, withMetadata, type Fields } from '../../test/support/given.js';
import {
  accepted,
  apology,
  closed,
  complainantWang,
  eventsUntilInvestigated,
  proposed,
  received,
  refund,
  statedByWang,
  upheld,
} from '../../test/support/complaint-history.js';
import { instant } from '../platform/moment.js';
import * as commands from './commands/remedies.js';
import * as events from './events.js';

const determined = [...eventsUntilInvestigated(), upheld];
const both = proposed({ measures: [refund, apology] });
const completed = (measureId: string) => events.RemedyMeasureCompleted({ remedyId: 'r1', measureId });
const implemented = events.RemedyImplemented({ remedyId: 'r1' });
const terms = { remedyId: 'r1', measureId: 'm2', reason: 'Not wanted', responsible: 'supervisor-1' };
const letter = { addressees: ['a1'], channel: 'email' } as const;
const stated = { statedBy: [statedByWang] };
const waive = (more: Fields<commands.WaiveMeasure> = letter) => command(commands.WaiveMeasure, { ...terms, ...more });
const waived = (more: Partial<ReturnType<typeof events.RemedyMeasureWaived>['data']> = {}) =>
  events.RemedyMeasureWaived({ waiverId: 'w1', ...terms, ...more });
const drafted = events.MeasureWaiverDrafted({ waiverId: 'w1', ...terms, ...letter });
const approve = (waiverId = 'w1') => command(commands.ApproveWaiver, { waiverId });

describe('T13: waiving a measure', () => {
  test('of an accepted remedy is done by the statement of everybody to whom it is owed', () => {
    given(...determined, both, accepted)
      .when(waive(stated))
      .then(waived(stated));
    const joint = [
      ...eventsUntilInvestigated(received({ parties: [complainantWang, { ...complainantWang, id: 'a2' }] })),
      upheld,
      both,
      accepted,
    ];
    given(...joint)
      .when(waive(stated))
      .thenRejected('statement_missing', '/statedBy');
    given(...joint)
      .when(waive({ statedBy: [statedByWang, { ...statedByWang, party: 'a2' }] }))
      .thenRecorded('RemedyMeasureWaived');
  });
  test('of an accepted remedy without the statement is a draft, which changes nothing', () => {
    given(...determined, both, accepted)
      .when(waive())
      .then(drafted);
    const { state } = given(...determined, both, accepted, drafted);
    expect(state.remedies[0]?.measures[1]?.status).toBe('Open');
    expect(state.letters).toEqual([]);
    expect(state.measureWaivers).toMatchObject([{ waiverId: 'w1', status: 'Drafted' }]);
  });
  test('of another remedy needs a reason, a responsible person and a letter', () => {
    given(...determined, proposed({ measures: [refund, apology], needsAcceptance: false }))
      .when(waive())
      .then(waived(letter));
    given(...determined, both)
      .when(waive())
      .then(waived(letter));
    const { state } = given(...determined, both, waived(letter));
    expect(state.remedies[0]).toMatchObject({
      status: 'Proposed',
      measures: [{ status: 'Open' }, { status: 'Waived' }],
    });
    expect(state.letters).toMatchObject([{ id: 'w1', kind: 'waiver', text: 'Not wanted', addressees: ['a1'] }]);
  });
  test('a spoken letter is delivered at once', () =>
    given(...determined, both)
      .when(waive({ ...letter, channel: 'phone' }))
      .then(
        waived({ ...letter, channel: 'phone' }),
        events.OutcomeCommunicated({ of: 'w1', channel: 'phone', to: 'a1', deliveredAt: instant(NOON) }),
      ));
  test('requires a known responsible person without interest (I6)', () => {
    given(
      ...determined,
      both,
      accepted,
      events.ConflictOfInterestDeclared({ person: 'supervisor-1', reason: 'Cousin' }),
    )
      .when(waive())
      .thenRejected('conflict_of_interest', '/responsible');
    given(...determined, both, accepted)
      .when(waive({ ...letter, responsible: 'ghost-1' }))
      .thenRejected('unknown_person', '/responsible');
  });
  test('requires the addressees and the channel of the letter', () => {
    given(...determined, both, accepted)
      .when(waive({}))
      .thenRejected('addressee_missing', '/addressees');
    given(...determined, both, accepted)
      .when(waive({ addressees: ['a1'] }))
      .thenRejected('channel_missing', '/channel');
  });
  test('a statement is made by somebody who may act, after the acceptance (I21, I22)', () => {
    given(...determined, both, accepted)
      .when(waive({ statedBy: [{ ...statedByWang, party: 'a9' }] }))
      .thenRejected('unknown_party', '/statedBy/0/party');
    given(...determined, both, accepted)
      .when(waive({ statedBy: [{ ...statedByWang, at: instant('2026-11-02T08:57:59.000Z') }] }))
      .thenRejected('before_what_it_answers', '/statedBy/0/at');
  });
  test('the last waiver implements the remedy if another measure was done; otherwise the remedy is waived', () => {
    given(...determined, both, accepted, completed('m1'))
      .when(waive(stated))
      .then(waived(stated), implemented);
    given(...determined, both, accepted, waived({ measureId: 'm1' }))
      .when(waive(stated))
      .then(waived({ ...stated, waiverId: 'w2' }));
    const { state } = given(...determined, both, accepted, waived({ measureId: 'm1' }), waived());
    expect(state.remedies[0]?.status).toBe('Waived');
  });
  test('the waiver of the last measure of an offer that waits withdraws the offer', () => {
    const offer = proposed({ measures: [apology] });
    given(...determined, offer)
      .when(waive())
      .then(waived(letter), events.RemedyOfferWithdrawn({ remedyId: 'r1', noticeId: 'w1', reason: 'Not wanted' }));
    given(...determined, offer)
      .when(waive(stated))
      .then(waived(stated), events.RemedyOfferWithdrawn({ remedyId: 'r1', reason: 'Not wanted' }));
  });
  test('is possible after every end, as long as the measure is owed', () =>
    given(...determined, both, accepted, closed)
      .when(waive(stated))
      .thenRecorded('RemedyMeasureWaived'));
  test('rejects a measure that is waived, done, not owed or unknown', () => {
    given(...determined, both, accepted, waived())
      .when(waive())
      .thenRejected('nothing_to_change', '/measureId');
    given(...determined, both, accepted, completed('m2'))
      .when(waive())
      .thenRejected('measure_done', '/measureId');
    given(...determined)
      .when(waive())
      .thenRejected('no_open_measure');
    given(...determined, both, accepted)
      .when(waive({ ...letter, measureId: 'm9' }))
      .thenRejected('unknown_measure', '/measureId');
    const rejected = events.RemedyRejected({ remedyId: 'r1', statedBy: statedByWang, reason: 'Too little' });
    given(...determined, both, rejected, proposed({ remedyId: 'r2' }))
      .when(waive())
      .thenRejected('not_owed', '/remedyId');
  });
  test('with the rule off, one person waives an accepted measure, and the event says so (I25)', () => {
    const { decision } = given(...determined, both, accepted).when(waive(), { house: { waiverByTwo: false } });
    expect(decision).toMatchObject([{ type: 'RemedyMeasureWaived', policyRefs: [{ off: ['waiverByTwo'] }] }]);
  });
});

describe('T13: approving a waiver', () => {
  const history = [...determined, both, accepted, withMetadata(drafted, { at: '2026-11-09T09:00:00.000Z' })];

  test('a second person makes it valid', () => {
    given(...history)
      .when(approve(), { by: SUPERVISOR })
      .then(waived(letter));
    given(...determined, both, accepted, completed('m1'), drafted)
      .when(approve(), { by: SUPERVISOR })
      .then(waived(letter), implemented);
    const { state } = given(...history, withMetadata(waived(letter), { by: SUPERVISOR }));
    expect(state.measureWaivers).toMatchObject([
      { waiverId: 'w1', status: 'Waived', by: 'handler-1', approvedBy: 'supervisor-1' },
    ]);
    expect(state.remedies[0]?.measures[1]?.status).toBe('Waived');
  });
  test('the author does not approve it (I25)', () => {
    given(...history)
      .when(approve())
      .thenRejected('needs_second_person');
    const ofAnother = withMetadata(events.MeasureWaiverDrafted({ ...drafted.data, waiverId: 'w2', measureId: 'm1' }), {
      by: person('handler-2'),
    });
    given(...history, ofAnother)
      .when(approve())
      .thenRejected('needs_second_person', '/waiverId');
    const { decision } = given(...history).when(approve(), { house: { waiverByTwo: false } });
    expect(decision).toMatchObject([{ type: 'RemedyMeasureWaived', policyRefs: [{ off: ['waiverByTwo'] }] }]);
  });
  test('requires a draft, and a measure that is still open', () => {
    given(...determined, both, accepted)
      .when(approve(), { by: SUPERVISOR })
      .thenRejected('no_draft');
    given(...history)
      .when(approve('w9'), { by: SUPERVISOR })
      .thenRejected('unknown_draft', '/waiverId');
    given(...history, completed('m2'))
      .when(approve(), { by: SUPERVISOR })
      .thenRejected('measure_done', '/waiverId');
  });
  test('is not approved before it was drafted (I21)', () =>
    given(...history)
      .when(command(commands.ApproveWaiver, { waiverId: 'w1', occurredAt: instant('2026-11-09T08:57:59.000Z') }), {
        by: SUPERVISOR,
      })
      .thenRejected('before_what_it_answers', '/occurredAt'));
});
