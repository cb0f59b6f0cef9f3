import { command, given, NOON, withMetadata, type Fields, type History } from '../../test/support/given.js';
import {
  coldDish,
  contentVerified,
  delivered,
  eventsUntilInvestigated,
  meritsAssessed,
  notUpheld,
  proposed,
  received,
  eventsUntilResponded,
  responseSent,
  upheld,
  complainantWang,
} from '../../test/support/complaint-history.js';
import { coComplainantLi, lawyerZhao } from '../../test/support/parties.js';
import { instant } from '../platform/moment.js';
import { REFERENCE } from '../../test/support/directory.js';
import { referenceDataOf } from '../reference/reference-data.js';
import { FCA_RESPONSE_POLICY } from '../response-policy/response-policy.js';
import * as commands from './commands/resolution.js';
import * as events from './events.js';
import { responseKindOf } from './response.js';

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
  test('requires the review that the house rules ask for (T10)', () => {
    const reviewed = events.DeterminationReviewed({ determinationId: 'd1', decision: 'approve', capacity: 'reviewer' });
    given(...determined)
      .when(send(), { house: { determinationReview: 'reviewer' } })
      .thenRejected('review_missing');
    given(...determined, reviewed)
      .when(send(), { house: { determinationReview: 'reviewer' } })
      .thenRecorded('FinalResponseSent');
  });
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
        events.OutcomeUndeliverable({ of: 'f1', attempts: [], cause: 'nobody' }),
      ));
  test('can be given orally to an anonymous complainant', () =>
    given(...anonymous)
      .when(send({ addressees: ['unidentified'], channel: 'in_person' }))
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
  test('requires the recourse that the policy asks for; by default it is the recourse of the determination', () => {
    const partly = events.DeterminationMade({
      determinationId: 'd1',
      points: [{ id: 'p1', outcome: 'partly_upheld', reasons: 'Late, but warm.' }],
    });
    given(...eventsUntilInvestigated(), partly)
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
  test('is rejected before the determination', () =>
    given(...eventsUntilInvestigated())
      .when(send())
      .thenRejected('wrong_stage'));
  test('has the kind that follows from the outcomes and the offers that stand', () => {
    const kindAfter = (...history: History) => responseKindOf(given(...history).state);
    const refused = [...eventsUntilInvestigated(), notUpheld];
    expect(kindAfter(...determined)).toBe('accept');
    expect(kindAfter(...refused)).toBe('reject');
    expect(kindAfter(...refused, proposed())).toBe('offer_without_acceptance');
    expect(kindAfter(...refused, proposed(), events.RemedyOfferLapsed({ remedyId: 'r1' }))).toBe('reject');
    const points = [coldDish, { ...coldDish, id: 'p2' }];
    const decided = (second: 'upheld' | 'not_upheld' | 'answered') =>
      events.DeterminationMade({
        determinationId: 'd1',
        points: [
          { id: 'p1', outcome: 'resolved_without_finding', reasons: 'Agreed' },
          { id: 'p2', outcome: second, reasons: 'Seen' },
        ],
      });
    expect(kindAfter(received({ points }), decided('upheld'))).toBe('accept');
    expect(kindAfter(received({ points }), decided('not_upheld'))).toBe('accept_in_part');
    expect(kindAfter(received({ points }), decided('answered'))).toBe('accept_in_part');
  });
  test('supersedes the response that stands, with a reason', () => {
    const answered = [...determined, responseSent()];
    given(...answered)
      .when(send())
      .thenRejected('supersedes_missing', '/supersedes');
    given(...answered)
      .when(send({ supersedes: 'f1' }))
      .thenRejected('reason_missing', '/reason');
    given(...answered)
      .when(send({ supersedes: 'f1', reason: 'The amount was wrong' }))
      .then(responseSent({ responseId: 'f2', supersedes: 'f1', reason: 'The amount was wrong' }));
    given(...determined)
      .when(send({ supersedes: 'f1', reason: 'The amount was wrong' }))
      .thenRejected('nothing_to_supersede', '/supersedes');
  });
  test('needs the review that a flag or the house rules ask for', () => {
    given(...determined, events.RiskFlagged({ flag: 'legal', reason: 'A lawyer writes' }))
      .when(send())
      .thenRejected('review_missing');
    given(...determined)
      .when(send(), { house: { determinationReview: 'reviewer' } })
      .thenRejected('review_missing');
  });
  test('is not before the determination (I21)', () =>
    given(...eventsUntilInvestigated(), withMetadata(upheld, { at: '2026-11-05T09:00:00.000Z' }))
      .when(send({ occurredAt: instant('2026-11-04T09:00:00.000Z') }))
      .thenRejected('before_what_it_answers', '/occurredAt'));
  test('tells what the response policy asks for', () => {
    const reference = {
      ...REFERENCE,
      responsePolicies: referenceDataOf({ responsePolicies: [FCA_RESPONSE_POLICY] }).responsePolicies,
    };
    const told = { recourse: 'The ombudsman', leaflets: ['fos-consumer-leaflet'] };
    given(...determined)
      .when(send(), { reference })
      .thenRejected('recourse_missing', '/recourse');
    given(...determined)
      .when(send({ recourse: 'The ombudsman' }), { reference })
      .thenRejected('leaflet_missing', '/leaflets');
    given(...determined)
      .when(send({ ...told, referUntil: instant('2027-05-09T00:00:00.000Z') }), { reference })
      .thenRejected('refer_until_too_early', '/referUntil');
    given(...determined)
      .when(send(told), { reference })
      .then(responseSent({ ...told, referUntil: instant('2027-05-10T12:00:00.000Z') }));
    const inChinese = {
      ...FCA_RESPONSE_POLICY,
      letters: { accept: { recourse: 'never', bodies: [], leaflets: [], languages: ['zh'] } },
    } as const;
    given(...determined)
      .when(send(), {
        reference: {
          ...REFERENCE,
          responsePolicies: referenceDataOf({ responsePolicies: [inChinese] }).responsePolicies,
        },
      })
      .thenRejected('language_not_asked', '/language');
  });
});

describe('T14: the answer to what is no complaint', () => {
  const enquiry = events.ComplaintClassified({
    nature: 'enquiry',
    points: [{ id: 'p1', category: 'other' }],
    taxonomyVersion: 1,
  });
  const answer = command(commands.SendFinalResponse, {
    kind: 'answer',
    addressees: ['a1'],
    channel: 'email',
    text: 'Until ten.',
  });

  test('records the determination that it implies, and tells no recourse', () =>
    given(received(), enquiry)
      .when(answer)
      .then(
        events.DeterminationMade({
          determinationId: 'd1',
          points: [{ id: 'p1', outcome: 'answered', reasons: 'Until ten.' }],
        }),
        responseSent({ kind: 'answer', text: 'Until ten.' }),
      ));
  test('is the only kind, and no complaint is answered in this way', () => {
    given(received(), enquiry)
      .when(Object.assign(command(commands.SendFinalResponse), answer, { kind: 'accept' }))
      .thenRejected('kind_contradicts_outcome', '/kind');
    given(received()).when(answer).thenRejected('wrong_stage');
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
  const attempts = [
    { at: instant('2026-11-03T09:00:00.000Z'), channel: 'phone', reason: 'No answer' },
    { at: instant('2026-11-04T09:00:00.000Z'), channel: 'phone', reason: 'No answer' },
  ] as const;
  const failedTwice = attempts.map((attempt) => events.CommunicationFailed({ of: 'f1', to: 'a1', ...attempt }));

  test('a response is undeliverable if the party is unreachable, with this attempt (I4)', () => {
    given(...sent, failedTwice[0] ?? failedOnce)
      .when(undeliverable)
      .thenRejected('too_few_attempts', '/result');
    given(...sent, ...failedTwice)
      .when(undeliverable)
      .then(
        events.OutcomeUndeliverable({
          of: 'f1',
          to: 'a1',
          attempts: [...attempts, { at, channel: 'email', reason: 'Bounced' }],
          cause: 'attempts',
          reason: 'Bounced',
        }),
      );
  });
  test('a result that repeats or contradicts an earlier one is rejected', () => {
    given(...eventsUntilResponded())
      .when(record())
      .thenRejected('nothing_to_change');
    given(...eventsUntilResponded())
      .when(record({ result: 'undeliverable', reason: 'Bounced' }))
      .thenRejected('already_delivered', '/result');
    given(...sent, events.OutcomeUndeliverable({ of: 'f1', to: 'a1', attempts: [...attempts] }))
      .when(undeliverable)
      .thenRejected('nothing_to_change');
  });
  test('a failed attempt is recorded after a successful one and does not change the communication', () => {
    given(...eventsUntilResponded())
      .when(record({ result: 'failed', reason: 'Bounced' }))
      .then(failedOnce);
    expect(given(...eventsUntilResponded(), failedOnce).state.communication.status).toBe('Communicated');
  });
  test('an undeliverable response may be delivered later', () => {
    const foundUndeliverable = [...sent, events.OutcomeUndeliverable({ of: 'f1', to: 'a1', attempts: [...attempts] })];
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
    given(...eventsUntilInvestigated(received({ parties: [complainantWang, lawyerZhao] })), upheld, responseSent())
      .when(record({ to: 'a3' }))
      .thenRejected('not_an_addressee', '/to');
    given(...sent)
      .when(record({ at: instant('2026-11-30T00:00:00.000Z') }))
      .thenRejected('in_future', '/at');
    given(...sent)
      .when(record({ at: instant('2026-10-30T00:00:00.000Z') }))
      .thenRejected('before_what_it_answers', '/at');
  });
  test('the time of a delivery is the time of its event', () => {
    const deliveredAt = instant('2026-11-05T09:00:00.000Z');
    given(...sent)
      .when(record({ at: deliveredAt }))
      .then({ ...delivered('2026-11-05T09:00:00.000Z'), occurredAt: deliveredAt });
  });
  test('a letter to several parties needs the addressee, who may also be one that may be told only by now', () => {
    const both = [...eventsUntilInvestigated(received({ parties: [complainantWang, coComplainantLi] })), upheld];
    given(...both, responseSent({ addressees: ['a1', 'a2'] }))
      .when(record())
      .thenRejected('addressee_missing', '/to');
    given(...both, responseSent())
      .when(record({ to: 'a2' }))
      .thenRecorded('OutcomeCommunicated');
  });
  test('an addressee may contest a delivery, with a reason', () => {
    const contest = record({ result: 'contested', reason: 'It went to the neighbour' });
    given(...eventsUntilResponded())
      .when(contest)
      .then(events.DeliveryContested({ of: 'f1', to: 'a1', at, reason: 'It went to the neighbour' }));
    given(...sent)
      .when(contest)
      .thenRejected('not_delivered', '/result');
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
