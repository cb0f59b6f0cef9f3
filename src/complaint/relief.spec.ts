import { command, given, person, SUPERVISOR, withMetadata, type Fields } from '../../test/support/given.js';
import { eventsUntilInvestigated, identified, received, upheld } from '../../test/support/complaint-history.js';
import { instant } from '../platform/moment.js';
import * as commands from './commands/remedies.js';
import * as events from './events.js';

const cny = (amount: number) => ({ amount, currency: 'CNY' });
const hotel = { type: 'assistance', amount: cny(42_000), reason: 'A room in another hotel for the night' } as const;
const provide = (more: Fields<commands.ProvideInterimRelief> = {}) =>
  command(commands.ProvideInterimRelief, { ...hotel, ...more });
const provided = events.InterimReliefProvided({ reliefId: 'l1', ...hotel });
const refundTo = (payee: string, amount: number) => provide({ type: 'refund', payee, amount: cny(amount) });

describe('T13: interim relief', () => {
  test('is help before the determination; what others receive in their place has no payee (I23)', () => {
    given(received()).when(provide()).then(provided);
    given(...eventsUntilInvestigated())
      .when(provide())
      .then(provided);
    given(...eventsUntilInvestigated(), upheld)
      .when(provide())
      .thenRejected('wrong_stage');
    expect(given(received(), provided).state).toMatchObject({
      stage: 'Received',
      relief: [{ reliefId: 'l1', status: 'Provided' }],
    });
  });
  test('needs no money, but money has an amount', () => {
    given(received())
      .when(command(commands.ProvideInterimRelief, { type: 'replacement', reason: 'Another dish at once' }))
      .thenRecorded('InterimReliefProvided');
    given(received())
      .when(command(commands.ProvideInterimRelief, { type: 'refund', reason: 'The price', payee: 'a1' }))
      .thenRejected('amount_missing', '/amount');
  });
  test('money has a payee; the recorder is responsible for an identity that nobody checked, up to 500', () => {
    given(received())
      .when(provide({ type: 'refund', amount: cny(100) }))
      .thenRejected('payee_missing', '/payee');
    given(received()).when(refundTo('a1', 50_000)).thenRecorded('InterimReliefProvided');
    given(received()).when(refundTo('a1', 50_001)).thenRejected('above_identity_limit', '/amount');
    given(received(), identified).when(refundTo('a1', 50_001)).thenRecorded('InterimReliefProvided');
    given(received({ parties: [] }))
      .when(refundTo('unidentified', 50_001))
      .thenRejected('above_identity_limit', '/amount');
    given(received())
      .when(provide({ type: 'waiver_of_charge', payee: 'a1' }))
      .thenRejected('moves_no_money', '/payee');
  });
  test('above the limit of the person it is a draft (I14)', () => {
    given(received())
      .when(provide({ amount: cny(100_000) }))
      .thenRecorded('InterimReliefProvided');
    given(received())
      .when(provide({ amount: cny(100_001) }))
      .thenRecorded('InterimReliefDrafted');
    given(received(), provided)
      .when(provide({ amount: cny(58_001) }))
      .then(events.InterimReliefDrafted({ reliefId: 'l2', ...hotel, amount: cny(58_001) }));
  });
  test('with the rule off, one person gives more, and the event says so (I25)', () => {
    const { decision } = given(received()).when(provide({ amount: cny(100_001) }), { house: { reliefByTwo: false } });
    expect(decision).toMatchObject([{ type: 'InterimReliefProvided', policyRefs: [{ off: ['reliefByTwo'] }] }]);
  });
  test('counts as relief for the complainant', () =>
    expect(given(received(), provided).state.progress.relief).toEqual([{ type: 'assistance', amount: cny(42_000) }]));
});

describe('T13: approving interim relief', () => {
  const large = { ...hotel, amount: cny(100_001) };
  const drafted = events.InterimReliefDrafted({ reliefId: 'l1', ...large });
  const approve = (reliefId = 'l1') => command(commands.ApproveRelief, { reliefId });

  test('a second person whose limit covers it provides it', () => {
    const approved = events.InterimReliefProvided({ reliefId: 'l1', ...large });
    given(received(), drafted).when(approve(), { by: SUPERVISOR }).then(approved);
    expect(given(received(), drafted, withMetadata(approved, { by: SUPERVISOR })).state.relief).toMatchObject([
      { status: 'Provided', by: 'handler-1', approvedBy: 'supervisor-1' },
    ]);
    given(received(), drafted).when(approve()).thenRejected('needs_second_person');
    given(received(), drafted)
      .when(approve(), { by: person('handler-2') })
      .thenRejected('above_limit', '/reliefId');
  });
  test('requires a draft before the determination, and not an earlier time (I21)', () => {
    given(received()).when(approve(), { by: SUPERVISOR }).thenRejected('no_draft');
    given(received(), drafted).when(approve('l9'), { by: SUPERVISOR }).thenRejected('unknown_draft', '/reliefId');
    given(...eventsUntilInvestigated(), drafted, upheld)
      .when(approve(), { by: SUPERVISOR })
      .thenRejected('wrong_stage');
    given(received(), withMetadata(drafted, { at: '2026-11-09T12:00:00.000Z' }))
      .when(command(commands.ApproveRelief, { reliefId: 'l1', occurredAt: instant('2026-11-09T11:57:59.000Z') }), {
        by: SUPERVISOR,
      })
      .thenRejected('before_what_it_answers', '/occurredAt');
  });
});
