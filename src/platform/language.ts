/** The languages that have words for codes, such as statuses. */
export const LANGUAGES = ['en', 'zh'] as const;
export type Language = (typeof LANGUAGES)[number];

export const DEFAULT_LANGUAGE: Language = 'en';

/** One word or phrase in each language. */
export type Words = { readonly [language in Language]: string };
