import fc from 'fast-check';
import { examples } from '../../test/support/examples.js';
import { errorsOf, parse, Trip, validateTrip } from '../../test/support/trip.js';
import { Flag, Text, Whole } from './fields.js';
import { MAX_ERRORS, validateObject, validateTexts } from './validate-object.js';

describe('validateObject', () => {
  test.each(['"text"', '1', 'null', '[]', '[{"title":"home"}]'])('rejects %s, which is not an object', (json) => {
    expect(errorsOf(parse(json))).toEqual([' wrong_type']);
  });

  test.each(['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', 'valueOf'])(
    'rejects the field name %s at every level',
    (name) => {
      const errors = errorsOf(parse(`{"title":"home","${name}":{"x":1},"first":{"from":"a","${name}":1}}`));
      expect(errors).toEqual([`/${name} unknown_field`, `/first/${name} unknown_field`]);
      expect(({} as { x?: number }).x).toBeUndefined();
    },
  );

  test('returns errors with JSON pointers (RFC 6901) and with messages that name the field', () => {
    const result = validateObject(Trip, parse('{"title":"home","a/b~c":1}'));
    expect(result).toEqual({
      ok: false,
      errors: [
        { pointer: '/a~1b~0c', code: 'unknown_field', message: 'a~1b~0c is unknown; remove it or correct its name' },
      ],
    });
    expect(validateObject(Trip, {})).toEqual({
      ok: false,
      errors: [{ pointer: '/title', code: 'required', message: 'title is missing' }],
    });
  });

  test('reports at most 100 errors', () => {
    const unknownFields = Object.fromEntries(Array.from({ length: 5000 }, (_, n) => [`f${String(n)}`, 1]));
    expect(MAX_ERRORS).toBe(100);
    expect(errorsOf(unknownFields)).toHaveLength(MAX_ERRORS);
  });

  test('rejects values nested 100,000 levels deep, without a stack overflow', () => {
    let deep: unknown = 1;
    for (let depth = 0; depth < 100_000; depth++) deep = depth % 2 === 0 ? [deep] : { from: deep };
    expect(errorsOf({ title: deep, tags: [deep], first: deep, legs: [deep], at: deep, x: deep })).toContain(
      '/title wrong_type',
    );
    const unknownFields = Object.fromEntries(Array.from({ length: 200 }, (_, n) => [`f${String(n)}`, deep]));
    expect(
      errorsOf({ ...unknownFields, title: deep, tags: [deep], first: deep, legs: [deep], at: { day: deep } }),
    ).toHaveLength(MAX_ERRORS);
  });

  test('does not change the value', () => {
    const plain = parse('{"title":"home","x":1,"legs":[{"from":"a","y":2},[1]],"first":[]}');
    const before = JSON.stringify(plain);
    validateObject(Trip, plain);
    expect(JSON.stringify(plain)).toBe(before);
  });

  test('converts negative zero to zero, because canonical JSON cannot represent negative zero', () => {
    const result = validateTrip({ seats: parse('-0') });
    expect(result.ok && Object.is(result.value.seats, 0)).toBe(true);
  });

  test('returns a trip or errors for any JSON value, and never throws', () => {
    const names = [
      'title',
      'tags',
      'crew',
      'by',
      'seats',
      'paid',
      'first',
      'legs',
      'at',
      'from',
      'note',
      '__proto__',
      'then',
    ];
    const value = fc.letrec<{ any: unknown }>((tie) => ({
      any: fc.oneof(
        { maxDepth: 4 },
        fc.jsonValue(),
        fc.array(tie('any'), { maxLength: 4 }),
        fc.dictionary(fc.constantFrom(...names), tie('any'), { maxKeys: 5 }),
      ),
    })).any;
    fc.assert(
      fc.property(value, (plain) => {
        const result = validateObject(Trip, JSON.parse(JSON.stringify(plain)));
        if (result.ok) expect(result.value.title).toMatch(/\S/);
        else expect(result.errors.length).toBeGreaterThan(0);
      }),
      examples(300),
    );
  });
});

class Search {
  @Whole({ min: 1, max: 50, default: 20 })
  readonly limit!: number;
  @Flag({ optional: true })
  readonly open?: boolean;
  @Text({ max: 9, each: true, optional: true })
  readonly tags?: string[];
  @Text({ max: 9, optional: true })
  readonly text?: string;
}

const validateSearch = (texts: Record<string, unknown>) => validateTexts(Search, texts);

describe('validateTexts', () => {
  test('converts text to numbers and booleans, and one text to a list', () => {
    expect(validateSearch({ limit: '7', open: 'false', tags: 'a', text: '12' })).toEqual({
      ok: true,
      value: { limit: 7, open: false, tags: ['a'], text: '12' },
    });
  });

  test('returns the default for an absent field', () => {
    expect(validateSearch({})).toEqual({ ok: true, value: { limit: 20 } });
  });

  test.each([
    [{ limit: 'seven' }, '/limit wrong_type'],
    [{ limit: '0' }, '/limit out_of_range'],
    [{ limit: null }, '/limit not_null'],
    [{ open: 'yes' }, '/open wrong_type'],
    [{ text: ['a', 'b'] }, '/text wrong_type'],
  ])('rejects %j', (texts, expected) => {
    const result = validateSearch(texts);
    expect(result.ok ? [] : result.errors.map(({ pointer, code }) => `${pointer} ${code}`)).toEqual([expected]);
  });
});
