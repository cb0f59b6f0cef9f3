import { commandRow, type AggregateTable } from '../command/aggregate-table.js';
import {
  nothingToChange,
  rejectionOf,
  unmet,
  withoutUndefined,
  type DeciderOf,
  type DecisionContext,
} from '../command/decision.js';
import { EventDecoder } from '../eventstore/codec.js';
import type { Recorded } from '../eventstore/envelope.js';
import { isEqualJson } from '../platform/json.js';
import { earliest, type Moment } from '../platform/moment.js';
import { PublishHousePolicy } from './commands.js';
import { HousePolicyPublished, housePolicyEventTypes, type HousePolicyEvent } from './events.js';
import { DEFAULT_HOUSE_RULES, HOUSE_POLICY_STREAMS, type HouseRules, type HouseRulesVersion } from './rules.js';

/** One version of the house rules as it was published. */
export interface PublishedHouseRules {
  readonly version: number;
  /** UTC RFC 3339. */
  readonly effectiveFrom: string;
  readonly rules: HouseRules;
  readonly note?: string;
  readonly publishedAt: string;
  readonly publishedBy: string;
}

export interface HousePolicyState {
  readonly versions: readonly PublishedHouseRules[];
}

export const evolveHousePolicy = (
  { versions }: HousePolicyState,
  { data, metadata }: Recorded<HousePolicyEvent>,
): HousePolicyState => ({
  versions: [
    ...versions,
    // a version of an earlier Redress lacks the rules that were added since
    {
      ...data,
      rules: { ...rulesOf(DEFAULT_HOUSE_RULES), ...data.rules },
      publishedAt: metadata.recordedAt,
      publishedBy: metadata.actor.id,
    },
  ],
});

/** The rules in force at a time: the latest version that is effective by then, or the first if none is. */
export function houseRulesAt({ versions }: HousePolicyState, at: string): HouseRulesVersion {
  const inForce = versions.findLast(({ effectiveFrom }) => effectiveFrom <= at) ?? versions[0];
  return inForce === undefined ? DEFAULT_HOUSE_RULES : { ...inForce.rules, version: inForce.version };
}

export const rulesOf = ({ version: _version, ...rules }: HouseRulesVersion): HouseRules => rules;

/** The rules in which two versions differ. */
export const differencesOf = (one: HouseRules, other: HouseRules): (keyof HouseRules)[] =>
  (Object.keys(other) as (keyof HouseRules)[]).filter((name) => !isEqualJson(one[name], other[name]));

export const publishHousePolicy: DeciderOf<PublishHousePolicy, HousePolicyState, HousePolicyEvent, DecisionContext> = {
  guards: [],
  decide: ({ effectiveFrom: from, note, ...given }, { versions }, { now }) => {
    const last = versions.at(-1);
    const before = last?.rules ?? rulesOf(DEFAULT_HOUSE_RULES);
    const rules: HouseRules = { ...before, ...withoutUndefined(given) };
    return (
      rejectionOf(
        effectiveInPast(from, last !== undefined, now),
        last !== undefined && differencesOf(before, rules).length === 0
          ? nothingToChange('the rules are already so')
          : undefined,
      ) ?? [
        HousePolicyPublished(
          withoutUndefined({
            version: (last?.version ?? 0) + 1,
            effectiveFrom: from === undefined ? now : earliest(from),
            rules,
            note,
          }),
        ),
      ]
    );
  },
};

/** The problem of a version that would take effect before it is published, after there are versions. */
export const effectiveInPast = (from: Moment | undefined, hasVersions: boolean, now: string) =>
  hasVersions && from !== undefined && earliest(from) < now
    ? unmet(
        'effective_in_past',
        'decisions were already made by the earlier version; give a time that is not in the past',
        '/effectiveFrom',
      )
    : undefined;

export const housePolicyTable: AggregateTable<HousePolicyState, HousePolicyEvent, DecisionContext> = {
  collection: 'house-policies',
  noun: 'policy',
  onlyId: 'house',
  aggregate: {
    prefix: HOUSE_POLICY_STREAMS,
    decoder: new EventDecoder<HousePolicyEvent>(housePolicyEventTypes),
    initial: () => ({ versions: [] }),
    evolve: evolveHousePolicy,
  },
  commands: [commandRow('publish', PublishHousePolicy, publishHousePolicy)],
};
