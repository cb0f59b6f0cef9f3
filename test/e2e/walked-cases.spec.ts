import { randomUUID } from 'node:crypto';
import type { Complaint } from '../../src/complaint/complaint.js';
import type { Status } from '../../src/complaint/status.js';
import { Caller } from '../../src/demo/caller.js';
import { SimulatedClock } from '../../src/demo/simulated-clock.js';
import type { Actor } from '../../src/demo/story.js';
import { systemClock } from '../../src/platform/clock.js';
import type { JsonObject } from '../../src/platform/json.js';
import { plusDays } from '../../src/platform/moment.js';
import { startApp, type RunningApp } from '../support/app.js';

/**
 * Fifteen cases over HTTP against the whole service, each to its end without a detour: every request is accepted at
 * once, none is there for form's sake, and time passes by the clock alone.
 */
const clock = new SimulatedClock('2026-03-02T09:00:00.000Z', systemClock);
let app: RunningApp;
let caller: Caller;

beforeAll(async () => {
  app = await startApp({ clock });
  caller = new Caller(app.url, app.keyOf);
});

afterAll(() => app.stop());

type File = Complaint & Status;

/** One complaint on its way; five minutes pass before each request. */
class Walk {
  private id = '';
  private position = '';
  /** Event types in the order of recording. */
  readonly events: string[] = [];
  requests = 0;

  static async lodged(body: JsonObject, by: Actor = 'intake_officer'): Promise<Walk> {
    const walk = new Walk();
    await walk.send((key) => caller.lodge(by, key, body));
    return walk;
  }

  /** The handler does it, unless somebody else is named. */
  does(command: string, body: JsonObject = {}, by: Actor = 'handler'): Promise<void> {
    return this.send((key) => caller.command(this.id, command, by, key, body));
  }

  file(): Promise<File> {
    return caller.get<File>(`/v1/complaints/${this.id}?minPosition=${encodeURIComponent(this.position)}`);
  }

  private async send(request: (key: string) => ReturnType<Caller['lodge']>): Promise<void> {
    clock.set(plusDays(clock.now(), 5 / 1440));
    const reply = await request(randomUUID());
    this.id = reply.id;
    this.position = reply.position;
    this.requests += 1;
    this.events.push(...reply.events);
  }
}

const daysPass = (days: number): void => clock.set(plusDays(clock.now(), days));
const inDays = (days: number): string => plusDays(clock.now(), days);
const said = (medium: 'in_person' | 'phone' | 'written' | 'online', party = 'a1'): JsonObject => ({
  party,
  medium,
  at: clock.now(),
});

const guest: JsonObject = {
  role: 'complainant',
  name: '王芳',
  contacts: [{ channel: 'phone', address: '+86 10 5555 0100' }],
};
const byMail: JsonObject = {
  role: 'complainant',
  name: 'Ann Lee',
  contacts: [{ channel: 'email', address: 'ann.lee@example.com' }],
};

const lodgedBy = (...parties: readonly JsonObject[]): Promise<Walk> =>
  Walk.lodged({ channel: 'phone', narrative: '菜是凉的，等了四十分钟。', parties });

/** Given to its owner, identity of the first party checked, content and merits found. */
async function investigated(walk: Walk, finding: 'substantiated' | 'unsubstantiated' = 'substantiated'): Promise<Walk> {
  await walk.does('assign', { handler: 'handler-1' }, 'intake_officer');
  await walk.does('verify-identity', { party: 'a1', result: 'verified', method: 'call_back' });
  await walk.does('verify-content', { finding, grounds: 'Kitchen log' });
  await walk.does('assess-merits', {
    reasonable: finding === 'substantiated' ? 'yes' : 'no',
    grounds: 'House promise',
  });
  return walk;
}

const upheld: JsonObject = { points: [{ id: 'p1', outcome: 'upheld', reasons: 'The kitchen log shows 25 minutes.' }] };
const recourse = 'Consumer association, 12315';
const notUpheld: JsonObject = {
  points: [{ id: 'p1', outcome: 'not_upheld', reasons: 'The log shows that it went out hot.' }],
  recourse,
};

/** A final response; delivered with the next request, unless it is spoken or handed over. */
const answer = (kind: string, channel: string, addressees: readonly string[] = ['a1']): JsonObject => ({
  kind,
  addressees,
  channel,
  text: 'This is what we found.',
  ...(kind === 'accept' ? {} : { recourse }),
});

const measure = (type: string, action: string): JsonObject => ({
  type,
  pointIds: ['p1'],
  action,
  owner: 'handler-1',
  provider: 'self',
  dueAt: inDays(5),
});
const price: JsonObject = { amount: 6800, currency: 'CNY' };
const refund = (): JsonObject => ({ ...measure('refund', 'Refund the dish'), amount: price });
const refundPaid: JsonObject = { remedyId: 'r1', measureId: 'm1', money: price, exGratia: false };

