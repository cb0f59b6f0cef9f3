import fc from 'fast-check';
import type { Json } from '../platform/json.js';
import { compareText, orderKey, isStorableText } from './value-order.js';
import { examples } from '../../test/support/examples.js';

const compare = (a: Json, b: Json): number => Math.sign(Buffer.compare(orderKey(a), orderKey(b)));

describe('the order of values', () => {
  test.each<[Json, Json]>([
    [null, -Number.MAX_VALUE],
    [-1.5, -1],
    [-1, 0],
    [0, Number.MIN_VALUE],
    [2, 10],
    [Number.MAX_SAFE_INTEGER - 1, Number.MAX_SAFE_INTEGER],
    [Number.MAX_VALUE, ''],
    ['a', 'a\0'],
    ['a\0', 'aa'],
    ['10', '9'],
    ['\uffee', '😀'],
    ['😀', {}],
    [{}, { a: null }],
    [{ a: 1 }, { b: 0 }],
    [{ b: 1 }, { a: 'type before name' }],
    [{ a: 1 }, { a: 1, b: null }],
    [{ z: 'x' }, []],
    [[], [null]],
    [[1], [1, null]],
    [[1, 5], [2]],
    [['a', 1], ['a\0']],
    [[true], false],
    [false, true],
  ])('%j sorts before %j', (first, second) => {
    expect(compare(first, second)).toBe(-1);
    expect(compare(second, first)).toBe(1);
  });

  test('-0 is equal to 0, and a missing value has the key of null', () => {
    expect(compare(-0, 0)).toBe(0);
    expect(orderKey(undefined)).toEqual(orderKey(null));
  });

  test('numbers are ordered by value', () => {
    const number = fc.double({ noNaN: true, noDefaultInfinity: true });
    fc.assert(
      fc.property(number, number, (a, b) => compare(a, b) === (a < b ? -1 : a > b ? 1 : 0)),
      examples(),
    );
  });

  test('texts are ordered by their code points', () => {
    const text = fc.string({ unit: 'binary', maxLength: 4 });
    const byCodePoint = (a: string, b: string): number => {
      const codePoints = (value: string): number[] => Array.from(value, (character) => character.codePointAt(0) ?? 0);
      const [ofA, ofB] = [codePoints(a), codePoints(b)];
      for (let at = 0; at < Math.max(ofA.length, ofB.length); at += 1) {
        const difference = (ofA[at] ?? -1) - (ofB[at] ?? -1); // the end of a text sorts before every character
        if (difference !== 0) return Math.sign(difference);
      }
      return 0;
    };
    fc.assert(
      fc.property(text, text, (a, b) => {
        expect(compare(a, b)).toBe(byCodePoint(a, b));
        expect(Math.sign(compareText(a, b))).toBe(byCodePoint(a, b));
      }),
      examples(),
    );
  });

  test('a text is storable if it contains neither U+0000 nor a lone surrogate', () => {
    expect(['a', '😀', '', '\n'].every(isStorableText)).toBe(true);
    expect(['a\0', '\ud83d', '\ude00x'].some(isStorableText)).toBe(false);
  });
});
