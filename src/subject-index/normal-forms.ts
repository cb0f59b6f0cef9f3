import { domainToASCII } from 'node:url';
import { findPhoneNumbersInText, parsePhoneNumberFromString, type CountryCode } from 'libphonenumber-js/min';

/*
 * The normal form of each kind of value: two spellings of one value have the same form. A form is open text in memory
 * only; the index holds its hash. When a form changes, FORMS of terms.ts must change too.
 */

/** Dashes of every kind, and the minus sign. */
const DASHES = /[\p{Pd}\u2212]/gu;

/**
 * NFKC, which also turns full-width letters and digits into plain ones, without invisible characters, and without spaces
 * at the ends.
 */
const plain = (text: string): string =>
  text
    .replace(/\p{Default_Ignorable_Code_Point}/gu, '')
    .normalize('NFKC')
    .trim();

/** Without differences of case. The detour over upper case makes `ß` equal to `SS`. */
const foldCase = (text: string): string => text.toUpperCase().toLowerCase().normalize('NFKC');

/** An account or order number: without case, spaces, dashes, and a `#` or `@` in front. */
export function numberForm(text: string): string | undefined {
  const form = foldCase(plain(text))
    .replace(DASHES, '')
    .replace(/\s/gu, '')
    .replace(/^[#@]+/, '');
  return form === '' ? undefined : form;
}

/** An e-mail address: without case and spaces, and with the domain as in the DNS. undefined if the text is none. */
export function emailForm(text: string): string | undefined {
  const typed = plain(text);
  const address = foldCase(/<([^<>]*)>$/.exec(typed)?.[1] ?? typed.replace(/^mailto:/i, '')).replace(/\s/gu, '');
  const at = address.lastIndexOf('@');
  const local = address.slice(0, at);
  const domain = address.slice(at + 1);
  if (at <= 0 || domain === '') return undefined;
  return `${local}@${domainToASCII(domain) || domain}`;
}

/**
 * A phone number: `+`, country code and number, or the digits alone if they are no number of that region.
 * @param region of numbers without a country code
 */
export function phoneForm(text: string, region: string): string | undefined {
  const digits = typedNumber(text).replace(/\D/g, '');
  return numberOf(text, region) ?? (digits === '' ? undefined : digits);
}

/** A number as it is dialled from abroad, without the extension. */
const typedNumber = (text: string): string =>
  plain(text)
    .replace(/(?:转|轉|分机|分機).*$/u, '')
    .replace(/^\+?\s*00/, '+');

const numberOf = (text: string, region: string): string | undefined =>
  parsePhoneNumberFromString(typedNumber(text), region as CountryCode)?.number;

/** What people write between two numbers; the library reads a comma as the beginning of an extension. */
const BETWEEN_NUMBERS = /[,;/|、\n]/u;

/**
 * The forms of a recorded text: that of the whole text, as in {@link phoneForm}, and of each number in it if there are
 * several, such as `010-1234 5678 / 139 1234 5678`.
 */
export function recordedPhoneForms(text: string, region: string): string[] {
  const whole = phoneForm(text, region);
  if (whole === undefined) return [];
  const typed = plain(text);
  const parts = typed.split(BETWEEN_NUMBERS);
  if (parts.length === 1 && numberOf(text, region) !== undefined) return [whole];
  const found = [typed, ...parts].flatMap((part) => numbersIn(part, region));
  return [...new Set([whole, ...found])];
}

/** The numbers in a text; of digits without any space or mark between them, each run that could be a number. */
function numbersIn(text: string, region: string): string[] {
  const found = findPhoneNumbersInText(text, region as CountryCode).map(({ number }) => number.number);
  return found.length > 0 ? found : (text.match(/\d{7,}/g) ?? []).flatMap((digits) => numberOf(digits, region) ?? []);
}

/** What people write between two addresses, and around an address beside a remark. */
const BETWEEN_ADDRESSES = /[\s<>()[\]{},;:"|、。]+/u;

/** The forms of a recorded text: that of the whole text, as in {@link emailForm}, and of each address in it. */
export function recordedEmailForms(text: string): string[] {
  const parts = plain(text).split(BETWEEN_ADDRESSES);
  return [...new Set([text, ...parts].flatMap((part) => emailForm(part) ?? []))];
}

/** Whether the whole text could be a phone number: at least five digits, and nothing but what people put between them. */
export function looksLikePhone(text: string): boolean {
  const typed = plain(text).replace(DASHES, '-');
  return /^(?:tel:)?\+?[\d\s().\/-]+(?:(?:ext\.?|x|#|转|轉|分机|分機)\s*\d+)?$/iu.test(typed) && digitsIn(typed) >= 5;
}

/** Whether the text has a phone number beside other words: at least seven digits that are not part of a Latin word. */
export const mentionsPhone = (text: string): boolean =>
  /(?<![\p{sc=Latin}\d_@.])\+?\(?\d(?:[\s().\/-]*\d){6,}(?![\p{sc=Latin}\d_@])/u.test(plain(text).replace(DASHES, '-'));

const digitsIn = (text: string): number => text.replace(/\D/g, '').length;

/** Letters of scripts that write names without spaces between their words. */
const CJK = '[\\p{sc=Han}\\p{sc=Hiragana}\\p{sc=Katakana}\\p{sc=Hangul}\\p{sc=Bopomofo}ー]';
const BETWEEN_CJK = new RegExp(`(?<=${CJK})[^\\p{L}\\p{N}]+(?=${CJK})`, 'gu');
const WORD = new RegExp(`(?<run>${CJK}+)|(?:(?!${CJK})[\\p{L}\\p{M}\\p{N}])+`, 'gu');
const APOSTROPHE = /(?<=\p{L})['’‘ʼ`´＇](?=\p{L})/gu;

/** The words of a name; more than {@link MAX_WORDS} are ignored. */
interface NameParts {
  /** Words between spaces or marks, each once, in small letters and without accents. */
  readonly words: readonly string[];
  /** Runs of Chinese, Japanese or Korean letters, without spaces and marks between them. */
  readonly runs: readonly string[];
}

const MAX_WORDS = 12;

function partsOf(name: string): NameParts {
  const folded = foldCase(plain(name.replace(APOSTROPHE, '')));
  const withoutAccents = folded
    .normalize('NFD')
    .replace(/(?<=\p{sc=Latin})\p{Mn}+/gu, '')
    .normalize('NFC');
  const found = [...withoutAccents.replace(BETWEEN_CJK, '').matchAll(WORD)];
  const isRun = ({ groups }: RegExpMatchArray): boolean => groups?.run !== undefined;
  const texts = (matches: readonly RegExpMatchArray[]): string[] => [...new Set(matches.map(([text]) => text))];
  return {
    words: texts(found.filter((match) => !isRun(match))).slice(0, MAX_WORDS),
    runs: texts(found.filter(isRun)),
  };
}

/** Maximum length of a part of a run that is one form; a longer part is searched by all its parts of this length. */
const MAX_PART = 4;

/**
 * The forms of a recorded name: each word and each pair of words; of a run of Chinese, Japanese or Korean letters, each
 * part of two to four letters, and a run of one letter.
 */
export function recordedNameForms(name: string): string[] {
  const { words, runs } = partsOf(name);
  const parts = runs.flatMap((run) => {
    const letters = Array.from(run);
    if (letters.length === 1) return letters;
    return Array.from({ length: MAX_PART - 1 }, (_, index) => partsOfLength(letters, index + 2)).flat();
  });
  return [...new Set([...words, ...pairsOf(words), ...parts])];
}

/**
 * The forms that a recorded name has if it contains all of the searched one, the rarest first. Two words are searched as a
 * pair, so that they are words of one name.
 */
export function searchedNameForms(name: string): string[] {
  const { words, runs } = partsOf(name);
  const parts = runs.flatMap((run) => (run.length <= MAX_PART ? [run] : partsOfLength(Array.from(run), MAX_PART)));
  return [...new Set([...parts, ...(words.length === 1 ? words : pairsOf(words))])].sort((a, b) => b.length - a.length);
}

const partsOfLength = (letters: readonly string[], length: number): string[] =>
  Array.from({ length: Math.max(0, letters.length - length + 1) }, (_, start) =>
    letters.slice(start, start + length).join(''),
  );

/** Every two of the words, in alphabetical order and with a space between them. */
const pairsOf = (words: readonly string[]): string[] =>
  words.flatMap((word, index) => words.slice(index + 1).map((other) => [word, other].sort().join(' ')));
