import { command, given, HANDLER, NOON, UPSTREAM, type Fields, type History } from '../../test/support/given.js';
import { closed, received, reopened, eventsUntilResponded } from '../../test/support/complaint-history.js';
import { instant } from '../platform/moment.js';
import { RecordExternalOutcome } from './commands/feedback.js';
import { AddNote, RecordContact } from './commands/intake.js';
import * as events from './events.js';

describe('T26: contacts and notes', () => {
  const call = (overrides: Fields<RecordContact> = {}) =>
    command(RecordContact, { direction: 'inbound', channel: 'phone', party: 'a1', result: 'reached', ...overrides });
  const callRecorded = events.ContactRecorded({
    contactId: 'c1',
    direction: 'inbound',
    channel: 'phone',
    party: 'a1',
    at: instant(NOON),
    result: 'reached',
    substantive: false,
  });

  test('a contact is recorded in every stage after receipt, and rejected before receipt', () => {
    given(received()).when(call()).then(callRecorded);
    given(received(), closed).when(call()).then(callRecorded);
    given().when(call()).thenRejected('not_received');
  });
  test('a contact that happened before receipt is recorded', () =>
    given(received())
      .when(call({ occurredAt: instant('2026-10-01T00:00:00.000Z') }))
      .thenRecorded('ContactRecorded'));
  test('a request for an update counts as a chaser (R45)', () => {
    given(received())
      .when(call({ asksForUpdate: true }))
      .then(callRecorded, events.ComplainantChased({ contactId: 'c1', at: instant(NOON) }));
    expect(
      given(received(), callRecorded, events.ComplainantChased({ contactId: 'c1', at: instant(NOON) })).state.chasers,
    ).toBe(1);
  });
  test('an outbound contact that asks for an update is rejected', () =>
    given(received())
      .when(call({ direction: 'outbound', asksForUpdate: true }))
      .thenRejected('not_inbound', '/asksForUpdate'));
  test('a contact with an unknown party or a future time is rejected', () => {
    given(received())
      .when(call({ party: 'a9' }))
      .thenRejected('unknown_party', '/party');
    given(received())
      .when(call({ at: instant('2026-12-01T00:00:00.000Z') }))
      .thenRejected('in_future', '/at');
  });
  test('a note is recorded with the next free id', () =>
    given(received(), events.NoteAdded({ noteId: 'n1', text: 'First' }))
      .when(command(AddNote, { text: 'Check the camera.' }))
      .then(events.NoteAdded({ noteId: 'n2', text: 'Check the camera.' })));
});

describe('T25: the outcome in a register', () => {
  const outcome = { register: 'CFPB', response: 'Closed with explanation', timely: true, disputed: false };
  const record = (overrides: Fields<RecordExternalOutcome> = {}) =>
    command(RecordExternalOutcome, { ...outcome, ...overrides });
  const recorded = events.ExternalOutcomeRecorded({ ...outcome, final: true });
  const stageAfter = (...history: History) => {
    const { stage, closedReason } = given(...history).state;
    return [stage, closedReason];
  };

  test('is stored unchanged', () => given(received()).when(record(), { by: UPSTREAM }).then(recorded));
  test('requires an importer or an upstream system as sender', () => {
    given(received()).when(record()).thenRejected('not_for_this_role');
    given(received())
      .when(record(), { by: { type: 'automation', id: 'import', role: 'administrator' } })
      .then(recorded);
    given(received())
      .when(record(), { by: { ...HANDLER, role: 'upstream' } })
      .then(recorded);
  });
  test('rejects an unchanged outcome and records a changed one', () => {
    given(received(), recorded).when(record(), { by: UPSTREAM }).thenRejected('nothing_to_change');
    given(received(), recorded)
      .when(record({ disputed: true }), { by: UPSTREAM })
      .thenRecorded('ExternalOutcomeRecorded');
  });
  test('rejects a future time', () =>
    given(received())
      .when(record({ statedOn: instant('2026-12-01T00:00:00.000Z'), occurredAt: instant(NOON) }), { by: UPSTREAM })
      .thenRejected('in_future', '/statedOn'));
  test('closes a Received complaint of the first episode, unless the register states that it is in progress', () => {
    expect(stageAfter(received(), recorded)).toEqual(['Closed', 'external_register']);
    expect(
      stageAfter(received(), events.ExternalOutcomeRecorded({ ...outcome, response: 'In progress', final: false })),
    ).toEqual(['Received', null]);
  });
  test('does not change the stage of any other complaint', () => {
    expect(stageAfter(received(), events.ComplaintAdmitted({}), recorded)).toEqual(['UnderAssessment', null]);
    expect(stageAfter(received(), closed, reopened(), recorded)).toEqual(['UnderAssessment', null]);
    expect(stageAfter(...eventsUntilResponded(), recorded)).toEqual(['Responded', null]);
  });
  test('is final by the list of the register, and otherwise by the sender (T25)', () => {
    const elsewhere = { register: '12315', response: '处理中' };
    given(received())
      .when(record({ final: false }), { by: UPSTREAM })
      .thenRejected('final_contradicts_register', '/final');
    given(received())
      .when(record({ response: 'Transferred' }), { by: UPSTREAM })
      .then(events.ExternalOutcomeRecorded({ ...outcome, response: 'Transferred', final: false }));
    given(received())
      .when(command(RecordExternalOutcome, elsewhere), { by: UPSTREAM })
      .thenRejected('final_missing', '/final');
    const { state } = given(received(), events.ExternalOutcomeRecorded({ ...elsewhere, final: false }));
    expect(state.stage).toBe('Received');
  });
  test('ends any open complaint that was handled elsewhere, unless we have determined it or safety is set', () => {
    const handled = events.ExternalOutcomeRecorded({ ...outcome, final: true, handledElsewhere: true });
    const admitted = [received(), events.ComplaintAdmitted({})];
    const hazard = events.RiskFlagged({ flag: 'safety', reason: 'Smoke' });
    expect(stageAfter(...admitted, handled)).toEqual(['Closed', 'external_register']);
    expect(stageAfter(received(), closed, reopened(), handled)).toEqual(['Closed', 'external_register']);
    expect(stageAfter(...admitted, hazard, handled)[1]).toBeNull();
    expect(stageAfter(received(), hazard, recorded)[1]).toBeNull();
    expect(stageAfter(...eventsUntilResponded(), handled)).toEqual(['Responded', null]);
  });
  test('ends the complaint at the time that the register states', () => {
    const statedOn = { precision: 'day', day: '2026-11-03', zone: 'America/New_York' } as const;
    expect(
      given(received(), events.ExternalOutcomeRecorded({ ...outcome, final: true, statedOn })).state.endedAt,
    ).toEqual(statedOn);
  });
});
