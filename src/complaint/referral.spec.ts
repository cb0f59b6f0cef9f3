import { command, given, type Fields } from '../../test/support/given.js';
import {
  closed,
  coldDish,
  eventsUntilInvestigated,
  proposed,
  received,
  upheld,
} from '../../test/support/complaint-history.js';
import { directoryOf, KNOWN_PEOPLE } from '../../test/support/directory.js';
import { ReferExternally } from './commands/external.js';
import { ReopenComplaint } from './commands/feedback.js';
import { MakeDetermination, RecordDelivery } from './commands/resolution.js';
import * as events from './events.js';
import { outcomeOf } from './progress.js';

const twoPoints = received({ points: [coldDish, { id: 'p2', issue: 'The price', subject: {} }] });
const fields = { pointIds: ['p2'], body: '12315', addressees: ['a1'], channel: 'email' } as const;
const refer = (more: Fields<ReferExternally> = {}) => command(ReferExternally, { ...fields, ...more });
const referred = (more: Partial<ReturnType<typeof events.ComplaintReferredExternally>['data']> = {}) =>
  events.ComplaintReferredExternally({ referralId: 't1', endsComplaint: false, ...fields, ...more });

describe('T21: a referral', () => {
  test('of one of two points leaves the complaint open, and the point no longer counts', () => {
    given(twoPoints).when(refer()).then(referred());
    const { state } = given(...eventsUntilInvestigated(twoPoints), referred());
    expect([state.stage, state.points[1]?.left]).toEqual(['UnderInvestigation', { how: 'referred', to: '12315' }]);
    given(...eventsUntilInvestigated(twoPoints), referred())
      .when(command(MakeDetermination, { points: [{ id: 'p1', outcome: 'upheld', reasons: 'Cold' }] }))
      .thenRecorded('DeterminationMade');
  });
  test('of the last point ends the complaint, and settles what waits', () => {
    given(received())
      .when(refer({ pointIds: ['p1'] }))
      .then(referred({ pointIds: ['p1'], endsComplaint: true }));
    given(twoPoints, referred())
      .when(refer({ pointIds: ['p1'] }))
      .then(referred({ referralId: 't2', pointIds: ['p1'], endsComplaint: true }));
    given(...eventsUntilInvestigated(), upheld, proposed())
      .when(refer({ pointIds: ['p1'] }))
      .thenRecorded('RemedyOfferLapsed', 'ComplaintReferredExternally');
    expect(given(received(), referred({ pointIds: ['p1'], endsComplaint: true })).state.stage).toBe('ReferredOut');
  });
  test('takes the outcome of the point out of that of the complaint', () => {
    const decided = events.DeterminationMade({
      determinationId: 'd1',
      points: [
        { id: 'p1', outcome: 'upheld', reasons: 'Cold' },
        { id: 'p2', outcome: 'not_upheld', reasons: 'As agreed' },
      ],
    });
    const outcomeAfter = (...more: events.ComplaintEvent[]) =>
      outcomeOf(given(...eventsUntilInvestigated(twoPoints), decided, ...more).state.progress);
    expect([outcomeAfter(), outcomeAfter(referred())]).toEqual(['partly_upheld', 'upheld']);
  });
  test('is a letter to everybody who may be told: spoken, it is delivered; to nobody, it is undeliverable', () => {
    given(twoPoints)
      .when(refer({ channel: 'phone' }))
      .thenRecorded('ComplaintReferredExternally', 'OutcomeCommunicated');
    given(twoPoints)
      .when(refer({ addressees: [] }))
      .thenRejected('addressee_missing', '/addressees');
    given(received({ parties: [] }))
      .when(refer({ pointIds: ['p1'], addressees: [] }))
      .thenRecorded('ComplaintReferredExternally', 'OutcomeUndeliverable');
    given(twoPoints, referred())
      .when(command(RecordDelivery, { of: 't1', result: 'delivered', channel: 'email' }))
      .thenRecorded('OutcomeCommunicated');
  });
  test('has a channel, and the recourse that a response policy asks for (I5)', () => {
    const { channel: _channel, ...spoken } = fields;
    given(twoPoints).when(command(ReferExternally, spoken)).thenRejected('channel_missing', '/channel');
    const always = { recourse: 'always', bodies: [], leaflets: [], languages: [] } as const;
    const reference = directoryOf(KNOWN_PEOPLE, {
      responsePolicies: [
        {
          id: 'house',
          version: 1,
          effectiveFrom: '2020-01-01T00:00:00.000Z',
          appliesIf: {},
          letters: { referral: always },
        },
      ],
    });
    given(twoPoints).when(refer(), { reference }).thenRejected('recourse_missing', '/recourse');
    given(twoPoints)
      .when(refer({ recourse: 'The court' }), { reference })
      .thenRecorded('ComplaintReferredExternally');
  });
  test('names points that count here, each once, in an open complaint', () => {
    given(twoPoints)
      .when(refer({ pointIds: ['p9'] }))
      .thenRejected('unknown_point', '/pointIds/0');
    given(twoPoints)
      .when(refer({ pointIds: ['p2', 'p2'] }))
      .thenRejected('point_repeated', '/pointIds/1');
    given(twoPoints, referred()).when(refer()).thenRejected('point_left', '/pointIds/0');
    given(twoPoints, closed).when(refer()).thenRejected('not_open');
  });
});

test('T18: a complaint whose points were all referred has them back when it is reopened', () => {
  const history = [received(), referred({ pointIds: ['p1'], endsComplaint: true })];
  given(...history)
    .when(command(ReopenComplaint, { kind: 'own_error', reason: 'It was ours' }))
    .thenRecorded('ComplaintReopened', 'ComplaintAdmitted');
  const reopened = events.ComplaintReopened({ episode: 2, kind: 'own_error', reason: 'Ours', standingOffers: [] });
  expect(given(...history, reopened).state.points).toEqual([coldDish]);
});
