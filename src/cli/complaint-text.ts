import { Temporal } from 'temporal-polyfill';
import { isInForce, type Check, type PartyFile } from '../complaint/state-types.js';
import type { Money, Point } from '../complaint/terms/facts.js';
import { isHeld, usableContacts } from '../complaint/guards.js';
import type { Outcome } from '../complaint/terms/vocabulary.js';
import { CHANNEL_WORDS, NATURE_WORDS, OUTCOME_WORDS } from '../complaint/terms/words.js';
import type { Language } from '../platform/language.js';
import { rowAt } from '../complaint/table.js';
import { schemaOf } from '../platform/fields.js';
import { latest, toEpochMilliseconds, type Moment } from '../platform/moment.js';
import type { ComplaintView, Owed } from './complaint-view.js';

/** Language, time and time zone of the person who reads the text. */
export interface Reader {
  readonly language: Language;
  /** UTC. */
  readonly now: string;
  /** IANA name. */
  readonly zone: string;
}

type Line = readonly [label: string, ...facts: readonly (string | null | undefined | false)[]];

/** A complaint as text for people: who, what, where it stands, what is owed, and the commands. */
export const complaintText = (view: ComplaintView, reader: Reader): string =>
  [
    heading(view),
    section('Who', who(view, reader)),
    section('What', what(view, reader)),
    section('Where it stands', standing(view, reader)),
    section('Owed', owed(view, reader)),
    allowedText(view),
    notAllowedText(view),
  ].join('\n\n');

/** One line: reference, status, stage and main point. */
export function heading({ file }: ComplaintView): string {
  const { reference, id, statusLabel, stageLabel, points } = file;
  const about = points[0]?.issue ?? points[0]?.subject.product;
  return factsOf([reference ?? id, statusLabel, stageLabel !== statusLabel && stageLabel, about]);
}

function who({ file: { parties, ownership, needs } }: ComplaintView, { now }: Reader): Line[] {
  const { handler, orgUnit, status } = ownership;
  return [
    ...(parties.length === 0 ? [['complainant', 'anonymous'] as const] : parties.map(partyLine)),
    ...needs
      .filter((need) => isInForce(need, now))
      .map(({ party, need, adjustment }): Line => ['need', `${party} ${need}`, adjustment]),
    handler === undefined
      ? ['handler', orgUnit === undefined ? 'none' : `of ${orgUnit}, not accepted yet`]
      : ['handler', handler, orgUnit, status === 'PickedUp' ? 'accepted the assignment' : 'has not accepted it yet'],
  ];
}

const partyLine = (party: PartyFile): Line => {
  const { id, role, name, authority, identity } = party;
  return [
    role,
    [id, name].filter(Boolean).join(' '),
    ...usableContacts(party).map(({ channel, address }) => `${channel} ${address}`),
    `identity ${checkText(identity)}`,
    authority !== 'none' && `authority ${authority}`,
  ];
};

const CHECK_TEXTS: { readonly [status in Check['status']]: string } = {
  None: 'not checked',
  Done: 'verified',
  Failed: 'check failed',
  Waived: 'check waived',
};
const checkText = ({ status }: Check): string => CHECK_TEXTS[status];

function what({ file }: ComplaintView, reader: Reader): Line[] {
  const { lodged, points, receivedAt, classification } = file;
  const { channel, narrative, remedySought, sources = [] } = lodged?.facts ?? {};
  return [
    ...points.map((point) => pointLine(point, reader)),
    ...(classification === null
      ? []
      : [['nature', NATURE_WORDS[classification.nature][reader.language], classification.suspectedCause] as const]),
    ...(narrative === undefined ? [] : [['narrative', narrative] as const]),
    ...(remedySought === undefined ? [] : [['wants', remedySought] as const]),
    [
      'received',
      receivedAt && timeText(receivedAt, reader),
      channel && CHANNEL_WORDS[channel][reader.language],
      ...sources.map(({ system, ref }) => `${system} ${ref}`),
    ],
  ];
}

const pointLine = (
  { id, issue, subIssue, subject, category, ...point }: Point & { readonly outcome?: Outcome },
  { language }: Reader,
): Line => [
  id,
  issue,
  subIssue,
  subject.product,
  subject.orgUnit,
  subject.respondent,
  category,
  point.remedySought !== undefined && `wants ${point.remedySought}`,
  point.outcome === undefined ? 'not decided' : OUTCOME_WORDS[point.outcome][language],
];