test('a cold dish is replaced at the table: one request', async () => {
  const walk = await Walk.lodged({
    channel: 'in_person',
    narrative: '菜是凉的。',
    parties: [{ role: 'complainant' }],
    resolution: {
      category: 'product_quality',
      whatWasDone: 'Replaced the dish and apologised',
      remedyType: 'replacement',
      statedBy: said('in_person'),
    },
  });
  expect(walk.requests).toBe(1);
  expect(await walk.file()).toMatchObject({
    stage: 'Closed',
    closedReason: 'resolved_at_first_contact',
    status: '已解决',
    outcome: 'resolved_without_finding',
    response: 'Closed with non-monetary relief',
  });
});

test('not upheld, and the customer is silent: closed when the time for feedback is over', async () => {
  const walk = await investigated(await lodgedBy(byMail), 'unsubstantiated');
  await walk.does('make-determination', notUpheld);
  await walk.does('send-final-response', answer('reject', 'email'));
  await walk.does('record-delivery', { of: 'f1', result: 'delivered', channel: 'email', to: 'a1' });
  daysPass(7);
  await walk.does('close');
  expect(await walk.file()).toMatchObject({ stage: 'Closed', status: '已处理', response: 'Closed with explanation' });
});

test('a dead phone number: three tries, undeliverable, closed', async () => {
  const walk = await lodgedBy(guest);
  await walk.does('record-contact', { direction: 'outbound', channel: 'phone', party: 'a1', result: 'no_answer' });
  await walk.does('waive-identity', { cause: 'unreachable', reason: 'Number not in use', responsible: 'handler-1' });
  await walk.does('verify-content', { finding: 'substantiated', grounds: 'Kitchen log' });
  await walk.does('assess-merits', { reasonable: 'yes', grounds: 'House promise' });
  await walk.does('make-determination', upheld);
  await walk.does('send-final-response', answer('accept', 'sms'));
  const failed = { of: 'f1', channel: 'sms', to: 'a1', reason: 'Number not in use' };
  await walk.does('record-delivery', { ...failed, result: 'failed' });
  await walk.does('record-delivery', { ...failed, result: 'failed' });
  await walk.does('record-delivery', { ...failed, result: 'undeliverable' });
  daysPass(7);
  await walk.does('close');
  const file = await walk.file();
  expect(file).toMatchObject({ stage: 'Closed', status: '未解决', communication: { status: 'Undeliverable' } });
  expect(walk.events).not.toContain('OutcomeCommunicated');
});

test('an anonymous letter is decided and closed with nobody to tell', async () => {
  const walk = await Walk.lodged({ channel: 'letter', narrative: '后厨晚上有老鼠。' });
  await walk.does('waive-identity', { cause: 'anonymous', reason: 'Letter without sender', responsible: 'handler-1' });
  await walk.does('verify-content', { finding: 'substantiated', grounds: 'Inspection' });
  await walk.does('assess-merits', { reasonable: 'yes', grounds: 'Hygiene rules' });
  await walk.does('make-determination', upheld);
  await walk.does('send-final-response', answer('accept', 'letter', []));
  daysPass(7);
  await walk.does('close');
  expect(await walk.file()).toMatchObject({
    stage: 'Closed',
    parties: [],
    communication: { status: 'Undeliverable' },
    status: '未解决',
  });
});

test('a representative whose authority is refused is not told; the complainant is', async () => {
  const walk = await lodgedBy(guest, {
    role: 'representative',
    name: 'Lee',
    contacts: [{ channel: 'email', address: 'lee@example.org' }],
  });
  await walk.does('verify-authority', { party: 'a2', result: 'rejected', reason: 'It names another person.' });
  await walk.does('verify-identity', {
    party: 'a2',
    result: 'failed',
    method: 'power_of_attorney',
    reason: 'No identity card',
  });
  await investigated(walk);
  await walk.does('make-determination', upheld);
  await walk.does('send-final-response', answer('accept', 'phone'));
  await walk.does('submit-feedback', { score: 4, resolved: 'yes', statedBy: said('phone') });
  await walk.does('close');
  const file = await walk.file();
  expect(file).toMatchObject({ stage: 'Closed', status: '已解决' });
  expect(file.parties.map(({ authority }) => authority)).toEqual(['none', 'rejected']);
  expect(file.letters.flatMap(({ addressees }) => addressees)).toEqual(['a1']);
});

