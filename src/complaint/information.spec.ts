import { command, given, UPSTREAM, withMetadata, type Fields } from '../../test/support/given.js';
import { closed, coldDish, identified, received } from '../../test/support/complaint-history.js';
import { SCHEDULER } from '../access/actor.js';
import { instant } from '../platform/moment.js';
import * as commands from './commands/verification.js';
import * as events from './events.js';

const nextWeek = instant('2026-11-17T12:00:00.000Z');
const lastWeek = instant('2026-11-03T12:00:00.000Z');
const requested = events.InformationRequested({
  requestId: 'q1',
  from: 'a1',
  party: 'a1',
  question: 'On which day?',
});
const heldForAnswer = events.HoldPlaced({
  holdId: 'h1',
  reason: 'awaiting_complainant',
  counterparty: 'a1',
  expectedEnd: nextWeek,
  requestId: 'q1',
});
const heldForLaboratory = events.HoldPlaced({
  holdId: 'h2',
  reason: 'awaiting_test_or_appraisal',
  counterparty: 'City laboratory',
  expectedEnd: nextWeek,
});

describe('T9: requesting information', () => {
  const request = (overrides: Fields<commands.RequestInformation> = {}) =>
    command(commands.RequestInformation, { from: 'a1', question: 'On which day?', ...overrides });

  test('records the request', () => given(received()).when(request()).then(requested));
  test('places a hold until the answer, if requested', () =>
    given(received())
      .when(request({ hold: { expectedEnd: nextWeek } }))
      .then(requested, heldForAnswer));
  test('names the party, or a department or third party', () => {
    given(received())
      .when(command(commands.RequestInformation, { party: 'a1', question: 'On which day?' }))
      .then(requested);
    given(received())
      .when(request({ from: 'City laboratory', about: 'phone' }))
      .then(
        events.InformationRequested({
          requestId: 'q1',
          from: 'City laboratory',
          question: 'On which day?',
          about: 'phone',
        }),
      );
    given(received())
      .when(command(commands.RequestInformation, { question: 'On which day?' }))
      .thenRejected('nobody_asked', '/party');
    given(received())
      .when(command(commands.RequestInformation, { party: 'a9', question: 'On which day?' }))
      .thenRejected('unknown_party', '/party');
  });
  test('rejects an id that is already used', () =>
    given(received(), requested)
      .when(request({ requestId: 'q1' }))
      .thenRejected('id_taken', '/requestId'));
  test('rejects a hold that ends before it begins', () =>
    given(received())
      .when(request({ hold: { expectedEnd: lastWeek } }))
      .thenRejected('hold_ends_before_it_begins', '/hold/expectedEnd'));
  test('requires an open complaint', () => given(received(), closed).when(request()).thenRejected('not_open'));
});

describe('I15: a party is not asked for what the complaint file holds', () => {
  const ask = (about: string, more: Fields<commands.RequestInformation> = {}) =>
    command(commands.RequestInformation, { party: 'a1', question: 'Which?', about, ...more });
  const photo = events.EvidenceAdded({ evidenceId: 'e1', sha256: 'a'.repeat(64), kind: 'photo', source: 'a1' });
  const answers = [{ questionId: 'q-seat', answer: '14C' }];
  const askedAbout = (about: string) =>
    events.InformationRequested({ requestId: 'q1', from: 'a1', party: 'a1', question: 'Which?', about });
  const answer = events.InformationReceived({ requestId: 'q1', from: 'a1', content: '3 March' });

  test.each([
    ['name', [received()], '/parties/0/name'],
    ['contacts', [received()], '/parties/0/contacts'],
    ['phone', [received()], '/parties/0/contacts'],
    ['identity', [received(), identified], '/parties/0/identity'],
    ['narrative', [received()], '/lodged/facts/narrative'],
    ['product', [received()], '/points/0/subject/product'],
    ['Issue', [received()], '/points/0/issue'],
    ['q-seat', [received({ answers })], '/lodged/facts/answers/0'],
    ['photo', [received(), photo], '/evidence/0'],
    ['incidentAt', [received(), askedAbout('incidentAt'), answer], '/requests/0'],
  ])('%s: refused, naming where it stands', (about, history, place) => {
    given(...history)
      .when(ask(about))
      .thenRejected('already_on_file', '/about');
    expect(given(...history).rejectionMessage(ask(about))).toContain(place);
  });
  test.each([
    ['email', [received()]],
    ['orderId', [received()]],
    ['product', [received({ points: [coldDish, { id: 'p2', subject: {} }] })]],
    ['photo', [received(), photo, events.EvidenceExcluded({ evidenceId: 'e1', reason: 'Another table' })]],
    ['authority', [received()]],
    ['incidentAt', [received(), askedAbout('incidentAt')]],
  ])('%s: asked, because the file does not hold it', (about, history) =>
    given(...history)
      .when(ask(about, { requestId: 'q7' }))
      .thenRecorded('InformationRequested'),
  );
  test('is asked nevertheless if the request says why that will not do', () =>
    given(received())
      .when(ask('name', { reason: 'The name on the card differs' }))
      .thenRecorded('InformationRequested'));
  test('a department is asked for it', () =>
    given(received())
      .when(command(commands.RequestInformation, { from: 'billing', question: 'Which?', about: 'product' }))
      .thenRecorded('InformationRequested'));
});

