import { command, given, person, type Fields, type History } from '../../test/support/given.js';
import {
  accepted,
  closed,
  coldDish,
  investigated,
  proposed,
  received,
  refund,
  responded,
  responseSent,
  saidByWang,
  upheld,
} from '../../test/support/complaint-history.js';
import { instant } from '../platform/moment.js';
import * as commands from './commands/feedback.js';
import * as events from './events.js';
import { afterCareStart } from './feedback.js';

describe('T16: planning the follow-up', () => {
  const schedule = (more: Fields<commands.ScheduleFollowUp> = {}) => command(commands.ScheduleFollowUp, more);
  const inAWeek = instant('2026-11-08T10:00:00.000Z');

  test('the window ends seven days after the communication by default', () => {
    given(...responded())
      .when(schedule())
      .then(events.FollowUpScheduled({ windowEndsAt: inAWeek }));
    const windowEndsAt = instant('2026-11-20T00:00:00.000Z');
    given(...responded())
      .when(schedule({ windowEndsAt, channel: 'phone' }))
      .then(events.FollowUpScheduled({ windowEndsAt, channel: 'phone' }));
  });
  test('rejects a repeated plan and a past window', () => {
    given(...responded(), events.FollowUpScheduled({ windowEndsAt: inAWeek }))
      .when(schedule())
      .thenRejected('nothing_to_change');
    given(...responded())
      .when(schedule({ windowEndsAt: inAWeek }))
      .thenRejected('ends_before_it_begins', '/windowEndsAt');
  });
  test('requires windowEndsAt before after-care has started', () => {
    const sent = [...investigated(), upheld, responseSent()];
    given(...sent)
      .when(schedule())
      .thenRejected('after_care_not_started', '/windowEndsAt');
    given(...sent)
      .when(schedule({ windowEndsAt: instant('2026-11-20T00:00:00.000Z') }))
      .thenRecorded('FollowUpScheduled');
  });
  test('is only allowed after the final response', () =>
    given(...investigated(), upheld)
      .when(schedule())
      .thenRejected('wrong_stage'));
});

describe('after-care', () => {
  const start = (...history: History) => afterCareStart(given(...history).state);
  const paidOn = (at: string) => ({
    event: events.RemedyMeasureCompleted({ remedyId: 'r1', measureId: 'm1' }),
    at,
  });

  test('starts with the delivery if nothing is owed', () =>
    expect(start(...responded())).toBe('2026-11-01T10:00:00.000Z'));
  test('does not start while a measure is owed', () =>
    expect(start(...responded(), proposed(), accepted)).toBeUndefined());
  test('starts with the last measure if that is later', () =>
    expect(start(...responded(), proposed(), accepted, paidOn('2026-11-04T09:00:00.000Z'))).toBe(
      '2026-11-04T09:00:00.000Z',
    ));
  test('starts with the delivery if that is later', () =>
    expect(
      start(
        ...investigated(),
        upheld,
        proposed({ measures: [refund] }),
        accepted,
        paidOn('2026-11-01T09:30:00.000Z'),
        ...responded().slice(-2),
      ),
    ).toBe('2026-11-01T10:00:00.000Z'));
});

describe('T16: feedback', () => {
  const submit = (more: Fields<commands.SubmitFeedback> = {}) =>
    command(commands.SubmitFeedback, { score: 5, ...more });

  test('is requested from a known party, after the final response', () => {
    given(...responded())
      .when(command(commands.RequestFeedback, { channel: 'sms', to: 'a1' }))
      .then(events.FeedbackRequested({ channel: 'sms', to: 'a1' }));
    given(...responded())
      .when(command(commands.RequestFeedback, { channel: 'sms', to: 'a9' }))
      .thenRejected('unknown_party', '/to');
    given(received())
      .when(command(commands.RequestFeedback, { channel: 'sms' }))
      .thenRejected('wrong_stage');
  });
  test('is allowed after the final response and after the end', () => {
    const full = { score: 2, resolved: 'no', comment: 'Too slow', nps: 3, statedBy: saidByWang } as const;
    given(...responded())
      .when(submit(full))
      .then(events.FeedbackSubmitted(full));
    given(...responded(), closed)
      .when(submit())
      .then(events.FeedbackSubmitted({ score: 5 }));
    given(...investigated())
      .when(submit())
      .thenRejected('wrong_stage');
  });
  test('rejects a statement by an unknown party', () =>
    given(...responded())
      .when(submit({ statedBy: { ...saidByWang, party: 'a9' } }))
      .thenRejected('unknown_party', '/statedBy/party'));
});

describe('T16: the follow-up', () => {
  const record = (more: Fields<commands.RecordFollowUp>) =>
    command(commands.RecordFollowUp, { channel: 'phone', ...more });

  test('is done, declined or unreachable', () => {
    given(...responded())
      .when(record({ result: 'done', note: 'Content' }))
      .then(events.FollowUpCompleted({ channel: 'phone', note: 'Content' }));
    given(...responded())
      .when(record({ result: 'declined' }))
      .then(events.FollowUpDeclined({ channel: 'phone' }));
    given(...responded())
      .when(record({ result: 'unreachable' }))
      .then(events.FollowUpUnreachable({ channel: 'phone', attempts: 1 }));
  });
  test('is only allowed after the final response', () =>
    given(received())
      .when(record({ result: 'done' }))
      .thenRejected('wrong_stage'));
  test('rejects the employee complained about', () =>
    given(received({ points: [{ ...coldDish, subject: { employeeId: 'waiter-1' } }] }), closed)
      .when(record({ result: 'done' }), { by: person('waiter-1') })
      .thenRejected('conflict_of_interest'));
  test.each([
    ['Scheduled', [events.FollowUpScheduled({ windowEndsAt: instant('2026-11-08T10:00:00.000Z') })]],
    ['Requested', [events.FeedbackRequested({ channel: 'sms' })]],
    ['Answered', [events.FeedbackRequested({ channel: 'sms' }), events.FollowUpCompleted({ channel: 'phone' })]],
    ['Answered', [events.FeedbackSubmitted({ score: 4 }), events.FeedbackRequested({ channel: 'sms' })]],
    ['Unreachable', [events.FollowUpUnreachable({ channel: 'phone', attempts: 2 })]],
    ['Lapsed', [events.FeedbackRequested({ channel: 'sms' }), closed]],
  ] as const)('after-care is %s', (status, history) =>
    expect(given(...responded(), ...history).state.afterCare.status).toBe(status),
  );
});
