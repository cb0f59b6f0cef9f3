import { given, HANDLER, NOON, type History } from '../../test/support/given.js';
import { complainantWang, received, statedByWang } from '../../test/support/complaint-history.js';
import { coComplainantLi, lawyerZhao, wangWithoutContact } from '../../test/support/parties.js';
import { REFERENCE } from '../../test/support/directory.js';
import { instant } from '../platform/moment.js';
import type { Context } from './decision.js';
import * as events from './events.js';
import { letterEvents, letterProblems, type LetterTerms } from './letters.js';

const context: Context = { now: NOON, occurredAt: instant(NOON), actor: HANDLER, reference: REFERENCE };
const problemsOf = (history: History, terms: Partial<LetterTerms>) =>
  letterProblems(given(...history).state, { addressees: [], channel: 'email', ...terms }, context).map(
    ({ code, pointer }) => [code, pointer],
  );
const both = received({ parties: [complainantWang, coComplainantLi] });

describe('T14: the addressees of a letter', () => {
  test('are all who may be told', () => {
    expect(problemsOf([both], { addressees: ['a1', 'a2'] })).toEqual([]);
    expect(problemsOf([both], { addressees: ['a1'] })).toEqual([['addressee_missing', '/addressees']]);
    expect(problemsOf([both], {})).toEqual([['addressee_missing', '/addressees']]);
  });
  test('are nobody where nobody may be told', () => {
    expect(problemsOf([received({ parties: [] })], {})).toEqual([]);
    expect(problemsOf([received({ parties: [wangWithoutContact, lawyerZhao] })], {})).toEqual([
      ['authority_open', '/addressees'],
    ]);
  });
  test('are no party that may not be told', () => {
    const failed = events.IdentityVerificationFailed({ party: 'a2', method: 'call_back', reason: 'Another person' });
    const withdrawn = events.ComplaintWithdrawn({
      statedBy: { ...statedByWang, party: 'a2' },
      continuedOnOwnInitiative: true,
    });
    const addressees = ['a1', 'a2', 'a1', 'a7'];
    expect(problemsOf([both, failed], { addressees })).toEqual([
      ['identity_failed', '/addressees/1'],
      ['addressee_repeated', '/addressees/2'],
      ['unknown_party', '/addressees/3'],
    ]);
    expect(problemsOf([both, withdrawn], { addressees: ['a1', 'a2'] })).toEqual([
      ['addressee_withdrawn', '/addressees/1'],
    ]);
    const represented = received({ parties: [complainantWang, lawyerZhao] });
    expect(problemsOf([represented], { addressees: ['a1', 'a3'] })).toEqual([
      ['authority_not_verified', '/addressees/1'],
    ]);
  });
  test('have no contact only if the letter is spoken or handed over', () => {
    const withoutContact = [received({ parties: [wangWithoutContact] })];
    expect(problemsOf(withoutContact, { addressees: ['a1'] })).toEqual([['no_contact', '/addressees/0']]);
    expect(problemsOf(withoutContact, { addressees: ['a1'], channel: 'in_person' })).toEqual([]);
    const anonymous = [received({ parties: [] })];
    expect(problemsOf(anonymous, { addressees: ['unidentified'], channel: 'front_desk' })).toEqual([]);
    expect(problemsOf(anonymous, { addressees: ['unidentified'] })).toEqual([['no_contact', '/addressees/0']]);
    expect(problemsOf([both], { addressees: ['a1', 'a2', 'unidentified'], channel: 'phone' })).toEqual([
      ['party_on_file', '/addressees/2'],
    ]);
  });
});

describe('T14: what comes with a letter', () => {
  test('a delivery to each addressee, if it is spoken or handed over', () => {
    const terms = { addressees: ['a1', 'a2'], channel: 'phone' } as const;
    const communicated = (to: string) =>
      events.OutcomeCommunicated({ of: 'f1', channel: 'phone', to, deliveredAt: instant(NOON) });
    expect(letterEvents('f1', terms, context)).toEqual([communicated('a1'), communicated('a2')]);
    expect(letterEvents('f1', { ...terms, channel: 'email' }, context)).toEqual([]);
  });
  test('that nobody can be told, without addressees', () => {
    expect(letterEvents('f1', { addressees: [], channel: 'email' }, context)).toEqual([
      events.OutcomeUndeliverable({ of: 'f1', attempts: [], cause: 'nobody' }),
    ]);
  });
});
