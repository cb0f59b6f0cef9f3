import { command, given, NOON, type Fields } from '../../test/support/given.js';
import {
  coldDish,
  contentVerified,
  delivered,
  eventsUntilInvestigated,
  meritsAssessed,
  notUpheld,
  received,
  eventsUntilResponded,
  responseSent,
  upheld,
  complainantWang,
} from '../../test/support/complaint-history.js';
import { instant } from '../platform/moment.js';
import * as commands from './commands/resolution.js';
import * as events from './events.js';

const determined = [...eventsUntilInvestigated(), upheld];
const anonymous = [received({ parties: [] }), contentVerified, meritsAssessed, upheld];

describe('T14: the final response', () => {
  const send = (overrides: Fields<commands.SendFinalResponse> = {}) =>
    command(commands.SendFinalResponse, {
      kind: 'accept',
      addressees: ['a1'],
      channel: 'email',
      text: 'You are right, and we are sorry.',
      ...overrides,
    });
  const now = instant(NOON);

  test('is recorded', () =>
    given(...determined)
      .when(send())
      .then(responseSent()));
  test('is communicated at once if it is given orally or by hand (I4)', () =>
    given(...determined)
      .when(send({ channel: 'phone' }))
      .then(
        responseSent({ channel: 'phone' }),
        events.OutcomeCommunicated({ of: 'f1', channel: 'phone', to: 'a1', deliveredAt: now }),
      ));
  test('can only be given orally or by hand to a party without contact details', () => {
    const withoutContact = [
      ...eventsUntilInvestigated(received({ parties: [{ id: 'a1', role: 'complainant', authority: 'none' }] })),
      upheld,
    ];
    given(...withoutContact)
      .when(send())
      .thenRejected('no_contact', '/addressees/0');
    given(...withoutContact)
      .when(send({ channel: 'front_desk' }))
      .thenRecorded('FinalResponseSent', 'OutcomeCommunicated');
  });
  test('is undeliverable without attempts if no party can be reached', () =>
    given(...anonymous)
      .when(send({ addressees: [], channel: 'letter' }))
      .then(
        responseSent({ addressees: [], channel: 'letter' }),
        events.OutcomeUndeliverable({ of: 'f1', attempts: [], reason: 'No contact was given.' }),
      ));
  test('can be given orally to an anonymous complainant', () =>
    given(...anonymous)
      .when(send({ addressees: [], channel: 'in_person' }))
      .thenRecorded('FinalResponseSent', 'OutcomeCommunicated'));
  test('requires addressees that are known, listed once and have authority', () => {
    given(...determined)
      .when(send({ addressees: [] }))
      .thenRejected('addressee_missing', '/addressees');
    given(...determined)
      .when(send({ addressees: ['a9'] }))
      .thenRejected('unknown_party', '/addressees/0');
    given(...determined)
      .when(send({ addressees: ['a1', 'a1'] }))
      .thenRejected('addressee_repeated', '/addressees/1');
    given(
      ...eventsUntilInvestigated(received({ parties: [{ ...complainantWang, role: 'representative' }] })),
      events.AuthorityRejected({ party: 'a1', reason: 'Names another' }),
      upheld,
    )
      .when(send())
      .thenRejected('authority_rejected', '/addressees/0');
  });
  test('requires recourse unless the kind is accept; by default it is the recourse of the determination', () => {
    given(...determined)
      .when(send({ kind: 'accept_in_part' }))
      .thenRejected('recourse_missing', '/recourse');
    given(...eventsUntilInvestigated(), notUpheld)
      .when(send({ kind: 'reject' }))
      .then(responseSent({ kind: 'reject', recourse: 'Consumer association, 12315' }));
  });
  test('is rejected if its kind contradicts the determination', () => {
    given(...eventsUntilInvestigated(), notUpheld)
      .when(send({ kind: 'accept' }))
      .thenRejected('kind_contradicts_outcome', '/kind');
    given(...determined)
      .when(send({ kind: 'reject', recourse: '12315' }))
      .thenRejected('kind_contradicts_outcome', '/kind');
  });
  test('is rejected before the determination and after an earlier final response', () => {
    given(...eventsUntilInvestigated())
      .when(send())
      .thenRejected('wrong_stage');
    given(...determined, responseSent())
      .when(send())
      .thenRejected('wrong_stage');
  });
});

