import { given, NOON, HANDLER, type History } from '../../test/support/given.js';
import { complainantWang, received, statedByWang } from '../../test/support/complaint-history.js';
import {
  authorityAsked,
  authorityRejected,
  authorityVerified,
  coComplainantLi,
  lawyerZhao,
  parties,
  wangWithoutContact,
} from '../../test/support/parties.js';
import { REFERENCE } from '../../test/support/directory.js';
import { instant } from '../platform/moment.js';
import { complainantsOf, isNobodyToTell, partiesWhoMayBeTold } from './addressees.js';
import { mayAct, missingStatements } from './authority.js';
import type { Context } from './decision.js';
import * as events from './events.js';
import type { StatedBy } from './terms/facts.js';
import type { Scope } from './terms/vocabulary.js';

const context: Context = { now: NOON, occurredAt: instant(NOON), actor: HANDLER, reference: REFERENCE };
const stateAfter = (...history: History) => given(...history).state;
const problemsOf = (history: History, statedBy: Partial<StatedBy>, scope: Scope = 'act') =>
  mayAct(stateAfter(...history), { ...statedByWang, ...statedBy }, scope, context).map(({ code }) => code);
const toldAfter = (...history: History) => partiesWhoMayBeTold(stateAfter(...history)).map(({ id }) => id);

describe('I22: who may act', () => {
  test('a complainant, and nobody whose identity failed', () => {
    expect(problemsOf([received()], {})).toEqual([]);
    const failed = events.IdentityVerificationFailed({ party: 'a1', method: 'call_back', reason: 'Another person' });
    expect(problemsOf([received(), failed], {})).toEqual(['identity_failed']);
  });
  test('a representative with verified authority that covers the act', () => {
    const represented = received({ parties });
    expect(problemsOf([represented], { party: 'a3' })).toEqual(['authority_not_verified']);
    expect(problemsOf([represented, authorityRejected], { party: 'a3' })).toEqual(['authority_rejected']);
    expect(problemsOf([represented, authorityVerified()], { party: 'a3' })).toEqual([]);
    expect(problemsOf([represented, authorityVerified()], { party: 'a3' }, 'money')).toEqual([
      'authority_not_verified',
    ]);
    expect(problemsOf([represented, authorityVerified({ scope: ['money'] })], { party: 'a3' }, 'money')).toEqual([]);
    expect(problemsOf([represented, authorityVerified({ scope: ['money'] })], { party: 'a3' })).toEqual([
      'authority_not_verified',
    ]);
  });
  test('an unidentified person who is present or quotes the reference, if no party is on file', () => {
    const anonymous = [received({ parties: [] })];
    const unidentified = { party: 'unidentified' };
    expect(problemsOf(anonymous, { ...unidentified, medium: 'in_person' })).toEqual([]);
    expect(problemsOf(anonymous, { ...unidentified, medium: 'phone', quotesReference: true })).toEqual([]);
    expect(problemsOf(anonymous, { ...unidentified, medium: 'phone' })).toEqual(['unidentified_not_present']);
    expect(problemsOf([received()], { ...unidentified, medium: 'in_person' })).toEqual(['party_on_file']);
  });
  test('all problems of a statement are named at once', () => {
    const statedBy = { party: 'a9', at: instant('2026-11-20T09:00:00.000Z'), evidenceId: 'e1' };
    expect(problemsOf([received()], statedBy)).toEqual(['unknown_party', 'in_future', 'unknown_evidence']);
  });
});

