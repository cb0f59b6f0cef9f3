import { STAGES, STATUSES } from './vocabulary.js';
import { STAGE_WORDS, STATUS_WORDS } from './words.js';

const HAN = /^\p{Script=Han}+$/u;
const LATIN = /^[A-Z][a-z -]+$/;

test.each([
  ['stage', STAGES, STAGE_WORDS],
  ['status', STATUSES, STATUS_WORDS],
])('every %s has words in both languages, in the order of the codes', (_list, codes, words) => {
  expect(Object.keys(words)).toEqual([...codes]);
  for (const { en, zh } of Object.values(words)) {
    expect(en).toMatch(LATIN);
    expect(zh).toMatch(HAN);
  }
});

test('no two codes of a list have the same words', () => {
  for (const words of [STAGE_WORDS, STATUS_WORDS])
    for (const language of ['en', 'zh'] as const) {
      const texts = Object.values(words).map((word) => word[language]);
      expect(new Set(texts).size).toBe(texts.length);
    }
});
