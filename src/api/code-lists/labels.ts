import { EVENT_LABELS } from '../../complaint/terms/event-labels.js';
import { DOMAIN_LABELS, type Labels } from '../../complaint/terms/code-labels.js';
import type { Language } from '../../platform/language.js';
import { ERROR_TITLES } from '../answers/error-titles.js';
import { TECHNICAL_LABELS } from './technical-labels.js';

const LABELS: Readonly<Record<string, Labels>> = {
  ...DOMAIN_LABELS,
  ...EVENT_LABELS,
  ...TECHNICAL_LABELS,
  ErrorCode: ERROR_TITLES,
};

/** Lists whose codes are those of another list, or some of them. */
const SAME_LABELS: Readonly<Record<string, string>> = {
  SeverityOrNone: 'Severity',
  StatedAuthority: 'Authority',
};

/** Lists of names that are no codes of Redress: their names stand for themselves. */
export const WITHOUT_LABELS: readonly string[] = ['TimeZone'];

/** The label of a code in a language; undefined if the list or the code has none. */
export function labelOf(list: string, code: string, language: Language): string | undefined {
  if (list === 'Currency') return currencyName(code, language);
  const labels = LABELS[SAME_LABELS[list] ?? list];
  return labels?.[code]?.[language];
}

const currencyNames: Readonly<Record<Language, Intl.DisplayNames>> = {
  en: new Intl.DisplayNames('en', { type: 'currency' }),
  zh: new Intl.DisplayNames('zh-Hans', { type: 'currency' }),
};

const currencyName = (code: string, language: Language): string | undefined => currencyNames[language].of(code);

/** Lists that have labels and are not a list of values of a field: the regions and the clocks of a complaint. */
export const FURTHER_LISTS: readonly { readonly name: string; readonly description: string }[] = [
  { name: 'Region', description: 'What runs beside the stage of a complaint' },
  { name: 'Clock', description: 'What has a time limit' },
];

/** The codes of one of {@link FURTHER_LISTS}. */
export const codesOf = (list: string): string[] => Object.keys(LABELS[list] ?? {});
