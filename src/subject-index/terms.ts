import { createHmac } from 'node:crypto';
import {
  emailForm,
  numberForm,
  phoneForm,
  recordedEmailForms,
  recordedNameForms,
  recordedPhoneForms,
  searchedNameForms,
} from './normal-forms.js';
import type { PersonalKind, PersonalValue } from './personal-values.js';

/**
 * Version of the normal forms: a number that increases when they change, and the version of libphonenumber-js, whose rules
 * decide the form of a phone number. An index with other forms is built anew.
 */
export const FORMS = { version: 2, libphonenumber: '1.13.16' } as const;

export interface TermsOptions {
  /** The secret key of the hashes, 32 bytes. */
  readonly key: Uint8Array;
  /** The region (ISO 3166) of phone numbers without a country code. */
  readonly phoneRegion: string;
}

/** Bytes of a hash that a term keeps. */
const TERM_BYTES = 16;
/** Bytes of a hash that the variant keeps. */
const VARIANT_BYTES = 6;

/**
 * Turns values into terms: the first 128 bits of the HMAC-SHA-256 of kind and normal form, in base64url. Without the key,
 * a term shows only that two complaints have the same value.
 */
export class Terms {
  /** Identifies the key, the region and the forms: two indexes with the same variant have the same terms. */
  readonly variant: string;

  constructor(private readonly options: TermsOptions) {
    const { version, libphonenumber } = FORMS;
    this.variant = this.hmac(['variant', options.phoneRegion, String(version), libphonenumber].join('\n'))
      .subarray(0, VARIANT_BYTES)
      .toString('hex');
  }

  /** The terms of a recorded value; none if nothing of it can be searched. */
  ofRecorded({ kind, text }: PersonalValue): string[] {
    return this.hashed(kind, this.recordedForms(kind, text));
  }

  /** The terms that a complaint has if it has this value, the most selective first; none if the text is no such value. */
  ofSearched({ kind, text }: PersonalValue): string[] {
    return this.hashed(kind, this.searchedForms(kind, text));
  }

  private recordedForms(kind: PersonalKind, text: string): string[] {
    if (kind === 'name') return recordedNameForms(text);
    if (kind === 'phone') return recordedPhoneForms(text, this.options.phoneRegion);
    return kind === 'email' ? recordedEmailForms(text) : this.searchedForms(kind, text);
  }

  private searchedForms(kind: PersonalKind, text: string): string[] {
    if (kind === 'name') return searchedNameForms(text);
    const form =
      kind === 'phone'
        ? phoneForm(text, this.options.phoneRegion)
        : kind === 'email'
          ? emailForm(text)
          : numberForm(text);
    return form === undefined ? [] : [form];
  }

  /** No form has a line end, so that values of two kinds never have the same term. */
  private hashed(kind: PersonalKind, forms: readonly string[]): string[] {
    return forms.map((form) => this.hmac(`${kind}\n${form}`).subarray(0, TERM_BYTES).toString('base64url'));
  }

  private hmac(text: string): Buffer {
    return createHmac('sha256', this.options.key).update(text).digest();
  }
}
