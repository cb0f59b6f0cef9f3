import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { complaintFile } from '../../projections/complaint-file/projection.js';
import { fileOf } from '../../projections/complaint-file/query.js';
import { complaints } from '../../projections/complaints/projection.js';
import { trends } from '../../projections/trends/projection.js';
import { REFERENCE } from '../../test/support/directory.js';
import { received } from '../../test/support/complaint-history.js';
import { command, HANDLER, person, SUPERVISOR } from '../../test/support/given.js';
import { COMPLAINT, given, ofComplaint } from '../../test/support/projections/given.js';
import { FaultyReadModels } from '../../test/support/projections/faulty-read-models.js';
import { replaceLiveDocuments } from '../../test/support/read-models/serve.js';
import type { Actor } from '../access/actor.js';
import { CommandService, complaintDecoder } from '../complaint/command-service.js';
import { AssessSeverity } from '../complaint/commands/assessment.js';
import { ApproveCorrection, ConfirmTime, ProposeCorrection } from '../complaint/commands/correction.js';
import { AcknowledgeComplaint, LodgeComplaint } from '../complaint/commands/intake.js';
import type { ComplaintCommand } from '../complaint/commands/parts.js';
import { COMPLAINT_STREAMS } from '../complaint/complaint-record.js';
import * as events from '../complaint/events.js';
import { commandIdOf } from '../command/command-id.js';
import type { Outcome } from '../complaint/submission.js';
import { openSqliteEventStore, type SqliteEventStore } from '../eventstore/sqlite/sqlite-event-store.js';
import { instant } from '../platform/moment.js';
import { fixedReference } from '../reference/reference-source.js';
import { History } from './history.js';

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

describe.each([true, false])('T22: a corrected complaint (only writer: %s)', (onlyWriter) => {
  let now = '2026-11-10T12:00:00.000Z';
  let service: CommandService;
  let sent = 0;
  const findNothing = () => Promise.resolve(undefined);
  beforeEach(() => {
    now = '2026-11-10T12:00:00.000Z';
    service = new CommandService(
      store,
      { now: () => now },
      {
        onlyWriter,
        reference: fixedReference(REFERENCE),
        findByReference: findNothing,
        findByLodgingCommand: findNothing,
        findOtherLodgings: () => Promise.resolve(new Map()),
      },
    );
  });
  const submit = (submitted: ComplaintCommand, complaint?: string, actor: Actor = HANDLER): Promise<Outcome> =>
    service.submit({
      command: submitted,
      commandId: commandIdOf('k', String((sent += 1))),
      commandDigest: 'd'.repeat(64),
      actor,
      ...(complaint !== undefined && { complaint }),
    });
  const accepted = async (...call: Parameters<typeof submit>): Promise<string> => {
    const outcome = await submit(...call);
    if (!outcome.accepted) throw new Error(JSON.stringify(outcome));
    return outcome.id;
  };
  const history = () => new History(store, complaintDecoder, COMPLAINT_STREAMS);
  const severityIs = (text: string, revision: number) =>
    command(ProposeCorrection, { revision, field: 'severity', newValue: { text }, basis: 'The form' });

  test('is decided with the corrected value, and so is the next command', async () => {
    const id = await accepted(command(LodgeComplaint, { channel: 'phone', narrative: 'Cold.' }));
    await accepted(command(AssessSeverity, { severity: 'minor' }), id);
    const revision = (await history().recorded(id)).findIndex(({ type }) => type === 'SeverityAssessed');
    await accepted(severityIs('serious', revision), id);
    await accepted(command(ApproveCorrection, { correctionId: 'k1' }), id, SUPERVISOR);
    expect(await submit(command(AssessSeverity, { severity: 'serious' }), id)).toMatchObject({
      code: 'nothing_to_change',
    });
    await accepted(command(AssessSeverity, { severity: 'minor' }), id);
    expect((await history().file(id, {}))?.severity?.severity).toBe('minor');
    expect((await history().recorded(id))[revision]?.data).toMatchObject({ severity: 'minor' });
  });

  test('has the corrected value at its time, from the time when the correction was known', async () => {
    const id = await accepted(
      command(LodgeComplaint, {
        channel: 'phone',
        narrative: 'Cold.',
        receivedAt: instant('2026-11-09T12:00:00.000Z'),
      }),
    );
    const received = { revision: 0, field: 'receivedAt', newValue: { time: instant('2026-11-07T12:00:00.000Z') } };
    await accepted(command(ProposeCorrection, { ...received, basis: 'The postmark' }), id);
    now = '2026-11-12T12:00:00.000Z';
    await accepted(command(ApproveCorrection, { correctionId: 'k1' }), id, SUPERVISOR);
    const asOf = '2026-11-08T12:00:00.000Z';
    const fileAt = (knownAt?: string) => history().file(id, { asOf, ...(knownAt !== undefined && { knownAt }) });
    expect((await fileAt())?.receivedAt).toEqual(instant('2026-11-07T12:00:00.000Z'));
    expect(await fileAt('2026-11-11T12:00:00.000Z')).toBeUndefined();
    const typesAt = async (at: string) => (await history().entries(id, { asOf: at }))?.map(({ type }) => type);
    expect(await typesAt(asOf)).toEqual(['ComplaintReceived', 'RecordCorrected']);
    expect((await history().entries(id, {}))?.[0]?.data).toMatchObject({
      receivedAt: instant('2026-11-09T12:00:00.000Z'),
    });
  });

  test('shows a confirmation from the time that it confirms', async () => {
    const id = await accepted(
      command(LodgeComplaint, {
        channel: 'phone',
        narrative: 'Cold.',
        receivedAt: instant('2026-11-01T12:00:00.000Z'),
      }),
    );
    await accepted(
      command(AcknowledgeComplaint, { channel: 'phone', occurredAt: instant('2026-11-02T12:00:00.000Z') }),
      id,
    );
    await accepted(command(ConfirmTime, { revision: 1 }), id, person('supervisor-1', 'supervisor'));
    const entries = await history().entries(id, { asOf: '2026-11-03T12:00:00.000Z' });
    expect(entries?.map(({ type }) => type)).toEqual(['ComplaintReceived', 'ComplaintAcknowledged', 'TimeConfirmed']);
  });
});

