import { Command, InvalidArgumentError } from 'commander';
import { readStoredReference } from '../app/reference.js';
import { EVENTS_OF_HOUSE_RULES } from '../complaint/policy-refs.js';
import { PublishHousePolicy } from '../house-policy/commands.js';
import {
  differencesOf,
  rulesOf,
  type HousePolicyState,
  type PublishedHouseRules,
} from '../house-policy/house-policy.js';
import {
  DEFAULT_HOUSE_RULES,
  HOUSE_POLICY_STREAMS,
  SECOND_PERSON_RULES,
  type HouseRules,
} from '../house-policy/rules.js';
import { systemClock } from '../platform/clock.js';
import { fieldsOf } from '../platform/fields.js';
import { tableOf } from '../platform/text-table.js';
import type { ResponsePolicyState } from '../response-policy/publishing.js';
import { RESPONSE_POLICY_STREAMS, type ResponsePolicy } from '../response-policy/response-policy.js';
import { configurationOf, print, printJson, UserError } from './invocation.js';
import { addSending } from './send-reference.js';

interface Options {
  readonly json?: true;
  readonly version?: number;
}

interface Rules {
  readonly versions: readonly PublishedHouseRules[];
  /** Number of the version in force. */
  readonly inForce: number;
}

export function policyCommand(): Command {
  const group = new Command('policy').description(
    'show, publish, compare and explain the house rules, and what letters tell',
  );
  group
    .command('show')
    .description('print the house rules in force, or those of a version')
    .option('--version <number>', 'the version', versionNumber)
    .option('--json', 'print as JSON')
    .action(async ({ json, version }: Options, command: Command) => {
      const { versions, inForce } = await houseRules(command);
      const shown = versionOf(versions, version ?? inForce);
      if (json === true) printJson(shown);
      else print(rulesText(shown));
    });
  addSending(
    group.command('publish').description('publish a version of the house rules; what is not given stays as it is'),
    { collection: 'house-policies', path: 'publish' },
    () => 'house',
  );
  group
    .command('compare')
    .description('list the rules in which two versions differ')
    .argument('<version>', 'the earlier version', versionNumber)
    .argument('[version]', 'the later version; default: the one in force', versionNumber)
    .action(async (one: number, other: number | undefined, _options: Options, command: Command) => {
      const { versions, inForce } = await houseRules(command);
      print(comparison(versionOf(versions, one), versionOf(versions, other ?? inForce)));
    });
  group
    .command('explain')
    .description('say what a rule means, what it is now, and which events name it')
    .argument('<rule>', 'name of the rule, such as inadmissibleByTwo')
    .action(async (rule: string, _options: Options, command: Command) => {
      print(explanation(rule, await houseRules(command)));
    });
  const letters = group.command('letters').description('list and publish what letters must tell');
  letters
    .command('list')
    .description('print all versions of the response policies as JSON')
    .action(async (_options: Options, command: Command) => {
      printJson(await responsePolicies(command));
    });
  addSending(
    letters.command('publish').description('publish a version of a response policy').argument('<id>'),
    { collection: 'response-policies', path: 'publish' },
    ([id = '']) => id,
  );
  return group;
}

async function houseRules(command: Command): Promise<Rules> {
  const reference = await readStoredReference(configurationOf(command), systemClock);
  const [policy] = reference.statesOf<HousePolicyState>(HOUSE_POLICY_STREAMS);
  if (policy === undefined)
    throw new UserError('no rules are published yet; the first start of the service publishes them');
  return { versions: policy.state.versions, inForce: reference.current().house.version };
}

async function responsePolicies(command: Command): Promise<ResponsePolicy[]> {
  const reference = await readStoredReference(configurationOf(command), systemClock);
  return reference.statesOf<ResponsePolicyState>(RESPONSE_POLICY_STREAMS).flatMap(({ state }) => state.versions);
}

function versionOf(versions: readonly PublishedHouseRules[], number: number): PublishedHouseRules {
  const found = versions.find(({ version }) => version === number);
  if (found === undefined)
    throw new UserError(
      `there is no version ${String(number)}; the latest is ${String(versions.at(-1)?.version ?? 0)}`,
    );
  return found;
}

const valueText = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));

const descriptionOf = (rule: string): string => fieldsOf(PublishHousePolicy).get(rule)?.description ?? '';

const rulesText = ({ version, effectiveFrom, rules, note }: PublishedHouseRules): string =>
  [
    `version ${String(version)}, effective from ${effectiveFrom}${note === undefined ? '' : `: ${note}`}`,
    tableOf(
      ['rule', 'value', 'meaning'],
      Object.entries(rules).map(([rule, value]) => [rule, valueText(value), descriptionOf(rule)]),
    ),
  ].join('\n');

export function comparison(one: PublishedHouseRules, other: PublishedHouseRules): string {
  const rules = differencesOf(one.rules, other.rules);
  const heading = `version ${String(one.version)} and version ${String(other.version)}`;
  if (rules.length === 0) return `${heading} do not differ`;
  return tableOf(
    ['rule', `version ${String(one.version)}`, `version ${String(other.version)}`],
    rules.map((rule) => [rule, valueText(one.rules[rule]), valueText(other.rules[rule])]),
  );
}

/** @throws UserError if there is no such rule */
export function explanation(rule: string, { versions, inForce }: Rules): string {
  const defaults = rulesOf(DEFAULT_HOUSE_RULES);
  if (!isRule(rule, defaults))
    throw new UserError(`there is no rule ${rule}; the rules are ${Object.keys(defaults).join(', ')}`);
  const changes = versions.filter(
    ({ rules }, index) => index === 0 || differencesOf(versions[index - 1]?.rules ?? defaults, rules).includes(rule),
  );
  const events: readonly string[] = rule in EVENTS_OF_HOUSE_RULES ? EVENTS_OF_HOUSE_RULES[rule as never] : [];
  const isForTwo = SECOND_PERSON_RULES.some((name) => name === rule);
  return [
    `${rule}: ${descriptionOf(rule)}`,
    `now: ${valueText(versionOf(versions, inForce).rules[rule])} (default: ${valueText(defaults[rule])})`,
    ...(isForTwo ? ['while it is off, each act that it lets through is listed in the complaint file (waivers)'] : []),
    events.length > 0 ? `events that name its version: ${events.join(', ')}` : 'no event names its version',
    'set by',
    ...changes.map(
      ({ version, effectiveFrom, publishedBy, rules, note }) =>
        `  version ${String(version)} from ${effectiveFrom} by ${publishedBy}: ${valueText(rules[rule])}` +
        (note === undefined ? '' : ` (${note})`),
    ),
  ].join('\n');
}

const isRule = (name: string, rules: HouseRules): name is keyof HouseRules => Object.hasOwn(rules, name);

function versionNumber(text: string): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 1) throw new InvalidArgumentError('use the number of a version, from 1');
  return number;
}
