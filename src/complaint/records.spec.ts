import { command, COMPLAINT_ID, fold, given, person } from '../../test/support/given.js';
import { closed, received } from '../../test/support/complaint-history.js';
import {
  LinkRecurrence,
  PlaceLegalHold,
  RecordEffort,
  RecordSuggestionShown,
  RelateComplaint,
  ReleaseLegalHold,
} from './commands/care.js';
import * as events from './events.js';

const EARLIER = '37367fd5-6616-5286-a6fe-c4735ea7036c';

describe('T28: legal holds', () => {
  const place = command(PlaceLegalHold, { reason: 'Claim in court' });
  const placed = (legalHoldId = 'l1') => events.LegalHoldPlaced({ legalHoldId, reason: 'Claim in court' });
  const release = (legalHoldId = 'l1') => command(ReleaseLegalHold, { legalHoldId, reason: 'Settled' });
  const released = events.LegalHoldReleased({ legalHoldId: 'l1', reason: 'Settled' });

  test('are placed and released in every stage, with counted ids', () => {
    given(received(), closed).when(place).then(placed());
    given(received(), placed()).when(place).then(placed('l2'));
    given(received(), placed(), closed).when(release()).then(released);
    expect(fold([received(), placed(), released]).legalHolds).toMatchObject([{ released: { reason: 'Settled' } }]);
  });
  test('reject an id that is taken, and a release of what does not stand', () => {
    given(received(), placed())
      .when(command(PlaceLegalHold, { legalHoldId: 'l1', reason: 'Claim in court' }))
      .thenRejected('id_taken', '/legalHoldId');
    given(received()).when(release()).thenRejected('no_legal_hold');
    given(received(), placed()).when(release('l9')).thenRejected('no_legal_hold', '/legalHoldId');
    given(received(), placed(), released).when(release()).thenRejected('nothing_to_change');
    given(received(), placed(), released, placed('l2'))
      .when(release())
      .thenRejected('nothing_to_change', '/legalHoldId');
  });
});

describe('T28: recurrences (R51)', () => {
  const link = (priorComplaintId = EARLIER) => command(LinkRecurrence, { priorComplaintId, reason: 'Broken again' });
  const linked = events.RecurrenceLinked({ priorComplaintId: EARLIER, reason: 'Broken again' });

  test('name the earlier complaint, once', () => {
    given(received()).when(link()).then(linked);
    given(received()).when(link(EARLIER.toUpperCase())).then(linked);
    given(received(), linked).when(link()).thenRejected('nothing_to_change', '/priorComplaintId');
  });
  test('reject what is no complaint, and the complaint itself', () => {
    given(received()).when(link('T-4711')).thenRejected('not_a_complaint_id', '/priorComplaintId');
    given(received()).when(link(COMPLAINT_ID)).thenRejected('same_complaint', '/priorComplaintId');
  });
});

describe('T28: related complaints', () => {
  const relate = (complaintId = EARLIER) => command(RelateComplaint, { complaintId, reason: 'The same delivery' });
  const related = events.RelatedComplaintLinked({
    complaintId: EARLIER,
    relation: 'related',
    reason: 'The same delivery',
  });

  test('name the other complaint, once, in every stage', () => {
    given(received(), closed).when(relate()).then(related);
    given(received(), related).when(relate()).thenRejected('nothing_to_change', '/complaintId');
    given(received()).when(relate('T-4711')).thenRejected('not_a_complaint_id', '/complaintId');
    given(received()).when(relate(COMPLAINT_ID)).thenRejected('same_complaint', '/complaintId');
  });
});

describe('T28: effort and suggestions', () => {
  test('minutes add up, also after the end', () => {
    const effort = (minutes: number) => events.EffortRecorded({ minutes, onWhat: 'Called the kitchen' });
    given(received(), closed)
      .when(command(RecordEffort, { minutes: 20, onWhat: 'Called the kitchen' }))
      .then(effort(20));
    expect(fold([received(), effort(20), effort(15)]).effortMinutes).toBe(35);
  });
  test('what a suggestion showed is recorded with what the person made of it (R64)', () => {
    const suggestion = { kind: 'remedy', version: '2', shown: 'Refund the dish', taken: 'edited' } as const;
    given(received()).when(command(RecordSuggestionShown, suggestion)).then(events.SuggestionShown(suggestion));
    expect(fold([received(), events.SuggestionShown(suggestion)]).suggestions).toMatchObject([suggestion]);
  });
  test('a person with a conflict of interest records none (I6)', () =>
    given(received({ points: [{ id: 'p1', subject: { employeeId: 'waiter-1' } }] }))
      .when(command(RecordEffort, { minutes: 20 }), { by: person('waiter-1') })
      .thenRejected('conflict_of_interest'));
});
