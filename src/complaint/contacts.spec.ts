import { command, given, HANDLER, NOON, UPSTREAM, type Fields, type History } from '../../test/support/given.js';
import { closed, received, reopened, responded } from '../../test/support/complaint-history.js';
import { instant } from '../platform/moment.js';
import { RecordExternalOutcome } from './commands/feedback.js';
import { AddNote, RecordContact } from './commands/intake.js';
import * as events from './events.js';

describe('T26: contacts and notes', () => {
  const call = (more: Fields<RecordContact> = {}) =>
    command(RecordContact, { direction: 'inbound', channel: 'phone', party: 'a1', result: 'reached', ...more });
  const called = events.ContactRecorded({
    contactId: 'c1',
    direction: 'inbound',
    channel: 'phone',
    party: 'a1',
    at: instant(NOON),
    result: 'reached',
    substantive: false,
  });

  test('a call is recorded at any time', () => {
    given(received()).when(call()).then(called);
    given(received(), closed).when(call()).then(called);
    given().when(call()).thenRejected('not_received');
  });
  test('a contact before receipt is recorded', () =>
    given(received())
      .when(call({ occurredAt: instant('2026-10-01T00:00:00.000Z') }))
      .thenRecorded('ContactRecorded'));
  test('a request for an update counts as a chaser (R45)', () => {
    given(received())
      .when(call({ asksForUpdate: true }))
      .then(called, events.ComplainantChased({ contactId: 'c1', at: instant(NOON) }));
    expect(
      given(received(), called, events.ComplainantChased({ contactId: 'c1', at: instant(NOON) })).state.chasers,
    ).toBe(1);
  });
  test('an outbound contact cannot ask for an update', () =>
    given(received())
      .when(call({ direction: 'outbound', asksForUpdate: true }))
      .thenRejected('not_inbound', '/asksForUpdate'));
  test('requires an existing party and a past time', () => {
    given(received())
      .when(call({ party: 'a9' }))
      .thenRejected('unknown_party', '/party');
    given(received())
      .when(call({ at: instant('2026-12-01T00:00:00.000Z') }))
      .thenRejected('in_future', '/at');
  });
  test('a note is added', () =>
    given(received(), events.NoteAdded({ noteId: 'n1', text: 'First' }))
      .when(command(AddNote, { text: 'Check the camera.' }))
      .then(events.NoteAdded({ noteId: 'n2', text: 'Check the camera.' })));
});

describe('T25: the outcome in a register', () => {
  const outcome = { register: 'CFPB', response: 'Closed with explanation', timely: true, disputed: false };
  const record = (more: Fields<RecordExternalOutcome> = {}) => command(RecordExternalOutcome, { ...outcome, ...more });
  const recorded = events.ExternalOutcomeRecorded(outcome);
  const stageAfter = (...history: History) => {
    const { stage, closedReason } = given(...history).state;
    return [stage, closedReason];
  };

  test('is stored unchanged', () => given(received()).when(record(), { by: UPSTREAM }).then(recorded));
  test('requires an importer or an upstream system', () => {
    given(received()).when(record()).thenRejected('not_for_this_role');
    given(received())
      .when(record(), { by: { type: 'automation', id: 'import', role: 'administrator' } })
      .then(recorded);
    given(received())
      .when(record(), { by: { ...HANDLER, role: 'upstream' } })
      .then(recorded);
  });
  test('rejects a repetition and appends a change', () => {
    given(received(), recorded).when(record(), { by: UPSTREAM }).thenRejected('nothing_to_change');
    given(received(), recorded)
      .when(record({ disputed: true }), { by: UPSTREAM })
      .thenRecorded('ExternalOutcomeRecorded');
  });
  test('rejects a future time', () =>
    given(received())
      .when(record({ statedOn: instant('2026-12-01T00:00:00.000Z'), occurredAt: instant(NOON) }), { by: UPSTREAM })
      .thenRejected('in_future', '/statedOn'));
  test('closes a Received complaint in the first episode', () => {
    expect(stageAfter(received(), recorded)).toEqual(['Closed', 'external_register']);
    expect(stageAfter(received(), events.ExternalOutcomeRecorded({ ...outcome, response: 'In progress' }))).toEqual([
      'Received',
      null,
    ]);
  });
  test('changes no other stage', () => {
    expect(stageAfter(received(), events.ComplaintAdmitted({}), recorded)).toEqual(['UnderAssessment', null]);
    expect(stageAfter(received(), closed, reopened(), recorded)).toEqual(['UnderAssessment', null]);
    expect(stageAfter(...responded(), recorded)).toEqual(['Responded', null]);
  });
  test('uses the end time of the register', () => {
    const statedOn = { precision: 'day', day: '2026-11-03', zone: 'America/New_York' } as const;
    expect(given(received(), events.ExternalOutcomeRecorded({ ...outcome, statedOn })).state.endedAt).toEqual(statedOn);
  });
});