describe('T9: receiving information', () => {
  const answer = (overrides: Fields<commands.ReceiveInformation> = {}) =>
    command(commands.ReceiveInformation, { from: 'a1', content: 'On 3 March.', ...overrides });
  const answered = events.InformationReceived({ requestId: 'q1', from: 'a1', content: 'On 3 March.' });

  test('an answer releases the hold of its request and no other hold (I10)', () =>
    given(received(), requested, heldForAnswer, heldForLaboratory)
      .when(answer({ requestId: 'q1' }))
      .then(answered, events.HoldReleased({ holdId: 'h1', cause: 'answered' })));
  test('a late answer releases no hold, because the hold has ended automatically', () =>
    given(received(), requested, heldForAnswer)
      .when(answer({ requestId: 'q1' }), { now: '2026-11-18T12:00:00.000Z' })
      .then(answered));
  test('an answer or release before the expected end ends the hold, even if it is recorded after the expected end', () => {
    const recordedLate = { now: '2026-11-18T12:00:00.000Z' };
    const inTime = instant('2026-11-14T12:00:00.000Z');
    given(received(), requested, heldForAnswer)
      .when(answer({ requestId: 'q1', occurredAt: inTime }), recordedLate)
      .then(answered, events.HoldReleased({ holdId: 'h1', cause: 'answered' }));
    given(received(), heldForLaboratory)
      .when(command(commands.ReleaseHold, { holdId: 'h2', occurredAt: inTime }), recordedLate)
      .then(events.HoldReleased({ holdId: 'h2', cause: 'released' }));
  });
  test('is recorded in every stage, also after the end', () =>
    given(received(), requested, closed)
      .when(answer({ requestId: 'q1' }))
      .then(answered));
  test('may be older than the receipt, but not than its request (I21)', () => {
    const lastMonth = instant('2026-10-03T12:00:00.000Z');
    given(received())
      .when(answer({ occurredAt: lastMonth }))
      .thenRecorded('InformationReceived');
    given(received(), requested)
      .when(answer({ requestId: 'q1', occurredAt: lastMonth }))
      .thenRejected('before_what_it_answers', '/occurredAt');
    given(received(), withMetadata(requested, { at: '2026-11-05T09:00:00.000Z' }))
      .when(
        command(commands.LapseInformationRequest, { requestId: 'q1', reason: 'Two reminders', occurredAt: lastWeek }),
      )
      .thenRejected('before_what_it_answers', '/occurredAt');
  });
  test('adds the contact details that come with it to the party', () => {
    const phone = { channel: 'phone', address: '+86 10 5555 0100' };
    const email = { channel: 'email', address: 'wang@example.org' };
    given(received())
      .when(answer({ contacts: [phone, email] }))
      .then(
        events.InformationReceived({ from: 'a1', content: 'On 3 March.' }),
        events.ContactDetailsAdded({ party: 'a1', contacts: [{ id: 'k2', ...email }] }),
      );
    given(received(), requested)
      .when(answer({ requestId: 'q1', from: 'her daughter', contacts: [email] }))
      .thenRecorded('InformationReceived', 'ContactDetailsAdded');
    given(received())
      .when(answer({ from: 'City laboratory', contacts: [email] }))
      .thenRejected('unknown_party', '/from');
  });
  test('information without a request is recorded', () =>
    given(received())
      .when(answer())
      .then(events.InformationReceived({ from: 'a1', content: 'On 3 March.' })));
  test('an answer to an unknown request is rejected', () =>
    given(received())
      .when(answer({ requestId: 'q9' }))
      .thenRejected('unknown_request', '/requestId'));
  test('a request that lapses releases its hold', () =>
    given(received(), requested, heldForAnswer)
      .when(command(commands.LapseInformationRequest, { requestId: 'q1', reason: 'Two reminders' }))
      .then(
        events.InformationRequestLapsed({ requestId: 'q1', reason: 'Two reminders' }),
        events.HoldReleased({ holdId: 'h1', cause: 'lapsed' }),
      ));
  test('a request that is lapsed, answered or unknown cannot lapse', () => {
    const lapse = (requestId = 'q1') =>
      command(commands.LapseInformationRequest, { requestId, reason: 'Two reminders' });
    const lapsed = events.InformationRequestLapsed({ requestId: 'q1', reason: 'Two reminders' });
    const requestedAgain = events.InformationRequested({ requestId: 'q2', from: 'a1', question: 'And where?' });
    given(received()).when(lapse()).thenRejected('no_open_request');
    given(received(), requested, lapsed).when(lapse()).thenRejected('nothing_to_change');
    given(received(), requested, lapsed, requestedAgain).when(lapse()).thenRejected('nothing_to_change', '/requestId');
    given(received(), requested, answered, requestedAgain).when(lapse()).thenRejected('already_answered', '/requestId');
    given(received(), requestedAgain).when(lapse('q9')).thenRejected('unknown_request', '/requestId');
  });
});

