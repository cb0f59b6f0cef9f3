import fc from 'fast-check';
import { examples } from '../../test/support/examples.js';
import { comparableText, hasInvisibleCharacter, hasVisibleCharacter, truncate } from './text.js';

const named = (codePoints: readonly number[]) =>
  codePoints.map(
    (codePoint) => [`U+${codePoint.toString(16).toUpperCase()}`, String.fromCodePoint(codePoint)] as const,
  );

describe('a text without a visible character', () => {
  const invisible = [
    0x20, 0xa0, 0x2003, 0x3000, 0xad, 0x34f, 0x61c, 0x115f, 0x1160, 0x17b4, 0x180e, 0x200b, 0x200c, 0x200d, 0x200e,
    0x202e, 0x2060, 0x2066, 0x2800, 0x3164, 0xfe0f, 0xfeff, 0xffa0, 0xfff9, 0xfffc, 0xffff, 0x1d159, 0x1d173, 0xe0001,
    0xe0041, 0xe0100, 0x301, 0x20dd, 0x93e, 0x16fe4,
  ];

  test.each(named(invisible))('is one of %s alone, or repeated', (_name, character) => {
    expect(hasVisibleCharacter(character)).toBe(false);
    expect(hasVisibleCharacter(` ${character}\t${character}\n`)).toBe(false);
    expect(hasVisibleCharacter(`${character}a`)).toBe(true);
  });

  test.each(['a', '菜', '7', '?', '€', '😀', '\ue000', 'e\u0301', '👩‍🚒', 'می‌خواهم', '\u{1FAEA}', '\u{323B0}'])(
    'is not %j',
    (text) => {
      expect(hasVisibleCharacter(text)).toBe(true);
    },
  );
});

test.each(['a\u200b', '\ufeff7', '47\u00ad11', 'a\ufe0f', 'a\u{e0041}', 'a\u2800', 'a\u202e', 'a\ufffc'])(
  '%j has an invisible character',
  (text) => {
    expect(hasInvisibleCharacter(text)).toBe(true);
  },
);

test.each(['T-4711', '客服 系统', 'é', 'e\u0301', '４７１１'])('%j has no invisible character', (text) => {
  expect(hasInvisibleCharacter(text)).toBe(false);
});

test('texts that look the same are the same in the form for comparison', () => {
  const composed = 'Cr\u00e8me br\u00fbl\u00e9e';
  for (const text of [composed.normalize('NFD'), ` ${composed}\u00a0`, `Cr\u00e8me\u2003 br\u00fbl\u200b\u00e9e\ufeff`])
    expect(comparableText(text)).toBe(composed);
  expect(comparableText('Mortgage')).not.toBe(comparableText('mortgage'));
});

describe('truncating', () => {
  test.each([
    ['a short text', 'abc', 3, 'abc'],
    ['a long text', 'abcd', 3, 'abc'],
    ['an emoji at the end', 'ab😀', 3, 'ab'],
    ['a letter with a combining mark', 'abe\u0301', 3, 'ab'],
    ['a family of emoji', 'a👨‍👩‍👧‍👦b', 6, 'a'],
    ['a flag', 'ab🇨🇳', 4, 'ab'],
    ['a character longer than the limit', `e${'\u0301'.repeat(9)}`, 4, 'e\u0301\u0301\u0301'],
    ['an emoji longer than the limit', '👨‍👩‍👧‍👦', 4, '👨‍'],
    ['half of a surrogate pair', 'a\ud83d', 5, 'a\ufffd'],
  ])('%s', (_name, text, maxLength, expected) => {
    expect(truncate(text, maxLength)).toBe(expected);
  });

  test('keeps the limit and a beginning of the text, and never leaves half of a character', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 80 }), fc.nat(90), (text, maxLength) => {
        const start = truncate(text, maxLength);
        expect(start.length).toBeLessThanOrEqual(maxLength);
        expect(text.startsWith(start)).toBe(true);
        expect(start.isWellFormed()).toBe(true);
        if (text.length <= maxLength) expect(start).toBe(text);
      }),
      examples(300),
    );
  });
});
