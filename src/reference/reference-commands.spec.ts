import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Actor } from '../access/actor.js';
import { openSqliteEventStore, type SqliteEventStore } from '../eventstore/sqlite/sqlite-event-store.js';
import { PublishHousePolicy } from '../house-policy/commands.js';
import { instant } from '../platform/moment.js';
import { PublishResponsePolicy } from '../response-policy/commands.js';
import type { LetterFacts } from '../response-policy/response-policy.js';
import { RecordStaff, RetireStaff } from '../staff/commands.js';
import { RecordUnit, RetireUnit } from '../unit/commands.js';
import { REFERENCE_STREAMS } from './aggregates.js';
import { INSTALLATION, ReferenceCommands } from './reference-commands.js';
import { ReferenceFold } from './reference-fold.js';

const NOON = '2026-11-10T12:00:00.000Z';
const LATER = '2026-11-11T12:00:00.000Z';
const SUPERVISOR: Actor = { type: 'person', id: 'supervisor-1', role: 'supervisor' };

let folder: string;
let store: SqliteEventStore;
let now: string;
let fold: ReferenceFold;
let commands: ReferenceCommands;
let keys = 0;
const clock = { now: () => now };
beforeEach(async () => {
  now = NOON;
  folder = mkdtempSync(join(tmpdir(), 'redress-'));
  store = await openSqliteEventStore(join(folder, 'events.db'));
  fold = new ReferenceFold(store, clock);
  await fold.load();
  commands = new ReferenceCommands(store, clock, fold, { onlyWriter: true });
});
afterEach(async () => {
  await store.close();
  rmSync(folder, { recursive: true });
});

/** Sends a command. Returns the types of its events, or the codes of its refusal. */
async function send<C extends object>(
  collection: string,
  id: string,
  type: new () => C,
  fields: Partial<C> = {},
): Promise<readonly string[]> {
  const outcome = await commands.submit({
    collection,
    id,
    command: Object.assign(new type(), fields),
    commandId: `k${String((keys += 1))}`,
    commandDigest: 'd'.repeat(64),
    actor: SUPERVISOR,
  });
  return outcome.accepted ? outcome.events : outcome.unmet.map(({ code }) => code);
}

describe('a person of the staff', () => {
  test('is known as soon as the command is recorded, whatever the case of the id', async () => {
    expect(await send('staff', 'Wang-7', RecordStaff, { name: '王芳', roles: ['handler'] })).toEqual(['StaffRecorded']);
    expect(fold.current().staff.person('wang-7')).toEqual({
      id: 'Wang-7',
      name: '王芳',
      units: [],
      roles: ['handler'],
      skills: [],
      absences: [],
      source: 'command',
    });
  });

  test('keeps what a later command does not name; the same again changes nothing', async () => {
    await send('staff', 'wang', RecordStaff, { name: '王芳', roles: ['handler'] });
    expect(await send('staff', 'WANG', RecordStaff, { skills: ['legal'] })).toEqual(['StaffRecorded']);
    expect(fold.current().staff.person('wang')).toMatchObject({ id: 'wang', roles: ['handler'], skills: ['legal'] });
    expect(await send('staff', 'wang', RecordStaff, { skills: ['legal'] })).toEqual(['nothing_to_change']);
  });

  test('who retires stays in the directory, with the time', async () => {
    expect(await send('staff', 'wang', RetireStaff)).toEqual(['unknown_person']);
    await send('staff', 'wang', RecordStaff);
    const occurredAt = instant('2026-11-01T00:00:00.000Z');
    expect(await send('staff', 'wang', RetireStaff, { occurredAt })).toEqual(['StaffRetired']);
    expect(fold.current().staff.person('wang')?.retiredAt).toBe('2026-11-01T00:00:00.000Z');
    expect(await send('staff', 'wang', RetireStaff)).toEqual(['nothing_to_change']);
    expect(await send('staff', 'wang', RecordStaff)).toEqual(['StaffRecorded']);
    expect(fold.current().staff.person('wang')?.retiredAt).toBeUndefined();
  });

  test('cannot retire in the future', async () => {
    await send('staff', 'wang', RecordStaff);
    expect(await send('staff', 'wang', RetireStaff, { occurredAt: instant(LATER) })).toEqual(['occurred_in_future']);
  });

  test('belongs to units that exist', async () => {
    expect(await send('staff', 'wang', RecordStaff, { units: ['care', 'legal'] })).toEqual([
      'unknown_unit',
      'unknown_unit',
    ]);
    await send('units', 'care', RecordUnit, { name: 'Care' });
    expect(await send('staff', 'wang', RecordStaff, { units: ['Care'] })).toEqual(['StaffRecorded']);
    await send('units', 'care', RetireUnit);
    expect(await send('staff', 'li', RecordStaff, { units: ['care'] })).toEqual(['unknown_unit']);
  });

  test('is not absent until before the absence began', async () => {
    const absences = [{ from: instant(LATER), to: instant(NOON) }];
    expect(await send('staff', 'wang', RecordStaff, { absences })).toEqual(['ends_before_it_begins']);
  });
});

describe('a unit', () => {
  test('belongs to a unit that exists and does not belong to it', async () => {
    expect(await send('units', 'care', RecordUnit, { parent: 'head' })).toEqual(['unknown_unit']);
    await send('units', 'head', RecordUnit);
    expect(await send('units', 'care', RecordUnit, { parent: 'head' })).toEqual(['UnitRecorded']);
    expect(await send('units', 'head', RecordUnit, { parent: 'CARE' })).toEqual(['unit_cycle']);
    expect(await send('units', 'head', RecordUnit, { parent: 'head' })).toEqual(['unit_cycle']);
  });
});

