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
import { effectiveInPast } from '../house-policy/house-policy.js';
import { isEqualJson } from '../platform/json.js';
import { earliest } from '../platform/moment.js';
import { PublishResponsePolicy, type RuleOfLetter } from './commands.js';
import { ResponsePolicyPublished, responsePolicyEventTypes, type ResponsePolicyEvent } from './events.js';
import {
  FCA_RESPONSE_POLICY,
  HOUSE_RESPONSE_POLICY,
  RESPONSE_POLICY_STREAMS,
  type ResponsePolicy,
} from './response-policy.js';

/** The policies whose letters Redress knows. */
const FORMS = { house: HOUSE_RESPONSE_POLICY, fca: FCA_RESPONSE_POLICY } as const;

export interface ResponsePolicyState {
  readonly versions: readonly ResponsePolicy[];
}

const policyIdOf = (stream: string): string => stream.slice(RESPONSE_POLICY_STREAMS.length);

export const evolveResponsePolicy = (
  { versions }: ResponsePolicyState,
  { stream, data }: Recorded<ResponsePolicyEvent>,
): ResponsePolicyState => ({ versions: [...versions, { ...data, id: policyIdOf(stream) }] });

export const publishResponsePolicy: DeciderOf<
  PublishResponsePolicy,
  ResponsePolicyState,
  ResponsePolicyEvent,
  DecisionContext
> = {
  guards: [],
  decide: (command, { versions }, { now }) => {
    const { effectiveFrom: from, effectiveTo: to, form, letters: rules = [], note } = command;
    const last = versions.at(-1);
    const known = form === undefined ? undefined : FORMS[form];
    const effectiveFrom = from === undefined ? now : earliest(from);
    const effectiveTo = to === undefined ? undefined : earliest(to);
    const published = withoutUndefined({
      appliesIf:
        command.appliesIf === undefined
          ? (last?.appliesIf ?? {})
          : Object.fromEntries(command.appliesIf.map(({ field, in: values }) => [field, { $in: [...values] }])),
      letters: known?.letters ?? lettersOf(rules),
      legalBasis: command.legalBasis ?? known?.legalBasis,
      effectiveTo,
    });
    const kinds = rules.map(({ kind }) => kind);
    return (
      rejectionOf(
        effectiveInPast(from, last !== undefined, now),
        effectiveTo !== undefined && effectiveTo <= effectiveFrom
          ? unmet('ends_before_it_begins', 'the policy ends before it begins; give a later time', '/effectiveTo')
          : undefined,
        form === undefined && rules.length === 0
          ? unmet('missing', 'letters is missing; give them, or the form of a known policy', '/letters')
          : undefined,
        form !== undefined && rules.length > 0
          ? unmet('not_together', 'form and letters exclude each other; give one of them', '/letters')
          : undefined,
        kinds.flatMap((kind, index) =>
          kinds.indexOf(kind) < index
            ? [unmet('given_twice', `${kind} is listed twice; list each kind once`, `/letters/${String(index)}/kind`)]
            : [],
        ),
        last !== undefined && isSame(last, published) ? nothingToChange('the policy is already so') : undefined,
      ) ?? [
        ResponsePolicyPublished(
          withoutUndefined({ version: (last?.version ?? 0) + 1, effectiveFrom, ...published, note }),
        ),
      ]
    );
  },
};

const lettersOf = (rules: readonly RuleOfLetter[]): ResponsePolicy['letters'] =>
  Object.fromEntries(
    rules.map(({ kind, recourse, bodies = [], referWithin, leaflets = [], languages = [] }) => [
      kind,
      withoutUndefined({ recourse, bodies, referWithin, leaflets, languages }),
    ]),
  );

const isSame = (last: ResponsePolicy, published: Partial<ResponsePolicy>): boolean =>
  (['appliesIf', 'letters', 'legalBasis', 'effectiveTo'] as const).every((field) =>
    isEqualJson(last[field], published[field]),
  );

export const responsePolicyTable: AggregateTable<ResponsePolicyState, ResponsePolicyEvent, DecisionContext> = {
  collection: 'response-policies',
  noun: 'policy',
  aggregate: {
    prefix: RESPONSE_POLICY_STREAMS,
    decoder: new EventDecoder<ResponsePolicyEvent>(responsePolicyEventTypes),
    initial: () => ({ versions: [] }),
    evolve: evolveResponsePolicy,
  },
  commands: [commandRow('publish', PublishResponsePolicy, publishResponsePolicy)],
};
