import fc from 'fast-check';
import type { Json } from '../platform/json.js';
import { compareText, orderKey, storable } from './value-order.js';
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
  ])('%j comes before %j', (less, more) => {
    expect(compare(less, more)).toBe(-1);
    expect(compare(more, less)).toBe(1);
  });

  test('minus zero is zero, and a missing value is null', () => {
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

  test('texts are ordered by code point', () => {
    const text = fc.string({ unit: 'binary', maxLength: 4 });
    const byCodePoint = (a: string, b: string): number => {
      const [one, other] = [a, b].map((value) => Array.from(value, (character) => character.codePointAt(0) ?? 0));
      for (let at = 0; at < Math.min(one?.length ?? 0, other?.length ?? 0); at += 1)
        if (one?.[at] !== other?.[at]) return Math.sign((one?.[at] ?? 0) - (other?.[at] ?? 0));
      return Math.sign((one?.length ?? 0) - (other?.length ?? 0));
    };
    fc.assert(
      fc.property(text, text, (a, b) => {
        expect(compare(a, b)).toBe(byCodePoint(a, b));
        expect(Math.sign(compareText(a, b))).toBe(byCodePoint(a, b));
      }),
      examples(),
    );
  });

  test('text that a storage engine would change is not storable', () => {
    expect(['a', '😀', '', '\n'].every(storable)).toBe(true);
    expect(['a\0', '\ud83d', '\ude00x'].some(storable)).toBe(false);
  });
});
