import { Command, InvalidArgumentError, Option } from 'commander';
import { History } from '../audit/history.js';
import type { PointInTime } from '../audit/time-travel.js';
import { complaintDecoder } from '../complaint/command-service.js';
import { COMPLAINT_STREAMS } from '../complaint/complaint-record.js';
import { clampToNow } from '../complaint/time.js';
import { systemClock } from '../platform/clock.js';
import { instant, parseInstant } from '../platform/moment.js';
import { openEventStoreToRead } from '../app/engines.js';
import { idOf } from './complaint-id.js';
import { UserError, configurationOf, print, printJson } from './invocation.js';
import { tableOf } from '../platform/text-table.js';
import { noSuchComplaint } from '../complaint/reference.js';

interface Options {
  readonly asOf?: string;
  readonly knownAt?: string;
  readonly revision?: number;
  readonly json?: true;
}

export const historyCommand = (): Command =>
  new Command('history')
    .description('print every event of a complaint, now or at an earlier point in time')
    .argument('<complaint>', 'id or reference')
    .option('--as-of <time>', 'only what had happened by this time, as known today (RFC 3339 with offset)', pastOption)
    .option('--known-at <time>', 'only what was on record by this time (RFC 3339 with offset)', pastOption)
    .addOption(
      new Option('--revision <number>', 'only events up to this revision')
        .argParser(revisionOption)
        .conflicts(['asOf', 'knownAt']),
    )
    .option('--json', 'print all fields, as JSON')
    .action(async (complaint: string, options: Options, command: Command) => {
      const configuration = configurationOf(command);
      const id = await idOf(complaint, configuration);
      const eventStore = await openEventStoreToRead(configuration.eventStore);
      try {
        const history = new History(eventStore, complaintDecoder, COMPLAINT_STREAMS);
        const entries = id === undefined ? undefined : await history.entries(id, pointInTimeOf(options));
        if (entries === undefined) throw new UserError(noSuchComplaint(complaint));
        if (options.json === true) printJson(entries);
        else
          print(
            tableOf(
              ['rev', 'event', 'occurred', 'recorded', 'actor', 'hash'],
              entries.map(({ revision, type, occurredAt, recordedAt, actor, hash }) => [
                revision,
                type,
                occurredAt.precision === 'day' ? `${occurredAt.day} ${occurredAt.zone}` : occurredAt.at,
                recordedAt,
                `${actor.id} (${actor.role})`,
                hash.slice(0, 12),
              ]),
            ),
          );
      } finally {
        await eventStore.close();
      }
    });

const pointInTimeOf = ({ asOf, knownAt, revision }: Options): PointInTime => ({
  ...(asOf !== undefined && { asOf }),
  ...(knownAt !== undefined && { knownAt }),
  ...(revision !== undefined && { revision }),
});

/** Parses an RFC 3339 time and returns it in UTC. */
export function instantOption(text: string): string {
  const time = parseInstant(text);
  if (time === undefined) throw new InvalidArgumentError('use a time like 2026-11-22T09:30:00+08:00');
  return time;
}

/** Parses a time like {@link instantOption} and rejects one in the future, for which the answer could still change. */
function pastOption(text: string): string {
  const time = instantOption(text);
  if (clampToNow(instant(time), systemClock.now()) === undefined)
    throw new InvalidArgumentError('use a time that is not in the future; omit the option to read what is known now');
  return time;
}

function revisionOption(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('use a whole number from 0');
  return Number(text);
}
