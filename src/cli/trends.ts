import { Command, InvalidArgumentError, Option } from 'commander';
import type { Share } from '../../projections/trends/measures.js';
import { trends } from '../../projections/trends/projection.js';
import {
  TREND_BASES,
  TREND_GROUPS,
  trendsBy,
  type TrendBasis,
  type TrendGroup,
  type TrendsAnswer,
} from '../../projections/trends/query.js';
import { openStoresReadOnly } from '../app/stores.js';
import { noticeWhenBehind } from './behind.js';
import { configurationOf, print, printJson } from './invocation.js';
import { tableOf } from '../platform/text-table.js';

interface Options {
  readonly groupBy: readonly TrendGroup[];
  readonly basis: TrendBasis;
  readonly zone: string;
  readonly source?: string;
  readonly from?: string;
  readonly to?: string;
  readonly json?: true;
}

export const trendsCommand = (): Command =>
  new Command('trends')
    .description('print counts and shares of complaints')
    .requiredOption('--group-by <groups>', `up to three of ${TREND_GROUPS.join(', ')}`, groupsOption)
    .addOption(
      new Option('--basis <date>', 'date that puts a complaint into a period').choices(TREND_BASES).default('received'),
    )
    .option('--zone <zone>', 'IANA time zone of the days', 'UTC')
    .option('--source <system>', 'only complaints whose first source is this system')
    .option('--from <day>', 'first day, YYYY-MM-DD')
    .option('--to <day>', 'last day, YYYY-MM-DD')
    .option('--json', 'print all measures, as JSON')
    .action(async (options: Options, command: Command) => {
      const configuration = configurationOf(command);
      const stores = await openStoresReadOnly(configuration);
      try {
        await noticeWhenBehind(stores, trends);
        const { groupBy, basis, zone, source, from, to } = options;
        const answer = await trendsBy(stores.readModels, {
          groupBy,
          basis,
          zone,
          satisfiedScore: configuration.house.satisfiedScore,
          filter: source === undefined ? {} : { source },
          ...(from !== undefined && { from }),
          ...(to !== undefined && { to }),
        });
        if (options.json === true) printJson(answer);
        else print(trendsTable(answer));
      } finally {
        await stores.close();
      }
    });

export const trendsTable = ({ groupBy, rows, total }: TrendsAnswer): string =>
  tableOf(
    [...groupBy, 'complaints', 'open', 'upheld', 'or partly', 'timely', 'disputed', 'median days'],
    [
      ...rows.map((row) => ({ ...row, names: groupBy.map((group) => row.key[group] ?? 'not known') })),
      { ...total, names: groupBy.map((_, index) => (index === 0 ? 'all' : '')) },
    ].map((row) => [
      ...row.names,
      row.complaints,
      shareText(row.open),
      shareText(row.upheld),
      shareText(row.upheldOrPartly),
      shareText(row.timely),
      shareText(row.disputed),
      row.daysToResponse.median,
    ]),
  );

/** Numerator and denominator, and the number of unknown in brackets. */
const shareText = ({ numerator, denominator, unknown }: Share): string =>
  `${String(numerator)}/${String(denominator)}${unknown > 0 ? ` (${String(unknown)} ?)` : ''}`;

function groupsOption(text: string): TrendGroup[] {
  const known: readonly string[] = TREND_GROUPS;
  const groups = text.split(',');
  const unknown = groups.find((group) => !known.includes(group));
  if (unknown !== undefined)
    throw new InvalidArgumentError(`there is no group ${unknown}; use ${TREND_GROUPS.join(', ')}`);
  if (groups.length > 3) throw new InvalidArgumentError('use at most three groups');
  return groups as TrendGroup[];
}
