import { commandRow, type AggregateTable } from '../command/aggregate-table.js';
import {
  nothingToChange,
  rejectionOf,
  unmet,
  withoutUndefined,
  type DeciderOf,
  type DecisionContext,
  type Unmet,
} from '../command/decision.js';
import { EventDecoder } from '../eventstore/codec.js';
import type { Recorded } from '../eventstore/envelope.js';
import { effectiveInPast } from '../house-policy/house-policy.js';
import { isEqualJson } from '../platform/json.js';
import { earliest } from '../platform/moment.js';
import type { TaxonomyList, TaxonomyVersion } from './code-lists.js';
import { PublishTaxonomy, type ListOfCodes } from './commands.js';
import { TaxonomyPublished, taxonomyEventTypes, type TaxonomyEvent } from './events.js';

/** The taxonomy: versions of lists of codes. Records keep their codes; later versions say as what these are read. */

export const TAXONOMY_STREAMS = 'taxonomy-';
export const TAXONOMY_STREAM = `${TAXONOMY_STREAMS}complaints`;

export interface TaxonomyState {
  readonly versions: readonly TaxonomyVersion[];
}

export const evolveTaxonomy = ({ versions }: TaxonomyState, { data }: Recorded<TaxonomyEvent>): TaxonomyState => ({
  versions: [...versions, data],
});

/** Version 1 is that of the codes of Redress itself, without lists; published versions follow it. */
const FIRST_PUBLISHED = 2;

export const publishTaxonomy: DeciderOf<PublishTaxonomy, TaxonomyState, TaxonomyEvent, DecisionContext> = {
  guards: [],
  decide: ({ effectiveFrom: from, lists: given, note }, { versions }, { now }) => {
    const last = versions.at(-1);
    const before = last?.lists ?? [];
    const changed = given.map(listOf);
    const names = changed.map(({ name }) => name);
    const lists = [...before.filter(({ name }) => !names.includes(name)), ...changed];
    return (
      rejectionOf(
        effectiveInPast(from, last !== undefined, now),
        given.flatMap(({ codes }, index) => codeProblems(codes, `/lists/${String(index)}/codes`)),
        names.flatMap((name, index) =>
          names.indexOf(name) < index ? [repeated(name, `/lists/${String(index)}/name`)] : [],
        ),
        isEqualJson(byName(before), byName(lists)) ? nothingToChange('the lists are already so') : undefined,
      ) ?? [
        TaxonomyPublished(
          withoutUndefined({
            version: (last?.version ?? FIRST_PUBLISHED - 1) + 1,
            effectiveFrom: from === undefined ? now : earliest(from),
            lists,
            note,
          }),
        ),
      ]
    );
  },
};

const listOf = ({ name, codes }: ListOfCodes): TaxonomyList => ({
  name,
  codes: codes.map(({ code, en, zh, replaces = [] }) => withoutUndefined({ code, en, zh, replaces: [...replaces] })),
});

const byName = (lists: readonly TaxonomyList[]): object => Object.fromEntries(lists.map((list) => [list.name, list]));

/** A code is listed once, and an earlier code is read as one code at most, which is not itself in the list. */
function codeProblems(codes: ListOfCodes['codes'], pointer: string): Unmet[] {
  const listed = codes.map(({ code }) => code);
  const replaced = codes.flatMap(({ replaces = [] }) => replaces);
  return codes.flatMap(({ code, replaces = [] }, index) => [
    ...(listed.indexOf(code) < index ? [repeated(code, `${pointer}/${String(index)}/code`)] : []),
    ...replaces.flatMap((old, position) => {
      const place = `${pointer}/${String(index)}/replaces/${String(position)}`;
      if (listed.includes(old))
        return [unmet('code_still_listed', `${old} is still in the list; remove it, or do not replace it`, place)];
      return replaced.filter((other) => other === old).length > 1 ? [repeated(old, place)] : [];
    }),
  ]);
}

const repeated = (text: string, pointer: string): Unmet =>
  unmet('given_twice', `${text} is listed twice; list it once`, pointer);

export const taxonomyTable: AggregateTable<TaxonomyState, TaxonomyEvent, DecisionContext> = {
  collection: 'taxonomies',
  noun: 'taxonomy',
  onlyId: 'complaints',
  aggregate: {
    prefix: TAXONOMY_STREAMS,
    decoder: new EventDecoder<TaxonomyEvent>(taxonomyEventTypes),
    initial: () => ({ versions: [] }),
    evolve: evolveTaxonomy,
  },
  commands: [commandRow('publish', PublishTaxonomy, publishTaxonomy)],
};
