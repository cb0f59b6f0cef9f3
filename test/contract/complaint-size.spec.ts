import { fixedReference } from '../../src/reference/reference-source.js';
import { REFERENCE } from '../support/directory.js';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { command, COMPLAINT_ID, HANDLER, NOON } from '../support/given.js';
import { History } from '../../src/audit/history.js';
import { GENESIS_HASH } from '../../src/eventstore/chain.js';
import { encodeBatch } from '../../src/eventstore/codec.js';
import { storedBytes } from '../../src/eventstore/event-store.js';
import { openSqliteEventStore, type SqliteEventStore } from '../../src/eventstore/sqlite/sqlite-event-store.js';
import { instant } from '../../src/platform/moment.js';
import { WithdrawComplaint } from '../../src/complaint/commands/feedback.js';
import type { ComplaintCommand } from '../../src/complaint/commands/parts.js';
import { AddEvidence } from '../../src/complaint/commands/verification.js';
import { complaintDecoder, CommandService } from '../../src/complaint/command-service.js';
import { COMPLAINT_STREAMS } from '../../src/complaint/complaint-record.js';
import { ComplaintReceived, NoteAdded } from '../../src/complaint/events.js';
import { commandIdOf } from '../../src/command/command-id.js';

const KIB = 1024;
const MIB = 1024 * KIB;

describe('a complaint', () => {
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

  /** Records a complaint with the key `lodging`, then notes until its size is `size` bytes or up to 1 KiB less. */
  async function recordComplaint(size: number): Promise<void> {
    let hash = GENESIS_HASH;
    let bytes = 0;
    const append = async (revision: number, event: Parameters<typeof encodeBatch>[3][number], commandId: string) => {
      const batch = encodeBatch(`${COMPLAINT_STREAMS}${COMPLAINT_ID}`, revision, hash, [event], {
        occurredAt: instant(NOON),
        recordedAt: NOON,
        actor: HANDLER,
        commandId,
        commandDigest: 'd'.repeat(64),
        $correlationId: commandId,
        $causationId: commandId,
      });
      await store.append(`${COMPLAINT_STREAMS}${COMPLAINT_ID}`, revision === 0 ? 'none' : revision - 1, batch);
      for (const encoded of batch) bytes += storedBytes(encoded);
      hash = batch.at(-1)?.hash ?? hash;
    };
    const received = ComplaintReceived({
      reference: 'C-1',
      receivedAt: instant(NOON),
      channel: 'phone',
      narrative: 'Cold.',
      sources: [],
      parties: [{ id: 'a1', role: 'complainant', authority: 'none' }],
      points: [{ id: 'p1', subject: {} }],
    });
    await append(0, { ...received, version: 1 }, commandIdOf('desk', 'lodging'));
    for (let revision = 1; size - bytes > KIB; revision++) {
      const text = 'x'.repeat(Math.min(800 * KIB, size - bytes - KIB));
      const noteId = `n${String(revision)}`;
      await append(revision, { ...NoteAdded({ noteId, text }), version: 1 }, `note-${String(revision)}`);
    }
  }

  const submit = (submitted: ComplaintCommand, key: string) => {
    const findNothing = (): Promise<undefined> => Promise.resolve(undefined);
    const options = {
      onlyWriter: true,
      reference: fixedReference(REFERENCE),
      findByReference: findNothing,
      findByLodgingCommand: findNothing,
      findOtherLodgings: () => Promise.resolve(new Map()),
    };
    return new CommandService(store, { now: () => NOON }, options).submit({
      command: submitted,
      complaint: COMPLAINT_ID,
      commandId: commandIdOf('desk', key),
      commandDigest: 'd'.repeat(64),
      actor: HANDLER,
    });
  };
  const evidence = (bytes: number) =>
    command(AddEvidence, { sha256: 'a'.repeat(64), kind: 'photo', source: 'guest', description: 'x'.repeat(bytes) });
  const withdrawal = command(WithdrawComplaint, { statedBy: { party: 'a1', medium: 'phone', at: instant(NOON) } });
  const tooLarge = { accepted: false, kind: 'too_large', code: 'complaint_too_large', id: COMPLAINT_ID };

  test('accepts any command while it is smaller than the limit', async () => {
    await recordComplaint(7 * MIB);
    expect(await submit(evidence(100 * KIB), 'large')).toMatchObject({ accepted: true });
  });

  test('rejects large commands at the limit, but accepts small commands and a withdrawal', async () => {
    await recordComplaint(8 * MIB);
    expect(await submit(evidence(17 * KIB), 'large')).toMatchObject({ ...tooLarge, revision: expect.any(Number) });
    expect(await submit(evidence(10 * KIB), 'small')).toMatchObject({ accepted: true });
    expect(await submit(withdrawal, 'withdrawal')).toMatchObject({ accepted: true, events: ['ComplaintWithdrawn'] });
  });

  test('far beyond the limit is readable, returns the results of recorded commands, and accepts no new command', async () => {
    await recordComplaint(13 * MIB); // possible before there was a limit
    const history = new History(store, complaintDecoder, COMPLAINT_STREAMS);
    expect((await history.file(COMPLAINT_ID, {}))?.notes.length).toBeGreaterThan(10);
    // the command id and the digest of the lodging, so the content of this command is not looked at
    expect(await submit(command(AddEvidence, {}), 'lodging')).toMatchObject({ accepted: true, alreadyThere: true });
    expect(await submit(evidence(1), 'small')).toMatchObject(tooLarge);
  });
});
