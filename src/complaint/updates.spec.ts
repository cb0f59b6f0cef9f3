import { command, given, type Fields } from '../../test/support/given.js';
import { closed, eventsUntilResponded, received } from '../../test/support/complaint-history.js';
import { REFERENCE } from '../../test/support/directory.js';
import { instant } from '../platform/moment.js';
import { referenceDataOf } from '../reference/reference-data.js';
import { FCA_RESPONSE_POLICY } from '../response-policy/response-policy.js';
import { SendHoldingResponse, SendProgressUpdate } from './commands/response.js';
import * as events from './events.js';

const update = {
  addressees: ['a1'],
  channel: 'email',
  text: 'We have asked the kitchen.',
  until: instant('2026-11-20T09:00:00.000Z'),
} as const;
const hold = (more: Fields<SendHoldingResponse> = {}) => command(SendHoldingResponse, { ...update, ...more });
const report = (more: Fields<SendProgressUpdate> = {}) => command(SendProgressUpdate, { ...update, ...more });

describe('T15: news before the final response', () => {
  test('says why and until when', () => {
    given(received())
      .when(report())
      .then(events.ProgressUpdateSent({ updateId: 'u1', ...update }));
    given(received(), events.ProgressUpdateSent({ updateId: 'u1', ...update }))
      .when(hold())
      .then(events.HoldingResponseSent({ updateId: 'u2', ...update }));
    given(received())
      .when(report({ until: instant('2026-11-09T09:00:00.000Z') }))
      .thenRejected('ends_before_it_begins', '/until');
  });
  test('goes only to parties that may be told', () =>
    given(received())
      .when(report({ addressees: ['a9'] }))
      .thenRejected('unknown_party', '/addressees/0'));
  test('a holding response tells what the response policy asks for', () => {
    const { responsePolicies } = referenceDataOf({ responsePolicies: [FCA_RESPONSE_POLICY] });
    given(received())
      .when(hold(), { reference: { ...REFERENCE, responsePolicies } })
      .thenRejected('recourse_missing', '/recourse');
  });
  test('after the end, only what was sent before it can be recorded', () => {
    const ended = [...eventsUntilResponded(), { event: closed, at: '2026-11-08T09:00:00.000Z' }];
    given(...ended)
      .when(report())
      .thenRejected('not_open');
    given(...ended)
      .when(report({ occurredAt: instant('2026-11-07T09:00:00.000Z') }))
      .thenRecorded('ProgressUpdateSent');
  });
  test('a holding response is a first response, a progress update is none', () => {
    const { state } = given(received(), events.HoldingResponseSent({ updateId: 'u1', ...update }));
    expect(state.progress.firstResponse).not.toBeNull();
    expect(state.updates.map(({ kind }) => kind)).toEqual(['holding']);
    const reported = given(received(), events.ProgressUpdateSent({ updateId: 'u1', ...update })).state;
    expect(reported.progress.firstResponse).toBeNull();
  });
});
