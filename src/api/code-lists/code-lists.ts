import { enumerations } from '../../platform/enumerations.js';
import type { Language } from '../../platform/language.js';
import { codesOf, FURTHER_LISTS, labelOf, WITHOUT_LABELS } from './labels.js';

export interface CodeList {
  readonly name: string;
  readonly description: string;
  readonly codes: readonly { readonly code: string; readonly label: string }[];
}

/** All code lists with labels in a language, ordered by name. A code without a label is its own label. */
export function codeLists(language: Language): CodeList[] {
  const named = enumerations().filter(({ name }) => !WITHOUT_LABELS.includes(name));
  const further = FURTHER_LISTS.map((list) => ({ ...list, codes: codesOf(list.name) }));
  return [...named, ...further]
    .map(({ name, description, codes }) => ({
      name,
      description,
      codes: codes.map((code) => ({ code, label: labelOf(name, code, language) ?? code })),
    }))
    .sort((one, other) => (one.name < other.name ? -1 : 1));
}
