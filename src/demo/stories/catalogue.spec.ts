import { REFERENCE } from '../../../test/support/directory.js';
import { DEFAULT_HOUSE_RULES } from '../../house-policy/rules.js';
import { decideAsTheServiceDoes, person, recorded, UPSTREAM } from '../../../test/support/given.js';
import { LodgeComplaint } from '../../complaint/commands/intake.js';
import { evolve, initial, type Complaint } from '../../complaint/complaint.js';
import { isRejection } from '../../complaint/decision.js';
import { statusOf } from '../../complaint/status.js';
import { complaintCommands, rowAt } from '../../complaint/table.js';
import { OUTCOMES, STAGES } from '../../complaint/terms/vocabulary.js';
import { isOpen } from '../../complaint/progress.js';
import type { Actor as Person } from '../../access/actor.js';
import { instant } from '../../platform/moment.js';
import { validateObject } from '../../platform/validate-object.js';
import { stories } from './catalogue.js';
import { INDUSTRIES, type Actor, type Story } from '../story.js';
import { requestsOf, startTime, timetable } from '../timetable.js';

const NOW = '2026-04-01T10:00:00.000Z';

const actors: Readonly<Record<Actor, Person>> = {
  intake_officer: person('intake-officer-1', 'intake_officer'),
  handler: person('handler-1'),
  supervisor: person('supervisor-1', 'supervisor'),
  reviewer: person('reviewer-1', 'reviewer'),
  upstream: UPSTREAM,
};

/**
 * Validates and decides every command of a story and folds the events, with the code of the service. Returns the final
 * state. @throws Error if a command is refused
 */
function play(story: Story): Complaint {
  let state = initial('0b6b2f5e-5c1f-5f0e-9a55-3f0e8f2d7a61');
  let revision = 0;
  for (const { at, by, command, body, idempotencyKey } of requestsOf(story, NOW)) {
    const type = command === 'lodge' ? LodgeComplaint : rowAt(command)?.command;
    if (type === undefined) throw new Error(`${idempotencyKey}: unknown command ${command}`);
    const validated = validateObject(type, body);
    if (!validated.ok) throw new Error(`${idempotencyKey} ${command}: ${JSON.stringify(validated.errors)}`);
    const decision = decideAsTheServiceDoes(validated.value, state, {
      now: at,
      by: actors[by],
      reference: REFERENCE,
    });
    if (isRejection(decision)) throw new Error(`${idempotencyKey} ${command}: ${JSON.stringify(decision.unmet)}`);
    for (const event of decision)
      state = evolve(
        state,
        recorded(event, revision++, { now: at, by: actors[by], occurredAt: instant(at), commandId: idempotencyKey }),
      );
  }
  return state;
}

describe('each story of the demo', () => {
  test.each(stories.map((story) => [story.id, story] as const))(
    '%s ends with its expected stage and status',
    (_id, story) => {
      const complaint = play(story);
      expect({ stage: complaint.stage, status: statusOf(complaint.progress, DEFAULT_HOUSE_RULES).status }).toEqual(
        story.ends,
      );
    },
  );

  test.each([
    '2026-04-01T00:00:00.000Z',
    '2026-04-01T15:59:59.000Z',
    '2026-04-01T16:00:00.000Z',
    '2026-10-25T23:59:00.000Z',
  ])('has all its requests within the four weeks before %s', (now) => {
    const outside = timetable(stories, now)
      .filter(({ at }) => at < startTime(now) || at > now)
      .map(({ idempotencyKey, at }) => `${idempotencyKey} at ${at}`);
    expect(outside).toEqual([]);
  });
});

describe('all stories together', () => {
  const complaints = stories.map(play);
  const commands = new Set(stories.flatMap(({ steps }) => steps.map(({ command }) => command)));

  test('are 42: six per industry, in Chinese and English, with unique ids', () => {
    expect(stories).toHaveLength(42);
    expect(new Set(stories.map(({ id }) => id)).size).toBe(42);
    for (const industry of INDUSTRIES) expect(stories.filter((story) => story.industry === industry)).toHaveLength(6);
    const languages = complaints.map(({ lodged }) => lodged?.facts.language);
    expect(new Set(languages)).toEqual(new Set(['zh', 'en']));
    expect(languages.filter((language) => language === 'en').length).toBeGreaterThan(15);
  });

  test('end in every stage except ReferredOut and Consolidated', () => {
    const reached = new Set(complaints.map(({ stage }) => stage));
    const exceptions = ['ReferredOut', 'Consolidated'];
    expect([...reached].sort()).toEqual(STAGES.filter((stage) => !exceptions.includes(stage)).sort());
  });

  test('have every outcome of a complaint, and every status except referred_out and consolidated', () => {
    const outcomes = new Set(complaints.flatMap(({ progress }) => Object.values(progress.outcomes)));
    expect(OUTCOMES.filter((outcome) => !outcomes.has(outcome))).toEqual(['answered']);
    expect(new Set(stories.map((story) => story.ends.status))).toEqual(
      new Set([
        'pending',
        'in_progress',
        'commitment_outstanding',
        'handled',
        'resolved',
        'unresolved',
        'inadmissible',
        'withdrawn',
      ]),
    );
  });

  test('use every command except these', () => {
    const unused = complaintCommands.map(({ path }) => path).filter((path) => !commands.has(path));
    expect(unused.sort()).toEqual([
      'accept-task',
      'add-contact-details',
      'add-party',
      'add-point',
      'admit',
      'approve-correction',
      'approve-inadmissibility',
      'approve-relief',
      'approve-waiver',
      'cancel-task',
      'clear-flag',
      'complete-task',
      'confirm-time',
      'declare-conflict-of-interest',
      'discard-draft',
      'escalate',
      'exclude-evidence',
      'finish-split-off',
      'lapse-information-request',
      'link-recurrence',
      'place-legal-hold',
      'propose-correction',
      'provide-interim-relief',
      'raise-flag',
      'record-effort',
      'record-external-decision',
      'record-external-outcome',
      'record-need',
      'record-payment-returned',
      'record-suggestion-shown',
      'refer-externally',
      'reject-correction',
      'relate',
      'release-legal-hold',
      'request-department-task',
      'retire-contact-details',
      'return-task',
      'send-holding-response',
      'send-progress-update',
      'set-priority',
      'split-off',
      'split-point',
      'withdraw-conflict-of-interest',
      'withdraw-offer',
    ]);
  });

  test('leave at least eight complaints open, two of them on hold', () => {
    const open = complaints.filter(isOpen);
    expect(open.length).toBeGreaterThanOrEqual(8);
    expect(open.filter(({ holds }) => holds.length > 0).length).toBeGreaterThanOrEqual(2);
  });
});
