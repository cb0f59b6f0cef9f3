// Generates complaints whose fields vary as in an organisation of some age: most are ended, some come from a register, the
// texts are Chinese or English, a few products and handlers have many complaints and most have few, and handlers change
// over the years. The events are in the decoded form that projections receive.
import * as events from '../../dist/src/complaint/events.js';
import { complaintIdOf } from '../../dist/src/complaint/identity.js';
import { referenceOf } from '../../dist/src/complaint/reference.js';
import {
  CATEGORIES,
  CHANNELS,
  OUTCOMES,
  PRIORITIES,
  REOPEN_KINDS,
  SEVERITIES,
  TAXONOMY_VERSION,
} from '../../dist/src/complaint/terms/vocabulary.js';
import { NO_COMMAND_ID } from './histories.mjs';

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
/** The complaints are received over these six years. */
const FIRST_RECEIPT = Date.UTC(2020, 5, 1);
const LAST_RECEIPT = Date.UTC(2026, 5, 1);
/** Nearly all complaints older than this are ended. */
const USUAL_DURATION_MS = 60 * DAY_MS;

const numbered = (count, name) => Array.from({ length: count }, (_, index) => name(index + 1));
const ENGLISH_PRODUCTS = numbered(
  150,
  (number) => `${number % 2 === 0 ? 'Broadband' : 'Savings account'} ${String(number)}`,
);
const CHINESE_PRODUCTS = numbered(150, (number) => `${number % 2 === 0 ? '宽带套餐' : '储蓄账户'}${String(number)}`);
const REGISTER_PRODUCTS = ['Mortgage', 'Credit card', 'Debt collection', 'Consumer Loan', 'Student loan'];
const UNITS = numbered(40, (number) => `unit-${String(number)}`);
/** Each works for about a year, 60 at a time. */
const HANDLERS = numbered(360, (number) => `handler-${String(number)}`);
const HANDLERS_AT_A_TIME = 60;
const SYSTEMS = ['crm', 'shop', 'hotline', 'app', 'branch'];

const ENGLISH_ISSUES = [
  ['The invoice', 'The engineer', 'The parcel', 'The card', 'The refund', 'The contract', 'The router', 'The branch'],
  ['arrived late', 'was wrong', 'never came', 'was charged twice', 'broke', 'was cancelled', 'was refused', 'is slow'],
  ['', 'again', 'without notice', 'after three calls', 'on Friday', 'during the move', 'in March', 'at the counter'],
];
const CHINESE_ISSUES = [
  ['账单', '维修人员', '包裹', '银行卡', '退款', '合同', '路由器', '营业厅'],
  ['延误', '有误', '没有送达', '重复收费', '损坏', '被取消', '被拒绝', '太慢'],
  ['', '再次发生', '未提前通知', '打了三次电话', '周五', '搬家期间', '三月份', '柜台'],
];

