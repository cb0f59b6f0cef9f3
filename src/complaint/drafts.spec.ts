import { command, given, person, SUPERVISOR, withMetadata } from '../../test/support/given.js';
import {
  accepted,
  apology,
  closed,
  eventsUntilInvestigated,
  proposed,
  received,
  refund,
  upheld,
} from '../../test/support/complaint-history.js';
import { DiscardDraft } from './commands/remedies.js';
import { openDrafts } from './drafts.js';
import { eventsAtEnd } from './endings.js';
import * as events from './events.js';

const determined = [...eventsUntilInvestigated(), upheld];
const largeRefund = { ...refund, amount: { amount: 100_001, currency: 'CNY' } };
const remedy = events.RemedyDrafted({ remedyId: 'r2', measures: [largeRefund], needsAcceptance: true });
const waiver = events.MeasureWaiverDrafted({
  waiverId: 'w1',
  remedyId: 'r1',
  measureId: 'm2',
  reason: 'Not wanted',
  responsible: 'supervisor-1',
  addressees: ['a1'],
  channel: 'email',
});
const relief = events.InterimReliefDrafted({
  reliefId: 'l1',
  type: 'assistance',
  amount: largeRefund.amount,
  reason: 'No room for the night',
});
const discard = (draftId: string) => command(DiscardDraft, { draftId, reason: 'The bank refunded it' });
const discarded = (draftId: string) => events.DraftDiscarded({ draftId, reason: 'The bank refunded it' });
const history = [
  received(),
  relief,
  ...determined,
  proposed({ measures: [refund, apology] }),
  accepted,
  remedy,
  waiver,
];

describe('T11: discarding a draft', () => {
  test.each(['r2', 'w1', 'l1'])('its author discards a draft of any kind (%s), in every stage', (draftId) => {
    given(...history)
      .when(discard(draftId))
      .then(discarded(draftId));
    given(...history, closed)
      .when(discard(draftId))
      .then(discarded(draftId));
    given(...history, discarded(draftId))
      .when(discard(draftId))
      .thenRejected('unknown_draft', '/draftId');
  });
  test('so does everybody who may approve it', () => {
    given(...history)
      .when(discard('r2'), { by: SUPERVISOR })
      .thenRecorded('DraftDiscarded');
    given(...history)
      .when(discard('r2'), { by: person('handler-2') })
      .thenRejected('above_limit', '/draftId');
    given(...history)
      .when(discard('l1'), { by: person('handler-2') })
      .thenRejected('above_limit', '/draftId');
    given(...history)
      .when(discard('w1'), { by: person('handler-2') })
      .thenRecorded('DraftDiscarded');
    const byAnother = withMetadata(events.RemedyDrafted({ ...remedy.data, remedyId: 'r3' }), {
      by: person('HANDLER-2'),
    });
    given(...history, byAnother)
      .when(discard('r3'), { by: person('handler-2') })
      .thenRecorded('DraftDiscarded');
  });
  test('requires a draft that waits', () => {
    given(...determined)
      .when(discard('r1'))
      .thenRejected('no_draft');
    given(...history)
      .when(discard('r1'))
      .thenRejected('unknown_draft', '/draftId');
  });
  test('a discarded draft no longer waits and cannot be approved', () => {
    const { state } = given(...history, discarded('r2'), discarded('w1'), discarded('l1'));
    expect(openDrafts(state)).toEqual([]);
    expect(state.remedies[1]?.status).toBe('Discarded');
    expect(state.measureWaivers[0]?.status).toBe('Discarded');
    expect(state.relief[0]?.status).toBe('Discarded');
  });
});

test('an end discards the drafts of every kind', () =>
  expect(eventsAtEnd(given(...history).state)).toEqual(
    ['r2', 'w1', 'l1'].map((draftId) => events.DraftDiscarded({ draftId, cause: 'ended' })),
  ));
