/** A list of codes of one version of the taxonomy, such as `category` or `issue`. */
export interface TaxonomyList {
  readonly name: string;
  readonly codes: readonly TaxonomyCode[];
}

export interface TaxonomyCode {
  readonly code: string;
  /** Labels; absent: the code itself. */
  readonly en?: string;
  readonly zh?: string;
  /** Codes of earlier versions that are read as this one. */
  readonly replaces: readonly string[];
}

export interface TaxonomyVersion {
  readonly version: number;
  /** UTC RFC 3339. */
  readonly effectiveFrom: string;
  readonly lists: readonly TaxonomyList[];
}

/**
 * The code as which the latest of these versions reads a code of an earlier version. A record keeps the code and the
 * version with which it was made.
 * @param from the version with which the record was made
 */
export function currentCode(versions: readonly TaxonomyVersion[], list: string, code: string, from: number): string {
  return versions
    .filter(({ version }) => version > from)
    .reduce((current, { lists }) => {
      const codes = lists.find(({ name }) => name === list)?.codes ?? [];
      return codes.find(({ replaces }) => replaces.includes(current))?.code ?? current;
    }, code);
}
