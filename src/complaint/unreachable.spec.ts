import { given, HANDLER, NOON, type History } from '../../test/support/given.js';
import {
  eventsUntilInvestigated,
  eventsUntilResponded,
  received,
  responseSent,
  upheld,
} from '../../test/support/complaint-history.js';
import { REFERENCE } from '../../test/support/directory.js';
import { instant } from '../platform/moment.js';
import type { Context } from './decision.js';
import * as events from './events.js';
import type { Channel } from './terms/vocabulary.js';
import { isUnreachable, tooFewAttempts } from './unreachable.js';

const context: Context = { now: NOON, occurredAt: instant(NOON), actor: HANDLER, reference: REFERENCE };
const time = (day: number, clock: string) => instant(`2026-11-0${String(day)}T${clock}:00.000Z`);
const failed = (day: number, clock: string, channel: Channel = 'phone') =>
  events.CommunicationFailed({ of: 'f1', channel, to: 'a1', at: time(day, clock), reason: 'No answer' });
const call = (day: number, clock: string) =>
  events.ContactRecorded({
    contactId: 'c1',
    direction: 'outbound',
    channel: 'phone',
    party: 'a1',
    at: time(day, clock),
    result: 'no_answer',
    substantive: false,
  });
const isUnreachableAfter = (...history: History) =>
  isUnreachable(given(...eventsUntilResponded(), ...history).state, 'a1', undefined, context);

describe('unreachable: three failed attempts on two days over every channel of the party', () => {
  test('counts deliveries, contacts and the attempt that is reported now', () => {
    expect(isUnreachableAfter(failed(3, '09:00'), failed(4, '09:00'))).toBe(false);
    expect(isUnreachableAfter(failed(3, '09:00'), failed(4, '09:00'), call(4, '11:00'))).toBe(true);
    const { state } = given(...eventsUntilResponded(), failed(3, '09:00'), failed(4, '09:00'));
    const reported = { at: time(5, '09:00'), channel: 'phone', reason: 'No answer' };
    expect(isUnreachable(state, 'a1', reported, context)).toBe(true);
  });
  test('needs different days', () =>
    expect(isUnreachableAfter(failed(3, '09:00'), failed(3, '11:00'), failed(3, '13:00'))).toBe(false));
  test('counts failures of one channel within an hour once', () => {
    const bounces = [failed(3, '09:00'), failed(3, '09:00'), failed(3, '09:59')];
    expect(isUnreachableAfter(...bounces, failed(4, '09:00'))).toBe(false);
    expect(isUnreachableAfter(...bounces, failed(3, '10:00'), failed(4, '09:00'))).toBe(true);
  });
  test('needs an attempt on every channel on which the party has a contact, and says what is missing', () => {
    const contacts = [
      { channel: 'phone', address: '+86 10 5555 0100' },
      { channel: 'email', address: 'wang@example.com' },
    ];
    const calls = [failed(3, '09:00'), failed(4, '09:00'), failed(5, '09:00')];
    const { state } = given(
      ...eventsUntilInvestigated(
        received({ parties: [{ id: 'a1', role: 'complainant', contacts, authority: 'none' }] }),
      ),
      upheld,
      responseSent(),
      ...calls,
    );
    expect(tooFewAttempts(state, 'a1', undefined, context, '/result')?.message).toBe(
      'a1 is unreachable only after an attempt by email; record this attempt as failed',
    );
    const mail = { at: time(6, '09:00'), channel: 'email', reason: 'Bounced' };
    expect(isUnreachable(state, 'a1', mail, context)).toBe(true);
  });
});
