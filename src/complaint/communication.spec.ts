import { given, withMetadata, type History } from '../../test/support/given.js';
import {
  complainantWang,
  delivered,
  MORNING,
  eventsUntilInvestigated,
  received,
  responseSent,
  upheld,
} from '../../test/support/complaint-history.js';
import { authorityVerified, coComplainantLi, lawyerZhao, wangWithoutContact } from '../../test/support/parties.js';
import { instant } from '../platform/moment.js';
import { partiesNotTold } from './communication.js';
import * as events from './events.js';

const on = (day: number) => instant(`2026-11-0${String(day)}T09:00:00.000Z`);
const toldTo = (to: string, day: number) =>
  events.OutcomeCommunicated({ of: 'f1', channel: 'email', to, deliveredAt: on(day) });
const undeliverableTo = (to: string, day: number) =>
  withMetadata(
    events.OutcomeUndeliverable({ of: 'f1', to, attempts: [{ at: on(day), channel: 'email', reason: 'Bounced' }] }),
    { at: `2026-11-0${String(day)}T09:00:00.000Z` },
  );
const progressAfter = (...history: History) => given(...history).state.progress;
const both = [...eventsUntilInvestigated(received({ parties: [complainantWang, coComplainantLi] })), upheld];
const sentToBoth = [...both, responseSent({ addressees: ['a1', 'a2'] })];

describe('I4: everybody who may be told is told or undeliverable', () => {
  test('one of two complainants is not enough', () => {
    expect(progressAfter(...both).communication).toEqual({ status: 'None' });
    expect(progressAfter(...sentToBoth, toldTo('a1', 2)).communication).toEqual({ status: 'Sent', of: 'f1' });
    expect(partiesNotTold(progressAfter(...sentToBoth, toldTo('a1', 2))).map(({ id }) => id)).toEqual(['a2']);
    expect(progressAfter(...sentToBoth, toldTo('a1', 2), undeliverableTo('a2', 4)).communication).toEqual({
      status: 'Communicated',
      of: 'f1',
      at: on(4),
    });
    expect(progressAfter(...sentToBoth, undeliverableTo('a1', 3), undeliverableTo('a2', 4)).communication).toEqual({
      status: 'Undeliverable',
      of: 'f1',
      at: on(4),
    });
  });
  test('a contested delivery counts no longer, until the letter is delivered again', () => {
    const contested = events.DeliveryContested({ of: 'f1', to: 'a1', at: on(3), reason: 'Not me' });
    const history = [...sentToBoth, toldTo('a1', 2), toldTo('a2', 2), contested];
    expect(progressAfter(...history).communication.status).toBe('Contested');
    expect(progressAfter(...history).resolution).toEqual(on(2));
    const byBoth = events.DeliveryContested({ of: 'f1', to: 'a2', at: on(3), reason: 'Nor me' });
    expect(progressAfter(...history, byBoth)).toMatchObject({ resolution: null, finalResponse: null });
    expect(progressAfter(...history, byBoth, toldTo('a1', 4)).finalResponse).toEqual(MORNING);
    expect(progressAfter(...history, toldTo('a1', 4)).communication.status).toBe('Communicated');
  });
  test('only the letter that stands counts', () => {
    const history = [...sentToBoth, responseSent({ responseId: 'f2', addressees: ['a1', 'a2'] })];
    expect(progressAfter(...history, toldTo('a1', 2), toldTo('a2', 2)).communication).toEqual({
      status: 'Sent',
      of: 'f2',
    });
    const returned = events.ReturnedToInvestigation({ reason: 'New records' });
    expect(progressAfter(...sentToBoth, returned, toldTo('a1', 2)).communication).toEqual({ status: 'None' });
    expect(progressAfter(...sentToBoth, returned)).toMatchObject({ finalResponse: null, firstResponse: null });
  });
  test('a representative with authority counts as told if those they act for were told before', () => {
    const parties = [complainantWang, lawyerZhao];
    const answered = [...eventsUntilInvestigated(received({ parties })), upheld, responseSent(), delivered()];
    expect(progressAfter(...answered, authorityVerified()).communication.status).toBe('Communicated');
  });
  test('a party that may be told only later has to be told too', () => {
    const parties = [wangWithoutContact];
    const sentToNobody = [
      ...eventsUntilInvestigated(received({ parties })),
      upheld,
      responseSent({ addressees: [] }),
      events.OutcomeUndeliverable({ of: 'f1', attempts: [], cause: 'nobody' }),
    ];
    expect(progressAfter(...sentToNobody).communication.status).toBe('Undeliverable');
    const contact = { id: 'k1', channel: 'email', address: 'wang@example.com' };
    const added = events.ContactDetailsAdded({ party: 'a1', contacts: [contact] });
    expect(progressAfter(...sentToNobody, added).communication).toEqual({ status: 'Sent', of: 'f1' });
    expect(progressAfter(...sentToNobody, added, toldTo('a1', 3)).communication.status).toBe('Communicated');
  });
});
