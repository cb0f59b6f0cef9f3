import { command, given, type Fields } from '../../test/support/given.js';
import { closed, received } from '../../test/support/complaint-history.js';
import { instant } from '../platform/moment.js';
import { EscalateComplaint } from './commands/external.js';
import * as events from './events.js';

describe('T21: escalating', () => {
  const reason = 'The kitchen does not answer.';
  const escalate = (fields: Fields<EscalateComplaint>) => command(EscalateComplaint, { reason, ...fields });
  const escalated = (to: 'internal' | 'supervisor' | 'external' | 'returned', more = {}) =>
    events.ComplaintEscalated({ to, reason, ...more });
  const toBody = escalated('external', { body: '12315' });

  test('rises through the internal levels, to the supervisor and to an external body, in every stage', () => {
    given(received())
      .when(escalate({ to: 'internal' }))
      .then(escalated('internal', { level: 1 }));
    given(received(), escalated('internal', { level: 1 }))
      .when(escalate({ to: 'internal' }))
      .then(escalated('internal', { level: 2 }));
    given(received(), escalated('internal', { level: 2 }))
      .when(escalate({ to: 'supervisor' }))
      .then(escalated('supervisor'));
    given(received(), closed)
      .when(escalate({ to: 'external', body: '12315' }))
      .then(toBody);
    expect(given(received(), toBody).state.escalation).toMatchObject({ status: 'External', body: '12315', reason });
  });
  test('never falls back, until the external body returns the complaint', () => {
    given(received(), escalated('supervisor'))
      .when(escalate({ to: 'internal' }))
      .thenRejected('not_higher', '/to');
    given(received(), escalated('internal', { level: 2 }))
      .when(escalate({ to: 'internal', level: 2 }))
      .thenRejected('not_higher', '/to');
    given(received(), toBody)
      .when(escalate({ to: 'external', body: '12345' }))
      .thenRejected('not_higher', '/to');
    given(received(), toBody)
      .when(escalate({ to: 'returned' }))
      .then(escalated('returned'));
    given(received(), toBody, escalated('returned'))
      .when(escalate({ to: 'internal' }))
      .then(escalated('internal', { level: 1 }));
    given(received(), escalated('supervisor'))
      .when(escalate({ to: 'returned' }))
      .thenRejected('not_with_external_body', '/to');
  });
  test('has a body only where it is external, and a level only where it is internal', () => {
    given(received())
      .when(escalate({ to: 'external' }))
      .thenRejected('body_missing', '/body');
    given(received())
      .when(escalate({ to: 'supervisor', body: '12315' }))
      .thenRejected('only_external', '/body');
    given(received())
      .when(escalate({ to: 'supervisor', level: 2 }))
      .thenRejected('only_internal', '/level');
  });
  test('ends when the body decides', () => {
    const decided = (body: string) =>
      events.ExternalDecisionRecorded({ decisionId: 'x1', body, decidedOn: instant('2026-11-05T09:00:00.000Z') });
    expect(given(received(), toBody, decided('12315')).state.escalation.status).toBe('Returned');
    expect(given(received(), toBody, decided('12345')).state.escalation.status).toBe('External');
  });
});
