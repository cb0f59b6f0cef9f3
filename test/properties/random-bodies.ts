import fc from 'fast-check';
import type { Complaint } from '../../src/complaint/complaint.js';
import { CATEGORIES, TAXONOMY_VERSION } from '../../src/complaint/terms/vocabulary.js';
import { TEXT_PATTERN, type Check } from '../../src/platform/field-checks.js';
import { fieldsOf, type ConcreteClass, type Field } from '../../src/platform/fields.js';
import type { JsonObject } from '../../src/platform/json.js';
import { plusDays } from '../../src/platform/moment.js';
import type { Dice } from './dice.js';

// Random bodies of a command, generated from its described fields. They are valid, and their ids usually exist in the
// complaint.

/** The inputs of a random body: the complaint, the random numbers and the current time (RFC 3339). */
export interface Situation {
  readonly state: Complaint;
  readonly dice: Dice;
  readonly now: string;
}

export type Body = Readonly<Record<string, unknown>>;

/** A random body of a command class or nested object. `list` is the name of the field that contains a nested object. */
export function bodyOf(target: ConcreteClass, situation: Situation, list = ''): Body {
  const { dice } = situation;
  const present = [...fieldsOf(target).values()].filter(({ optional }) => !optional || dice.chance(40));
  return Object.fromEntries(
    present.map((field) => {
      const value = (): unknown => valueOf(target, field, situation, list);
      const { items } = field;
      if (items === undefined) return [field.name, value()];
      const length = Math.min(items.max, items.min + dice.pick([0, 1, 1, 2, 2]));
      return [field.name, withoutRepetition(Array.from({ length }, value), items.min)];
    }),
  );
}

/** The list without repeated ids, unless too few are left: most lists reject a repetition. */
function withoutRepetition(list: readonly unknown[], min: number): readonly unknown[] {
  const idOf = (item: unknown): unknown => (typeof item === 'object' && item !== null && 'id' in item ? item.id : item);
  const distinct = list.filter((item, index) => list.findIndex((other) => idOf(other) === idOf(item)) === index);
  return distinct.length < min ? list : distinct;
}

function valueOf(target: ConcreteClass, { name, type }: Field, situation: Situation, list: string): unknown {
  const { dice } = situation;
  switch (type.kind) {
    case 'object':
      return bodyOf(type.target(), situation, name);
    case 'moment':
      return momentOf(name, situation);
    case 'boolean':
      return dice.chance(50);
    case 'answer':
    case 'map':
      throw new Error(`a command cannot have the field ${name}`);
    case 'integer':
      return (VALUES[name] ?? wholeOf(type.schema))(dice);
    case 'string': {
      if (Array.isArray(type.schema.enum)) return dice.pick(type.schema.enum);
      const value = VALUES[`${target.name}.${name}`] ?? VALUES[name];
      if (value !== undefined) return value(dice);
      const known = idsOf(situation.state).get(idKindOf(name, list)) ?? new Set();
      return known.size === 0 || dice.chance(4) ? textOf(type, dice) : dice.pick([...known]);
    }
  }
}

/** People who may have a conflict of interest. Few of them are actors of random histories. */
const INVOLVED_PEOPLE = ['waiter-1', 'cook-1', 'handler-2', 'reviewer-1'];
const PEOPLE = ['handler-1', 'handler-2', 'supervisor-1', 'waiter-1'];
const anyPerson = (dice: Dice): string => dice.pick(PEOPLE);
const involvedPerson = (dice: Dice): string => dice.pickOr(INVOLVED_PEOPLE, 'handler-1');

/** Generators of domain values that the type of a field does not describe, by the name of the field. */
const VALUES: Readonly<Record<string, (dice: Dice) => unknown>> = {
  handler: anyPerson,
  'ReassignComplaint.to': anyPerson,
  responsible: anyPerson,
  owner: anyPerson,
  person: involvedPerson,
  employeeId: involvedPerson,
  category: (dice) => dice.pick(CATEGORIES),
  currency: (dice) => dice.pickOr(['CNY'], 'EUR'),
  response: (dice) => dice.pick(['In progress', 'Closed', 'Closed with explanation']),
  taxonomyVersion: (dice) => dice.pickOr([TAXONOMY_VERSION], TAXONOMY_VERSION + 1),
};

