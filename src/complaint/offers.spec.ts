import {
  command,
  given,
  HANDLER,
  NOON,
  person,
  SUPERVISOR,
  UPSTREAM,
  withMetadata,
  type Fields,
} from '../../test/support/given.js';
import {
  accepted,
  apology,
  closed,
  complainantWang,
  contentVerified,
  eventsUntilInvestigated,
  eventsUntilResponded,
  meritsAssessed,
  proposed,
  received,
  refund,
  statedByWang,
  upheld,
} from '../../test/support/complaint-history.js';
import { instant } from '../platform/moment.js';
import * as commands from './commands/remedies.js';
import { isRejection } from './decision.js';
import * as events from './events.js';

const determined = [...eventsUntilInvestigated(), upheld];
const { id: _refundId, ...refundMeasure } = refund;
/** An offer to the complainant that is valid for the 30 days of the house rules. */
const offered = (more: Partial<events.RemedyOffer> = {}) =>
  proposed({ to: ['a1'], validUntil: instant('2026-12-10T12:00:00.000Z'), ...more });
const cny = (amount: number) => ({ amount, currency: 'CNY' });

describe('T11: offering a remedy', () => {
  const propose = (overrides: Fields<commands.ProposeRemedy> = {}) =>
    command(commands.ProposeRemedy, { needsAcceptance: true, measures: [refundMeasure], ...overrides });

  test('gives ids to the remedy and its measures', () =>
    given(...determined)
      .when(propose())
      .then(offered()));
  test('gives measures without an id the next free ids', () =>
    given(...determined)
      .when(propose({ measures: [refundMeasure, { ...apology, id: 'm1' }] }))
      .then(
        offered({
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
  test('is made to every complainant, to those it names, or to nobody in a complaint without one', () => {
    const two = eventsUntilInvestigated(received({ parties: [complainantWang, { ...complainantWang, id: 'a2' }] }));
    given(...two, upheld)
      .when(propose())
      .then(offered({ to: ['a1', 'a2'] }));
    given(...two, upheld)
      .when(propose({ to: ['a2'] }))
      .then(offered({ to: ['a2'] }));
    given(received({ parties: [] }), contentVerified, meritsAssessed, upheld)
      .when(propose())
      .then(proposed({ validUntil: instant('2026-12-10T12:00:00.000Z') }));
    given(...two, upheld)
      .when(propose({ to: ['a1', 'a3'] }))
      .thenRejected('not_a_complainant', '/to/1');
  });
  test('has the validity that it names, and none if it needs no acceptance', () => {
    const validUntil = instant('2026-11-12T00:00:00.000Z');
    given(...determined)
      .when(propose({ validUntil }))
      .then(offered({ validUntil }));
    given(...determined)
      .when(propose({ needsAcceptance: false }))
      .then(proposed({ to: ['a1'], needsAcceptance: false }));
  });
  test('requires a known owner without interest (I6), an amount of money, and a due time after the offer', () => {
    const proposeMeasure = (changes: Partial<typeof refundMeasure>) =>
      propose({ measures: [{ ...refundMeasure, ...changes }] });
    given(...determined)
      .when(proposeMeasure({ owner: 'ghost-1' }))
      .thenRejected('unknown_person', '/measures/0/owner');
    given(...determined, events.ConflictOfInterestDeclared({ person: 'Handler-2', reason: 'Cousin' }))
      .when(proposeMeasure({ owner: 'handler-2' }))
      .thenRejected('conflict_of_interest', '/measures/0/owner');
    given(...determined)
      .when(proposeMeasure({ dueAt: instant('2026-11-10T11:59:59.999Z') }))
      .thenRejected('due_before_offer', '/measures/0/dueAt');
    given(...determined)
      .when(proposeMeasure({ amount: cny(0) }))
      .thenRejected('amount_missing', '/measures/0/amount');
    const { amount: _amount, ...withoutAmount } = refundMeasure;
    given(...determined)
      .when(propose({ measures: [withoutAmount] }))
      .thenRejected('amount_missing', '/measures/0/amount');
    given(...determined)
      .when(propose({ measures: [{ ...withoutAmount, type: 'repair' }] }))
      .thenRecorded('RemedyProposed');
  });
  test('names all problems at once', () => {
    const decision = given(...determined).when(
      propose({ to: ['a9'], measures: [{ ...refundMeasure, owner: 'ghost-1', pointIds: ['p9'] }] }),
    ).decision;
    expect(isRejection(decision) && decision.unmet.map(({ code }) => code)).toEqual([
      'not_a_complainant',
      'unknown_point',
      'unknown_person',
    ]);
  });
  test('rejects a validity that ends before the offer is made', () =>
    given(...determined)
      .when(propose({ validUntil: instant('2026-11-05T00:00:00.000Z') }))
      .thenRejected('ends_before_it_begins', '/validUntil'));
});

describe('T11: the limit of the person (I14)', () => {
  const propose = (amount: number, more: Fields<commands.ProposeRemedy> = {}) =>
    command(commands.ProposeRemedy, {
      needsAcceptance: true,
      measures: [{ ...refundMeasure, amount: cny(amount) }],
      ...more,
    });
  const ofAmount = (remedyId: string, amount: number) =>
    proposed({ remedyId, measures: [{ ...refund, amount: cny(amount) }] });

  test('an offer above the limit is a draft', () => {
    given(...determined)
      .when(propose(100_000))
      .thenRecorded('RemedyProposed');
    given(...determined)
      .when(propose(100_001))
      .thenRecorded('RemedyDrafted');
    given(...determined)
      .when(propose(100_001), { by: SUPERVISOR })
      .thenRecorded('RemedyProposed');
    given(...determined)
      .when(propose(1), { by: UPSTREAM })
      .thenRecorded('RemedyDrafted');
  });
  test('the limit covers all that the person alone granted in the complaint', () => {
    given(...determined, ofAmount('r1', 60_000))
      .when(propose(40_000))
      .thenRecorded('RemedyProposed');
    given(...determined, ofAmount('r1', 60_000))
      .when(propose(40_001))
      .thenRecorded('RemedyDrafted');
    given(...determined, withMetadata(ofAmount('r1', 60_000), { by: person('Handler-1') }))
      .when(propose(40_001))
      .thenRecorded('RemedyDrafted');
    given(...determined, withMetadata(ofAmount('r1', 60_000), { by: SUPERVISOR }))
      .when(propose(40_001))
      .thenRecorded('RemedyProposed');
    given(...determined, events.RedressPaid({ paymentId: 'y1', money: cny(60_000), exGratia: true }))
      .when(propose(40_001))
      .thenRecorded('RemedyDrafted');
    given(
      ...determined,
      events.InterimReliefProvided({ reliefId: 'l1', type: 'refund', amount: cny(60_000), reason: 'No room' }),
    )
      .when(propose(40_001))
      .thenRecorded('RemedyDrafted');
  });
  test('what was rejected, waived, returned, approved by another, or is in another currency does not count', () => {
    const rejected = events.RemedyRejected({ remedyId: 'r1', statedBy: statedByWang, reason: 'Too little' });
    given(...determined, ofAmount('r1', 60_000), rejected)
      .when(propose(40_001))
      .thenRecorded('RemedyProposed');
    const waived = events.RemedyMeasureWaived({ remedyId: 'r1', measureId: 'm1', reason: 'No', responsible: 'h1' });
    given(...determined, ofAmount('r1', 60_000), accepted, waived)
      .when(propose(40_001))
      .thenRecorded('RemedyProposed');
    given(
      ...determined,
      events.RedressPaid({ paymentId: 'y1', money: cny(60_000), exGratia: true }),
      events.RedressReturned({ paymentId: 'y1', reason: 'Account closed' }),
    )
      .when(propose(40_001))
      .thenRecorded('RemedyProposed');
    const offer = { remedyId: 'r1', measures: [{ ...refund, amount: cny(600_000) }], needsAcceptance: true };
    given(
      ...determined,
      events.RemedyDrafted(offer),
      withMetadata(events.RemedyApproved({ remedyId: 'r1' }), { by: SUPERVISOR }),
      withMetadata(events.RemedyProposed(offer), { by: SUPERVISOR }),
    )
      .when(propose(40_001))
      .thenRecorded('RemedyProposed');
    given(...determined, proposed({ measures: [{ ...refund, amount: { amount: 60_000, currency: 'EUR' } }] }))
      .when(propose(40_001))
      .thenRecorded('RemedyProposed');
  });
  test('with the rule off, one person offers more, and the event says so (I25)', () => {
    const { decision } = given(...determined).when(propose(100_001), { house: { remedyByTwo: false } });
    expect(decision).toMatchObject([{ type: 'RemedyProposed', policyRefs: [{ off: ['remedyByTwo'] }] }]);
  });
});

describe('T11: approving or returning a draft', () => {
  const offer = { remedyId: 'r1', measures: [refund], needsAcceptance: true };
  const drafted = withMetadata(events.RemedyDrafted(offer), { by: HANDLER });
  const approve = (remedyId = 'r1') => command(commands.ApproveRemedy, { remedyId });
  const returnDraft = (remedyId = 'r1') => command(commands.ReturnRemedy, { remedyId, reason: 'Too little' });

  test('a draft is recorded without making the offer', () =>
    given(...determined)
      .when(command(commands.ProposeRemedy, { needsAcceptance: true, measures: [refundMeasure], draft: true }))
      .then(events.RemedyDrafted({ ...offer, to: ['a1'] })));
  test('approval by another person makes the offer', () =>
    given(...determined, drafted)
      .when(approve(), { by: SUPERVISOR })
      .then(
        events.RemedyApproved({ remedyId: 'r1' }),
        events.RemedyProposed({ ...offer, validUntil: instant('2026-12-10T12:00:00.000Z') }),
      ));
  test('requires a person whose limit covers the amount (I25)', () => {
    const large = withMetadata(events.RemedyDrafted({ ...offer, measures: [{ ...refund, amount: cny(100_001) }] }), {
      by: HANDLER,
    });
    given(...determined, large)
      .when(approve(), { by: person('handler-2') })
      .thenRejected('above_limit', '/remedyId');
    given(...determined, large)
      .when(approve(), { by: SUPERVISOR })
      .thenRecorded('RemedyApproved', 'RemedyProposed');
    given(...determined, drafted)
      .when(approve(), { by: UPSTREAM })
      .thenRejected('needs_second_person');
  });
  test('rejects an approval after the validity of the draft, or before the draft (I21)', () => {
    const expired = events.RemedyDrafted({ ...offer, validUntil: instant('2026-11-05T00:00:00.000Z') });
    given(...determined, expired)
      .when(approve(), { by: SUPERVISOR })
      .thenRejected('ends_before_it_begins', '/remedyId');
    given(...determined, withMetadata(events.RemedyDrafted(offer), { at: '2026-11-09T12:00:00.000Z' }))
      .when(command(commands.ApproveRemedy, { remedyId: 'r1', occurredAt: instant('2026-11-09T11:57:59.000Z') }), {
        by: SUPERVISOR,
      })
      .thenRejected('before_what_it_answers', '/occurredAt');
  });
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

describe('T11: withdrawing an offer', () => {
  const withdraw = (overrides: Fields<commands.WithdrawOffer> = {}) =>
    command(commands.WithdrawOffer, {
      remedyId: 'r1',
      reason: 'The bank refunded it',
      addressees: ['a1'],
      channel: 'email',
      ...overrides,
    });
  const withdrawn = events.RemedyOfferWithdrawn({
    remedyId: 'r1',
    noticeId: 'o1',
    reason: 'The bank refunded it',
    addressees: ['a1'],
    channel: 'email',
  });

  test('records the withdrawal with its letter, in every stage', () => {
    given(...determined, proposed())
      .when(withdraw())
      .then(withdrawn);
    given(...determined, proposed(), closed)
      .when(withdraw())
      .then(withdrawn);
    const { state } = given(...determined, proposed(), withdrawn);
    expect(state.remedies[0]?.status).toBe('Withdrawn');
    expect(state.letters).toMatchObject([{ id: 'o1', kind: 'withdrawal_of_offer', addressees: ['a1'] }]);
  });
  test('spoken, the letter is delivered at once', () =>
    given(...determined, proposed())
      .when(withdraw({ channel: 'phone' }))
      .then(
        events.RemedyOfferWithdrawn({
          remedyId: 'r1',
          noticeId: 'o1',
          reason: 'The bank refunded it',
          addressees: ['a1'],
          channel: 'phone',
        }),
        events.OutcomeCommunicated({ of: 'o1', channel: 'phone', to: 'a1', deliveredAt: instant(NOON) }),
      ));
  test('the letter goes to everybody who may be told', () =>
    given(...determined, proposed())
      .when(withdraw({ addressees: [] }))
      .thenRejected('addressee_missing', '/addressees'));
  test('requires an offer that waits', () => {
    given(...determined, proposed(), accepted)
      .when(withdraw())
      .thenRejected('no_open_offer');
    given(...determined, proposed(), withdrawn)
      .when(withdraw())
      .thenRejected('nothing_to_change');
    given(...determined, proposed(), withdrawn, proposed({ remedyId: 'r2' }))
      .when(withdraw())
      .thenRejected('nothing_to_change', '/remedyId');
    given(...determined, proposed(), accepted, proposed({ remedyId: 'r2' }))
      .when(withdraw())
      .thenRejected('not_offered', '/remedyId');
  });
});
