import fc from 'fast-check';
import { faultOfReference, noSuchComplaint, parseReference, referenceOf } from './reference.js';
import { examples } from '../../test/support/examples.js';

const id = '0b6b2f5e-5c1f-5f0e-9a55-3f0e8f2d7a61';

test('a reference has fifteen characters in groups of five', () =>
  expect(referenceOf(id)).toMatch(/^([0-9A-HJKMNP-TV-Z]{5}-?){3}$/));

test('a reference depends only on the random bits of the id, not on version and variant', () => {
  expect(referenceOf(id.replace('-5f0e-9a55', '-4f0e-8a55'))).toBe(referenceOf(id));
  expect(referenceOf(id.replace('0b6b', '0b6c'))).not.toBe(referenceOf(id));
});

test('the algorithm does not change, because references are printed on letters', () =>
  expect(referenceOf(id)).toBe('1DNJY-QJW3Z-REMNX'));

test('parsing ignores hyphens, spaces and case, and reads I, L and O as 1, 1 and 0', () => {
  const reference = referenceOf('00000000-1084-5210-8842-108421084210');
  expect(parseReference(reference)).toBe(reference);
  expect(parseReference(` ${reference.toLowerCase().replaceAll('-', ' ')} `)).toBe(reference);
  expect(parseReference(reference.replaceAll('0', 'o').replace('1', 'l').replace('1', 'I'))).toBe(reference);
});

test('parsing ignores width, and every kind of dash, blank and invisible character', () => {
  const reference = referenceOf('0b6b2f5e-5c1f-5f0e-9a55-3f0e8f2d7a61');
  const wide = (text: string) =>
    text.replace(/[0-9A-Za-z]/g, (character) => String.fromCodePoint((character.codePointAt(0) ?? 0) + 0xfee0));
  const dashes = '-\u2010\u2011\u2012\u2013\u2014\u2015\u2212\uff0d\u30fc\ufe63\u058a_';
  const invisible = ' \u00a0\u2003\u3000\t\u00ad\u200b\u2060\ufeff';
  for (const separator of (dashes + invisible).split('')) {
    const typed = `${separator}${reference.replaceAll('-', separator)}${separator}`;
    for (const variant of [typed, typed.toLowerCase(), wide(typed), wide(typed.toLowerCase())])
      expect([separator, parseReference(variant)]).toEqual([separator, reference]);
  }
});

test('parsing rejects every reference with one wrong character or with two characters swapped', () => {
  const characters = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
  fc.assert(
    fc.property(
      fc.uuid(),
      fc.nat(14),
      fc.nat(14),
      fc.constantFrom(...characters.split('')),
      (randomId, first, second, character) => {
        const reference = referenceOf(randomId).replaceAll('-', '');
        const replaced = reference.slice(0, first) + character + reference.slice(first + 1);
        const swapped = reference.split('');
        [swapped[first], swapped[second]] = [swapped[second] ?? '', swapped[first] ?? ''];
        for (const typed of [replaced, swapped.join('')])
          expect(parseReference(typed)).toBe(typed === reference ? referenceOf(randomId) : undefined);
      },
    ),
    examples(),
  );
});

test.each(['', 'ABCDE', '1DNJY-QJW3Z-REMNU', '1DNJY-QJW3Z-REMNXX', '一二三四五-ABCDE-ABCDE'])(
  '%j is not a reference',
  (typed) => expect(parseReference(typed)).toBeUndefined(),
);

test.each([
  ['1DNJY-QJW3Z-REMNX', undefined],
  ['1DNJY-QJW3Z-REMNY', /check character that does not fit/],
  ['1dnjy qjw3z remny', /check character that does not fit/],
  ['1DNJYQJW3ZREMXN', /check character that does not fit/],
  ['1DNJU-QJW3Z-REMNX', /must not have the letter U/],
  ['1DNJY-QJW3Z-REMN', /must have 15 letters and digits \(found: 14\)/],
  ['1DNJY-QJW3Z-REMNXX', /must have 15 letters and digits \(found: 16\)/],
  ['0b6b2f5e-5c1f-5f0e-9a55-3f0e8f2d7a61', undefined], // an id
  ['order-1', undefined], // the key of a lodging
  ['', undefined],
  ['-'.repeat(300), undefined],
])('what is wrong with %j as a reference: %s', (typed, fault) => {
  if (fault === undefined) expect(faultOfReference(typed)).toBeUndefined();
  else expect(faultOfReference(typed)).toMatch(fault);
});

test('a complaint that does not exist is named, with what is wrong with its reference', () => {
  expect(noSuchComplaint('nobody')).toBe('there is no complaint "nobody"');
  expect(noSuchComplaint('1DNJY-QJW3Z-REMNY')).toMatch(
    /^there is no complaint "1DNJY-QJW3Z-REMNY"; as a reference, it has a check character that does not fit: /,
  );
});
