/*
 * Rules for text from outside. They use the properties of the Unicode Character Database that the JavaScript engine
 * has, so a newer engine also knows newer characters.
 */

/**
 * A character that a reader can see without other characters: a letter, number, punctuation mark or symbol, a character
 * for private use, or one that is newer than the engine. U+2800 and U+1D159 are symbols with an empty glyph; U+FFFC stands
 * for an object, such as a picture, that is not in the text.
 */
const VISIBLE =
  /(?![\p{Default_Ignorable_Code_Point}\p{Noncharacter_Code_Point}\u2800\ufffc\u{1D159}])[\p{L}\p{N}\p{P}\p{S}\p{Co}\p{Cn}]/u;

/** Whether a reader sees anything; white space, fillers, format characters and combining marks alone are invisible. */
export const hasVisibleCharacter = (text: string): boolean => VISIBLE.test(text);

/** A character without a glyph that is not white space: zero width, filler, direction mark, variation selector, tag. */
const INVISIBLE = /[\p{Default_Ignorable_Code_Point}\p{Cf}\p{Noncharacter_Code_Point}\u2800\ufffc\u{1D159}]/u;

/** Whether the text has a character without a glyph that is not white space. */
export const hasInvisibleCharacter = (text: string): boolean => INVISIBLE.test(text);

const INVISIBLE_CHARACTERS = new RegExp(INVISIBLE, 'gu');

/**
 * The form in which names are compared, such as those of products: Unicode form NFC, without invisible characters, with
 * single spaces as white space, and without white space at the ends. Texts that look the same have the same form.
 */
export const comparableText = (text: string): string =>
  text.replace(INVISIBLE_CHARACTERS, '').normalize('NFC').replace(/\s+/g, ' ').trim();

/** The form of a name for comparison; null if the name is unknown or has no visible character. */
export const comparableName = (name: string | undefined): string | null =>
  name === undefined ? null : comparableText(name) || null;

const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

/** Length of the text after a cut that decides where the character at the cut begins. */
const LOOK_AHEAD = 32;

/**
 * The beginning of the text, at most `maxLength` UTF-16 code units long. Cuts between two characters as a reader sees
 * them; a character that alone is longer is cut between code points. Replaces each half of a surrogate pair with U+FFFD,
 * so that the result can be stored and sent.
 */
export function truncate(text: string, maxLength: number): string {
  const start = text.slice(0, maxLength + LOOK_AHEAD).toWellFormed();
  if (text.length <= maxLength) return start;
  const end = graphemes.segment(start).containing(maxLength)?.index ?? 0;
  return start.slice(0, end > 0 ? end : maxLength).replace(/\p{Surrogate}$/u, '');
}
