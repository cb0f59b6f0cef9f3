import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { command, HANDLER, NOON, UPSTREAM, type Fields } from '../../test/support/given.js';
import type { OnBehalfOf } from '../access/actor.js';
import { commandIdOf } from '../command/command-id.js';
import { openSqliteEventStore, type SqliteEventStore } from '../eventstore/sqlite/sqlite-event-store.js';
import { ReferenceCommands } from '../reference/reference-commands.js';
import { ReferenceFold } from '../reference/reference-fold.js';
import { CommandService, complaintDecoder } from './command-service.js';
import { AcknowledgeComplaint, LodgeComplaint } from './commands/intake.js';
import {
  AcceptAssignment,
  AssignComplaint,
  DeclareConflictOfInterest,
  WithdrawConflictOfInterest,
} from './commands/ownership.js';
import type { ComplaintCommand } from './commands/parts.js';
import { ProvideInterimRelief } from './commands/remedies.js';
import { COMPLAINT_STREAMS } from './complaint-record.js';
import type { Outcome } from './submission.js';

let folder: string;
let store: SqliteEventStore;
let reference: ReferenceFold;
let referenceCommands: ReferenceCommands;
let service: CommandService;
let complaint: string;
let sent = 0;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'redress-'));
  const clock = { now: () => NOON };
  store = await openSqliteEventStore(join(folder, 'events.db'));
  reference = new ReferenceFold(store, clock);
  referenceCommands = new ReferenceCommands(store, clock, reference, { onlyWriter: true });
  await referenceCommands.recordPeople([{ id: HANDLER.id, roles: ['handler'] }], 'command', UPSTREAM);
  service = new CommandService(store, clock, {
    onlyWriter: true,
    reference,
    recordPeople: (ids, actor) => referenceCommands.recordImported(ids, actor),
    findByReference: () => Promise.resolve(undefined),
    findByLodgingCommand: () => Promise.resolve(undefined),
    findOtherLodgings: () => Promise.resolve(new Map()),
  });
  const lodged = await send(LodgeComplaint, { channel: 'phone', narrative: 'The dish was cold.' });
  complaint = lodged.id ?? '';
});
afterEach(async () => {
  await store.close();
  rmSync(folder, { recursive: true });
});

const send = <Command extends ComplaintCommand>(
  type: new () => Command,
  fields: Fields<Command>,
  onBehalfOf?: OnBehalfOf,
  actor = UPSTREAM,
): Promise<Outcome> =>
  service.submit({
    command: command(type, { ...fields, ...(onBehalfOf && { onBehalfOf }) } as Fields<Command>),
    ...(type !== (LodgeComplaint as unknown) && { complaint }),
    commandId: commandIdOf('crm', `k${String(sent++)}`),
    commandDigest: 'd'.repeat(64),
    actor,
  });

/** The types of the recorded events, or the codes of the refusal with their pointers. */
const resultOf = async (outcome: Promise<Outcome>): Promise<readonly string[]> => {
  const result = await outcome;
  return result.accepted ? result.events : result.unmet.map(({ code, pointer = '' }) => `${code} ${pointer}`.trim());
};

const lastMetadata = async () => {
  const events = await store.read(`${COMPLAINT_STREAMS}${complaint}`, { from: 0, limit: 100 });
  const last = events.at(-1);
  if (last === undefined) throw new Error('expected an event');
  return complaintDecoder.decode(last).metadata;
};

const li = { person: 'li', unit: 'care', shift: 'late' };

