import { command, given, type Fields } from '../../test/support/given.js';
import { closed, received } from '../../test/support/complaint-history.js';
import { instant } from '../platform/moment.js';
import * as commands from './commands/verification.js';
import * as events from './events.js';

const nextWeek = instant('2026-11-17T12:00:00.000Z');
const lastWeek = instant('2026-11-03T12:00:00.000Z');
const requested = events.InformationRequested({ requestId: 'q1', from: 'a1', question: 'On which day?' });
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
