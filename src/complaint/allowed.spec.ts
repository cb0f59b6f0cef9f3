import { fold, HANDLER, NOON, UPSTREAM, type History } from '../../test/support/given.js';
import { closed, contentVerified, received, responded } from '../../test/support/complaint-history.js';
import { instant } from '../platform/moment.js';
import { allowedNow } from './allowed.js';
import { DEFAULT_SETTINGS } from './decision.js';
import { complaintCommands } from './table.js';

const commandsFor = (actor: typeof HANDLER, ...history: History) =>
  allowedNow(fold(history), { now: NOON, occurredAt: instant(NOON), actor, settings: DEFAULT_SETTINGS });
const allowed = (actor: typeof HANDLER, ...history: History) =>
  commandsFor(actor, ...history).flatMap((one) => (one.allowed ? [one.path] : []));
const missing = (path: string, ...history: History) =>
  commandsFor(HANDLER, ...history)
    .find((one) => one.path === path)
    ?.unmet.map(({ code }) => code);

test('lists every command except the creating one', () => {
  expect(commandsFor(HANDLER, received()).length).toBe(complaintCommands.length - 1);
  expect(commandsFor(HANDLER, received()).map(({ command }) => command)).not.toContain('LodgeComplaint');
});

test('lists the unmet conditions of each command', () => {
  expect(missing('make-determination', received(), contentVerified)).toEqual([
    'merits_not_assessed',
    'identity_not_checked',
  ]);
  expect(missing('close', ...responded())).toEqual([]);
  expect(missing('close', received())).toEqual(['wrong_stage', 'outcome_not_communicated', 'follow_up_open']);
  expect(missing('acknowledge', received())).toEqual([]);
});

test('after the end only deliveries, after-care, reopening, contacts and notes are allowed', () => {
  expect(allowed(HANDLER, ...responded(), closed)).toEqual([
    'record-delivery',
    'schedule-follow-up',
    'request-feedback',
    'submit-feedback',
    'record-follow-up',
    'reopen',
    'record-contact',
    'add-note',
  ]);
});

test('the result depends on the actor', () => {
  expect(allowed(HANDLER, received())).not.toContain('record-external-outcome');
  expect(allowed(UPSTREAM, received())).toContain('record-external-outcome');
});