test('an offer that nobody answers lapses', async () => {
  const walk = await investigated(await lodgedBy(byMail));
  await walk.does('make-determination', upheld);
  await walk.does('propose-remedy', { needsAcceptance: true, validUntil: inDays(3), measures: [refund()] });
  await walk.does('send-final-response', answer('offer_without_acceptance', 'email'));
  await walk.does('record-delivery', { of: 'f1', result: 'delivered', channel: 'email', to: 'a1' });
  daysPass(7);
  await walk.does('lapse-remedy-offer', { remedyId: 'r1' });
  await walk.does('close');
  const file = await walk.file();
  expect(file).toMatchObject({ stage: 'Closed', status: '已处理', response: 'Closed' });
  expect(file.remedies.map(({ status }) => status)).toEqual(['Lapsed']);
});

test('a refund is paid after the response', async () => {
  const walk = await investigated(await lodgedBy(guest));
  await walk.does('make-determination', upheld);
  await walk.does('propose-remedy', { needsAcceptance: true, measures: [refund()] });
  await walk.does('accept-remedy', { remedyId: 'r1', statedBy: said('phone') });
  await walk.does('send-final-response', answer('accept', 'phone'));
  daysPass(2);
  await walk.does('record-redress-payment', refundPaid);
  daysPass(7);
  await walk.does('close');
  const file = await walk.file();
  expect(file).toMatchObject({ stage: 'Closed', status: '已解决', response: 'Closed with monetary relief' });
  expect(walk.events.indexOf('RedressPaid')).toBeGreaterThan(walk.events.indexOf('FinalResponseSent'));
});

test('of two points one is upheld: the case is partly upheld', async () => {
  const walk = await Walk.lodged({
    channel: 'email',
    parties: [byMail],
    points: [{ issue: 'Cold dish' }, { issue: 'Rude waiter' }],
  });
  await investigated(walk);
  await walk.does('make-determination', {
    points: [
      { id: 'p1', outcome: 'upheld', reasons: 'The kitchen log shows 25 minutes.' },
      { id: 'p2', outcome: 'not_upheld', reasons: 'Two guests heard nothing rude.' },
    ],
    recourse,
  });
  await walk.does('send-final-response', answer('accept_in_part', 'email'));
  await walk.does('record-delivery', { of: 'f1', result: 'delivered', channel: 'email', to: 'a1' });
  await walk.does('record-follow-up', { result: 'done', channel: 'phone' });
  await walk.does('close');
  const file = await walk.file();
  expect(file).toMatchObject({ stage: 'Closed', outcome: 'partly_upheld' });
  expect(file.points).toMatchObject([{ outcome: 'upheld' }, { outcome: 'not_upheld' }]);
});

test('reclassified and reassigned in the middle of the investigation', async () => {
  const walk = await lodgedBy(guest);
  await walk.does('acknowledge', { channel: 'phone', to: 'a1' }, 'intake_officer');
  await walk.does('classify', { nature: 'complaint', points: [{ id: 'p1', category: 'product_quality' }] });
  await walk.does('assign', { handler: 'handler-1' }, 'intake_officer');
  await walk.does('verify-identity', { party: 'a1', result: 'verified', method: 'call_back' });
  await walk.does('verify-content', { finding: 'substantiated', grounds: 'Kitchen log' });
  await walk.does('classify', { nature: 'complaint', points: [{ id: 'p1', category: 'service_process' }] });
  await walk.does('reassign', { to: 'supervisor-1', reason: 'Concerns the service desk' }, 'supervisor');
  expect((await walk.file()).stage).toBe('UnderInvestigation');
  await walk.does('accept-assignment', {}, 'supervisor');
  await walk.does('assess-merits', { reasonable: 'yes', grounds: 'House promise' }, 'supervisor');
  await walk.does('make-determination', upheld, 'supervisor');
  await walk.does('send-final-response', answer('accept', 'phone'), 'supervisor');
  await walk.does('submit-feedback', { score: 5, resolved: 'yes' }, 'intake_officer');
  await walk.does('close', {}, 'supervisor');
  const file = await walk.file();
  expect(file).toMatchObject({ stage: 'Closed', status: '已解决', ownership: { handler: 'supervisor-1' } });
  expect(file.points.map(({ category }) => category)).toEqual(['service_process']);
});

test('new evidence after the determination sends it back to investigation', async () => {
  const walk = await investigated(await lodgedBy(guest), 'unsubstantiated');
  await walk.does('make-determination', notUpheld);
  await walk.does('add-evidence', { sha256: 'a'.repeat(64), kind: 'photo', source: 'complainant' }, 'intake_officer');
  await walk.does('return-to-investigation', { reason: 'A photo with the time on it' });
  await walk.does('verify-content', { finding: 'substantiated', grounds: 'The photo', evidenceIds: ['e1'] });
  await walk.does('assess-merits', { reasonable: 'yes', grounds: 'House promise' });
  await walk.does('make-determination', upheld);
  await walk.does('send-final-response', answer('accept', 'phone'));
  await walk.does('submit-feedback', { score: 4 }, 'intake_officer');
  await walk.does('close');
  const file = await walk.file();
  expect(file).toMatchObject({ stage: 'Closed', outcome: 'upheld', episode: 1 });
  expect(file.determinations.map(({ returned }) => returned)).toEqual([true, false]);
});