describe('the house rules', () => {
  test('of a new installation are published as version 1, once', async () => {
    await commands.publishFirstVersions();
    await commands.publishFirstVersions();
    const events = await store.readAll({ prefixes: REFERENCE_STREAMS, limit: 10 });
    expect(events.map(({ stream, type }) => [stream, type])).toEqual([
      ['house-policy-house', 'HousePolicyPublished'],
      ['response-policy-house', 'ResponsePolicyPublished'],
    ]);
    expect(fold.current().house).toMatchObject({ version: 1, followUpDays: 7, inadmissibleByTwo: false });
  });

  test('of a later version replace only what it names', async () => {
    await commands.publishFirstVersions();
    expect(await send('house-policies', 'house', PublishHousePolicy, { inadmissibleByTwo: true })).toEqual([
      'HousePolicyPublished',
    ]);
    expect(fold.current().house).toMatchObject({ version: 2, followUpDays: 7, inadmissibleByTwo: true });
    expect(await send('house-policies', 'house', PublishHousePolicy, { inadmissibleByTwo: true })).toEqual([
      'nothing_to_change',
    ]);
  });

  test('are in force from the time that the version names, never from a time in the past', async () => {
    await commands.publishFirstVersions();
    await send('house-policies', 'house', PublishHousePolicy, { followUpDays: 3, effectiveFrom: instant(LATER) });
    expect(fold.at('2026-11-11T11:59:59.999Z').house.followUpDays).toBe(7);
    expect(fold.at(LATER).house.followUpDays).toBe(3);
    const effectiveFrom = instant('2026-11-10T11:59:59.999Z');
    expect(await send('house-policies', 'house', PublishHousePolicy, { followUpDays: 4, effectiveFrom })).toEqual([
      'effective_in_past',
    ]);
  });
});

describe('a response policy', () => {
  const facts: LetterFacts = {
    nature: 'complaint',
    channel: null,
    language: null,
    severity: null,
    region: [],
    product: ['loan'],
    category: [],
    respondent: [],
    orgUnit: [],
    source: [],
    accepted: true,
  };
  const bodies = (letterFacts: LetterFacts) =>
    fold.current().responsePolicies.letterRequirement('reject', letterFacts, now).bodies;

  test('governs letters about what it applies to', async () => {
    await commands.publishFirstVersions();
    const appliesIf = [{ field: 'product' as const, in: ['loan'] }];
    expect(await send('response-policies', 'fca', PublishResponsePolicy, { form: 'fca', appliesIf })).toEqual([
      'ResponsePolicyPublished',
    ]);
    expect(bodies(facts)).toEqual(['Financial Ombudsman Service']);
    expect(bodies({ ...facts, product: ['card'] })).toEqual([]);
  });

  test('names its letters once, or the form of a known policy', async () => {
    expect(await send('response-policies', 'own', PublishResponsePolicy)).toEqual(['missing']);
    const reject = { kind: 'reject' as const, recourse: 'always' as const, bodies: ['The board'] };
    expect(await send('response-policies', 'own', PublishResponsePolicy, { form: 'fca', letters: [reject] })).toEqual([
      'not_together',
    ]);
    expect(await send('response-policies', 'own', PublishResponsePolicy, { letters: [reject, reject] })).toEqual([
      'given_twice',
    ]);
    expect(await send('response-policies', 'own', PublishResponsePolicy, { letters: [reject] })).toEqual([
      'ResponsePolicyPublished',
    ]);
    expect(bodies(facts)).toEqual(['The board']);
    expect(await send('response-policies', 'own', PublishResponsePolicy, { letters: [reject] })).toEqual([
      'nothing_to_change',
    ]);
  });
});

describe('people whom an installation records by itself', () => {
  test('are those that the directory does not know', async () => {
    await send('staff', 'handler-1', RecordStaff, { roles: ['supervisor'] });
    const people = [
      { id: 'Handler-1', roles: ['handler' as const] },
      { id: 'li', roles: ['handler' as const] },
    ];
    await commands.recordPeople(people, 'import', INSTALLATION);
    await commands.recordPeople(people, 'import', INSTALLATION);
    expect(fold.people().map(({ id, roles, source }) => [id, roles, source])).toEqual([
      ['handler-1', ['supervisor'], 'command'],
      ['li', ['handler'], 'import'],
    ]);
  });
});

describe('another process', () => {
  test('knows what was recorded before it started, and follows what is recorded later', async () => {
    await send('staff', 'wang', RecordStaff);
    const other = new ReferenceFold(store, clock);
    await other.load();
    expect(other.current().staff.person('wang')?.id).toBe('wang');
    const ended = new AbortController();
    const following = other.follow(ended.signal);
    await send('staff', 'li', RecordStaff);
    for (let attempt = 0; attempt < 100 && other.people().length < 2; attempt += 1)
      await new Promise((resolve) => setTimeout(resolve, 20));
    expect(other.people().map(({ id }) => id)).toEqual(['li', 'wang']);
    ended.abort();
    await following.catch(() => undefined);
  });

  test('reads a stream again when it is asked to, and says whether it was behind', async () => {
    const other = new ReferenceFold(store, clock);
    await other.load();
    await send('staff', 'wang', RecordStaff);
    expect(other.current().staff.person('wang')).toBeUndefined();
    expect(await other.refresh(['staff-wang'])).toBe(true);
    expect(other.current().staff.person('wang')?.id).toBe('wang');
    expect(await other.refresh(['staff-wang'])).toBe(false);
  });
});
