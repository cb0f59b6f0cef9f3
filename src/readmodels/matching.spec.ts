import { matches, reach, valueAt } from './matching.js';
import { parseFilter } from './query-language.js';

describe('a path through a document', () => {
  test('enters the objects of an array, but not an array in an array', () => {
    const document = { a: [{ b: 1 }, [{ b: 2 }], 3, { b: [4, [5]] }] };
    expect(reach(document, ['a', 'b'])).toEqual({
      throughArray: true,
      values: [1, 4, [5]],
      exists: true,
      absent: false,
    });
  });

  test('is absent where an object on the way lacks the field', () => {
    expect(reach({ a: {} }, ['a', 'b']).absent).toBe(true);
    expect(reach({ a: 1 }, ['a', 'b']).absent).toBe(true);
    expect(reach({ a: [{}] }, ['a', 'b']).absent).toBe(true);
    expect(reach({ a: [] }, ['a', 'b']).absent).toBe(false);
    expect(reach({ a: [1, 2] }, ['a', 'b']).absent).toBe(false);
  });

  test('follows own fields only', () => {
    expect(reach({ a: {} }, ['a', 'constructor']).exists).toBe(false);
    expect(matches({ _id: 'x' }, parseFilter({ 'toString.name': { $exists: true } }))).toBe(false);
  });

  test('in an expression is the array of what the objects hold', () => {
    expect(valueAt({ a: [{ b: 1 }, {}, 2, [{ b: 3 }]] }, ['a', 'b'])).toEqual([1, [3]]);
    expect(valueAt({ a: { b: [1] } }, ['a', 'b'])).toEqual([1]);
    expect(valueAt({ a: 1 }, ['a', 'b'])).toBeUndefined();
  });
});
