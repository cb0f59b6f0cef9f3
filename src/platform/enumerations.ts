/** A list of codes that the OpenAPI document describes as a type of its own. */
export interface Enumeration {
  readonly name: string;
  readonly codes: readonly string[];
  readonly description: string;
  /** Names of the codes in generated clients, in the same order; needed if the codes are not ASCII words. */
  readonly constants?: readonly string[];
}

const byCodes = new Map<readonly string[], Enumeration>();
const byName = new Map<string, Enumeration>();

/**
 * Names a list of codes and returns it. A field with this list (`@Code(CHANNELS)`) then refers to a schema with this name.
 * @throws Error if the name or the list is used already, or if two codes have one name in generated clients
 */
export function enumeration<const Codes extends readonly string[]>(
  name: string,
  codes: Codes,
  description: string,
  constants?: readonly string[],
): Codes {
  if (byName.has(name) || byCodes.has(codes)) throw new Error(`the enumeration ${name} is defined twice`);
  if (constants !== undefined && new Set(constants).size !== codes.length)
    throw new Error(`two codes of the enumeration ${name} have the same name in generated clients`);
  const definition = { name, codes, description, ...(constants !== undefined && { constants }) };
  byCodes.set(codes, definition);
  byName.set(name, definition);
  return codes;
}

/** The enumeration of this list; undefined if the list has no name. */
export const enumerationOf = (codes: readonly string[]): Enumeration | undefined => byCodes.get(codes);

export const enumerationNamed = (name: string): Enumeration | undefined => byName.get(name);

/** All enumerations that have a name, in the order of their definition. */
export const enumerations = (): readonly Enumeration[] => [...byName.values()];
