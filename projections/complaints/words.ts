/** Words longer than this are cut, in the index and in a query alike. */
const MAX_WORD_LENGTH = 60;

/** Letters, digits and marks without anything between them. */
const RUN = /[\p{L}\p{N}\p{M}]+/gu;
/** Within a run: Chinese characters, or other characters. */
const PART = /\p{Script=Han}+|\P{Script=Han}+/gu;
const HAN = /^\p{Script=Han}/u;

/**
 * The words of texts, as documents index them, each once: words in lower case; of Chinese text, which has no spaces, every
 * character and every pair of neighbouring characters. Full-width and other compatibility forms count as the usual ones.
 */
export const indexedWords = (texts: readonly string[]): string[] => [...new Set(texts.flatMap(wordsOf))];

function wordsOf(text: string): readonly string[] {
  let words = cachedWords.get(text);
  if (words === undefined) {
    words = partsOf(text).flatMap((part) => (HAN.test(part) ? [...Array.from(part), ...pairsOf(part)] : [cut(part)]));
    if (cachedWords.size >= MAX_CACHED_TEXTS) cachedWords.clear();
    cachedWords.set(text, words);
  }
  return words;
}

/** The words of texts: many complaints have the same issues and products. */
const cachedWords = new Map<string, readonly string[]>();
const MAX_CACHED_TEXTS = 2000;

/** The words that a complaint must have to match a text that is searched for, each once: see {@link indexedWords}. */
export const searchedWords = (text: string): string[] => [
  ...new Set(
    partsOf(text).flatMap((part) => (HAN.test(part) && Array.from(part).length > 1 ? pairsOf(part) : [cut(part)])),
  ),
];

const partsOf = (text: string): string[] =>
  (text.normalize('NFKC').toLowerCase().normalize('NFKC').match(RUN) ?? []).flatMap((run) => run.match(PART) ?? []);

function pairsOf(text: string): string[] {
  const characters = Array.from(text);
  return characters.slice(1).map((character, at) => `${characters[at] ?? ''}${character}`);
}

const cut = (word: string): string => Array.from(word).slice(0, MAX_WORD_LENGTH).join('');
