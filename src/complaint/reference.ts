/** Crockford base32, without I, L, O and U. On input, I and L are read as 1, and O as 0; U is invalid. */
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
/** Number of characters before the check character. */
const LENGTH = 14;

/**
 * The reference for complainants, e.g. `7Q2ZK-0M4XD-1A9TH`: the first 70 random bits of the id as 14 Crockford
 * characters, and a check character.
 * @param id a lower-case UUID; its digits for version and variant are not used
 */
export function referenceOf(id: string): string {
  const digits = id.replaceAll('-', '');
  // digit 12 is the version, digit 16 the variant
  const randomDigits = digits.slice(0, 12) + digits.slice(13, 16) + digits.slice(17, 20);
  let remaining = BigInt(`0x${randomDigits}`) >> 2n; // the first 70 of the 72 bits of 18 hex digits
  let characters = '';
  for (let index = 0; index < LENGTH; index += 1) {
    characters = ALPHABET.charAt(Number(remaining & 31n)) + characters;
    remaining >>= 5n;
  }
  return withHyphens(characters + checkCharacter(characters));
}

/** Maximum length of a typed reference; the rest is blanks and dashes. */
const MAX_TYPED_LENGTH = 200;

/** Blanks, dashes of every kind, and invisible characters. U+30FC and U+2043 look like dashes without being ones. */
const SEPARATORS = /[\s\p{Dash}\p{Cf}\p{Default_Ignorable_Code_Point}\u30fc\u2043_]/gu;

/**
 * Normalises a typed reference. Ignores blanks, dashes of every kind, invisible characters, width and case; reads I and L
 * as 1, and O as 0. Returns undefined for a wrong length, an invalid character or a wrong check character.
 */
export function parseReference(typed: string): string | undefined {
  const characters = charactersOf(typed);
  if (characters.length !== LENGTH + 1 || INVALID.test(characters)) return undefined;
  return fits(characters) ? withHyphens(characters) : undefined;
}

/**
 * What is wrong with a text that is meant as a reference and that {@link parseReference} does not accept; undefined for a
 * reference, and for a text of another form. Continues a sentence about the text.
 */
export function faultOfReference(typed: string): string | undefined {
  const characters = charactersOf(typed);
  if (characters.length === LENGTH + 1) {
    if (characters.includes('U') && !INVALID.test(characters.replaceAll('U', 'V')))
      return `must not have the letter U; ${COMPARE}`;
    if (INVALID.test(characters) || fits(characters)) return undefined;
    return `has a check character that does not fit: a character is mistyped, or two are swapped; ${COMPARE}`;
  }
  const groups = typed.normalize('NFKC').trim().split(GROUP_END);
  const isGrouped = groups.length === 3 && groups.every((group) => /^[0-9A-Z]{4,6}$/i.test(group));
  if (!isGrouped) return undefined;
  return `must have ${String(LENGTH + 1)} letters and digits (found: ${String(characters.length)}); ${COMPARE}`;
}

/** That no complaint has this id, reference or key; with what is wrong with it as a reference. */
export function noSuchComplaint(name: string): string {
  const fault = faultOfReference(name);
  return `there is no complaint ${JSON.stringify(name)}${fault === undefined ? '' : `; as a reference, it ${fault}`}`;
}

/** Normalises what was typed; an empty text if it is too long. */
const charactersOf = (typed: string): string =>
  typed.length > MAX_TYPED_LENGTH
    ? ''
    : typed
        .normalize('NFKC') // letters and digits of full width become ordinary ones
        .replace(SEPARATORS, '')
        .toUpperCase()
        .replace(/[IL]/g, '1')
        .replace(/O/g, '0');

const COMPARE = 'compare each character with the original';
const INVALID = /[^0-9A-HJKMNP-TV-Z]/;
const GROUP_END = /[\s\p{Dash}]+/u;

const fits = (characters: string): boolean => checkCharacter(characters.slice(0, LENGTH)) === characters.charAt(LENGTH);

const withHyphens = (characters: string): string =>
  [characters.slice(0, 5), characters.slice(5, 10), characters.slice(10)].join('-');

/**
 * A checksum in the finite field GF(32): each step adds a character and multiplies by x modulo x^5 + x^2 + 1. The
 * checksum detects every single wrong character and every swap of two characters.
 */
function checkCharacter(characters: string): string {
  let sum = 0;
  for (const character of characters) {
    const added = sum ^ ALPHABET.indexOf(character);
    sum = (added << 1) ^ (added & 0b10000 ? 0b100101 : 0);
  }
  return ALPHABET.charAt(sum);
}