describe('T14: the delivery of a response', () => {
  const sent = [...determined, responseSent()];
  const record = (overrides: Fields<commands.RecordDelivery> = {}) =>
    command(commands.RecordDelivery, { of: 'f1', result: 'delivered', channel: 'email', ...overrides });
  const at = instant(NOON);
  const failedOnce = events.CommunicationFailed({ of: 'f1', channel: 'email', to: 'a1', at, reason: 'Bounced' });
  const undeliverable = record({ result: 'undeliverable', reason: 'Bounced' });

  test('a delivery is recorded as communication of the outcome', () =>
    given(...sent)
      .when(record({ proof: 'Receipt 7' }))
      .then(events.OutcomeCommunicated({ of: 'f1', channel: 'email', to: 'a1', deliveredAt: at, proof: 'Receipt 7' })));
  test('a failed delivery is recorded and requires a reason', () => {
    given(...sent)
      .when(record({ result: 'failed', reason: 'Bounced' }))
      .then(failedOnce);
    given(...sent)
      .when(record({ result: 'failed' }))
      .thenRejected('reason_missing', '/reason');
  });
  test('a response is undeliverable after three failed attempts, including this one (I4)', () => {
    given(...sent)
      .when(undeliverable)
      .thenRejected('too_few_attempts', '/result');
    given(...sent, failedOnce)
      .when(undeliverable)
      .thenRejected('too_few_attempts', '/result');
    const attempt = { at, channel: 'email', reason: 'Bounced' };
    given(...sent, failedOnce, failedOnce)
      .when(undeliverable)
      .then(events.OutcomeUndeliverable({ of: 'f1', attempts: [attempt, attempt, attempt], reason: 'Bounced' }));
    given(...sent)
      .when(undeliverable, { settings: { deliveryAttempts: 1 } })
      .thenRecorded('OutcomeUndeliverable');
  });
  test('a result that repeats or contradicts an earlier one is rejected', () => {
    given(...eventsUntilResponded())
      .when(record())
      .thenRejected('nothing_to_change');
    given(...eventsUntilResponded())
      .when(record({ result: 'undeliverable', reason: 'Bounced' }))
      .thenRejected('already_delivered', '/result');
    given(...sent, events.OutcomeUndeliverable({ of: 'f1', attempts: [], reason: 'Bounced' }))
      .when(undeliverable, { settings: { deliveryAttempts: 1 } })
      .thenRejected('nothing_to_change');
  });
  test('a failed attempt is recorded after a successful one and does not change the communication', () => {
    given(...eventsUntilResponded())
      .when(record({ result: 'failed', reason: 'Bounced' }))
      .then(failedOnce);
    expect(given(...eventsUntilResponded(), failedOnce).state.communication.status).toBe('Communicated');
  });
  test('an undeliverable response may be delivered later', () => {
    const foundUndeliverable = [...sent, events.OutcomeUndeliverable({ of: 'f1', attempts: [], reason: 'Bounced' })];
    given(...foundUndeliverable)
      .when(record())
      .thenRecorded('OutcomeCommunicated');
    expect(given(...foundUndeliverable, delivered()).state.communication.status).toBe('Communicated');
  });
  test('a delivery requires a response that was sent, one of its addressees, and a past time after sending', () => {
    given(...determined)
      .when(record())
      .thenRejected('nothing_sent');
    given(...sent)
      .when(record({ of: 'f9' }))
      .thenRejected('unknown_response', '/of');
    given(...sent)
      .when(record({ to: 'a9' }))
      .thenRejected('unknown_party', '/to');
    const secondParty = { ...complainantWang, id: 'a2' };
    given(...eventsUntilInvestigated(received({ parties: [complainantWang, secondParty] })), upheld, responseSent())
      .when(record({ to: 'a2' }))
      .thenRejected('not_an_addressee', '/to');
    given(...sent)
      .when(record({ at: instant('2026-11-30T00:00:00.000Z') }))
      .thenRejected('in_future', '/at');
    given(...sent)
      .when(record({ at: instant('2026-10-30T00:00:00.000Z') }))
      .thenRejected('before_it_was_sent', '/at');
  });
  test('a delivery of an earlier response does not change the communication of the current episode', () => {
    const secondEpisode = [
      ...eventsUntilResponded(),
      events.ComplaintClosed({ reason: 'handled' }),
      events.ComplaintReopened({ episode: 2, kind: 'dissatisfied', reason: 'No' }),
    ];
    expect(given(...secondEpisode, delivered()).state.communication.status).toBe('None');
  });
  test('a delivery of a notice of inadmissibility is recorded after the end', () => {
    const notice = events.ComplaintDeclaredInadmissible({
      noticeId: 'i1',
      reasonCode: 'out_of_time',
      nature: 'complaint',
      reasons: 'Four years',
      recourse: '12315',
      addressees: ['a1'],
      channel: 'email',
    });
    given(received({ points: [coldDish] }), notice)
      .when(record({ of: 'i1' }))
      .then(events.OutcomeCommunicated({ of: 'i1', channel: 'email', to: 'a1', deliveredAt: at }));
  });
});