/** A generator of pseudo-random numbers from 0 to 1 (mulberry32), which has the same numbers for each seed. */
function randomNumbers(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/**
 * Id and recorded events of complaint number n of `total`. The position in the log of its first event is `position`.
 */
export function variedComplaint(n, total, position) {
  const random = randomNumbers(n);
  const any = (list) => list[Math.floor(random() * list.length)];
  /** The first elements of the list are far more frequent than the last. */
  const skewed = (list) => list[Math.floor(random() ** 3 * list.length)];
  const isChinese = random() < 0.5;
  const isFromRegister = random() < 0.15;
  const receivedAt = FIRST_RECEIPT + ((n + random()) / total) * (LAST_RECEIPT - FIRST_RECEIPT);
  const system = isFromRegister ? 'cfpb' : any(SYSTEMS);
  const source = { system, ref: String(1_000_000 + n) };
  const id = complaintIdOf({ sources: [source] }, NO_COMMAND_ID);
  const facts = { ...factsOf({ any, skewed, random, isChinese, isFromRegister, receivedAt }), source, id, receivedAt };
  const drafts = isFromRegister ? registerHistory(facts, random) : history(facts, { any, skewed, random });
  // a register is imported within the last year, other complaints are recorded as they are received
  const delay = isFromRegister ? LAST_RECEIPT - receivedAt - random() * 300 * DAY_MS : random() * HOUR_MS;
  const stream = `complaint-${id}`;
  const recorded = drafts.map(({ at, ...event }, revision) => ({
    ...event,
    stream,
    revision,
    position: String(position + revision).padStart(20, '0'),
    eventId: `${id}/${String(revision)}`,
    metadata: { occurredAt: instant(at), recordedAt: new Date(at + Math.max(0, delay)).toISOString() },
  }));
  return { id, recorded };
}

function factsOf({ any, skewed, random, isChinese, isFromRegister, receivedAt }) {
  const age = (receivedAt - FIRST_RECEIPT) / (LAST_RECEIPT - FIRST_RECEIPT);
  const firstHandler = Math.floor(age * (HANDLERS.length - HANDLERS_AT_A_TIME));
  return {
    channel: skewed(CHANNELS),
    product: isFromRegister ? any(REGISTER_PRODUCTS) : skewed(isChinese ? CHINESE_PRODUCTS : ENGLISH_PRODUCTS),
    issue: (isChinese ? CHINESE_ISSUES : ENGLISH_ISSUES)
      .map(skewed)
      .join(isChinese ? '' : ' ')
      .trim(),
    handler: skewed(HANDLERS.slice(firstHandler, firstHandler + HANDLERS_AT_A_TIME)),
    orgUnit: skewed(UNITS),
    language: isChinese ? 'zh' : 'en',
    complainant: `${isChinese ? '投诉人' : 'Complainant '}${String(Math.floor(random() * 1e6))}`,
    incidentAt: random() < 0.6 ? receivedAt - random() * 90 * DAY_MS : undefined,
  };
}

const instant = (milliseconds) => ({ precision: 'instant', at: new Date(milliseconds).toISOString() });
const day = (milliseconds, zone) => ({
  precision: 'day',
  day: new Date(milliseconds).toISOString().slice(0, 10),
  zone,
});

const received = (facts, receivedAt, incidentAt) => ({
  at: facts.receivedAt,
  ...events.ComplaintReceived({
    reference: referenceOf(facts.id),
    receivedAt,
    ...(incidentAt !== undefined && { incidentAt: { from: incidentAt } }),
    channel: facts.channel,
    sources: [facts.source],
    parties: [{ id: 'a1', role: 'complainant', name: facts.complainant, authority: 'none', contacts: [] }],
    points: [{ id: 'p1', issue: facts.issue, subject: { product: facts.product } }],
    language: facts.language,
  }),
});

function registerHistory(facts, random) {
  const zone = 'America/New_York';
  const statedOn = day(facts.receivedAt + random() * 30 * DAY_MS, zone);
  const response = random() < 0.03 ? 'In progress' : 'Closed with explanation';
  return [
    received(facts, day(facts.receivedAt, zone)),
    {
      at: facts.receivedAt,
      ...events.ExternalOutcomeRecorded({ register: 'cfpb', response, timely: true, statedOn }),
    },
  ];
}

/** The events of a complaint from the receipt to the step that it has reached. */
function history(facts, { any, skewed, random }) {
  const { handler, orgUnit, channel, receivedAt, incidentAt } = facts;
  const isEnded = receivedAt < LAST_RECEIPT - USUAL_DURATION_MS && random() < 0.98;
  const stepMs = (isEnded ? USUAL_DURATION_MS : LAST_RECEIPT - receivedAt) / 12;
  let at = receivedAt;
  const next = (event) => ({ ...event, at: (at += random() * stepMs) });
  const statedBy = () => ({ party: 'a1', medium: 'phone', at: instant(at) });
  const begin = received(
    facts,
    random() < 0.3 ? day(receivedAt, 'Asia/Shanghai') : instant(receivedAt),
    incidentAt && day(incidentAt, 'Asia/Shanghai'),
  );
  const end = random();
  if (isEnded && end < 0.05) {
    const nature = any(['enquiry', 'suggestion', 'spam']);
    const reasons = 'This is not a complaint.';
    return [
      begin,
      next(events.ComplaintDeclaredInadmissible({ reasonCode: 'not_a_complaint', nature, reasons, addressees: [] })),
    ];
  }
  const assessed = () => [
    next(
      events.ComplaintClassified({
        nature: 'complaint',
        points: [{ id: 'p1', category: skewed(CATEGORIES) }],
        taxonomyVersion: TAXONOMY_VERSION,
      }),
    ),
    next(events.SeverityAssessed({ severity: skewed(SEVERITIES), safetyCritical: false })),
    next(
      events.ComplaintPrioritised({
        priority: skewed(PRIORITIES),
        rule: { id: 'priority', version: 1 },
        inputs: { safetyCritical: false, vulnerable: false },
      }),
    ),
    next(events.ComplaintAssigned({ handler, orgUnit })),
  ];
  if (isEnded && end < 0.1) {
    return [
      begin,
      ...assessed(),
      next(events.ComplaintWithdrawn({ statedBy: statedBy(), continuedOnOwnInitiative: false })),
    ];
  }
  const decided = (episode) => {
    const responseId = `f${String(episode)}`;
    return [
      next(events.ContentVerified({ finding: 'substantiated', grounds: 'The records agree.' })),
      next(
        events.DeterminationMade({
          determinationId: `d${String(episode)}`,
          points: [{ id: 'p1', outcome: skewed(OUTCOMES), reasons: 'The records agree.' }],
        }),
      ),
      next(
        events.FinalResponseSent({ responseId, kind: 'accept', addressees: ['a1'], channel, text: 'We are sorry.' }),
      ),
      next(events.OutcomeCommunicated({ of: responseId, channel, deliveredAt: instant(at) })),
    ];
  };
  const complete = [begin, ...assessed(), ...decided(1)];
  if (!isEnded) return complete.slice(0, 1 + Math.floor(random() * complete.length));
  if (random() < 0.4)
    complete.push(next(events.FeedbackSubmitted({ score: any([1, 2, 3, 4, 5]), statedBy: statedBy() })));
  complete.push(next(events.ComplaintClosed({ reason: 'handled' })));
  if (random() < 0.03) {
    const kind = any(REOPEN_KINDS);
    complete.push(next(events.ComplaintReopened({ episode: 2, kind, reason: 'New facts.' })), ...decided(2));
    if (random() < 0.8) complete.push(next(events.ComplaintClosed({ reason: 'handled' })));
  }
  return complete;
}
