import { directoryOf, staffMember } from '../../test/support/directory.js';
import {
  FCA_RESPONSE_POLICY,
  HOUSE_RESPONSE_POLICY,
  LETTER_KINDS,
  type LetterFacts,
  type ResponsePolicy,
} from '../response-policy/response-policy.js';
import { referenceDataOf } from './reference-data.js';

const facts: LetterFacts = {
  nature: 'complaint',
  channel: 'phone',
  language: null,
  severity: null,
  region: [],
  product: ['loan', 'card'],
  category: [],
  respondent: [],
  orgUnit: [],
  source: [],
  accepted: false,
};
const NOON = '2026-11-10T12:00:00.000Z';

describe('I6: a person of the directory', () => {
  test('is found by an id in another case or width', () => {
    const { staff } = directoryOf(['Wang-7']);
    expect(staff.person('wang-7')?.id).toBe('Wang-7');
    expect(staff.person('ＷＡＮＧ－７')?.id).toBe('Wang-7');
    expect(staff.person('wang-8')).toBeUndefined();
  });

  test('is found after retiring', () => {
    const { staff } = directoryOf([staffMember('wang', { retiredAt: NOON })]);
    expect(staff.person('wang')?.retiredAt).toBe(NOON);
  });
});

describe('what a letter must tell', () => {
  const requirement = (responsePolicies: ResponsePolicy[], ...args: [(typeof LETTER_KINDS)[number], LetterFacts?]) =>
    referenceDataOf({ responsePolicies }).responsePolicies.letterRequirement(args[0], args[1] ?? facts, NOON);

  test('I5: the house asks for recourse, unless everything is accepted', () => {
    const recourse = (accepted: boolean) =>
      LETTER_KINDS.filter(
        (kind) => requirement([HOUSE_RESPONSE_POLICY], kind, { ...facts, accepted }).recourse === 'required',
      );
    expect(recourse(false)).toEqual(['accept', 'accept_in_part', 'reject', 'offer_without_acceptance', 'inadmissible']);
    expect(recourse(true)).toEqual(['inadmissible']);
  });

  test('the fca asks for the ombudsman, six months and a leaflet in every final response but an answer', () => {
    for (const kind of ['accept', 'accept_in_part', 'reject', 'offer_without_acceptance'] as const)
      expect(requirement([FCA_RESPONSE_POLICY], kind, { ...facts, accepted: true })).toEqual({
        asked: true,
        recourse: 'required',
        bodies: ['Financial Ombudsman Service'],
        referWithin: { amount: 6, unit: 'month' },
        leaflets: ['fos-consumer-leaflet'],
        languages: [],
        policyRefs: [{ id: 'response-policy-fca', version: 1 }],
      });
    expect(requirement([FCA_RESPONSE_POLICY], 'answer')).toMatchObject({ recourse: 'not_required', leaflets: [] });
  });

  test('a summary is asked only by the fca, and then tells the ombudsman', () => {
    expect(requirement([HOUSE_RESPONSE_POLICY], 'summary').asked).toBe(false);
    expect(requirement([HOUSE_RESPONSE_POLICY, FCA_RESPONSE_POLICY], 'summary')).toMatchObject({
      asked: true,
      bodies: ['Financial Ombudsman Service'],
    });
  });

  test('a policy applies only to the complaints that its condition selects', () => {
    const policy = { ...FCA_RESPONSE_POLICY, appliesIf: { product: { $in: ['loan'] } } };
    expect(requirement([policy], 'reject').recourse).toBe('required');
    expect(requirement([policy], 'reject', { ...facts, product: ['card'] }).asked).toBe(false);
  });

  test('the version in force at the time of the letter decides', () => {
    const later: ResponsePolicy = {
      ...FCA_RESPONSE_POLICY,
      version: 2,
      effectiveFrom: '2026-11-10T12:00:00.001Z',
      letters: {},
    };
    const { responsePolicies } = referenceDataOf({ responsePolicies: [FCA_RESPONSE_POLICY, later] });
    expect(responsePolicies.letterRequirement('reject', facts, NOON).policyRefs).toEqual([
      { id: 'response-policy-fca', version: 1 },
    ]);
    expect(responsePolicies.letterRequirement('reject', facts, later.effectiveFrom).asked).toBe(false);
  });

  test('a policy that has ended asks for nothing', () => {
    expect(requirement([{ ...FCA_RESPONSE_POLICY, effectiveTo: NOON }], 'reject').asked).toBe(false);
  });
});
