import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { command, HANDLER, person, UPSTREAM } from '../../test/support/given.js';
import type { Actor } from '../access/actor.js';
import { commandIdOf } from '../command/command-id.js';
import { openSqliteEventStore, type SqliteEventStore } from '../eventstore/sqlite/sqlite-event-store.js';
import { PublishHousePolicy } from '../house-policy/commands.js';
import { instant } from '../platform/moment.js';
import { ReferenceCommands } from '../reference/reference-commands.js';
import { ReferenceFold } from '../reference/reference-fold.js';
import { RecordStaff, RetireStaff } from '../staff/commands.js';
import { CommandService } from './command-service.js';
import { AssignComplaint } from './commands/ownership.js';
import { LodgeComplaint } from './commands/intake.js';
import { ResolveAtFirstContact } from './commands/resolution.js';
import type { ComplaintCommand } from './commands/parts.js';
import type { Outcome } from './submission.js';

const clock = { now: () => '2026-11-10T12:00:00.000Z' };
const SUPERVISOR = person('supervisor-1', 'supervisor');

let folder: string;
let store: SqliteEventStore;
/** What this process knows; `others` records in another process. */
let reference: ReferenceFold;
let others: ReferenceCommands;
let own: ReferenceCommands;
let keys = 0;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'redress-'));
  store = await openSqliteEventStore(join(folder, 'events.db'));
  reference = new ReferenceFold(store, clock);
  own = new ReferenceCommands(store, clock, reference, { onlyWriter: true });
  others = new ReferenceCommands(store, clock, new ReferenceFold(store, clock), { onlyWriter: false });
  for (const { id } of [HANDLER, SUPERVISOR]) await refer(own, 'staff', id, new RecordStaff());
});
afterEach(async () => {
  await store.close();
  rmSync(folder, { recursive: true });
});

async function refer(commands: ReferenceCommands, collection: string, id: string, body: object): Promise<void> {
  const outcome = await commands.submit({
    collection,
    id,
    command: body,
    commandId: `r${String((keys += 1))}`,
    commandDigest: 'd'.repeat(64),
    actor: SUPERVISOR,
  });
  expect(outcome).toMatchObject({ accepted: true });
}

const service = (recordsPeople = false): CommandService =>
  new CommandService(store, clock, {
    onlyWriter: true,
    reference,
    findByReference: () => Promise.resolve(undefined),
    findByLodgingCommand: () => Promise.resolve(undefined),
    findOtherLodgings: () => Promise.resolve(new Map()),
    ...(recordsPeople && {
      recordPeople: (ids: readonly string[], actor: Actor) =>
        own.recordPeople(
          ids.map((id) => ({ id, roles: [] })),
          'import',
          actor,
        ),
    }),
  });

const submit = (to: CommandService, body: ComplaintCommand, actor: Actor): Promise<Outcome> =>
  to.submit({
    command: body,
    commandId: commandIdOf('desk', String((keys += 1))),
    commandDigest: 'd'.repeat(64),
    actor,
  });
const lodgeFor = (handler: string): LodgeComplaint =>
  command(LodgeComplaint, {
    channel: 'phone',
    narrative: 'The dish was cold.',
    assignment: command(AssignComplaint, { handler }),
  });
const codesOf = (outcome: Outcome) => (outcome.accepted ? [] : outcome.unmet.map(({ code }) => code));

describe('I6: a command that names a person whom nobody knows', () => {
  test('is refused', async () => {
    expect(codesOf(await submit(service(), lodgeFor('wang'), HANDLER))).toEqual(['unknown_person']);
  });

  test('is accepted if another process has recorded the person meanwhile', async () => {
    await refer(others, 'staff', 'wang', new RecordStaff());
    expect(reference.current().staff.person('wang')).toBeUndefined();
    expect(codesOf(await submit(service(), lodgeFor('wang'), HANDLER))).toEqual([]);
  });

  test('from an upstream system records the person as staff without a credential', async () => {
    const commands = service(true);
    expect(codesOf(await submit(commands, lodgeFor('Li-4'), UPSTREAM))).toEqual([]);
    expect(reference.current().staff.person('li-4')).toMatchObject({ id: 'Li-4', roles: [], source: 'import' });
    expect(codesOf(await submit(commands, lodgeFor('zhao'), HANDLER))).toEqual(['unknown_person']);
  });
});

test('I6: whoever has left the staff cannot act any more', async () => {
  const commands = service();
  expect(
    codesOf(await submit(commands, command(LodgeComplaint, { channel: 'phone', narrative: 'Cold.' }), HANDLER)),
  ).toEqual([]);
  await refer(own, 'staff', HANDLER.id, new RetireStaff());
  expect(
    codesOf(await submit(commands, command(LodgeComplaint, { channel: 'phone', narrative: 'Cold.' }), HANDLER)),
  ).toEqual(['unknown_person']);
});

test('an event names the version of the rules by which it was decided', async () => {
  const commands = service();
  await refer(own, 'house-policies', 'house', new PublishHousePolicy());
  await refer(own, 'house-policies', 'house', Object.assign(new PublishHousePolicy(), { reopenDays: 1 }));
  const statedBy = { party: 'p1', medium: 'phone' as const, at: instant(clock.now()) };
  const resolution = command(ResolveAtFirstContact, {
    category: 'product_quality',
    whatWasDone: 'A new dish',
    remedyType: 'replacement',
    statedBy,
  });
  const lodged = await submit(
    commands,
    command(LodgeComplaint, {
      channel: 'phone',
      narrative: 'The dish was cold.',
      parties: [{ id: 'p1', role: 'complainant', name: '王芳' }],
      resolution,
    }),
    HANDLER,
  );
  if (!lodged.accepted) throw new Error(JSON.stringify(lodged));
  const events = await store.read(`complaint-${lodged.id}`, { limit: 10 });
  const versions = events.map(({ type, metadata }) => {
    const { policyRefs = [] } = JSON.parse(metadata) as { policyRefs?: { id: string; version: number }[] };
    return [type, ...policyRefs.map(({ id, version }) => `${id} ${String(version)}`)];
  });
  expect(versions).toContainEqual(['ComplaintReceived']);
  expect(versions).toContainEqual(['DeterminationMade', 'house-policy-house 2']);
  expect(versions).toContainEqual(['ComplaintClosed', 'house-policy-house 2']);
});