describe('a system that acts for a person', () => {
  test('stays the actor of the event, which names the person, the unit and the shift', async () => {
    await send(AssignComplaint, { handler: 'wang' }, li);
    expect(await lastMetadata()).toMatchObject({ actor: UPSTREAM, onBehalfOf: li });
    const { onBehalfOf } = await lastMetadata();
    expect(Object.keys(onBehalfOf ?? {}).sort()).toEqual(['person', 'shift', 'unit']);
  });

  test('is refused for every other role', async () => {
    expect(await resultOf(send(AcceptAssignment, {}, li, HANDLER))).toEqual([
      'not_for_this_role /onBehalfOf',
      'not_assigned',
    ]);
  });

  test('accepts an assignment for its handler only (one signs for oneself)', async () => {
    await send(AssignComplaint, { handler: 'li' });
    expect(await resultOf(send(AcceptAssignment, {}))).toEqual(['not_the_assignee']);
    expect(await resultOf(send(AcceptAssignment, {}, { person: 'wang' }))).toContain('not_the_assignee');
    expect(await resultOf(send(AcceptAssignment, {}, { person: 'LI' }))).toEqual(['AssignmentAccepted']);
  });

  test('accepts an assignment to a unit for a person of the unit', async () => {
    await send(AssignComplaint, { orgUnit: 'care' });
    expect(await resultOf(send(AcceptAssignment, {}, { person: 'wang', unit: 'depot' }))).toContain('not_the_assignee');
    expect(await resultOf(send(AcceptAssignment, {}, li))).toEqual(['AssignmentAccepted']);
  });

  test('I6: does nothing for a person with an interest in the matter', async () => {
    await send(DeclareConflictOfInterest, { reason: 'Was on shift' }, li);
    expect(await resultOf(send(AssignComplaint, { handler: 'wang' }, li))).toEqual(['conflict_of_interest']);
    expect(await resultOf(send(AssignComplaint, { handler: 'wang' }, { person: 'wang' }))).toContain(
      'ComplaintAssigned',
    );
  });

  test('I25: is a second person only for another person', async () => {
    await send(DeclareConflictOfInterest, { reason: 'Was on shift' }, li);
    const withdrawal = { person: 'li', reason: 'Was on leave' };
    expect(await resultOf(send(WithdrawConflictOfInterest, withdrawal, li))).toEqual(['needs_second_person /person']);
    expect(await resultOf(send(WithdrawConflictOfInterest, withdrawal, { person: 'wang' }))).toEqual([
      'ConflictOfInterestWithdrawn',
    ]);
  });

  test('I14: has the limit of the person', async () => {
    const amount = { amount: 50_000, currency: 'USD' };
    const relief = { type: 'waiver_of_charge', amount, reason: 'The fee of this month' } as const;
    await referenceCommands.recordPeople([{ id: 'chief', roles: ['supervisor'] }], 'command', HANDLER);
    const reliefEvents = async (person: string) =>
      (await resultOf(send(ProvideInterimRelief, relief, { person }))).filter((event) => event.startsWith('Interim'));
    expect(await reliefEvents('li')).toEqual(['InterimReliefDrafted']);
    expect(await reliefEvents('chief')).toEqual(['InterimReliefProvided']);
  });
});

test('only a system leaves the channel open, also in what a lodging includes', async () => {
  const lodging = {
    channel: 'not_stated',
    narrative: 'The dish was cold.',
    acknowledgement: command(AcknowledgeComplaint, { channel: 'not_stated' }),
  } as const;
  expect(await resultOf(send(LodgeComplaint, lodging, undefined, HANDLER))).toEqual([
    'not_for_this_role /channel',
    'not_for_this_role /acknowledgement/channel',
  ]);
  expect(await resultOf(send(LodgeComplaint, lodging))).toEqual(['ComplaintReceived', 'ComplaintAcknowledged']);
});

describe('people whom a system names', () => {
  const known = (id: string) => reference.current().staff.person(id);

  test('are recorded as staff without a role, once', async () => {
    await send(AssignComplaint, { handler: 'wang' }, li);
    expect([known('wang'), known('li')]).toMatchObject([
      { id: 'wang', roles: [], source: 'import' },
      { id: 'li', roles: [], source: 'import' },
    ]);
    await send(AcceptAssignment, {}, { person: 'WANG' });
    expect(known('wang')?.id).toBe('wang');
    expect(await store.read('staff-wang', { limit: 10 })).toHaveLength(1);
  });

  test('are neither recorded nor a fault if the command is refused for another reason', async () => {
    const withUnknownPerson = send(AcceptAssignment, {}, { person: 'zhao' });
    expect(await resultOf(withUnknownPerson)).toEqual(['not_assigned']);
    expect(known('zhao')).toBeUndefined();
  });

  test('are unknown if a person names them', async () => {
    expect(await resultOf(send(AssignComplaint, { handler: 'zhao' }, undefined, HANDLER))).toEqual([
      'unknown_person /handler',
    ]);
  });
});
