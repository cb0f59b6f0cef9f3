import { command, given, person, type Fields, type History } from '../../test/support/given.js';
import {
  accepted,
  closed,
  coldDish,
  delivered,
  eventsUntilInvestigated,
  proposed,
  received,
  refund,
  eventsUntilResponded,
  responseSent,
  statedByWang,
  upheld,
} from '../../test/support/complaint-history.js';
import { instant } from '../platform/moment.js';
import * as commands from './commands/feedback.js';
import * as events from './events.js';
import { afterCareStart } from './feedback.js';

describe('T16: planning the follow-up', () => {
  const schedule = (overrides: Fields<commands.ScheduleFollowUp> = {}) => command(commands.ScheduleFollowUp, overrides);
  const sevenDaysAfterDelivery = instant('2026-11-08T10:00:00.000Z');

  test('the window ends at the given time, by default seven days after the communication', () => {
    given(...eventsUntilResponded())
      .when(schedule())
      .then(events.FollowUpScheduled({ windowEndsAt: sevenDaysAfterDelivery }));
    const windowEndsAt = instant('2026-11-20T00:00:00.000Z');
    given(...eventsUntilResponded())
      .when(schedule({ windowEndsAt, channel: 'phone' }))
      .then(events.FollowUpScheduled({ windowEndsAt, channel: 'phone' }));
  });
  test('rejects a repeated plan and a window that ends in the past', () => {
    given(...eventsUntilResponded(), events.FollowUpScheduled({ windowEndsAt: sevenDaysAfterDelivery }))
      .when(schedule())
      .thenRejected('nothing_to_change');
    given(...eventsUntilResponded())
      .when(schedule({ windowEndsAt: sevenDaysAfterDelivery }))
      .thenRejected('ends_before_it_begins', '/windowEndsAt');
  });
  test('requires windowEndsAt before after-care has started', () => {
    const sent = [...eventsUntilInvestigated(), upheld, responseSent()];
    given(...sent)
      .when(schedule())
      .thenRejected('after_care_not_started', '/windowEndsAt');
    given(...sent)
      .when(schedule({ windowEndsAt: instant('2026-11-20T00:00:00.000Z') }))
      .thenRecorded('FollowUpScheduled');
  });
  test('is only allowed after the final response', () =>
    given(...eventsUntilInvestigated(), upheld)
      .when(schedule())
      .thenRejected('wrong_stage'));
});

describe('the start of after-care', () => {
  const startAfter = (...history: History) => afterCareStart(given(...history).state);
  const measureCompleted = (at: string) => ({
    event: events.RemedyMeasureCompleted({ remedyId: 'r1', measureId: 'm1' }),
    at,
  });

  test('is the delivery if nothing is owed', () =>
    expect(startAfter(...eventsUntilResponded())).toBe('2026-11-01T10:00:00.000Z'));
  test('is undefined while a measure is owed', () =>
    expect(startAfter(...eventsUntilResponded(), proposed(), accepted)).toBeUndefined());
  test('is the completion of the last measure if that is later than the delivery', () =>
    expect(
      startAfter(...eventsUntilResponded(), proposed(), accepted, measureCompleted('2026-11-04T09:00:00.000Z')),
    ).toBe('2026-11-04T09:00:00.000Z'));
  test('is the delivery if that is later than the last measure', () =>
    expect(
      startAfter(
        ...eventsUntilInvestigated(),
        upheld,
        proposed({ measures: [refund] }),
        accepted,
        measureCompleted('2026-11-01T09:30:00.000Z'),
        responseSent(),
        delivered(),
      ),
    ).toBe('2026-11-01T10:00:00.000Z'));
});

describe('R51: a low score reopens the complaint by policy', () => {
  const submit = (score: number) => command(commands.SubmitFeedback, { score });
  const on = { house: { lowScoreReopens: true } };
  const ended = [...eventsUntilResponded(), closed];

  test('where the rule is on, in the same command', () => {
    given(...ended)
      .when(submit(2), on)
      .then(
        events.FeedbackSubmitted({ score: 2 }),
        events.ComplaintReopened({
          kind: 'dissatisfied',
          reason: 'feedback score 2',
          episode: 2,
          standingOffers: [],
        }),
      );
  });
  test('not where the rule is off, nor for a satisfied score, nor after the window', () => {
    given(...ended)
      .when(submit(2))
      .thenRecorded('FeedbackSubmitted');
    given(...ended)
      .when(submit(4), on)
      .thenRecorded('FeedbackSubmitted');
    given(...ended)
      .when(submit(2), { ...on, now: '2027-03-01T09:00:00.000Z' })
      .thenRecorded('FeedbackSubmitted');
  });
});

