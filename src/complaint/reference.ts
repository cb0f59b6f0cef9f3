/** Crockford base32: without I, L, O and U. On input I and L are read as 1, O as 0; U is invalid. */
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const LENGTH = 14;

/**
 * The reference for complainants: the first 70 random bits of the id (a lower-case UUID; version and variant are
 * left out) as 14 Crockford characters, and a check character, e.g. `7Q2ZK-0M4XD-1A9TH`.
 */
export function referenceOf(id: string): string {
  const digits = id.replaceAll('-', '');
  const random = digits.slice(0, 12) + digits.slice(13, 16) + digits.slice(17, 20);
  let rest = BigInt(`0x${random}`) >> 2n; // 18 hex digits are 72 bits
  let characters = '';
  for (let index = 0; index < LENGTH; index += 1) {
    characters = ALPHABET.charAt(Number(rest & 31n)) + characters;
    rest >>= 5n;
  }
  const whole = characters + checkCharacter(characters);
  return [whole.slice(0, 5), whole.slice(5, 10), whole.slice(10)].join('-');
}

/**
 * Normalises a typed reference. Ignores hyphens, spaces and case; reads I and L as 1, O as 0. Undefined for a wrong length,
 * an invalid character or a wrong check character.
 */
export function parseReference(typed: string): string | undefined {
  const read = typed.toUpperCase().replace(/[\s-]/g, '').replace(/[IL]/g, '1').replace(/O/g, '0');
  if (read.length !== LENGTH + 1 || /[^0-9A-HJKMNP-TV-Z]/.test(read)) return undefined;
  if (checkCharacter(read.slice(0, LENGTH)) !== read.charAt(LENGTH)) return undefined;
  return [read.slice(0, 5), read.slice(5, 10), read.slice(10)].join('-');
}

/** A checksum over GF(32). It detects every single wrong character and every swap of two characters. */
function checkCharacter(characters: string): string {
  let sum = 0;
  for (const character of characters) {
    const added = sum ^ ALPHABET.indexOf(character);
    sum = ((added << 1) ^ (added & 16 ? 0b100101 : 0)) & 31;
  }
  return ALPHABET.charAt(sum);
}
