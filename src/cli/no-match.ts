import { fieldsOf, type ConcreteClass } from '../platform/fields.js';
import { PERSONAL_KINDS } from '../subject-index/personal-values.js';
import { optionOf } from './field-options.js';

/** The texts of options, by the names of their fields. */
export type Options = Readonly<Record<string, string | undefined>>;

/** Options that do not decide which complaints match. */
const NO_CRITERIA: readonly string[] = ['sort', 'direction', 'cursor', 'limit', 'count', 'zone'];

/** What can be tried if no complaint has the value of an option. */
const ADVICE: Readonly<Record<string, string>> = {
  name: 'a part of the name, such as one word or two Chinese letters next to each other',
  phone: 'the number with + and its country code',
  words: 'fewer words, and other forms of them',
  product: '--words, which needs only a part of the product',
};

const OF_PERSONS =
  'Personal values are compared as a whole, except names; narratives, notes and letters are not searched.';

/**
 * What a person is told if no complaint matches: what was searched, in which fields, and what can be tried. Does not repeat
 * personal values, which the command may have read from standard input.
 * @param queries the classes whose fields are the options
 */
export function noMatchText(searched: string, options: Options, queries: readonly ConcreteClass[]): string {
  const kinds: readonly string[] = PERSONAL_KINDS;
  const fields = queries.flatMap((query) => [...fieldsOf(query).values()]);
  const criteria = new Map(
    fields
      .filter(({ name }) => options[name] !== undefined && !NO_CRITERIA.includes(name))
      .map((each) => [each.name, each]),
  );
  const names = [...criteria.keys()];
  if (names.length === 0) return `${searched}: there is none`;
  const lines = [...criteria.values()].map(({ name, description }) => {
    const value = kinds.includes(name) ? '' : ` ${options[name] ?? ''}`;
    return `  ${optionOf(name)}${value}  ${description}`.trimEnd();
  });
  const advice = [
    ...(names.length > 1 ? ['leave out one of the options'] : []),
    ...names.flatMap((name) => ADVICE[name] ?? []),
    ...(names.some((name) => /(From|To)$/.test(name)) ? ['a longer span of days'] : []),
  ];
  return [
    `${searched}: none matches ${names.length > 1 ? 'all of' : ''}`.trimEnd(),
    ...lines,
    ...(names.some((name) => kinds.includes(name)) ? [OF_PERSONS] : []),
    ...(advice.length > 0 ? [`Try: ${advice.join('; ')}`] : []),
  ].join('\n');
}
