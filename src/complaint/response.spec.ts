import { command, given, NOON, type Fields } from '../../test/support/given.js';
import {
  coldDish,
  contentVerified,
  delivered,
  investigated,
  meritsAssessed,
  notUpheld,
  received,
  responded,
  responseSent,
  upheld,
  wang,
} from '../../test/support/complaint-history.js';
import { instant } from '../platform/moment.js';
import * as commands from './commands/resolution.js';
import * as events from './events.js';

const determined = [...investigated(), upheld];
const anonymous = [received({ parties: [] }), contentVerified, meritsAssessed, upheld];

describe('T14: the final response', () => {
  const send = (more: Fields<commands.SendFinalResponse> = {}) =>
    command(commands.SendFinalResponse, {
      kind: 'accept',
      addressees: ['a1'],
      channel: 'email',
      text: 'You are right, and we are sorry.',
      ...more,
    });
  const now = instant(NOON);

  test('is sent', () =>
    given(...determined)
      .when(send())
      .then(responseSent()));
  test('spoken or by hand it is communicated at once (I4)', () =>
    given(...determined)
      .when(send({ channel: 'phone' }))
      .then(
        responseSent({ channel: 'phone' }),
        events.OutcomeCommunicated({ of: 'f1', channel: 'phone', to: 'a1', deliveredAt: now }),
      ));
  test('to somebody without contact by hand only', () => {
    const withoutContact = [
      ...investigated(received({ parties: [{ id: 'a1', role: 'complainant', authority: 'none' }] })),
      upheld,
    ];
    given(...withoutContact)
      .when(send())
      .thenRejected('no_contact', '/addressees/0');
    given(...withoutContact)
      .when(send({ channel: 'front_desk' }))
      .thenRecorded('FinalResponseSent', 'OutcomeCommunicated');
  });
  test('to nobody where nobody can be reached: undeliverable, without attempts', () =>
    given(...anonymous)
      .when(send({ addressees: [], channel: 'letter' }))
      .then(
        responseSent({ addressees: [], channel: 'letter' }),
        events.OutcomeUndeliverable({ of: 'f1', attempts: [], reason: 'No contact was given.' }),
      ));
  test('told by mouth to whoever complained without a name', () =>
    given(...anonymous)
      .when(send({ addressees: [], channel: 'in_person' }))
      .thenRecorded('FinalResponseSent', 'OutcomeCommunicated'));
  test('goes to parties that may be told', () => {
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
      ...investigated(received({ parties: [{ ...wang, role: 'representative' }] })),
      events.AuthorityRejected({ party: 'a1', reason: 'Names another' }),
      upheld,
    )
      .when(send())
      .thenRejected('authority_rejected', '/addressees/0');
  });
  test('tells of recourse unless fully accepted; what the determination told counts', () => {
    given(...determined)
      .when(send({ kind: 'accept_in_part' }))
      .thenRejected('recourse_missing', '/recourse');
    given(...investigated(), notUpheld)
      .when(send({ kind: 'reject' }))
      .then(responseSent({ kind: 'reject', recourse: 'Consumer association, 12315' }));
  });
  test('says what was determined', () => {
    given(...investigated(), notUpheld)
      .when(send({ kind: 'accept' }))
      .thenRejected('kind_contradicts_outcome', '/kind');
    given(...determined)
      .when(send({ kind: 'reject', recourse: '12315' }))
      .thenRejected('kind_contradicts_outcome', '/kind');
  });
  test('after a determination, once', () => {
    given(...investigated())
      .when(send())
      .thenRejected('wrong_stage');
    given(...determined, responseSent())
      .when(send())
      .thenRejected('wrong_stage');
  });
});

describe('T14: its delivery', () => {
  const sent = [...determined, responseSent()];
  const record = (more: Fields<commands.RecordDelivery> = {}) =>
    command(commands.RecordDelivery, { of: 'f1', result: 'delivered', channel: 'email', ...more });
  const at = instant(NOON);
  const failedOnce = events.CommunicationFailed({ of: 'f1', channel: 'email', to: 'a1', at, reason: 'Bounced' });
  const undeliverable = record({ result: 'undeliverable', reason: 'Bounced' });

  test('is communicated when it arrived', () =>
    given(...sent)
      .when(record({ proof: 'Receipt 7' }))
      .then(events.OutcomeCommunicated({ of: 'f1', channel: 'email', to: 'a1', deliveredAt: at, proof: 'Receipt 7' })));
  test('or failed, with a reason', () => {
    given(...sent)
      .when(record({ result: 'failed', reason: 'Bounced' }))
      .then(failedOnce);
    given(...sent)
      .when(record({ result: 'failed' }))
      .thenRejected('reason_missing', '/reason');
  });
  test('undeliverable after three attempts, this one counted (I4)', () => {
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
  test('once each', () => {
    given(...responded())
      .when(record())
      .thenRejected('nothing_to_change');
    given(...responded())
      .when(record({ result: 'undeliverable', reason: 'Bounced' }))
      .thenRejected('already_delivered', '/result');
    given(...sent, events.OutcomeUndeliverable({ of: 'f1', attempts: [], reason: 'Bounced' }))
      .when(undeliverable, { settings: { deliveryAttempts: 1 } })
      .thenRejected('nothing_to_change');
  });
  test('an attempt that failed is recorded also when another one has arrived', () => {
    given(...responded())
      .when(record({ result: 'failed', reason: 'Bounced' }))
      .then(failedOnce);
    expect(given(...responded(), failedOnce).state.communication.status).toBe('Communicated');
  });
  test('what was undeliverable may arrive after all', () => {
    const found = [...sent, events.OutcomeUndeliverable({ of: 'f1', attempts: [], reason: 'Bounced' })];
    given(...found)
      .when(record())
      .thenRecorded('OutcomeCommunicated');
    expect(given(...found, delivered()).state.communication.status).toBe('Communicated');
  });
  test('is of something that was sent, to whom it was sent, after it was sent', () => {
    given(...determined)
      .when(record())
      .thenRejected('nothing_sent');
    given(...sent)
      .when(record({ of: 'f9' }))
      .thenRejected('unknown_response', '/of');
    given(...sent)
      .when(record({ to: 'a9' }))
      .thenRejected('unknown_party', '/to');
    const second = { ...wang, id: 'a2' };
    given(...investigated(received({ parties: [wang, second] })), upheld, responseSent())
      .when(record({ to: 'a2' }))
      .thenRejected('not_an_addressee', '/to');
    given(...sent)
      .when(record({ at: instant('2026-11-30T00:00:00.000Z') }))
      .thenRejected('in_future', '/at');
    given(...sent)
      .when(record({ at: instant('2026-10-30T00:00:00.000Z') }))
      .thenRejected('before_it_was_sent', '/at');
  });
  test('of an earlier episode counts for that one only', () => {
    const later = [
      ...responded(),
      events.ComplaintClosed({ reason: 'handled' }),
      events.ComplaintReopened({ episode: 2, kind: 'dissatisfied', reason: 'No' }),
    ];
    expect(given(...later, delivered()).state.communication.status).toBe('None');
  });
  test('of a notice of inadmissibility is recorded after the end', () => {
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
