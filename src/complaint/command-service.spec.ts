import { fixedReference } from '../reference/reference-source.js';
import { REFERENCE } from '../../test/support/directory.js';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { command, HANDLER, NOON, type Fields } from '../../test/support/given.js';
import type { Recorded } from '../eventstore/envelope.js';
import { AppendAmbiguous } from '../eventstore/event-store.js';
import { openSqliteEventStore, type SqliteEventStore } from '../eventstore/sqlite/sqlite-event-store.js';
import { instant } from '../platform/moment.js';
import { NotYetVisible } from '../readmodels/read-models.js';
import { AcknowledgeComplaint, LodgeComplaint } from './commands/intake.js';
import { complaintDecoder, CommandService, type CommandServiceOptions } from './command-service.js';
import { COMPLAINT_STREAMS } from './complaint-record.js';
import type { ComplaintEvent } from './events.js';
import { commandIdOf } from '../command/command-id.js';
import { complaintIdOf } from './identity.js';
import { referenceOf } from './reference.js';
import type { Outcome, Submission } from './submission.js';

let folder: string;
let store: SqliteEventStore;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'redress-'));
  store = await openSqliteEventStore(join(folder, 'events.db'));
});
afterEach(async () => {
  await store.close();
  rmSync(folder, { recursive: true });
});

const findNoComplaint = (): Promise<undefined> => Promise.resolve(undefined);
const newService = (options: Partial<CommandServiceOptions> = {}): CommandService =>
  new CommandService(
    store,
    { now: () => NOON },
    {
      onlyWriter: true,
      reference: fixedReference(REFERENCE),
      findByReference: findNoComplaint,
      findByLodgingCommand: findNoComplaint,
      findOtherLodgings: () => Promise.resolve(new Map()),
      ...options,
    },
  );
const lodging = (key: string, fields: Fields<LodgeComplaint> = {}): Submission => ({
  command: command(LodgeComplaint, { channel: 'phone', narrative: 'The dish was cold.', ...fields }),
  commandId: commandIdOf('intake', key),
  commandDigest: 'd'.repeat(64),
  actor: HANDLER,
});

describe('the occurredAt of a command included in a lodging', () => {
  const lodge = async (fields: Fields<LodgeComplaint>): Promise<Recorded<ComplaintEvent>[]> => {
    const outcome = await newService().submit(lodging('k1', fields));
    if (!outcome.accepted) throw new Error(JSON.stringify(outcome));
    const stored = await store.read(`${COMPLAINT_STREAMS}${outcome.id}`, { from: 0, limit: 10 });
    return stored.map((event) => complaintDecoder.decode(event));
  };
  const occurrenceTimes = (events: readonly Recorded<ComplaintEvent>[]) =>
    events.map(({ metadata: { occurredAt, occurredAtBasis } }) => [occurredAt, occurredAtBasis]);
  const morning = instant('2026-11-10T09:00:00.000Z');
  const acknowledgement = command(AcknowledgeComplaint, { channel: 'phone' });

  test('is the time that the included command states, not marked as the time of recording', async () => {
    const acknowledgementAtNoon = command(AcknowledgeComplaint, { channel: 'phone', occurredAt: instant(NOON) });
    expect(occurrenceTimes(await lodge({ acknowledgement: acknowledgementAtNoon }))).toEqual([
      [instant(NOON), 'recorded'],
      [instant(NOON), undefined],
    ]);
  });

  test('is the time of recording if only receivedAt is stated', async () => {
    expect(occurrenceTimes(await lodge({ receivedAt: morning, acknowledgement }))).toEqual([
      [morning, undefined],
      [instant(NOON), 'recorded'],
    ]);
  });

  test('is the occurredAt of the lodging if the included command states none', async () => {
    expect(occurrenceTimes(await lodge({ occurredAt: morning, acknowledgement }))).toEqual([
      [morning, undefined],
      [morning, undefined],
    ]);
  });
});

describe('a key that lodged another complaint', () => {
  const source = (ref: string) => ({ sources: [{ system: 'crm', ref }] });
  const another = complaintIdOf(source('1'), '');
  const serviceWithModel = () =>
    newService({ findOtherLodgings: () => Promise.resolve(new Map([[commandIdOf('intake', 'k1'), another]])) });

  test('is refused for a further one', async () => {
    await newService().submit(lodging('k1', source('1')));
    expect(await serviceWithModel().submit(lodging('k1', source('2')))).toMatchObject({
      kind: 'key_reused',
      id: another,
    });
  });

  test('may lodge one if the event store has lost the other since, although the read model has it', async () => {
    expect(await serviceWithModel().submit(lodging('k1', source('2')))).toMatchObject({ accepted: true, revision: 0 });
  });
});

describe('while the event store never answers', () => {
  const never = (): Promise<never> => new Promise(() => undefined);
  let isReached: Promise<void>;
  beforeEach(() => {
    isReached = new Promise((resolve) => {
      for (const method of ['append', 'read'] as const)
        jest.spyOn(store, method).mockImplementation(() => {
          resolve();
          return never();
        });
    });
  });

  const acknowledgement = (complaint: string): Submission => ({
    command: command(AcknowledgeComplaint, { channel: 'phone' }),
    complaint,
    commandId: commandIdOf('intake', complaint),
    commandDigest: 'd'.repeat(64),
    actor: HANDLER,
  });
  const kindOf = (outcome: Outcome): string => (outcome.accepted ? 'accepted' : outcome.kind);

  test('every command is answered at its time limit: sent, waiting for another one, or looking for its complaint', async () => {
    const service = newService({ onlyWriter: false, timeLimitMs: 300, findByReference: never });
    const id = complaintIdOf({}, commandIdOf('intake', 'k1'));
    const submitted = [lodging('k1'), lodging('k1'), acknowledgement(id), lodging('k2')];
    const outcomes = await Promise.all([
      ...submitted.map(async (submission) => kindOf(await service.submit(submission))),
      service.submit(acknowledgement(referenceOf(id))).catch((error: unknown) => error),
    ]);
    expect(outcomes).toEqual([...submitted.map(() => 'unavailable'), expect.any(NotYetVisible)]);
  });

  test('commands above the maximum are refused at once, and accepted when others have ended', async () => {
    const service = newService({ onlyWriter: false, timeLimitMs: 300, maxCommands: 2 });
    const waiting = [service.submit(lodging('k1')), service.submit(lodging('k1'))];
    await isReached;
    expect(kindOf(await service.submit(lodging('k2')))).toBe('busy');
    expect((await Promise.all(waiting)).map(kindOf)).toEqual(['unavailable', 'unavailable']);
    jest.restoreAllMocks();
    expect(kindOf(await service.submit(lodging('k2')))).toBe('accepted');
  });
});

test('repetitions of a lodging end at their deadline while the event store does not answer, and are not sent', async () => {
  const append = jest.spyOn(store, 'append').mockImplementation(
    (_, __, ___, { timeoutMs } = {}) =>
      new Promise((_resolve, reject) => {
        if (timeoutMs !== undefined) setTimeout(reject, timeoutMs, new AppendAmbiguous('no answer'));
      }),
  );
  const service = newService({ onlyWriter: false, timeLimitMs: 1000 });
  const outcomes = await Promise.all(Array.from({ length: 500 }, () => service.submit(lodging('k1'))));
  expect(new Set(outcomes.map((outcome) => (outcome.accepted ? 'accepted' : outcome.kind)))).toEqual(
    new Set(['unavailable']),
  );
  // a few may be sent with the rest of their time, because they were submitted a little later than the first
  expect(append.mock.calls.length).toBeLessThan(100);
});