describe('T9: holds', () => {
  const place = (overrides: Fields<commands.PlaceHold> = {}) =>
    command(commands.PlaceHold, {
      reason: 'awaiting_test_or_appraisal',
      counterparty: 'City laboratory',
      expectedEnd: nextWeek,
      ...overrides,
    });
  const release = (holdId: string) => command(commands.ReleaseHold, { holdId });

  test('a hold is recorded with reason, counterparty and expected end', () =>
    given(received())
      .when(place({ holdId: 'h2' }))
      .then(heldForLaboratory));
  test('a hold may be recorded after its expected end', () =>
    given(received())
      .when(place({ expectedEnd: lastWeek, occurredAt: instant('2026-11-02T12:00:00.000Z') }))
      .thenRecorded('HoldPlaced'));
  test('a hold that ends before it begins is rejected', () =>
    given(received())
      .when(place({ expectedEnd: lastWeek }))
      .thenRejected('hold_ends_before_it_begins', '/expectedEnd'));
  test('an id that is already used is rejected', () =>
    given(received(), heldForLaboratory)
      .when(place({ holdId: 'h2' }))
      .thenRejected('id_taken', '/holdId'));
  test('only an upstream system may leave the reason and the expected end open', () => {
    const open = command(commands.PlaceHold, { reason: 'not_stated', counterparty: 'The register' });
    const placed = events.HoldPlaced({ holdId: 'h1', reason: 'not_stated', counterparty: 'The register' });
    given(received()).when(open).thenRejected('expected_end_missing', '/expectedEnd');
    given(received())
      .when(place({ reason: 'not_stated' }))
      .thenRejected('not_for_this_role', '/reason');
    given(received()).when(open, { by: UPSTREAM }).then(placed);
    given(received(), placed)
      .when(release('h1'), { now: '2027-11-18T12:00:00.000Z' })
      .then(events.HoldReleased({ holdId: 'h1', cause: 'released' }));
  });
  test('a release before its hold is rejected (I21)', () =>
    given(received(), withMetadata(heldForLaboratory, { at: '2026-11-05T09:00:00.000Z' }))
      .when(command(commands.ReleaseHold, { holdId: 'h2', occurredAt: lastWeek }))
      .thenRejected('before_what_it_answers', '/occurredAt'));
  test('the cause of a release is `released` before the expected end, and `ended` after it', () => {
    given(received(), heldForLaboratory)
      .when(release('h2'))
      .then(events.HoldReleased({ holdId: 'h2', cause: 'released' }));
    given(received(), heldForLaboratory)
      .when(release('h2'), { now: '2026-11-18T12:00:00.000Z' })
      .then(events.HoldReleased({ holdId: 'h2', cause: 'ended' }));
  });
  test('a hold has ended at exactly its expected end', () =>
    given(received(), heldForLaboratory)
      .when(release('h2'), { now: '2026-11-17T12:00:00.000Z' })
      .then(events.HoldReleased({ holdId: 'h2', cause: 'ended' })));
  test('the timers cannot release a hold before its expected end, whatever time they state (I10)', () => {
    const early = command(commands.ReleaseHold, { holdId: 'h2', occurredAt: instant('2026-11-17T11:59:00.000Z') });
    given(received(), heldForLaboratory)
      .when(early, { now: '2026-11-17T11:59:59.999Z', by: SCHEDULER })
      .thenRejected('not_due', '/holdId');
    given(received(), heldForLaboratory)
      .when(release('h2'), { now: '2026-11-17T12:00:00.000Z', by: SCHEDULER })
      .then(events.HoldReleased({ holdId: 'h2', cause: 'ended' }));
  });
  test('a hold that has ended or is unknown cannot be released', () => {
    given(received()).when(release('h2')).thenRejected('no_hold');
    given(received(), heldForLaboratory).when(release('h9')).thenRejected('unknown_hold', '/holdId');
    given(
      received(),
      requested,
      heldForAnswer,
      heldForLaboratory,
      events.HoldReleased({ holdId: 'h2', cause: 'released' }),
    )
      .when(release('h2'))
      .thenRejected('nothing_to_change', '/holdId');
    given(received(), heldForLaboratory, events.HoldReleased({ holdId: 'h2', cause: 'released' }))
      .when(release('h2'))
      .thenRejected('nothing_to_change');
  });
});