describe('I22: each of several complainants acts alone', () => {
  const missingAfter = (history: History, ...speakers: string[]) =>
    missingStatements(
      stateAfter(...history),
      speakers.map((party) => ({ ...statedByWang, party })),
      '/agreedBy',
    ).map(({ code, message }) => [code, message.slice(0, 2)]);

  test('a statement of each is needed', () => {
    expect(missingAfter([received({ parties })], 'a1')).toEqual([['agreement_missing', 'a2']]);
    expect(missingAfter([received({ parties })], 'a1', 'a2')).toEqual([]);
  });
  test('a representative speaks for those they act for', () => {
    const forWang = { ...lawyerZhao, actsFor: ['a1'] };
    expect(missingAfter([received({ parties: [complainantWang, coComplainantLi, forWang] })], 'a3')).toEqual([
      ['agreement_missing', 'a2'],
    ]);
    expect(missingAfter([received({ parties })], 'a3')).toEqual([]);
  });
  test('a complainant who has withdrawn is no longer asked', () => {
    const withdrawn = events.ComplaintWithdrawn({
      statedBy: { ...statedByWang, party: 'a2' },
      continuedOnOwnInitiative: true,
    });
    expect(complainantsOf(stateAfter(received({ parties }), withdrawn)).map(({ id }) => id)).toEqual(['a1']);
    const reopened = events.ComplaintReopened({ episode: 2, kind: 'dissatisfied', reason: 'Cold again' });
    const again = stateAfter(received({ parties }), withdrawn, reopened);
    expect(complainantsOf(again).map(({ id }) => id)).toEqual(['a1', 'a2']);
  });
});

describe('who may be told', () => {
  test('every complainant with a contact whose identity has not failed and who has not withdrawn', () => {
    const both = received({ parties: [complainantWang, coComplainantLi] });
    const failed = events.IdentityVerificationFailed({ party: 'a2', method: 'call_back', reason: 'Another person' });
    const withdrawn = events.ComplaintWithdrawn({ statedBy: statedByWang, continuedOnOwnInitiative: true });
    expect(toldAfter(both)).toEqual(['a1', 'a2']);
    expect(toldAfter(both, failed)).toEqual(['a1']);
    expect(toldAfter(both, withdrawn)).toEqual(['a2']);
  });
  test('a contact may be added or retired later', () => {
    const contact = { id: 'k1', channel: 'phone', address: '+86 10 5555 0100' };
    const added = events.ContactDetailsAdded({ party: 'a1', contacts: [contact] });
    const retired = events.ContactDetailsRetired({ party: 'a1', contact: 'k1', reason: 'Disconnected' });
    expect(toldAfter(received({ parties: [wangWithoutContact] }))).toEqual([]);
    expect(toldAfter(received({ parties: [wangWithoutContact] }), added)).toEqual(['a1']);
    expect(toldAfter(received(), retired)).toEqual([]);
    expect(toldAfter(received({ parties: [] }), events.PartyAdded({ party: complainantWang }))).toEqual(['a1']);
  });
  test('in the place of a complainant, a representative with verified authority for correspondence', () => {
    const forWang = received({ parties: [complainantWang, coComplainantLi, { ...lawyerZhao, actsFor: ['a1'] }] });
    expect(toldAfter(forWang)).toEqual(['a1', 'a2']);
    expect(toldAfter(forWang, authorityVerified())).toEqual(['a3', 'a2']);
    expect(toldAfter(forWang, authorityVerified({ scope: ['act'] }))).toEqual(['a1', 'a2']);
    expect(toldAfter(received({ parties: [lawyerZhao] }), authorityVerified())).toEqual(['a3']);
  });
  test('nobody, once each representative was rejected or did not show the authority that they were asked for', () => {
    const nobodyAfter = (...history: History) =>
      isNobodyToTell(stateAfter(received({ parties: [wangWithoutContact, lawyerZhao] }), ...history));
    expect(isNobodyToTell(stateAfter(received({ parties: [] })))).toBe(true);
    expect(nobodyAfter()).toBe(false);
    expect(nobodyAfter(authorityRejected)).toBe(true);
    expect(nobodyAfter(authorityAsked)).toBe(false);
    expect(nobodyAfter(authorityAsked, events.InformationRequestLapsed({ requestId: 'q1', reason: 'Silence' }))).toBe(
      true,
    );
    const answered = events.InformationReceived({ requestId: 'q1', from: 'a3', content: 'Here it is' });
    expect(nobodyAfter(authorityAsked, answered)).toBe(true);
    expect(nobodyAfter(authorityAsked, answered, authorityVerified())).toBe(false);
  });
});
