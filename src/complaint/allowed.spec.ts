import { REFERENCE } from '../../test/support/directory.js';
import { fold, HANDLER, NOON, UPSTREAM, type History } from '../../test/support/given.js';
import { closed, contentVerified, received, eventsUntilResponded } from '../../test/support/complaint-history.js';
import { instant } from '../platform/moment.js';
import { allowedNow } from './allowed.js';
import { complaintCommands } from './table.js';

const commandsFor = (actor: typeof HANDLER, ...history: History) =>
  allowedNow(fold(history), { now: NOON, occurredAt: instant(NOON), actor, reference: REFERENCE });
const allowedPaths = (actor: typeof HANDLER, ...history: History) =>
  commandsFor(actor, ...history).flatMap(({ allowed, path }) => (allowed ? [path] : []));
const unmetCodes = (path: string, ...history: History) =>
  commandsFor(HANDLER, ...history)
    .find((command) => command.path === path)
    ?.unmet.map(({ code }) => code);

test('lists every command except the one that creates a complaint', () => {
  expect(commandsFor(HANDLER, received()).length).toBe(complaintCommands.length - 1);
  expect(commandsFor(HANDLER, received()).map(({ command }) => command)).not.toContain('LodgeComplaint');
});

test('lists the unmet conditions of each command', () => {
  expect(unmetCodes('make-determination', received(), contentVerified)).toEqual([
    'merits_not_assessed',
    'identity_not_checked',
  ]);
  expect(unmetCodes('close', ...eventsUntilResponded())).toEqual([]);
  expect(unmetCodes('close', received())).toEqual(['wrong_stage', 'outcome_not_communicated', 'follow_up_open']);
  expect(unmetCodes('acknowledge', received())).toEqual([]);
});

test('allows only what needs no open complaint after the complaint has ended', () => {
  expect(allowedPaths(HANDLER, ...eventsUntilResponded(), closed)).toEqual([
    'acknowledge',
    'verify-identity',
    'verify-authority',
    'add-evidence',
    'receive-information',
    'record-redress-payment',
    'record-delivery',
    'schedule-follow-up',
    'request-feedback',
    'submit-feedback',
    'record-follow-up',
    'reopen',
    'escalate',
    'record-external-decision',
    'propose-correction',
    'confirm-time',
    'record-contact',
    'add-note',
    'add-party',
    'add-contact-details',
    'retire-contact-details',
    'raise-flag',
    'record-need',
    'place-legal-hold',
    'relate',
    'link-recurrence',
    'record-effort',
    'record-suggestion-shown',
  ]);
});

test('allows the recording of a register outcome to an upstream system but not to a handler', () => {
  expect(allowedPaths(HANDLER, received())).not.toContain('record-external-outcome');
  expect(allowedPaths(UPSTREAM, received())).toContain('record-external-outcome');
});
