import { join } from 'node:path';
import { loadKeys } from '../../../src/access/keys.js';
import type { LogSource } from '../../../src/audit/verify.js';
import { commandIdOf } from '../../../src/command/command-id.js';
import { inspectSqliteStore } from '../../../src/eventstore/sqlite/inspection.js';
import type { Position, StoredEvent } from '../../../src/eventstore/event-store.js';
import type { Ledger, CommandRequest } from './ledger.js';

/**
 * Compares the event log with the ledger. Each acknowledged command must be in the log once, with the revision, the
 * position and the event types of its reply; the log must contain no other command after the position `after`. The service may be running, but must
 * not receive commands meanwhile.
 * @param folder data folder with the API keys and, unless there is a `source`, the event store
 * @returns descriptions of all differences
 */
export async function ledgerDifferences(
  folder: string,
  ledger: Ledger,
  source: ClosableLog = inspectSqliteStore(join(folder, 'events.db')),
  after: Position | null = null,
): Promise<string[]> {
  const differences = [...ledger.faults];
  const history = await eventsByCommand(source, after);
  const keys = loadKeys(folder);
  const idOf = ({ by, key }: CommandRequest): string => commandIdOf(keys.ofRole(by)?.name ?? '', key);

  for (const request of ledger.open) differences.push(`${request.key} (${request.path}): the outcome is unknown`);
  const acknowledged = new Set<string>();
  for (const [request, reply] of ledger.recorded) {
    const commandId = idOf(request);
    const events = history.get(commandId);
    const description = `${request.key} (${request.path}), acknowledged at revision ${String(reply.revision)}, position ${reply.position}`;
    if (events === undefined) {
      // A lodging of a source that another command has lodged already records nothing. The reply is that of the other
      // command, which is compared with its own request.
      if (!reply.alreadyThere || !JSON.stringify(request.body).includes('"sources"'))
        differences.push(`not in the log: ${description}`);
      continue;
    }
    acknowledged.add(commandId);
    const [first] = events;
    const last = events.at(-1);
    const agrees =
      events.every(({ stream }) => stream === `complaint-${reply.id}`) &&
      last?.revision === reply.revision &&
      last.position === reply.position &&
      (first?.revision ?? 0) + events.length - 1 === last.revision &&
      JSON.stringify(events.map(({ type }) => type)) === JSON.stringify(reply.events);
    if (!agrees) differences.push(`the log differs: ${description}: ${events.map(describeEvent).join(', ')}`);
  }
  for (const [request, code] of ledger.refused)
    if (history.has(idOf(request)))
      differences.push(`recorded although refused with ${code}: ${request.key} (${request.path})`);
  for (const [commandId, events] of history)
    if (!acknowledged.has(commandId))
      differences.push(`recorded without an acknowledgement: ${events.map(describeEvent).join(', ')}`);
  return differences;
}

const describeEvent = ({ stream, revision, position, type }: StoredEvent): string =>
  `${type} (${stream}, revision ${String(revision)}, position ${position})`;

/** The events of all complaints after a position, by the id of the command that recorded them. Closes the source. */
async function eventsByCommand(source: ClosableLog, after: Position | null): Promise<Map<string, StoredEvent[]>> {
  const history = new Map<string, StoredEvent[]>();
  for await (const event of eventsOf(source, after)) {
    if (!event.stream.startsWith('complaint-')) continue;
    const { commandId } = JSON.parse(event.metadata) as { readonly commandId: string };
    const events = history.get(commandId);
    if (events === undefined) history.set(commandId, [event]);
    else events.push(event);
  }
  return history;
}

/** All events of the event store in a data folder. @throws DatabaseCorrupt */
export const eventsIn = (folder: string): AsyncGenerator<StoredEvent, void, undefined> =>
  eventsOf(inspectSqliteStore(join(folder, 'events.db')));

type ClosableLog = Pick<LogSource, 'readAll'> & { close(): void };

/** The events of a log after a position; closes the log at the end. */
export async function* eventsOf(
  source: ClosableLog,
  start: Position | null = null,
): AsyncGenerator<StoredEvent, void, undefined> {
  try {
    for (let after = start; ;) {
      const page: StoredEvent[] = await source.readAll({ after, limit: 1000 });
      yield* page;
      const last = page.at(-1);
      if (last === undefined) return;
      after = last.position;
    }
  } finally {
    source.close();
  }
}
