import type { ComplaintEvent } from '../../src/complaint/events.js';
import * as events from '../../src/complaint/events.js';
import { evolve, initial } from '../../src/complaint/complaint.js';
import { statusOf, type Status } from '../../src/complaint/status.js';
import { instant } from '../../src/platform/moment.js';
import {
  accepted,
  apology,
  closed,
  contentVerified,
  delivered,
  investigated,
  meritsAssessed,
  notUpheld,
  proposed,
  received,
  refund,
  reopened,
  responded,
  responseSent,
  saidByWang,
  upheld,
} from '../support/complaint-history.js';
import { COMPLAINT_ID, HANDLER, recorded } from '../support/given.js';
import { NO_VIEWS, trendsOfOne, viewsAfter } from '../support/projections/views.js';

/** Histories to which complaint file, queue and trends once gave different answers, or an answer that no fact supports. */

const saidOn = (day: number) => ({ ...saidByWang, at: instant(`2026-11-0${day}T09:00:00.000Z`) });
const accept = (remedyId: string, day: number) => events.RemedyAccepted({ remedyId, statedBy: saidOn(day) });
const reject = (remedyId: string, day: number) =>
  events.RemedyRejected({ remedyId, statedBy: saidOn(day), reason: 'Too little' });
const carriedOut = (remedyId: string) => [
  events.RemedyMeasureCompleted({ remedyId, measureId: 'm1' }),
  events.RemedyImplemented({ remedyId }),
];
const paid = events.RedressPaid({ paymentId: 'y1', money: { amount: 5000, currency: 'CNY' }, exGratia: true });
const answeredNo = [...investigated(), notUpheld, responseSent({ kind: 'reject' }), delivered()];
const twoOffers = [...responded(), proposed(), proposed({ remedyId: 'r2', measures: [apology] })];
const undeliverable = events.OutcomeUndeliverable({ of: 'f1', attempts: [], reason: 'Moved' });
const unreached = [...investigated(), upheld, responseSent(), undeliverable];
const feedback = (score: number, resolved?: 'no') =>
  events.FeedbackSubmitted({ score, ...(resolved !== undefined && { resolved }) });
const firstContact = (more: Partial<ReturnType<typeof events.RemedyImplemented>['data']> = {}) => [
  received(),
  events.DeterminationMade({
    determinationId: 'd1',
    points: [{ id: 'p1', outcome: 'resolved_without_finding', reasons: 'Explained' }],
  }),
  events.RemedyImplemented({ remedyId: 'r1', whatWasDone: 'Explained', statedBy: saidByWang, ...more }),
  events.OutcomeCommunicated({ of: 'd1', channel: 'phone', deliveredAt: saidByWang.at }),
];
const again = [closed, reopened(), contentVerified, meritsAssessed];
const secondAnswer = [
  events.DeterminationMade({ ...upheld.data, determinationId: 'd2' }),
  responseSent({ responseId: 'f2' }),
  events.OutcomeCommunicated({ of: 'f2', channel: 'email', deliveredAt: saidByWang.at }),
];

type Expected = readonly [status: Status['status'], response: Status['response'], disputed: boolean | null];
const RESOLVED = '已解决';
const UNRESOLVED = '未解决';
const HANDLED = '已处理';

