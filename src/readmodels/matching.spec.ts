import { matches, valuesAtPath, valueAt } from './matching.js';
import { parseFilter } from './query-language.js';

describe('a path in a filter', () => {
  test('continues in the objects of an array, but not in an array of an array', () => {
    const document = { a: [{ b: 1 }, [{ b: 2 }], 3, { b: [4, [5]] }] };
    expect(valuesAtPath(document, ['a', 'b'])).toEqual({
      throughArray: true,
      values: [1, 4, [5]],
      exists: true,
      absent: false,
    });
  });

  test('is absent when a value on the path lacks the field, but not when an array on the path has no objects', () => {
    expect(valuesAtPath({ a: {} }, ['a', 'b']).absent).toBe(true);
    expect(valuesAtPath({ a: 1 }, ['a', 'b']).absent).toBe(true);
    expect(valuesAtPath({ a: [{}] }, ['a', 'b']).absent).toBe(true);
    expect(valuesAtPath({ a: [] }, ['a', 'b']).absent).toBe(false);
    expect(valuesAtPath({ a: [1, 2] }, ['a', 'b']).absent).toBe(false);
  });

  test('does not find properties that an object inherits from its prototype', () => {
    expect(valuesAtPath({ a: {} }, ['a', 'constructor']).exists).toBe(false);
    expect(matches({ _id: 'x' }, parseFilter({ 'toString.name': { $exists: true } }))).toBe(false);
  });
});

describe('a path in an expression', () => {
  test('finds the value, or at an array the list of the values in its objects', () => {
    expect(valueAt({ a: [{ b: 1 }, {}, 2, [{ b: 3 }]] }, ['a', 'b'])).toEqual([1, [3]]);
    expect(valueAt({ a: { b: [1] } }, ['a', 'b'])).toEqual([1]);
    expect(valueAt({ a: 1 }, ['a', 'b'])).toBeUndefined();
  });
});