function standing({ file }: ComplaintView, reader: Reader): Line[] {
  const { status, statusLabel, stage, stageLabel, episode, revision, severity, priority, holds, endedAt } = file;
  return [
    ['status', withCode(statusLabel, status)],
    ['stage', withCode(stageLabel ?? '', stage ?? ''), `episode ${String(episode)}`, `revision ${String(revision)}`],
    ...(severity === null
      ? []
      : [['severity', severity.severity, severity.safetyCritical && 'safety-critical', priority?.priority] as const]),
    ...holds
      .filter((hold) => isHeld(hold, reader.now))
      .map(({ holdId, reason, expectedEnd }): Line => [
        'on hold',
        `${holdId} ${reason}`,
        expectedEnd === undefined ? 'until it is released' : `until ${timeText(expectedEnd, reader)}`,
      ]),
    ...(endedAt === null ? [] : [['ended', timeText(endedAt, reader)] as const]),
  ];
}

/** The words, and the code if it is not the same. */
const withCode = (words: string, code: string): string =>
  words.toLowerCase() === code.toLowerCase() ? words : `${words} (${code})`;

const OWED_TEXTS: { readonly [kind in Owed['kind']]: string } = {
  first_response: 'first reply (internal target)',
  resolution: 'resolution (internal target)',
  measure: 'measure',
  answer_to_offer: 'the answer of the complainant to the offer',
  approval: 'the approval of a second person',
  information: 'information',
  reply_to_source: 'reply to the source',
  delivery: 'the result of the delivery',
  follow_up: 'follow-up',
};

function owed({ owed }: ComplaintView, reader: Reader): Line[] {
  if (owed.length === 0) return [['nothing']];
  return owed.map(({ kind, id, by, text, money, dueAt }) => [
    dueAt === null ? 'no due time' : `${timeText(dueAt, reader)} (${untilText(latest(dueAt), reader.now)})`,
    [OWED_TEXTS[kind], id].filter(Boolean).join(' '),
    text,
    money !== null && moneyText(money),
    by,
  ]);
}

function allowedText({ actor, allowed: { next, others } }: ComplaintView): string {
  const title = `May be done now as ${actor.id} (${actor.role}); what helps next comes first`;
  const lines = next.map(({ path }): Line => [path, summaryOf(path)]);
  const also = others.map(({ path }) => path).join(', ');
  return section(title, [...lines, ...(also === '' ? [] : [['also', also] as const])]);
}

const summaryOf = (path: string): string => {
  const row = rowAt(path);
  return (row && schemaOf(row.command)?.summary) ?? '';
};

/** The commands that are not allowed, with what is missing; commands that lack the same are listed together. */
function notAllowedText({ commands }: ComplaintView): string {
  const pathsByMissing = new Map<string, string[]>();
  for (const { path, unmet } of commands.filter(({ allowed }) => !allowed)) {
    const missing = unmet.map(({ message }) => `      ${message}`).join('\n');
    pathsByMissing.set(missing, [...(pathsByMissing.get(missing) ?? []), path]);
  }
  const lines = [...pathsByMissing].flatMap(([missing, paths]) => [`  ${paths.join(', ')}`, missing]);
  return ['Not allowed now, because', ...lines].join('\n');
}

/** A title, and below it one line for each entry; the lines of a text after its first are indented. */
function section(title: string, lines: readonly Line[]): string {
  const width = Math.max(...lines.map(([label]) => label.length));
  const indent = ' '.repeat(width + 4);
  const texts = lines.map(([label, ...facts]) => {
    const text = factsOf(facts).replaceAll(/\r?\n/g, `\n${indent}`);
    return `  ${label.padEnd(width)}  ${text}`.trimEnd();
  });
  return [title, ...texts].join('\n');
}

const factsOf = (facts: readonly (string | null | undefined | false)[]): string => facts.filter(Boolean).join(' · ');

/** Local time with offset, such as `2026-11-22 09:30 +08:00`; a day keeps its zone. */
function timeText(moment: Moment, { zone }: Reader): string {
  if (moment.precision === 'day') return `${moment.day} ${moment.zone}`;
  const local = Temporal.Instant.from(moment.at).toZonedDateTimeISO(zone);
  return `${local.toPlainDate().toString()} ${local.toPlainTime().toString({ smallestUnit: 'minute' })} ${local.offset}`;
}

const HOUR_MS = 3_600_000;

/** Whole hours up to two days, then whole days: `in 23 h`, `5 days late`. */
function untilText(dueAt: string, now: string): string {
  const hours = (toEpochMilliseconds(dueAt) - toEpochMilliseconds(now)) / HOUR_MS;
  const whole = Math.floor(Math.abs(hours));
  const amount = whole <= 48 ? `${String(whole)} h` : `${String(Math.floor(whole / 24))} days`;
  return hours >= 0 ? `in ${amount}` : `${amount} late`;
}

/** The amount in the unit of its currency: 1250 of EUR is `EUR 12.50`. */
export function moneyText({ amount, currency }: Money): string {
  const format = new Intl.NumberFormat('en', { style: 'currency', currency, currencyDisplay: 'code' });
  const digits = format.resolvedOptions().maximumFractionDigits ?? 2;
  return format.format(amount / 10 ** digits).replaceAll('\u00a0', ' ');
}
