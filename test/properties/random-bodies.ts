import fc from 'fast-check';
import type { Complaint } from '../../src/complaint/complaint.js';
import { CATEGORIES, TAXONOMY_VERSION } from '../../src/complaint/terms/vocabulary.js';
import { TEXT_PATTERN, type Check } from '../../src/platform/field-checks.js';
import { fieldsOf, type Concrete, type Field } from '../../src/platform/fields.js';
import type { JsonObject } from '../../src/platform/json.js';
import { plusDays } from '../../src/platform/moment.js';
import type { Dice } from './dice.js';

/** Random bodies of a command, made from its described fields: valid, and usually with ids that exist in the complaint. */

export interface Situation {
  readonly state: Complaint;
  readonly dice: Dice;
  readonly now: string;
}

export type Body = Readonly<Record<string, unknown>>;

/** `list` is the name of the list that the object is an item of. */
export function bodyOf(target: Concrete, situation: Situation, list = ''): Body {
  const { dice } = situation;
  const present = [...fieldsOf(target).values()].filter(({ optional }) => !optional || dice.chance(40));
  return Object.fromEntries(
    present.map((field) => {
      const value = (): unknown => valueOf(target, field, situation, list);
      const { items } = field;
      if (items === undefined) return [field.name, value()];
      const length = Math.min(items.max, items.min + dice.pick([0, 1, 1, 2, 2]));
      return [field.name, Array.from({ length }, value)];
    }),
  );
}

function valueOf(target: Concrete, { name, type }: Field, situation: Situation, list: string): unknown {
  const { dice } = situation;
  switch (type.kind) {
    case 'object':
      return bodyOf(type.target(), situation, name);
    case 'moment':
      return momentOf(name, situation);
    case 'boolean':
      return dice.chance(50);
    case 'integer':
      return (VALUES[name] ?? wholeOf(type.schema))(dice);
    case 'string': {
      if (Array.isArray(type.schema.enum)) return dice.pick(type.schema.enum);
      const value = VALUES[`${target.name}.${name}`] ?? VALUES[name];
      if (value !== undefined) return value(dice);
      const known = idsOf(situation.state).get(referenceOf(name, list)) ?? new Set();
      return known.size === 0 || dice.chance(4) ? textOf(type, dice) : dice.pick([...known]);
    }
  }
}

/** People with a part in the complaint; the actors of random histories rarely have a conflict of interest in it. */
const INVOLVED = ['waiter-1', 'cook-1', 'handler-2', 'reviewer-1'];
const PEOPLE = ['handler-1', 'handler-2', 'supervisor-1', 'waiter-1'];
const person = (dice: Dice): string => dice.pick(PEOPLE);
const involved = (dice: Dice): string => dice.of(INVOLVED, 'handler-1');

/** Values that mean something to the domain and that the type of the field does not tell, by its name. */
const VALUES: Readonly<Record<string, (dice: Dice) => unknown>> = {
  handler: person,
  'ReassignComplaint.to': person,
  responsible: person,
  owner: person,
  person: involved,
  employeeId: involved,
  category: (dice) => dice.pick(CATEGORIES),
  currency: (dice) => dice.of(['CNY'], 'EUR'),
  response: (dice) => dice.pick(['In progress', 'Closed', 'Closed with explanation']),
  taxonomyVersion: (dice) => dice.of([TAXONOMY_VERSION], TAXONOMY_VERSION + 1),
};

/** What a field refers to, where its name does not say it as `remedyId`, `pointIds` and the `id` of a point do. */
const REFERENCES: Readonly<Record<string, string>> = {
  party: 'partyId',
  from: 'partyId',
  to: 'partyId',
  addressees: 'partyId',
  of: 'letterId',
};

const referenceOf = (name: string, list: string): string =>
  name === 'id' ? `${singular(list)}Id` : (REFERENCES[name] ?? name.replace(/Ids$/, 'Id'));

const singular = (list: string): string => list.replace(/ies$/, 'y').replace(/s$/, '');

const ids = new WeakMap<Complaint, ReadonlyMap<string, ReadonlySet<string>>>();

/** All ids in the state by what they are of: `remedyId`, and `partyId` for the `id` of an item of `parties`. */
function idsOf(state: Complaint): ReadonlyMap<string, ReadonlySet<string>> {
  const known = ids.get(state);
  if (known !== undefined) return known;
  const found = new Map<string, Set<string>>();
  const collect = (value: unknown, list: string): void => {
    if (Array.isArray(value)) for (const item of value) collect(item, list);
    else if (typeof value === 'object' && value !== null)
      for (const [name, member] of Object.entries(value)) {
        if (typeof member !== 'string') collect(member, name);
        else if (/(^i|I)d$/.test(name)) {
          const reference = referenceOf(name, list);
          found.set(reference, (found.get(reference) ?? new Set()).add(member));
        }
      }
  };
  collect(state, '');
  ids.set(state, found);
  return found;
}

/** Near now: what is to come for a deadline, what was for anything else, and the other way round now and then. */
function momentOf(name: string, { dice, now }: Situation): unknown {
  const ahead = /end|until|due|by$/i.test(name) !== dice.chance(8);
  const at = plusDays(now, dice.pick(ahead ? [1, 2, 5, 20] : [0, -0.005, -0.005, -0.2, -5]));
  return dice.chance(12) ? { day: at.slice(0, 10), zone: dice.pick(['UTC', 'Asia/Shanghai', 'America/New_York']) } : at;
}

/** Near the minimum most often, and the maximum itself now and then. */
const wholeOf =
  ({ minimum, maximum }: JsonObject) =>
  (dice: Dice): number => {
    const [min, max] = [Number(minimum), Number(maximum)];
    return dice.chance(4) ? max : min + (dice.number() % (Math.min(max - min, dice.pick([1, 4, 200])) + 1));
  };

/** One of a few valid texts, so that some are repeated, or one of many; now and then a long one. */
function textOf({ check, schema }: { readonly check: Check; readonly schema: JsonObject }, dice: Dice): string {
  const { pattern, minLength, maxLength } = schema as { pattern: string; minLength: number; maxLength: number };
  const hasForm = pattern !== TEXT_PATTERN;
  if (!hasForm && dice.chance(4)) return 'a'.repeat(Math.min(maxLength, 2000));
  let some = texts.get(check);
  if (some === undefined) {
    const any = hasForm
      ? fc.stringMatching(new RegExp(pattern))
      : fc.string({ unit: 'grapheme', minLength, maxLength: Math.min(maxLength, minLength + 10) });
    some = fc.sample(
      any.filter((text) => check(text) === undefined),
      { numRuns: 50, seed: 1 }, // the same in every run
    );
    texts.set(check, some);
  }
  return dice.pick(dice.chance(60) ? some.slice(0, 3) : some);
}

/** By the check of the field, which knows its limits. */
const texts = new WeakMap<Check, readonly string[]>();