/** The kinds of id in fields whose names do not end with the kind, as `remedyId` and `pointIds` do. */
const REFERENCES: Readonly<Record<string, string>> = {
  party: 'partyId',
  contact: 'contactId',
  from: 'partyId',
  to: 'partyId',
  addressees: 'partyId',
  of: 'letterId',
};

/** The kind of id in a field, such as `remedyId`; for the `id` of an item of `parties` it is `partyId`. */
const idKindOf = (name: string, list: string): string =>
  name === 'id' ? `${singular(list)}Id` : (REFERENCES[name] ?? name.replace(/Ids$/, 'Id'));

const singular = (list: string): string => list.replace(/ies$/, 'y').replace(/s$/, '');

const idCache = new WeakMap<Complaint, ReadonlyMap<string, ReadonlySet<string>>>();

/** All ids in the state, by their kind. */
function idsOf(state: Complaint): ReadonlyMap<string, ReadonlySet<string>> {
  const cached = idCache.get(state);
  if (cached !== undefined) return cached;
  const ids = new Map<string, Set<string>>();
  const collect = (value: unknown, list: string): void => {
    if (Array.isArray(value)) for (const item of value) collect(item, list);
    else if (typeof value === 'object' && value !== null)
      for (const [name, member] of Object.entries(value)) {
        if (typeof member !== 'string') collect(member, name);
        else if (/(^i|I)d$/.test(name)) {
          const kind = idKindOf(name, list);
          ids.set(kind, (ids.get(kind) ?? new Set()).add(member));
        }
      }
  };
  collect(state, '');
  idCache.set(state, ids);
  return ids;
}

/** A time near now: for a deadline usually in the future, for any other field usually in the past. */
function momentOf(name: string, { dice, now }: Situation): unknown {
  const inFuture = /end|until|due|by$/i.test(name) !== dice.chance(8);
  const days = dice.pick(inFuture ? [1, 2, 5, 20] : [0, -0.005, -0.005, -0.2, -5]);
  const at = plusDays(now, days);
  return dice.chance(12) ? { day: at.slice(0, 10), zone: dice.pick(['UTC', 'Asia/Shanghai', 'America/New_York']) } : at;
}

/** A whole number, usually near the minimum; in 4 percent of cases the maximum. */
const wholeOf =
  ({ minimum, maximum }: JsonObject) =>
  (dice: Dice): number => {
    const [min, max] = [Number(minimum), Number(maximum)];
    return dice.chance(4) ? max : min + (dice.number() % (Math.min(max - min, dice.pick([1, 4, 200])) + 1));
  };

/** A valid text, usually one of three, so that texts recur, otherwise one of 50; in 4 percent of cases a long text. */
function textOf({ check, schema }: { readonly check: Check; readonly schema: JsonObject }, dice: Dice): string {
  const { pattern, minLength, maxLength } = schema as { pattern: string; minLength: number; maxLength: number };
  const hasPattern = pattern !== TEXT_PATTERN;
  if (!hasPattern && dice.chance(4)) return 'a'.repeat(Math.min(maxLength, 2000));
  let texts = textCache.get(check);
  if (texts === undefined) {
    const candidates = hasPattern
      ? fc.stringMatching(new RegExp(pattern))
      : fc.string({ unit: 'grapheme', minLength, maxLength: Math.min(maxLength, minLength + 10) });
    texts = fc.sample(
      candidates.filter((text) => check(text) === undefined),
      { numRuns: 50, seed: 1 }, // the fixed seed gives the same texts in every run
    );
    textCache.set(check, texts);
  }
  return dice.pick(dice.chance(60) ? texts.slice(0, 3) : texts);
}

/** Valid texts for each check; the check of a field includes its limits. */
const textCache = new WeakMap<Check, readonly string[]>();
