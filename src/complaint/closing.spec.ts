import { command, given, withMetadata } from '../../test/support/given.js';
import {
  accepted,
  MORNING,
  closed,
  eventsUntilInvestigated,
  proposed,
  reopened,
  eventsUntilResponded,
  responseSent,
  statedByWang,
  upheld,
} from '../../test/support/complaint-history.js';
import { instant } from '../platform/moment.js';
import * as commands from './commands/feedback.js';
import * as events from './events.js';

const attempt = { at: MORNING, channel: 'email', reason: 'Bounced' };
const feedback = events.FeedbackSubmitted({ score: 5 });
const withdrawn = events.ComplaintWithdrawn({ statedBy: statedByWang, continuedOnOwnInitiative: false });

describe('T17: closing', () => {
  const close = command(commands.CloseComplaint);

  test('closes after communication of the outcome and feedback', () =>
    given(...eventsUntilResponded(), feedback)
      .when(close)
      .then(closed));
  test.each([
    ['done', events.FollowUpCompleted({ channel: 'phone' })],
    ['unreachable', events.FollowUpUnreachable({ channel: 'phone', attempts: 1 })],
    ['declined', events.FollowUpDeclined({ channel: 'phone' })],
  ] as const)('closes after a recorded follow-up: %s', (_result, followUp) =>
    given(...eventsUntilResponded(), followUp)
      .when(close)
      .then(closed),
  );
  test('closes without feedback once the follow-up window has ended', () => {
    given(...eventsUntilResponded())
      .when(close, { now: '2026-11-08T09:59:59.999Z' })
      .thenRejected('follow_up_open');
    given(...eventsUntilResponded())
      .when(close, { now: '2026-11-08T10:00:00.000Z' })
      .then(closed);
    given(...eventsUntilResponded())
      .when(close, { now: '2026-11-03T10:00:00.000Z', house: { followUpDays: 2 } })
      .then(closed);
  });
  test('the planned follow-up window overrides the configured one', () => {
    const planned = events.FollowUpScheduled({ windowEndsAt: instant('2026-11-20T00:00:00.000Z') });
    given(...eventsUntilResponded(), planned)
      .when(close)
      .thenRejected('follow_up_open');
    given(...eventsUntilResponded(), planned)
      .when(close, { now: '2026-11-20T00:00:00.000Z' })
      .then(closed);
  });
  test('the follow-up window starts when the last remedy is carried out, also one of an earlier episode', () => {
    const reopenedAndAnswered = [
      ...eventsUntilResponded(),
      proposed(),
      accepted,
      closed,
      reopened(),
      upheld,
      responseSent({ responseId: 'f2' }),
      events.OutcomeCommunicated({ of: 'f2', channel: 'email', deliveredAt: instant('2026-11-02T10:00:00.000Z') }),
      withMetadata(events.RemedyMeasureCompleted({ remedyId: 'r1', measureId: 'm1' }), {
        at: '2026-11-05T10:00:00.000Z',
      }),
      withMetadata(events.RemedyImplemented({ remedyId: 'r1' }), { at: '2026-11-05T10:00:00.000Z' }),
    ];
    given(...reopenedAndAnswered)
      .when(close, { now: '2026-11-12T09:59:59.999Z' })
      .thenRejected('follow_up_open');
    given(...reopenedAndAnswered)
      .when(close, { now: '2026-11-12T10:00:00.000Z' })
      .then(closed);
  });
  test('is rejected before the outcome is communicated or undeliverable (I4)', () => {
    const sent = [...eventsUntilInvestigated(), upheld, responseSent(), feedback];
    given(...sent)
      .when(close)
      .thenRejected('outcome_not_communicated');
    given(...sent, events.OutcomeUndeliverable({ of: 'f1', to: 'a1', attempts: [attempt] }))
      .when(close)
      .then(closed);
  });
  test('is rejected if only the outcome of an earlier episode was communicated', () =>
    given(...eventsUntilResponded(), feedback, closed, reopened(), upheld, responseSent({ responseId: 'f2' }))
      .when(close)
      .thenRejected('outcome_not_communicated'));
  test('is rejected while a measure of an accepted remedy is owed, also one of an earlier episode', () => {
    given(...eventsUntilResponded(), proposed(), accepted, feedback)
      .when(close)
      .thenRejected('measures_open');
    given(
      ...eventsUntilResponded(),
      proposed(),
      accepted,
      closed,
      reopened(),
      upheld,
      responseSent({ responseId: 'f2' }),
      events.OutcomeUndeliverable({ of: 'f2', to: 'a1', attempts: [attempt] }),
      feedback,
    )
      .when(close)
      .thenRejected('measures_open');
  });
  test('is rejected while an offer awaits an answer', () =>
    given(...eventsUntilResponded(), proposed(), feedback)
      .when(close)
      .thenRejected('offer_open'));
  test('is rejected while a task or a draft waits, and names all that is missing', () => {
    const asked = events.DepartmentTaskRequested({ taskId: 't1', orgUnit: 'kitchen', task: 'Find the log' });
    const drafted = events.RemedyDrafted({ ...(proposed().data as events.RemedyOffer), remedyId: 'r2' });
    const problems = given(...eventsUntilResponded(), asked, drafted, proposed()).unmetFor(close);
    expect(problems.map(({ code }) => code)).toEqual(['tasks_open', 'offer_open', 'draft_open', 'follow_up_open']);
  });
  test('is rejected while the waiver of a measure or interim relief waits for a second person', () => {
    const relief = events.InterimReliefDrafted({ reliefId: 'l1', type: 'assistance', reason: 'No room' });
    const problem = given(...eventsUntilResponded(), relief).unmetFor(close)[0];
    expect(problem).toMatchObject({ code: 'draft_open' });
    expect(problem?.message).toContain('l1');
  });
  test('the follow-up window lasts at least a day', () => {
    const planned = events.FollowUpScheduled({ windowEndsAt: instant('2026-11-01T10:01:00.000Z') });
    given(...eventsUntilResponded(), planned)
      .when(close, { now: '2026-11-02T09:59:59.999Z' })
      .thenRejected('follow_up_open');
    given(...eventsUntilResponded(), planned)
      .when(close, { now: '2026-11-02T10:00:00.000Z' })
      .then(closed);
  });
  test('is rejected before the final response and after the end', () => {
    given(...eventsUntilInvestigated(), upheld)
      .when(close)
      .thenRejected('wrong_stage');
    given(...eventsUntilResponded(), feedback, closed)
      .when(close)
      .thenRejected('nothing_to_change');
    given(...eventsUntilResponded(), withdrawn)
      .when(close)
      .thenRejected('not_open');
  });
});
