import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { command, HANDLER, NOON, type Fields } from '../../test/support/given.js';
import type { Recorded } from '../eventstore/envelope.js';
import { openSqliteEventStore, type SqliteEventStore } from '../eventstore/sqlite/sqlite-event-store.js';
import { instant } from '../platform/moment.js';
import { AcknowledgeComplaint, LodgeComplaint } from './commands/intake.js';
import { complaintDecoder, CommandService } from './command-service.js';
import { COMPLAINT_STREAMS } from './complaint-record.js';
import { DEFAULT_SETTINGS } from './decision.js';
import type { ComplaintEvent } from './events.js';
import { commandIdOf } from './identity.js';

describe('the occurredAt of a command included in a lodging', () => {
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

  const lodge = async (fields: Fields<LodgeComplaint>): Promise<Recorded<ComplaintEvent>[]> => {
    const findNoComplaint = (): Promise<undefined> => Promise.resolve(undefined);
    const commands = new CommandService(
      store,
      { now: () => NOON },
      {
        onlyWriter: true,
        settings: DEFAULT_SETTINGS,
        findByReference: findNoComplaint,
        findByLodgingCommand: findNoComplaint,
        findOtherLodgings: () => Promise.resolve(new Map()),
      },
    );
    const outcome = await commands.submit({
      command: command(LodgeComplaint, { channel: 'phone', narrative: 'The dish was cold.', ...fields }),
      commandId: commandIdOf('intake', 'k1'),
      commandDigest: 'd'.repeat(64),
      actor: HANDLER,
    });
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
