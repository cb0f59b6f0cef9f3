import type { PersonalKind } from './personal-values.js';

/** Personal values to search for, as people type them. */
export type SearchedValues = { readonly [kind in PersonalKind]?: string | undefined };

export interface SearchPage {
  /** `next` of the previous page. */
  readonly cursor?: string;
  /** Maximum number of complaints, 1 to 200 (default 50). */
  readonly limit?: number;
}

export interface SearchMatches {
  /** Ids of the complaints that have all values, the one that was recorded last first. */
  readonly ids: readonly string[];
  /**
   * `cursor` of the next page; null on the last page. A page may have fewer ids than its limit although there is a next
   * one: each search reads a limited number of candidates.
   */
  readonly next: string | null;
}

/**
 * The port for finding complaints by personal values: an index of keyed hashes in a store of its own, which a projection
 * writes. test/contract/subject-index.contract.ts is the contract of its adapters.
 */
export interface SubjectIndex {
  /**
   * One page of the complaints that have all of the values, of which there is at least one. A value that was corrected is
   * found by its old and its new text.
   * @throws NotYetVisible while the index is being built, NotSearchable, CursorInvalid
   */
  search(values: SearchedValues, page?: SearchPage): Promise<SearchMatches>;
}

/** Injection token of {@link SubjectIndex}. */
export const SUBJECTS = Symbol('SubjectIndex');

/** Some texts are no values of their kind, such as a phone number without digits. The message has none of the texts. */
export class NotSearchable extends Error {
  override readonly name = 'NotSearchable';
  constructor(readonly kinds: readonly PersonalKind[]) {
    super(kinds.map((kind) => `${kind} ${WHAT_IT_NEEDS[kind]}`).join('\n'));
  }
}

/** Continues a sentence that begins with the kind. */
export const WHAT_IT_NEEDS: Readonly<Record<PersonalKind, string>> = {
  order: 'must have a letter or a digit',
  account: 'must have a letter or a digit',
  email: 'must be an address with an @',
  phone: 'must have a digit',
  name: 'must have a letter or a digit',
};

/** The cursor does not come from a page of a search. */
export class CursorInvalid extends Error {
  override readonly name = 'CursorInvalid';
  constructor() {
    super('the cursor is not valid; use `next` of the previous page, or omit it');
  }
}
