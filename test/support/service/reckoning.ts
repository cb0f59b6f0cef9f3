import { join } from 'node:path';
import { loadKeys } from '../../../src/access/keys.js';
import type { LogSource } from '../../../src/audit/verify.js';
import { commandIdOf } from '../../../src/complaint/identity.js';
import { inspectSqliteStore } from '../../../src/eventstore/sqlite/inspection.js';
import type { Position, StoredEvent } from '../../../src/eventstore/event-store.js';
import type { Ledger, CommandRequest } from './ledger.js';

/**
 * Holds the history in a folder against the ledger: every acknowledged command stands there once, with the revision,
 * the position and the event types of its answer; nothing else does. Answers what is wrong; empty when all is right.
 * The service may be running, as long as nobody sends anything.
 */
export async function reckoned(
  folder: string,
  ledger: Ledger,
  source: ClosableLog = inspectSqliteStore(join(folder, 'events.db')),
): Promise<string[]> {
  const wrong = [...ledger.faults];
  const history = await historyIn(source);
  const keys = loadKeys(folder);
  const idOf = ({ by, key }: CommandRequest): string => commandIdOf(keys.ofRole(by)?.name ?? '', key);

  for (const request of ledger.open) wrong.push(`${request.key} (${request.path}) was never answered`);
  const accounted = new Set<string>();
  for (const [request, reply] of ledger.recorded) {
    const commandId = idOf(request);
    const events = history.get(commandId);
    const where = `${request.key} (${request.path}), answered with revision ${String(reply.revision)} at ${reply.position}`;
    if (events === undefined) {
      // somebody else's command recorded this case of another system: its own answer is held against the history
      if (!reply.alreadyThere || !JSON.stringify(request.body).includes('"sources"')) wrong.push(`lost: ${where}`);
      continue;
    }
    accounted.add(commandId);
    const [first] = events;
    const last = events.at(-1);
    const right =
      events.every(({ stream }) => stream === `complaint-${reply.id}`) &&
      last?.revision === reply.revision &&
      last.position === reply.position &&
      (first?.revision ?? 0) + events.length - 1 === last.revision &&
      JSON.stringify(events.map(({ type }) => type)) === JSON.stringify(reply.events);
    if (!right) wrong.push(`not what was answered: ${where}: ${events.map(told).join(', ')}`);
  }
  for (const [request, code] of ledger.refused)
    if (history.has(idOf(request)))
      wrong.push(`recorded although refused with ${code}: ${request.key} (${request.path})`);
  for (const [commandId, events] of history)
    if (!accounted.has(commandId)) wrong.push(`nobody was told of: ${events.map(told).join(', ')}`);
  return wrong;
}

const told = ({ stream, revision, position, type }: StoredEvent): string =>
  `${type} (${stream}, revision ${String(revision)}, position ${position})`;

/** Every event of a complaint, by the command that recorded it. */
async function historyIn(source: ClosableLog): Promise<Map<string, StoredEvent[]>> {
  const history = new Map<string, StoredEvent[]>();
  for await (const event of eventsOf(source)) {
    if (!event.stream.startsWith('complaint-')) continue;
    const { commandId } = JSON.parse(event.metadata) as { readonly commandId: string };
    const events = history.get(commandId);
    if (events === undefined) history.set(commandId, [event]);
    else events.push(event);
  }
  return history;
}

/** The log of a folder from its beginning. @throws DatabaseCorrupt */
export const eventsIn = (folder: string): AsyncGenerator<StoredEvent, void, undefined> =>
  eventsOf(inspectSqliteStore(join(folder, 'events.db')));

type ClosableLog = Pick<LogSource, 'readAll'> & { close(): void };

/** Closes it at the end. */
async function* eventsOf(source: ClosableLog): AsyncGenerator<StoredEvent, void, undefined> {
  try {
    let after: Position | null = null;
    for (;;) {
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
