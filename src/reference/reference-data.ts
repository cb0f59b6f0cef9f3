import { DEFAULT_HOUSE_RULES, HOUSE_POLICY_STREAM, type HouseRulesVersion } from '../house-policy/rules.js';
import type { JsonObject } from '../platform/json.js';
import { matches } from '../readmodels/matching.js';
import { parseFilter, type Condition } from '../readmodels/query-language.js';
import {
  HOUSE_RESPONSE_POLICY,
  requirementOf,
  RESPONSE_POLICY_STREAMS,
  type LetterFacts,
  type LetterKind,
  type LetterRequirement,
  type ResponsePolicy,
} from '../response-policy/response-policy.js';
import { idKey, type Person } from '../staff/person.js';
import { STAFF_STREAMS } from '../staff/staff.js';
import { currentCode, type TaxonomyVersion } from '../taxonomy/code-lists.js';
import { TAXONOMY_STREAM } from '../taxonomy/taxonomy.js';
import type { Unit } from '../unit/org-unit.js';
import { UNIT_STREAMS } from '../unit/unit.js';

/** People, units and rules that are known when a command is decided. A decider gets them as an argument. */
export interface ReferenceData {
  /** The house rules in force. */
  readonly house: HouseRulesVersion;
  readonly staff: {
    /** The person with this id, compared without case and width; retired people are found too. */
    person(id: string): Person | undefined;
  };
  readonly units: {
    /** The unit with this id, compared without case and width. */
    unit(id: string): Unit | undefined;
  };
  readonly responsePolicies: {
    /** What a letter of this kind must tell if it is sent at this time (UTC RFC 3339). */
    letterRequirement(kind: LetterKind, facts: LetterFacts, at: string): LetterRequirement;
  };
  readonly taxonomy: TaxonomyData;
}

export interface TaxonomyData {
  /** The version in force. */
  readonly version: number;
  /** As what a code of a list, recorded with version `from`, is read now. */
  current(list: string, code: string, from: number): string;
}

/** The taxonomy of these versions at a time (UTC RFC 3339). Without versions it is that of Redress itself, version 1. */
export function taxonomyOf(versions: readonly TaxonomyVersion[], at: string): TaxonomyData {
  const inForce = versions.filter(({ effectiveFrom }) => effectiveFrom <= at);
  return {
    version: inForce.at(-1)?.version ?? 1,
    current: (list, code, from) => currentCode(inForce, list, code, from),
  };
}

/** What reference data is made of. */
export interface ReferenceRecords {
  readonly house?: HouseRulesVersion;
  readonly staff?: Iterable<Person>;
  readonly units?: Iterable<Unit>;
  /** All versions of all response policies. */
  readonly responsePolicies?: readonly ResponsePolicy[];
  /** The versions of the taxonomy in force. */
  readonly taxonomy?: readonly TaxonomyVersion[];
}

/** @throws QueryRefused if the condition of a response policy is not in the supported language */
export function referenceDataOf({
  house = DEFAULT_HOUSE_RULES,
  staff = [],
  units = [],
  responsePolicies = [HOUSE_RESPONSE_POLICY],
  taxonomy = [],
}: ReferenceRecords = {}): ReferenceData {
  const people = new Map(Array.from(staff, (person) => [idKey(person.id), person]));
  const unitsById = new Map(Array.from(units, (unit) => [idKey(unit.id), unit]));
  const policies = responsePolicies.map(compiled);
  return {
    house,
    staff: { person: (id) => people.get(idKey(id)) },
    units: { unit: (id) => unitsById.get(idKey(id)) },
    responsePolicies: { letterRequirement: (kind, facts, at) => letterRequirement(policies, kind, facts, at) },
    taxonomy: taxonomyOf(taxonomy, END_OF_TIME),
  };
}

/** Later than every time. */
const END_OF_TIME = '9999-12-31T23:59:59.999Z';

/** A version of a response policy with its parsed condition. */
export interface CompiledPolicy {
  readonly policy: ResponsePolicy;
  readonly condition: Condition;
}

/** @throws QueryRefused */
export const compiled = (policy: ResponsePolicy): CompiledPolicy => ({
  policy,
  condition: parseFilter(policy.appliesIf),
});

/** What a letter must tell by the policies that are in force at its time and apply to the complaint. */
export function letterRequirement(
  policies: readonly CompiledPolicy[],
  kind: LetterKind,
  facts: LetterFacts,
  at: string,
): LetterRequirement {
  const document = { ...facts } as unknown as JsonObject;
  const applying = latestVersions(policies.filter(({ policy }) => policy.effectiveFrom <= at)).filter(
    ({ policy, condition }) =>
      (policy.effectiveTo === undefined || at < policy.effectiveTo) && matches(document, condition),
  );
  return requirementOf(
    applying.map(({ policy }) => policy),
    kind,
    facts,
  );
}

/** The latest version of each policy: a later version replaces an earlier one from the time on when it takes effect. */
function latestVersions(policies: readonly CompiledPolicy[]): CompiledPolicy[] {
  const latest = new Map<string, CompiledPolicy>();
  for (const entry of policies) {
    const { id, version } = entry.policy;
    const known = latest.get(id);
    if (known === undefined || known.policy.version < version) latest.set(id, entry);
  }
  return [...latest.values()];
}

/** Reference data that notes the streams on which the answers rest, in `streams`. */
export function tracked(data: ReferenceData, streams: Set<string>): ReferenceData {
  return {
    get house() {
      streams.add(HOUSE_POLICY_STREAM);
      return data.house;
    },
    staff: {
      person: (id) => {
        streams.add(`${STAFF_STREAMS}${idKey(id)}`);
        return data.staff.person(id);
      },
    },
    units: {
      unit: (id) => {
        streams.add(`${UNIT_STREAMS}${idKey(id)}`);
        return data.units.unit(id);
      },
    },
    responsePolicies: {
      letterRequirement: (kind, facts, at) => {
        const requirement = data.responsePolicies.letterRequirement(kind, facts, at);
        for (const { id } of [...requirement.policyRefs, { id: `${RESPONSE_POLICY_STREAMS}house` }]) streams.add(id);
        return requirement;
      },
    },
    get taxonomy() {
      streams.add(TAXONOMY_STREAM);
      return data.taxonomy;
    },
  };
}