describe('T16: feedback', () => {
  const submit = (overrides: Fields<commands.SubmitFeedback> = {}) =>
    command(commands.SubmitFeedback, { score: 5, ...overrides });

  test('is requested from a known party after the final response', () => {
    given(...eventsUntilResponded())
      .when(command(commands.RequestFeedback, { channel: 'sms', to: 'a1' }))
      .then(events.FeedbackRequested({ channel: 'sms', to: 'a1' }));
    given(...eventsUntilResponded())
      .when(command(commands.RequestFeedback, { channel: 'sms', to: 'a9' }))
      .thenRejected('unknown_party', '/to');
    given(received())
      .when(command(commands.RequestFeedback, { channel: 'sms' }))
      .thenRejected('wrong_stage');
  });
  test('is recorded after the final response and after the end, and rejected before the final response', () => {
    const allFields = { score: 2, resolved: 'no', comment: 'Too slow', nps: 3, statedBy: statedByWang } as const;
    given(...eventsUntilResponded())
      .when(submit(allFields))
      .then(events.FeedbackSubmitted(allFields));
    given(...eventsUntilResponded(), closed)
      .when(submit())
      .then(events.FeedbackSubmitted({ score: 5 }));
    given(...eventsUntilInvestigated())
      .when(submit())
      .thenRejected('wrong_stage');
  });
  test('says whether the complainant would buy again, and is not before the response (I21)', () => {
    given(...eventsUntilResponded())
      .when(submit({ repurchase: 'no', statedBy: statedByWang }))
      .then(events.FeedbackSubmitted({ score: 5, repurchase: 'no', statedBy: statedByWang }));
    given(...eventsUntilResponded())
      .when(submit({ statedBy: { ...statedByWang, at: instant('2026-11-01T08:00:00.000Z') } }))
      .thenRejected('before_what_it_answers', '/statedBy/at');
  });
  test('rejects a statement by an unknown party', () =>
    given(...eventsUntilResponded())
      .when(submit({ statedBy: { ...statedByWang, party: 'a9' } }))
      .thenRejected('unknown_party', '/statedBy/party'));
});

describe('T16: the follow-up', () => {
  const record = (overrides: Fields<commands.RecordFollowUp>) =>
    command(commands.RecordFollowUp, { channel: 'phone', ...overrides });

  test('is recorded as done, declined or unreachable', () => {
    given(...eventsUntilResponded())
      .when(record({ result: 'done', note: 'Content' }))
      .then(events.FollowUpCompleted({ channel: 'phone', note: 'Content' }));
    given(...eventsUntilResponded())
      .when(record({ result: 'declined' }))
      .then(events.FollowUpDeclined({ channel: 'phone' }));
    given(...eventsUntilResponded())
      .when(record({ result: 'unreachable' }))
      .then(events.FollowUpUnreachable({ channel: 'phone', attempts: 1 }));
  });
  test('is only allowed after the final response', () =>
    given(received())
      .when(record({ result: 'done' }))
      .thenRejected('wrong_stage'));
  test('rejects a follow-up recorded by the employee complained about', () =>
    given(received({ points: [{ ...coldDish, subject: { employeeId: 'waiter-1' } }] }), closed)
      .when(record({ result: 'done' }), { by: person('waiter-1') })
      .thenRejected('conflict_of_interest'));
  const requested = events.FeedbackRequested({ channel: 'sms' });
  test.each([
    ['Scheduled', 'a plan', [events.FollowUpScheduled({ windowEndsAt: instant('2026-11-08T10:00:00.000Z') })]],
    ['Requested', 'a request', [requested]],
    ['Answered', 'a request and a follow-up', [requested, events.FollowUpCompleted({ channel: 'phone' })]],
    ['Answered', 'feedback and a later request', [events.FeedbackSubmitted({ score: 4 }), requested]],
    ['Unreachable', 'a failed follow-up', [events.FollowUpUnreachable({ channel: 'phone', attempts: 2 })]],
    ['Lapsed', 'a request and the closing', [requested, closed]],
  ] as const)('after-care is %s after %s', (status, _title, history) =>
    expect(given(...eventsUntilResponded(), ...history).state.afterCare.status).toBe(status),
  );
});
