import { CHANNELS, NATURES, OUTCOMES, STAGES, STATUSES } from './vocabulary.js';
import { CHANNEL_WORDS, NATURE_WORDS, OUTCOME_WORDS, STAGE_WORDS, STATUS_WORDS } from './words.js';

/** Chinese characters; in brackets also what is not Chinese, such as the number of a hotline. */
const HAN = /^[\p{Script=Han}、]+(?:（[\p{Script=Han}、A-Z\d]+）)?$/u;
const LATIN = /^[A-Z][a-z -]+(?:\([a-z ]+\))?$/;

test.each([
  ['stage', STAGES, STAGE_WORDS],
  ['status', STATUSES, STATUS_WORDS],
  ['outcome', OUTCOMES, OUTCOME_WORDS],
  ['nature', NATURES, NATURE_WORDS],
  ['channel', CHANNELS, CHANNEL_WORDS],
])('every %s has words in both languages, in the order of the codes', (_list, codes, words) => {
  expect(Object.keys(words)).toEqual([...codes]);
  for (const { en, zh } of Object.values(words)) {
    expect(en).toMatch(LATIN);
    expect(zh).toMatch(HAN);
  }
});

test('no two codes of a list have the same words', () => {
  for (const words of [STAGE_WORDS, STATUS_WORDS, OUTCOME_WORDS, NATURE_WORDS, CHANNEL_WORDS])
    for (const language of ['en', 'zh'] as const) {
      const texts = Object.values(words).map((word) => word[language]);
      expect(new Set(texts).size).toBe(texts.length);
    }
});
