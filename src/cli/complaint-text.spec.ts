import { REFERENCE } from '../../test/support/directory.js';
import { COMPLAINT_ID, HANDLER, recorded } from '../../test/support/given.js';
import {
  accepted,
  apology,
  delivered,
  eventsUntilInvestigated,
  proposed,
  received,
  refund,
  responseSent,
  upheld,
} from '../../test/support/complaint-history.js';
import { ComplaintAssigned, HoldPlaced, SeverityAssessed, type ComplaintEvent } from '../complaint/events.js';
import { instant } from '../platform/moment.js';
import type { Language } from '../platform/language.js';
import { complaintText, heading, moneyText } from './complaint-text.js';
import { viewOf } from './complaint-view.js';

const NOW = '2026-11-02T12:00:00.000Z';

const viewAfter = (events: readonly ComplaintEvent[], language: Language = 'en') =>
  viewOf(
    COMPLAINT_ID,
    events.map((event, revision) =>
      recorded(event, revision, {
        now: '2026-11-01T09:00:00.000Z',
        by: HANDLER,
        occurredAt: instant('2026-11-01T09:00:00.000Z'),
        commandId: `c${String(revision)}`,
      }),
    ),
    { actor: HANDLER, reference: REFERENCE, language, now: NOW },
  );
const textAfter = (events: readonly ComplaintEvent[], zone = 'Asia/Shanghai', language: Language = 'en') =>
  complaintText(viewAfter(events, language), { language, now: NOW, zone });
const partOf = (text: string, title: string) =>
  text.split('\n\n').find((part) => part.startsWith(title)) ?? `no part ${title} in\n${text}`;

test('says who, what, where it stands and what is owed', () => {
  const text = textAfter([
    received({
      narrative: 'It was cold.\nWe waited.',
      remedySought: 'My money back',
      sources: [{ system: 'crm', ref: 'T-1' }],
    }),
    SeverityAssessed({ severity: 'serious', safetyCritical: true }),
    ComplaintAssigned({ handler: 'handler-1', orgUnit: 'care' }),
    HoldPlaced({
      holdId: 'h1',
      reason: 'awaiting_complainant',
      counterparty: 'a1',
      expectedEnd: { precision: 'day', day: '2026-11-20', zone: 'Asia/Shanghai' },
    }),
  ]);
  const [reference = ''] = text.split(' · ');
  expect(reference).toMatch(/^[0-9A-Z]{5}-[0-9A-Z]{5}-[0-9A-Z]{5}$/);
  expect(text.split('\n\nMay be done now')[0]).toBe(
    [
      `${reference} · In progress · Under assessment · Dish arrived cold`,
      '',
      'Who',
      '  complainant  a1 王芳 · phone +86 10 5555 0100 · identity not checked',
      '  handler      handler-1 · care · has not accepted it yet',
      '',
      'What',
      '  p1         Dish arrived cold · Set menu · not decided',
      '  narrative  It was cold.',
      '             We waited.',
      '  wants      My money back',
      '  received   2026-11-01 17:00 +08:00 · Phone · crm T-1',
      '',
      'Where it stands',
      '  status    In progress (in_progress)',
      '  stage     Under assessment (UnderAssessment) · episode 1 · revision 3',
      '  severity  serious · safety-critical',
      '  on hold   h1 awaiting_complainant · until 2026-11-20 Asia/Shanghai',
      '',
      'Owed',
      // 24 h and 72 h after 2026-11-01T09:00Z; now is 27 h after it
      '  2026-11-02 17:00 +08:00 (3 h late)  first reply (internal target) · handler-1',
      '  2026-11-04 17:00 +08:00 (in 45 h)   resolution (internal target) · handler-1',
    ].join('\n'),
  );
});

test('lists what helps next with its summary, then the other commands, then what is missing for the rest', () => {
  const text = textAfter([received({ parties: [] })]);
  const allowed = partOf(text, 'May be done now as handler-1 (handler); what helps next comes first').split('\n');
  expect(allowed.slice(1, 4).map((line) => line.replaceAll(/ {2,}/g, ' | '))).toEqual([
    ' | acknowledge | Acknowledge receipt, once per episode; this is not the first response',
    ' | assign | Assign the complaint to a person, to a unit or to both; also admits it',
    ' | admit | Admit the complaint',
  ]);
  expect(allowed.at(-1)).toMatch(/^ {2}also +declare-inadmissible, .*, add-note\b/);
  const notAllowed = partOf(text, 'Not allowed now, because').split('\n');
  const assignment = notAllowed.indexOf('  reassign, accept-assignment, request-department-task');
  expect(notAllowed.slice(assignment, assignment + 2)).toEqual([
    '  reassign, accept-assignment, request-department-task',
    '      the complaint is not assigned yet; use `assign`',
  ]);
  const determination = notAllowed.indexOf('  make-determination');
  expect(notAllowed.slice(determination + 1, determination + 4)).toEqual([
    '      the content is not verified; use `verify-content` or `waive-investigation`',
    '      the merits are not assessed; use `assess-merits` or `waive-investigation`',
    '  review-determination',
  ]);
});

test('names measures with their amount, and the outcome of each point', () => {
  const late = { ...apology, dueAt: instant('2026-10-30T12:00:00.000Z') };
  const offer = proposed({ measures: [refund, late] });
  const text = textAfter([...eventsUntilInvestigated(), upheld, offer, accepted, responseSent(), delivered()], 'UTC');
  expect(partOf(text, 'Owed')).toBe(
    [
      'Owed',
      '  2026-10-30 12:00 +00:00 (3 days late)  measure r1 m2 · Apologise by letter · handler-1',
      '  2026-11-04 09:00 +00:00 (in 45 h)      resolution (internal target)',
      '  2026-11-20 09:00 +00:00 (in 17 days)   measure r1 m1 · Refund the dish · CNY 68.00 · handler-1',
    ].join('\n'),
  );
  expect(text).toContain('  p1         Dish arrived cold · Set menu · Upheld\n');
});

test('has the words of stage and status in the language', () => {
  expect(heading(viewAfter([received()], 'zh'))).toMatch(/ · 待处理 · 已接收 · Dish arrived cold$/);
  expect(heading(viewAfter([received()], 'en'))).toMatch(/ · Waiting to be handled · Received · Dish arrived cold$/);
});

test.each([
  [1250, 'EUR', 'EUR 12.50'],
  [68, 'JPY', 'JPY 68'],
  [1250, 'KWD', 'KWD 1.250'],
  [120_000_00, 'CNY', 'CNY 120,000.00'],
])('%i minor units of %s are %s', (amount, currency, text) => {
  expect(moneyText({ amount, currency })).toBe(text);
});