describe('status, response and dispute', () => {
  test.each<[string, readonly ComplaintEvent[], Expected]>([
    ['not upheld, then paid ex gratia', [...answeredNo, paid, closed], [HANDLED, 'Closed with monetary relief', null]],
    [
      'the second offer rejected, then the first accepted and carried out',
      [...twoOffers, reject('r2', 2), accept('r1', 3), ...carriedOut('r1')],
      [RESOLVED, 'Closed with monetary relief', false],
    ],
    [
      'the second offer accepted, then the first rejected',
      [...twoOffers, accept('r2', 2), reject('r1', 3)],
      [UNRESOLVED, 'In progress', true],
    ],
    [
      'a rejection typed after the acceptance that followed it',
      [...twoOffers, accept('r1', 3), reject('r2', 2)],
      [RESOLVED, 'Closed', false],
    ],
    ['rejected, then satisfied', [...twoOffers, reject('r2', 1), feedback(5)], [RESOLVED, 'Closed', false]],
    ['a low score, open', [...responded(), feedback(2)], [UNRESOLVED, 'In progress', true]],
    ['a high score, not resolved, open', [...responded(), feedback(5, 'no')], [UNRESOLVED, 'In progress', true]],
    [
      'the low score of an earlier episode',
      [...responded(), feedback(1, 'no'), ...again, ...secondAnswer],
      [HANDLED, 'Closed', null],
    ],
    ['undeliverable, then an offer accepted', [...unreached, proposed(), accept('r1', 4)], [RESOLVED, 'Closed', false]],
    [
      'an offer rejected, then resolved at first contact after a return to investigation',
      [
        ...investigated(),
        upheld,
        proposed(),
        reject('r1', 1),
        events.ReturnedToInvestigation({ reason: 'Till records' }),
        ...firstContact({ remedyId: 'r2' }).slice(1),
      ],
      [RESOLVED, 'Closed', false],
    ],
    ['first contact, nothing named', [...firstContact(), closed], [RESOLVED, 'Closed', false]],
    [
      'first contact, a charge waived',
      [...firstContact({ remedyType: 'waiver_of_charge' }), closed],
      [RESOLVED, 'Closed with monetary relief', false],
    ],
    [
      'first contact, an amount of nothing',
      [...firstContact({ money: { amount: 0, currency: 'CNY' } }), closed],
      [RESOLVED, 'Closed', false],
    ],
    [
      'one measure done, the money of the other paid in part',
      [
        ...responded(),
        proposed({ needsAcceptance: false, measures: [apology, { ...refund, id: 'm3' }] }),
        events.RemedyMeasureCompleted({ remedyId: 'r1', measureId: 'm2' }),
        events.RedressPaid({ ...paid.data, remedyId: 'r1', measureId: 'm3', exGratia: false }),
      ],
      [HANDLED, 'Closed with monetary relief', null],
    ],
  ])('%s', async (_title, history, [status, response, disputed]) => {
    const { state, fact } = seen(history);
    expect(statusOf(state.progress, { satisfiedScore: 4 })).toMatchObject({ status, response, disputed });
    const row = await trendsOfOne(fact, {});
    expect(row?.key.response).toBe(response);
    expect(row?.disputed).toEqual({
      numerator: disputed === true ? 1 : 0,
      denominator: disputed === null ? 0 : 1,
      unknown: disputed === null ? 1 : 0,
    });
  });

  test('what a register says of the dispute goes before the complainant’s own word in trends', async () => {
    const said = events.ExternalOutcomeRecorded({ register: 'CFPB', response: 'Closed', disputed: false });
    const { state, fact } = seen([...responded(), feedback(1), said]);
    expect(statusOf(state.progress, { satisfiedScore: 4 }).disputed).toBe(true);
    expect((await trendsOfOne(fact, {}))?.disputed.numerator).toBe(0);
  });

  test('feedback of an earlier episode is none of the current one', async () => {
    const { fact } = seen([...responded(), feedback(1), ...again]);
    expect((await trendsOfOne(fact, {}))?.dissatisfied).toEqual({ numerator: 0, denominator: 0, unknown: 1 });
  });

  test('from which score on is satisfied is said when asked', async () => {
    const { fact } = seen([...responded(), feedback(3)]);
    const responseAt = async (satisfiedScore: number) => (await trendsOfOne(fact, { satisfiedScore }))?.key.response;
    expect([await responseAt(3), await responseAt(4)]).toEqual(['Closed', 'In progress']);
    const found = async (satisfiedScore: number, response: string) =>
      (await trendsOfOne(fact, { satisfiedScore, filter: { response } })) !== undefined;
    expect([await found(3, 'Closed'), await found(4, 'Closed')]).toEqual([true, false]);
    expect([await found(3, 'In progress'), await found(4, 'In progress')]).toEqual([false, true]);
  });
});

describe('the resolution target of the queue', () => {
  test.each<[string, readonly ComplaintEvent[], boolean]>([
    ['undeliverable: it may be closed', unreached, true],
    [
      'told, but an offer waits: it may not',
      [...investigated(), upheld, proposed(), responseSent(), delivered()],
      false,
    ],
    [
      'carried out, but not told: it may not',
      [...investigated(), upheld, proposed(), accepted, ...carriedOut('r1')],
      false,
    ],
    [
      'told, and the offer rejected',
      [...investigated(), upheld, proposed(), responseSent(), delivered(), reject('r1', 2)],
      true,
    ],
  ])('%s', (_title, history, settled) => expect(seen(history).item.settled).toBe(settled));
});

describe('the final response of trends', () => {
  test('is no notice of an earlier episode that arrives late', () => {
    const notice = events.ComplaintDeclaredInadmissible({
      noticeId: 'i1',
      reasonCode: 'out_of_time',
      nature: 'complaint',
      reasons: 'Late',
      addressees: ['a1'],
    });
    const late = events.OutcomeCommunicated({ of: 'i1', channel: 'letter', deliveredAt: saidByWang.at });
    const { state, fact } = seen([received(), notice, reopened('new_evidence'), upheld, late]);
    expect([state.stage, fact.responded]).toEqual(['Determined', null]);
  });
});

describe('the unit that has it', () => {
  test('stays when only the person changes', () => {
    const { state, item } = seen([
      received(),
      events.ComplaintAssigned({ handler: 'handler-1', orgUnit: 'kitchen' }),
      events.ComplaintReassigned({ from: 'handler-1', to: 'handler-2', reason: 'On leave' }),
    ]);
    expect([state.ownership.orgUnit, item.orgUnit]).toEqual(['kitchen', 'kitchen']);
  });
});

/** The complaint in every view; each event a minute after the one before. */
function seen(history: readonly ComplaintEvent[]) {
  let state = initial(COMPLAINT_ID);
  let views = NO_VIEWS;
  for (const [index, event] of history.entries()) {
    const now = new Date(Date.parse('2026-11-03T09:00:00.000Z') + index * 60_000).toISOString();
    const kept = recorded(event, index, { now, by: HANDLER, occurredAt: instant(now), commandId: `k${index}` });
    state = evolve(state, kept);
    views = viewsAfter(views, kept, COMPLAINT_ID);
  }
  const { item, fact } = views;
  if (item === null || fact === null) throw new Error('a history begins with its receipt');
  return { state, item, fact };
}
