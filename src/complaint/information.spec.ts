import { command, given, type Fields } from '../../test/support/given.js';
import { closed, received } from '../../test/support/complaint-history.js';
import { instant } from '../platform/moment.js';
import * as commands from './commands/verification.js';
import * as events from './events.js';

const nextWeek = instant('2026-11-17T12:00:00.000Z');
const lastWeek = instant('2026-11-03T12:00:00.000Z');
const asked = events.InformationRequested({ requestId: 'q1', from: 'a1', question: 'On which day?' });
const held = events.HoldPlaced({
  holdId: 'h1',
  reason: 'awaiting_complainant',
  counterparty: 'a1',
  expectedEnd: nextWeek,
  requestId: 'q1',
});
const laboratory = events.HoldPlaced({
  holdId: 'h2',
  reason: 'awaiting_test_or_appraisal',
  counterparty: 'City laboratory',
  expectedEnd: nextWeek,
});

describe('T9: asking for information', () => {
  const ask = (more: Fields<commands.RequestInformation> = {}) =>
    command(commands.RequestInformation, { from: 'a1', question: 'On which day?', ...more });

  test('records the request', () => given(received()).when(ask()).then(asked));
  test('can place a hold until the answer', () =>
    given(received())
      .when(ask({ hold: { expectedEnd: nextWeek } }))
      .then(asked, held));
  test('requires a free id', () =>
    given(received(), asked)
      .when(ask({ requestId: 'q1' }))
      .thenRejected('id_taken', '/requestId'));
  test('rejects a hold that ends before it begins', () =>
    given(received())
      .when(ask({ hold: { expectedEnd: lastWeek } }))
      .thenRejected('hold_ends_before_it_begins', '/hold/expectedEnd'));
  test('requires an open complaint', () => given(received(), closed).when(ask()).thenRejected('not_open'));
});

describe('T9: an answer', () => {
  const answer = (more: Fields<commands.ReceiveInformation> = {}) =>
    command(commands.ReceiveInformation, { from: 'a1', content: 'On 3 March.', ...more });
  const answered = events.InformationReceived({ requestId: 'q1', from: 'a1', content: 'On 3 March.' });

  test('releases its own hold and no other (I10)', () =>
    given(received(), asked, held, laboratory)
      .when(answer({ requestId: 'q1' }))
      .then(answered, events.HoldReleased({ holdId: 'h1', cause: 'answered' })));
  test('that is late is recorded after the hold has ended automatically', () =>
    given(received(), asked, held)
      .when(answer({ requestId: 'q1' }), { now: '2026-11-18T12:00:00.000Z' })
      .then(answered));
  test('that was in time releases the hold, also if recorded late', () => {
    const onMonday = { now: '2026-11-18T12:00:00.000Z' };
    const onFriday = instant('2026-11-14T12:00:00.000Z');
    given(received(), asked, held)
      .when(answer({ requestId: 'q1', occurredAt: onFriday }), onMonday)
      .then(answered, events.HoldReleased({ holdId: 'h1', cause: 'answered' }));
    given(received(), laboratory)
      .when(command(commands.ReleaseHold, { holdId: 'h2', occurredAt: onFriday }), onMonday)
      .then(events.HoldReleased({ holdId: 'h2', cause: 'released' }));
  });
  test('without a request is recorded', () =>
    given(received())
      .when(answer())
      .then(events.InformationReceived({ from: 'a1', content: 'On 3 March.' })));
  test('requires an existing request', () =>
    given(received())
      .when(answer({ requestId: 'q9' }))
      .thenRejected('unknown_request', '/requestId'));
  test('that is missing lapses together with its hold', () =>
    given(received(), asked, held)
      .when(command(commands.LapseInformationRequest, { requestId: 'q1', reason: 'Two reminders' }))
      .then(
        events.InformationRequestLapsed({ requestId: 'q1', reason: 'Two reminders' }),
        events.HoldReleased({ holdId: 'h1', cause: 'lapsed' }),
      ));
  test('lapses once, only while awaited', () => {
    const lapse = (requestId = 'q1') =>
      command(commands.LapseInformationRequest, { requestId, reason: 'Two reminders' });
    const lapsed = events.InformationRequestLapsed({ requestId: 'q1', reason: 'Two reminders' });
    const askedAgain = events.InformationRequested({ requestId: 'q2', from: 'a1', question: 'And where?' });
    given(received()).when(lapse()).thenRejected('no_open_request');
    given(received(), asked, lapsed).when(lapse()).thenRejected('nothing_to_change');
    given(received(), asked, lapsed, askedAgain).when(lapse()).thenRejected('nothing_to_change', '/requestId');
    given(received(), asked, answered, askedAgain).when(lapse()).thenRejected('already_answered', '/requestId');
    given(received(), askedAgain).when(lapse('q9')).thenRejected('unknown_request', '/requestId');
  });
});

describe('T9: holds', () => {
  const place = (more: Fields<commands.PlaceHold> = {}) =>
    command(commands.PlaceHold, {
      reason: 'awaiting_test_or_appraisal',
      counterparty: 'City laboratory',
      expectedEnd: nextWeek,
      ...more,
    });
  const release = (holdId: string) => command(commands.ReleaseHold, { holdId });

  test('have reason, counterparty and expected end', () =>
    given(received())
      .when(place({ holdId: 'h2' }))
      .then(laboratory));
  test('may be recorded after their end', () =>
    given(received())
      .when(place({ expectedEnd: lastWeek, occurredAt: instant('2026-11-02T12:00:00.000Z') }))
      .thenRecorded('HoldPlaced'));
  test('cannot end before they begin', () =>
    given(received())
      .when(place({ expectedEnd: lastWeek }))
      .thenRejected('hold_ends_before_it_begins', '/expectedEnd'));
  test('require a free id', () =>
    given(received(), laboratory)
      .when(place({ holdId: 'h2' }))
      .thenRejected('id_taken', '/holdId'));
  test('are released, or end automatically', () => {
    given(received(), laboratory)
      .when(release('h2'))
      .then(events.HoldReleased({ holdId: 'h2', cause: 'released' }));
    given(received(), laboratory)
      .when(release('h2'), { now: '2026-11-18T12:00:00.000Z' })
      .then(events.HoldReleased({ holdId: 'h2', cause: 'ended' }));
  });
  test('end exactly at their expected end', () =>
    given(received(), laboratory)
      .when(release('h2'), { now: '2026-11-17T12:00:00.000Z' })
      .then(events.HoldReleased({ holdId: 'h2', cause: 'ended' })));
  test('are released once, by name', () => {
    given(received()).when(release('h2')).thenRejected('no_hold');
    given(received(), laboratory).when(release('h9')).thenRejected('unknown_hold', '/holdId');
    given(received(), asked, held, laboratory, events.HoldReleased({ holdId: 'h2', cause: 'released' }))
      .when(release('h2'))
      .thenRejected('nothing_to_change', '/holdId');
    given(received(), laboratory, events.HoldReleased({ holdId: 'h2', cause: 'released' }))
      .when(release('h2'))
      .thenRejected('nothing_to_change');
  });
});
