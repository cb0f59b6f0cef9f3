import { command, given, NOON } from '../../test/support/given.js';
import { received } from '../../test/support/complaint-history.js';
import { instant, type Moment } from '../platform/moment.js';
import { AddNote } from './commands/intake.js';
import { checkOccurredAt } from './time.js';

const day = (date: string, zone = 'Asia/Shanghai'): Moment => ({ precision: 'day', day: date, zone });
const check = (moment: Moment, receivedAt: Moment | null = null, name = 'AddNote') =>
  checkOccurredAt(moment, { receivedAt }, NOON, name);

describe('the occurredAt of a command', () => {
  test('is the stated time if that is in the past', () => {
    const moment = instant('2026-11-09T00:00:00.000Z');
    expect(check(moment)).toEqual({ occurredAt: moment });
  });
  test('is now if the stated time is up to two minutes ahead', () =>
    expect(check(instant('2026-11-10T12:02:00.000Z'))).toEqual({ occurredAt: instant(NOON) }));
  test('is rejected if the stated time is more than two minutes ahead', () =>
    expect(check(instant('2026-11-10T12:02:00.001Z'))).toMatchObject({
      unmet: [{ code: 'occurred_in_future', pointer: '/occurredAt' }],
    }));
  test('is rejected before receipt, except for evidence and contacts', () => {
    const beforeReceipt = instant('2026-11-01T08:59:59.999Z');
    const receivedAt = instant('2026-11-01T09:00:00.000Z');
    expect(check(beforeReceipt, receivedAt)).toMatchObject({
      unmet: [{ code: 'occurred_before_receipt', pointer: '/occurredAt' }],
    });
    expect(check(receivedAt, receivedAt)).toEqual({ occurredAt: receivedAt });
    expect(check(beforeReceipt, receivedAt, 'AddEvidence')).toEqual({ occurredAt: beforeReceipt });
    expect(check(beforeReceipt, receivedAt, 'RecordContact')).toEqual({ occurredAt: beforeReceipt });
  });
  test('may be a day, which is rejected only if none of its instants is valid', () => {
    // Now is 20:00 on the 10th in Shanghai; the 11th begins in four hours.
    expect(check(day('2026-11-10'))).toEqual({ occurredAt: day('2026-11-10') });
    expect(check(day('2026-11-11'))).toMatchObject({ unmet: [{ code: 'occurred_in_future' }] });
    const receivedAt = instant('2026-11-01T09:00:00.000Z');
    expect(check(day('2026-11-01'), receivedAt)).toEqual({ occurredAt: day('2026-11-01') });
    expect(check(day('2026-10-31'), receivedAt)).toMatchObject({ unmet: [{ code: 'occurred_before_receipt' }] });
    expect(check(instant('2026-11-01T00:00:00.000Z'), day('2026-11-01'))).toMatchObject({
      occurredAt: { precision: 'instant' },
    });
  });
  test('is checked for a command such as AddNote', () => {
    const note = command(AddNote, { text: 'Check the camera.', occurredAt: instant('2026-10-01T00:00:00.000Z') });
    given(received()).when(note).thenRejected('occurred_before_receipt', '/occurredAt');
  });
});
