import { command, given, withMetadata, type Fields } from '../../test/support/given.js';
import {
  accepted,
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
import type { ComplaintEvent } from './events.js';
import * as events from './events.js';
import type { Party, StatedBy } from './terms/facts.js';

const determined = [...eventsUntilInvestigated(), upheld];
const accept = (overrides: Fields<commands.AcceptRemedy> = {}) =>
  command(commands.AcceptRemedy, { remedyId: 'r1', statedBy: statedByWang, ...overrides });
const reject = (overrides: Fields<commands.RejectRemedy> = {}) =>
  command(commands.RejectRemedy, { remedyId: 'r1', statedBy: statedByWang, reason: 'Wants more', ...overrides });
const rejected = events.RemedyRejected({ remedyId: 'r1', statedBy: statedByWang, reason: 'Wants more' });
const secondOffer = proposed({ remedyId: 'r2' });
const reversed = events.RemedyOfferLapseReversed({ remedyId: 'r1' });
/** A statement is the time when the event happened. */
const saidAt = (event: ComplaintEvent, { at }: StatedBy = statedByWang): ComplaintEvent => ({
  ...event,
  occurredAt: at,
});
/** Wang says it on the phone at this time. */
const wangAt = (at: string): StatedBy => ({ ...statedByWang, at: instant(at) });

describe('T12: the answer of the complainant', () => {
  test('records an acceptance', () =>
    given(...determined, proposed())
      .when(accept())
      .then(saidAt(accepted)));
  test('records a rejection', () =>
    given(...determined, proposed())
      .when(reject())
      .then(saidAt(rejected)));
  test('records the answer in every stage', () => {
    const withdrawn = events.ComplaintWithdrawn({
      statedBy: wangAt('2026-11-03T09:00:00.000Z'),
      continuedOnOwnInitiative: false,
    });
    given(...determined, proposed(), withMetadata(withdrawn, { at: '2026-11-03T09:00:00.000Z' }))
      .when(accept())
      .then(saidAt(accepted));
    const returned = events.ReturnedToInvestigation({ reason: 'The till records arrived' });
    given(...determined, proposed(), returned)
      .when(accept())
      .then(saidAt(accepted));
  });
  test('rejects a repeated answer', () => {
    given(...determined, proposed(), accepted)
      .when(accept())
      .thenRejected('nothing_to_change');
    given(...determined, proposed(), accepted, secondOffer)
      .when(accept())
      .thenRejected('nothing_to_change', '/remedyId');
    given(...determined, proposed(), rejected)
      .when(reject())
      .thenRejected('nothing_to_change');
    given(...determined, proposed(), rejected, secondOffer)
      .when(reject())
      .thenRejected('nothing_to_change', '/remedyId');
  });
  test('requires an offer that awaits an answer', () => {
    given(...determined)
      .when(accept())
      .thenRejected('no_open_offer');
    given(...determined, proposed(), accepted, secondOffer)
      .when(reject())
      .thenRejected('not_offered', '/remedyId');
    given(...determined, proposed())
      .when(accept({ remedyId: 'r9' }))
      .thenRejected('unknown_remedy', '/remedyId');
    given(...determined, proposed())
      .when(reject({ remedyId: 'r9' }))
      .thenRejected('unknown_remedy', '/remedyId');
  });
  test('requires a past statement of somebody who may act, with known evidence (I22)', () => {
    const offered = given(...determined, proposed());
    offered
      .when(accept({ statedBy: { ...statedByWang, party: 'a9' } }))
      .thenRejected('unknown_party', '/statedBy/party');
    offered.when(accept({ statedBy: wangAt('2026-12-01T00:00:00.000Z') })).thenRejected('in_future', '/statedBy/at');
    offered
      .when(accept({ statedBy: { ...statedByWang, evidenceId: 'e1' } }))
      .thenRejected('unknown_evidence', '/statedBy/evidenceId');
    const identityFailed = events.IdentityVerificationFailed({ party: 'a1', method: 'call', reason: 'Another person' });
    given(...determined, proposed(), identityFailed)
      .when(accept())
      .thenRejected('identity_failed', '/statedBy/party');
  });
  test('rejects an answer from before the offer (I21), with the tolerance of two minutes', () => {
    const late = withMetadata(proposed(), { at: '2026-11-02T09:02:00.000Z' });
    given(...determined, late)
      .when(accept())
      .thenRecorded('RemedyAccepted');
    given(...determined, withMetadata(proposed(), { at: '2026-11-02T09:02:00.001Z' }))
      .when(accept())
      .thenRejected('before_what_it_answers', '/statedBy/at');
  });
});

describe('T12: an offer to several complainants (I22)', () => {
  const li: Party = { id: 'a2', role: 'co_complainant', name: '李雷', authority: 'none' };
  const lawyer: Party = { id: 'a3', role: 'representative', name: 'Lawyer', authority: 'claimed', actsFor: ['a2'] };
  const joint = [...eventsUntilInvestigated(received({ parties: [complainantWang, li, lawyer] })), upheld];
  const toBoth = proposed({ to: ['a1', 'a2'] });
  const saidByLi: StatedBy = { ...statedByWang, party: 'a2' };
  const saidByLawyer: StatedBy = { ...statedByWang, party: 'a3' };
  const acceptedByWang = events.RemedyAccepted({ remedyId: 'r1', statedBy: statedByWang, awaiting: ['a2'] });

  test('is accepted when all have accepted it', () => {
    given(...joint, toBoth)
      .when(accept())
      .then(saidAt(acceptedByWang));
    given(...joint, toBoth, acceptedByWang)
      .when(accept({ statedBy: saidByLi }))
      .then(saidAt(events.RemedyAccepted({ remedyId: 'r1', statedBy: saidByLi })));
    const { remedies } = given(...joint, toBoth, acceptedByWang).state;
    expect(remedies).toMatchObject([{ status: 'Proposed', awaiting: ['a2'], acceptances: [statedByWang] }]);
    const settled = given(
      ...joint,
      toBoth,
      acceptedByWang,
      events.RemedyAccepted({ remedyId: 'r1', statedBy: saidByLi }),
    ).state.remedies[0];
    expect(settled).toMatchObject({ status: 'Accepted', answered: saidByLi, acceptances: [statedByWang, saidByLi] });
    expect(settled?.awaiting).toBeUndefined();
  });
  test('is rejected when one rejects it', () => {
    given(...joint, toBoth, acceptedByWang)
      .when(reject({ statedBy: saidByLi }))
      .then(saidAt(events.RemedyRejected({ remedyId: 'r1', statedBy: saidByLi, reason: 'Wants more' })));
    const { state } = given(...joint, toBoth, acceptedByWang, rejected);
    expect(state.remedies[0]?.status).toBe('Rejected');
  });
  test('each accepts once', () =>
    given(...joint, toBoth, acceptedByWang)
      .when(accept())
      .thenRejected('nothing_to_change', '/statedBy/party'));
  test('a representative with verified authority accepts for those they act for', () => {
    given(...joint, toBoth, acceptedByWang)
      .when(accept({ statedBy: saidByLawyer }))
      .thenRejected('authority_not_verified', '/statedBy/party');
    const verified = events.AuthorityVerified({ party: 'a3', basis: 'Power of attorney', scope: ['act'] });
    given(...joint, verified, toBoth, acceptedByWang)
      .when(accept({ statedBy: saidByLawyer }))
      .then(saidAt(events.RemedyAccepted({ remedyId: 'r1', statedBy: saidByLawyer })));
    given(...joint, verified, proposed({ to: ['a1'] }))
      .when(accept({ statedBy: saidByLawyer }))
      .thenRejected('not_offered_to', '/statedBy/party');
  });
  test('an offer of an earlier version names nobody, and the first answer settles it', () => {
    given(...joint, proposed())
      .when(accept())
      .then(saidAt(accepted));
    expect(given(...joint, proposed(), accepted).state.remedies[0]?.status).toBe('Accepted');
  });
  test('without a party on file, a person who is present accepts', () =>
    given(received({ parties: [] }), upheld, proposed())
      .when(accept({ statedBy: { ...statedByWang, party: 'unidentified', medium: 'in_person' } }))
      .thenRecorded('RemedyAccepted'));
});

describe('T12: the validity of an offer (I24)', () => {
  const validUntil = instant('2026-11-05T00:00:00.000Z');
  const inTime = wangAt('2026-11-04T23:59:59.999Z');
  const tooLate = wangAt('2026-11-05T00:00:00.000Z');
  const lapse = (remedyId = 'r1') => command(commands.LapseRemedyOffer, { remedyId });
  const lapsed = events.RemedyOfferLapsed({ remedyId: 'r1', cause: 'validity' });

  test('an offer lapses after its validity has ended, and not before', () => {
    given(...determined, proposed({ validUntil }))
      .when(lapse())
      .then(lapsed);
    given(...determined, proposed({ validUntil }))
      .when(lapse(), { now: '2026-11-05T00:00:00.000Z' })
      .then(lapsed);
    given(...determined, proposed({ validUntil }))
      .when(lapse(), { now: '2026-11-04T23:59:59.999Z' })
      .thenRejected('still_valid');
    given(...determined, proposed())
      .when(lapse())
      .thenRejected('still_valid');
    given(...determined, proposed({ validUntil }), secondOffer)
      .when(lapse('r2'))
      .thenRejected('still_valid', '/remedyId');
  });
  test('a lapse is recorded once', () => {
    given(...determined, proposed({ validUntil }), lapsed)
      .when(lapse())
      .thenRejected('nothing_to_change');
    given(...determined, proposed({ validUntil }), lapsed, proposed({ remedyId: 'r2', validUntil }))
      .when(lapse())
      .thenRejected('nothing_to_change', '/remedyId');
    given(...determined, proposed({ remedyId: 'r2', validUntil }))
      .when(lapse())
      .thenRejected('unknown_remedy', '/remedyId');
  });
  test('an acceptance stated in time counts, however late it is recorded', () => {
    given(...determined, proposed({ validUntil }))
      .when(accept({ statedBy: inTime }))
      .thenRecorded('RemedyAccepted');
    given(...determined, proposed({ validUntil }), lapsed)
      .when(accept({ statedBy: inTime }))
      .then(reversed, saidAt(events.RemedyAccepted({ remedyId: 'r1', statedBy: inTime }), inTime));
    given(...determined, proposed({ validUntil }), lapsed)
      .when(reject({ statedBy: inTime }))
      .thenRecorded('RemedyOfferLapseReversed', 'RemedyRejected');
  });
  test('what is stated after the validity never counts, recorded lapse or not', () => {
    given(...determined, proposed({ validUntil }))
      .when(accept({ statedBy: tooLate }))
      .thenRejected('offer_over', '/statedBy/at');
    given(...determined, proposed({ validUntil }))
      .when(reject({ statedBy: tooLate }))
      .thenRejected('offer_over', '/statedBy/at');
    given(...determined, proposed({ validUntil }), lapsed)
      .when(accept({ statedBy: tooLate }))
      .thenRejected('offer_over', '/statedBy/at');
  });
  test('a day is too late only if all of its instants are', () => {
    const onTheDay = { ...statedByWang, at: { precision: 'day', day: '2026-11-05', zone: 'Asia/Shanghai' } } as const;
    given(...determined, proposed({ validUntil }))
      .when(accept({ statedBy: onTheDay }))
      .thenRecorded('RemedyAccepted');
  });
  test('an offer stays valid for each complainant until they are told of its withdrawal', () => {
    const withdrawn = withMetadata(
      events.RemedyOfferWithdrawn({
        remedyId: 'r1',
        noticeId: 'o1',
        reason: 'No',
        addressees: ['a1'],
        channel: 'email',
      }),
      { at: '2026-11-01T12:00:00.000Z' },
    );
    const told = (at: string) =>
      events.OutcomeCommunicated({ of: 'o1', channel: 'email', to: 'a1', deliveredAt: instant(at) });
    given(...determined, proposed(), withdrawn)
      .when(accept())
      .then(reversed, saidAt(accepted));
    given(...determined, proposed(), withdrawn, told('2026-11-02T09:00:00.001Z'))
      .when(accept())
      .then(reversed, saidAt(accepted));
    given(...determined, proposed(), withdrawn, told('2026-11-02T09:00:00.000Z'))
      .when(accept())
      .thenRejected('offer_over', '/statedBy/at');
  });
  test('where nobody may be told, a withdrawal counts when it is sent', () => {
    const anonymous = [received({ parties: [] }), upheld, proposed()];
    const saidByGuest: StatedBy = { ...statedByWang, party: 'unidentified', medium: 'in_person' };
    const withdrawn = events.RemedyOfferWithdrawn({
      remedyId: 'r1',
      noticeId: 'o1',
      reason: 'No',
      addressees: [],
      channel: 'email',
    });
    given(...anonymous, withMetadata(withdrawn, { at: '2026-11-02T08:59:00.000Z' }))
      .when(accept({ statedBy: saidByGuest }))
      .thenRejected('offer_over', '/statedBy/at');
    given(...anonymous, withMetadata(withdrawn, { at: '2026-11-02T09:01:00.000Z' }))
      .when(accept({ statedBy: saidByGuest }))
      .thenRecorded('RemedyOfferLapseReversed', 'RemedyAccepted');
  });
  test('the end of the complaint ends the validity', () => {
    const ended = (at: string) => [
      withMetadata(events.RemedyOfferLapsed({ remedyId: 'r1', cause: 'ended' }), { at }),
      withMetadata(events.ComplaintWithdrawn({ statedBy: wangAt(at), continuedOnOwnInitiative: false }), { at }),
    ];
    given(...determined, proposed(), ...ended('2026-11-02T09:00:00.001Z'))
      .when(accept())
      .then(reversed, saidAt(accepted));
    given(...determined, proposed(), ...ended('2026-11-02T09:00:00.000Z'))
      .when(accept())
      .thenRejected('offer_over', '/statedBy/at');
    // an end of an earlier version leaves the offer waiting
    given(...determined, proposed(), ...ended('2026-11-02T09:00:00.000Z').slice(1))
      .when(accept())
      .thenRejected('offer_over', '/statedBy/at');
  });
  test('an accepted offer is owed again after its lapse, also after the end', () => {
    const { state } = given(...determined, proposed({ validUntil }), lapsed, reversed, accepted);
    expect(state.remedies).toMatchObject([{ status: 'Accepted', answered: statedByWang }]);
    expect(state.remedies[0]?.over).toBeUndefined();
  });
  test('an acceptance in time opens the measures again that were waived with the offer', () => {
    const waived = events.RemedyMeasureWaived({
      waiverId: 'w1',
      remedyId: 'r1',
      measureId: 'm1',
      reason: 'The bank refunded it',
      responsible: 'supervisor-1',
      addressees: ['a1'],
      channel: 'email',
    });
    const withdrawn = events.RemedyOfferWithdrawn({ remedyId: 'r1', noticeId: 'w1', reason: 'The bank refunded it' });
    given(...determined, proposed(), waived, withdrawn)
      .when(accept())
      .then(reversed, saidAt(accepted));
    const { state } = given(...determined, proposed(), waived, withdrawn, reversed, accepted);
    expect(state.remedies).toMatchObject([{ status: 'Accepted', measures: [{ ...refund, status: 'Open' }] }]);
  });
  test('reopening leaves the offers that stand; one of an earlier version lapses them', () => {
    const reopenedWith = (standing: { readonly standingOffers?: readonly string[] }) =>
      given(
        ...determined,
        proposed(),
        events.ComplaintReopened({ episode: 2, kind: 'dissatisfied', reason: 'Not heard', ...standing }),
      );
    reopenedWith({ standingOffers: ['r1'] })
      .when(accept())
      .then(saidAt(accepted));
    reopenedWith({}).when(accept()).thenRejected('no_open_offer');
  });
});