describe('T22: documents after a correction', () => {
  const correction = (revision: number, type: string, field: string, from: string, to: string) =>
    events.RecordCorrected({
      correctionId: 'k1',
      target: { revision, type },
      field,
      oldValue: { text: from },
      newValue: { text: to },
      basis: 'The form',
    });
  const assessed = events.SeverityAssessed({ severity: 'minor', safetyCritical: false });
  const noted = events.NoteAdded({ noteId: 'n1', text: 'a'.repeat(2000) });
  const history = ofComplaint(
    received(),
    assessed,
    noted,
    correction(1, 'SeverityAssessed', 'severity', 'minor', 'serious'),
  );

  test('have the corrected value in the file, the list and the trends, also if they are folded twice', async () => {
    for (const numberOfTimes of [1, 2]) {
      expect((await given(complaintFile, history, { numberOfTimes })).get(COMPLAINT)).toMatchObject({
        severity: { severity: 'serious' },
        corrections: [{ correctionId: 'k1', status: 'Corrected' }],
        revision: 3,
        entryCount: 1,
      });
      expect((await given(complaints, history, { numberOfTimes })).get(COMPLAINT)).toMatchObject({
        severity: 'serious',
      });
      expect((await given(trends, history, { numberOfTimes })).get(COMPLAINT)).toMatchObject({ severity: 'serious' });
    }
  });
  test('go on from the corrected value', async () => {
    const later = ofComplaint(
      received(),
      assessed,
      correction(1, 'SeverityAssessed', 'severity', 'minor', 'serious'),
      events.NoteAdded({ noteId: 'n1', text: 'Called' }),
    );
    expect((await given(complaints, later)).get(COMPLAINT)).toMatchObject({ severity: 'serious' });
  });
  test('have a corrected note in its page, once', async () => {
    const readModels = new FaultyReadModels();
    const facts = ofComplaint(received(), noted, correction(1, 'NoteAdded', 'text', noted.data.text, 'Called'));
    await replaceLiveDocuments(readModels.port, complaintFile, (await given(complaintFile, facts)).values());
    const file = await fileOf(readModels.port, COMPLAINT);
    expect(file?.notes.map(({ text }) => text)).toEqual(['Called']);
    expect(file?.corrections).toMatchObject([{ oldValue: { text: noted.data.text }, newValue: { text: 'Called' } }]);
    await readModels.remove();
  });
});
