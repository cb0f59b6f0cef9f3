import { indexedWords, searchedWords } from './words.js';

describe('indexed words', () => {
  test.each<[string, string[]]>([
    ['Dish arrived COLD', ['dish', 'arrived', 'cold']],
    ['Late, late; LATE!', ['late']],
    ["won't open 2nd-hand", ['won', 't', 'open', '2nd', 'hand']],
    ['ＡＢＣ ﬁne ①', ['abc', 'fine', '1']],
    ['Ünïcödé ÉCOLE', ['ünïcödé', 'école']],
    ['e\u0301cole', ['école']],
    ['凉', ['凉']],
    ['上菜太慢', ['上', '菜', '太', '慢', '上菜', '菜太', '太慢']],
    ['退款，退款', ['退', '款', '退款']],
    ['WiFi很慢5G', ['wifi', '很', '慢', '很慢', '5g']],
    ['𠮷野家', ['𠮷', '野', '家', '𠮷野', '野家']],
    ['— … 😀', []],
    ['', []],
  ])('of %j are %j', (text, words) => {
    expect(indexedWords([text])).toEqual(words);
  });

  test('of several texts are each named once', () => {
    expect(indexedWords(['Cold dish', 'Dish', 'Set menu'])).toEqual(['cold', 'dish', 'set', 'menu']);
  });

  test('are cut to 60 characters', () => {
    expect(indexedWords(['😀a'.repeat(10), 'b'.repeat(61)])).toEqual(['a', 'b'.repeat(60)]);
  });
});

describe('searched words', () => {
  test.each<[string, string[]]>([
    ['COLD dish', ['cold', 'dish']],
    ['凉', ['凉']],
    ['太慢', ['太慢']],
    ['上菜太慢', ['上菜', '菜太', '太慢']],
    ['WiFi很慢', ['wifi', '很慢']],
    ['!?', []],
    ['c'.repeat(99), ['c'.repeat(60)]],
  ])('of %j are %j', (text, words) => {
    expect(searchedWords(text)).toEqual(words);
  });

  test.each(['上菜太慢', '菜太', '慢', 'Dish arrived cold', 'ＤＩＳＨ'])(
    'of a part %j of a text are indexed',
    (part) => {
      expect(indexedWords(['Dish arrived cold，上菜太慢'])).toEqual(expect.arrayContaining(searchedWords(part)));
    },
  );
});