test('re-opened for a low score, and closed a second time', async () => {
  const walk = await investigated(await lodgedBy(guest));
  await walk.does('make-determination', upheld);
  await walk.does('send-final-response', answer('accept', 'phone'));
  await walk.does('submit-feedback', { score: 1, resolved: 'no', comment: 'Nothing happened.' }, 'intake_officer');
  await walk.does('close');
  expect(await walk.file()).toMatchObject({ stage: 'Closed', status: '未解决' });
  daysPass(3);
  await walk.does('reopen', { kind: 'dissatisfied', reason: 'Scored 1: nothing happened', statedBy: said('phone') });
  expect(await walk.file()).toMatchObject({ stage: 'UnderAssessment', status: '未解决', episode: 2, endedAt: null });
  await walk.does('waive-investigation', { reason: 'Found in episode 1', responsible: 'supervisor-1' });
  await walk.does('make-determination', upheld);
  await walk.does('propose-remedy', { needsAcceptance: false, measures: [refund()] });
  await walk.does('send-final-response', answer('accept', 'phone'));
  await walk.does('record-redress-payment', refundPaid);
  await walk.does('submit-feedback', { score: 5, resolved: 'yes' }, 'intake_officer');
  await walk.does('close');
  const file = await walk.file();
  expect(file).toMatchObject({ stage: 'Closed', status: '已解决', episode: 2 });
  expect(file.determinations.map(({ episode }) => episode)).toEqual([1, 2]);
});

test('withdrawn by phone', async () => {
  const walk = await lodgedBy(guest);
  await walk.does('assign', { handler: 'handler-1' }, 'intake_officer');
  await walk.does('withdraw', { statedBy: said('phone'), reason: 'Found the parcel' }, 'intake_officer');
  expect(await walk.file()).toMatchObject({
    stage: 'Withdrawn',
    status: '已撤回',
    withdrawal: { statedBy: { party: 'a1', medium: 'phone' }, by: 'intake-officer-1' },
  });
});

test('found inadmissible late, after the investigation began', async () => {
  const walk = await investigated(await lodgedBy(byMail));
  await walk.does('declare-inadmissible', {
    reasonCode: 'not_addressed_to_us',
    nature: 'not_addressed_to_us',
    reasons: 'The delivery was made by another company.',
    recourse,
    addressees: ['a1'],
    channel: 'email',
  });
  await walk.does('record-delivery', { of: 'i1', result: 'delivered', channel: 'email', to: 'a1' });
  expect(await walk.file()).toMatchObject({
    stage: 'Inadmissible',
    status: '不予受理',
    communication: { status: 'Communicated' },
  });
});

test('an answer by hand at the counter is delivered when it is recorded', async () => {
  const walk = await investigated(await lodgedBy({ role: 'complainant', name: '王芳' }));
  await walk.does('make-determination', upheld);
  await walk.does('send-final-response', answer('accept', 'front_desk'));
  expect(walk.events.slice(-2)).toEqual(['FinalResponseSent', 'OutcomeCommunicated']);
  await walk.does('record-follow-up', { result: 'declined', channel: 'front_desk' });
  await walk.does('close');
  expect(await walk.file()).toMatchObject({ stage: 'Closed', communication: { status: 'Communicated' } });
});

test('of two measures one is waived', async () => {
  const walk = await investigated(await lodgedBy(guest));
  await walk.does('make-determination', upheld);
  await walk.does('propose-remedy', {
    needsAcceptance: false,
    measures: [measure('apology', 'Apologise by letter'), measure('upgrade', 'A better table next time')],
  });
  await walk.does('send-final-response', answer('accept', 'phone'));
  await walk.does('complete-measure', { remedyId: 'r1', measureId: 'm1' });
  await walk.does('waive-measure', {
    remedyId: 'r1',
    measureId: 'm2',
    reason: 'The guest does not want it',
    responsible: 'supervisor-1',
  });
  daysPass(7);
  await walk.does('close');
  const file = await walk.file();
  expect(file).toMatchObject({ stage: 'Closed', status: '已处理', response: 'Closed with non-monetary relief' });
  expect(file.remedies.flatMap(({ measures }) => measures.map(({ status }) => status))).toEqual(['Done', 'Waived']);
});
