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
 * Fifteen complete cases over HTTP, from the lodging to an end stage. Each case sends only the requests that the procedure
 * requires, and every request is accepted at the first attempt. Time passes only on the simulated clock.
 */
const clock = new SimulatedClock('2026-03-02T09:00:00.000Z', systemClock);
let app: RunningApp;
let caller: Caller;

beforeAll(async () => {
  app = await startApp({ clock });
  caller = new Caller(app.url, app.keyOf);
});

afterAll(() => app.stop());

type ComplaintFile = Complaint & Status;

/** One complaint and the requests for it. Five simulated minutes pass before each request. */
class TestCase {
  private id = '';
  private position = '';
  /** Event types in the order of recording. */
  readonly events: string[] = [];
  requests = 0;

  static async lodge(body: JsonObject, by: Actor = 'intake_officer'): Promise<TestCase> {
    const testCase = new TestCase();
    await testCase.record((key) => caller.lodge(by, key, body));
    return testCase;
  }

  /** Sends a command, by default as the handler. */
  send(command: string, body: JsonObject = {}, by: Actor = 'handler'): Promise<void> {
    return this.record((key) => caller.command(this.id, command, by, key, body));
  }

  /** The complaint file, which includes the last command. */
  file(): Promise<ComplaintFile> {
    return caller.get<ComplaintFile>(`/v1/complaints/${this.id}?minPosition=${encodeURIComponent(this.position)}`);
  }

  private async record(request: (key: string) => ReturnType<Caller['lodge']>): Promise<void> {
    clock.set(plusDays(clock.now(), 5 / 1440));
    const reply = await request(randomUUID());
    this.id = reply.id;
    this.position = reply.position;
    this.requests += 1;
    this.events.push(...reply.events);
  }
}

const passDays = (days: number): void => clock.set(plusDays(clock.now(), days));
const inDays = (days: number): string => plusDays(clock.now(), days);
/** The fact that a party made a statement now. */
const statedNow = (medium: 'in_person' | 'phone' | 'written' | 'online', party = 'a1'): JsonObject => ({
  party,
  medium,
  at: clock.now(),
});

const complainantWithPhone: JsonObject = {
  role: 'complainant',
  name: '王芳',
  contacts: [{ channel: 'phone', address: '+86 10 5555 0100' }],
};
const complainantWithEmail: JsonObject = {
  role: 'complainant',
  name: 'Ann Lee',
  contacts: [{ channel: 'email', address: 'ann.lee@example.com' }],
};

const lodgeWithParties = (...parties: readonly JsonObject[]): Promise<TestCase> =>
  TestCase.lodge({ channel: 'phone', narrative: '菜是凉的，等了四十分钟。', parties });

/** Assigns the complaint, verifies the identity of the first party and the content, and assesses the merits. */
async function investigate(
  testCase: TestCase,
  finding: 'substantiated' | 'unsubstantiated' = 'substantiated',
): Promise<TestCase> {
  await testCase.send('assign', { handler: 'handler-1' }, 'intake_officer');
  await testCase.send('verify-identity', { party: 'a1', result: 'verified', method: 'call_back' });
  await testCase.send('verify-content', { finding, grounds: 'Kitchen log' });
  await testCase.send('assess-merits', {
    reasonable: finding === 'substantiated' ? 'yes' : 'no',
    grounds: 'House promise',
  });
  return testCase;
}

const upheld: JsonObject = { points: [{ id: 'p1', outcome: 'upheld', reasons: 'The kitchen log shows 25 minutes.' }] };
const recourse = 'Consumer association, 12315';
const notUpheld: JsonObject = {
  points: [{ id: 'p1', outcome: 'not_upheld', reasons: 'The log shows that it went out hot.' }],
  recourse,
};

/** A final response. If it is neither oral nor handed over, `record-delivery` must follow. */
const finalResponse = (kind: string, channel: string, addressees: readonly string[] = ['a1']): JsonObject => ({
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
const refundPaid: JsonObject = { remedyId: 'r1', measureId: 'm1', payee: 'a1', money: price, exGratia: false };

test('a complaint that is resolved at first contact needs one request', async () => {
  const testCase = await TestCase.lodge({
    channel: 'in_person',
    narrative: '菜是凉的。',
    parties: [{ role: 'complainant' }],
    resolution: {
      category: 'product_quality',
      whatWasDone: 'Replaced the dish and apologised',
      remedyType: 'replacement',
      statedBy: statedNow('in_person'),
    },
  });
  expect(testCase.requests).toBe(1);
  expect(await testCase.file()).toMatchObject({
    stage: 'Closed',
    closedReason: 'resolved_at_first_contact',
    status: 'resolved',
    outcome: 'resolved_without_finding',
    response: 'Closed with non-monetary relief',
  });
});

test('without feedback, a complaint that is not upheld is closed after the follow-up window', async () => {
  const testCase = await investigate(await lodgeWithParties(complainantWithEmail), 'unsubstantiated');
  await testCase.send('make-determination', notUpheld);
  await testCase.send('send-final-response', finalResponse('reject', 'email'));
  await testCase.send('record-delivery', { of: 'f1', result: 'delivered', channel: 'email', to: 'a1' });
  passDays(7);
  await testCase.send('close');
  expect(await testCase.file()).toMatchObject({
    stage: 'Closed',
    status: 'handled',
    response: 'Closed with explanation',
  });
});

test('the response to a complainant who is never reached is undeliverable, and the complaint is closed', async () => {
  const testCase = await lodgeWithParties(complainantWithPhone);
  const noAnswer = { direction: 'outbound', channel: 'phone', party: 'a1', result: 'no_answer' };
  await testCase.send('record-contact', noAnswer);
  passDays(1);
  await testCase.send('record-contact', noAnswer);
  passDays(1);
  await testCase.send('record-contact', noAnswer);
  await testCase.send('waive-identity', {
    cause: 'unreachable',
    reason: 'Number not in use',
    responsible: 'handler-1',
  });
  await testCase.send('verify-content', { finding: 'substantiated', grounds: 'Kitchen log' });
  await testCase.send('assess-merits', { reasonable: 'yes', grounds: 'House promise' });
  await testCase.send('make-determination', upheld);
  await testCase.send('send-final-response', finalResponse('accept', 'sms'));
  await testCase.send('record-delivery', {
    of: 'f1',
    result: 'undeliverable',
    channel: 'sms',
    to: 'a1',
    reason: 'Number not in use',
  });
  passDays(7);
  await testCase.send('close');
  const file = await testCase.file();
  expect(file).toMatchObject({ stage: 'Closed', status: 'unresolved', communication: { status: 'Undeliverable' } });
  expect(testCase.events).not.toContain('OutcomeCommunicated');
});

test('an anonymous complaint is decided and closed with an undeliverable response', async () => {
  const testCase = await TestCase.lodge({ channel: 'letter', narrative: '后厨晚上有老鼠。' });
  await testCase.send('waive-identity', {
    cause: 'anonymous',
    reason: 'Letter without sender',
    responsible: 'handler-1',
  });
  await testCase.send('verify-content', { finding: 'substantiated', grounds: 'Inspection' });
  await testCase.send('assess-merits', { reasonable: 'yes', grounds: 'Hygiene rules' });
  await testCase.send('make-determination', upheld);
  await testCase.send('send-final-response', finalResponse('accept', 'letter', []));
  passDays(7);
  await testCase.send('close');
  expect(await testCase.file()).toMatchObject({
    stage: 'Closed',
    parties: [],
    communication: { status: 'Undeliverable' },
    status: 'handled',
  });
});

test('if the authority of a representative is rejected, only the complainant gets the response', async () => {
  const testCase = await lodgeWithParties(complainantWithPhone, {
    role: 'representative',
    name: 'Lee',
    contacts: [{ channel: 'email', address: 'lee@example.org' }],
  });
  await testCase.send('verify-authority', { party: 'a2', result: 'rejected', reason: 'It names another person.' });
  await testCase.send('verify-identity', {
    party: 'a2',
    result: 'failed',
    method: 'power_of_attorney',
    reason: 'No identity card',
  });
  await investigate(testCase);
  await testCase.send('make-determination', upheld);
  await testCase.send('send-final-response', finalResponse('accept', 'phone'));
  await testCase.send('submit-feedback', { score: 4, resolved: 'yes', statedBy: statedNow('phone') });
  await testCase.send('close');
  const file = await testCase.file();
  expect(file).toMatchObject({ stage: 'Closed', status: 'resolved' });
  expect(file.parties.map(({ authority }) => authority)).toEqual(['none', 'rejected']);
  expect(file.letters.flatMap(({ addressees }) => addressees)).toEqual(['a1']);
});

test('an unanswered offer lapses, and the complaint is closed', async () => {
  const testCase = await investigate(await lodgeWithParties(complainantWithEmail));
  await testCase.send('make-determination', upheld);
  await testCase.send('propose-remedy', { needsAcceptance: true, validUntil: inDays(3), measures: [refund()] });
  await testCase.send('send-final-response', { ...finalResponse('accept', 'email'), recourse });
  await testCase.send('record-delivery', { of: 'f1', result: 'delivered', channel: 'email', to: 'a1' });
  passDays(3);
  await testCase.send('lapse-remedy-offer', { remedyId: 'r1' });
  passDays(7);
  await testCase.send('close');
  const file = await testCase.file();
  expect(file).toMatchObject({ stage: 'Closed', status: 'handled', response: 'Closed' });
  expect(file.remedies.map(({ status }) => status)).toEqual(['Lapsed']);
});

test('a refund is paid after the response, before the complaint is closed', async () => {
  const testCase = await investigate(await lodgeWithParties(complainantWithPhone));
  await testCase.send('make-determination', upheld);
  await testCase.send('propose-remedy', { needsAcceptance: true, measures: [refund()] });
  await testCase.send('accept-remedy', { remedyId: 'r1', statedBy: statedNow('phone') });
  await testCase.send('send-final-response', finalResponse('accept', 'phone'));
  passDays(2);
  await testCase.send('record-redress-payment', refundPaid);
  passDays(7);
  await testCase.send('close');
  const file = await testCase.file();
  expect(file).toMatchObject({ stage: 'Closed', status: 'resolved', response: 'Closed with monetary relief' });
  expect(testCase.events.indexOf('RedressPaid')).toBeGreaterThan(testCase.events.indexOf('FinalResponseSent'));
});

test('a complaint with one upheld point of two is partly upheld', async () => {
  const testCase = await TestCase.lodge({
    channel: 'email',
    parties: [complainantWithEmail],
    points: [{ issue: 'Cold dish' }, { issue: 'Rude waiter' }],
  });
  await investigate(testCase);
  await testCase.send('make-determination', {
    points: [
      { id: 'p1', outcome: 'upheld', reasons: 'The kitchen log shows 25 minutes.' },
      { id: 'p2', outcome: 'not_upheld', reasons: 'Two guests heard nothing rude.' },
    ],
    recourse,
  });
  await testCase.send('send-final-response', finalResponse('accept_in_part', 'email'));
  await testCase.send('record-delivery', { of: 'f1', result: 'delivered', channel: 'email', to: 'a1' });
  await testCase.send('record-follow-up', { result: 'done', channel: 'phone' });
  await testCase.send('close');
  const file = await testCase.file();
  expect(file).toMatchObject({ stage: 'Closed', outcome: 'partly_upheld' });
  expect(file.points).toMatchObject([{ outcome: 'upheld' }, { outcome: 'not_upheld' }]);
});

test('a complaint can be reclassified and reassigned during the investigation', async () => {
  const testCase = await lodgeWithParties(complainantWithPhone);
  await testCase.send('acknowledge', { channel: 'phone', to: 'a1' }, 'intake_officer');
  await testCase.send('classify', { nature: 'complaint', points: [{ id: 'p1', category: 'product_quality' }] });
  await testCase.send('assign', { handler: 'handler-1' }, 'intake_officer');
  await testCase.send('verify-identity', { party: 'a1', result: 'verified', method: 'call_back' });
  await testCase.send('verify-content', { finding: 'substantiated', grounds: 'Kitchen log' });
  await testCase.send('classify', { nature: 'complaint', points: [{ id: 'p1', category: 'service_process' }] });
  await testCase.send('reassign', { handler: 'supervisor-1', reason: 'Concerns the service desk' }, 'supervisor');
  expect((await testCase.file()).stage).toBe('UnderInvestigation');
  await testCase.send('accept-assignment', {}, 'supervisor');
  await testCase.send('assess-merits', { reasonable: 'yes', grounds: 'House promise' }, 'supervisor');
  await testCase.send('make-determination', upheld, 'supervisor');
  await testCase.send('send-final-response', finalResponse('accept', 'phone'), 'supervisor');
  await testCase.send('submit-feedback', { score: 5, resolved: 'yes' }, 'intake_officer');
  await testCase.send('close', {}, 'supervisor');
  const file = await testCase.file();
  expect(file).toMatchObject({ stage: 'Closed', status: 'resolved', ownership: { handler: 'supervisor-1' } });
  expect(file.points.map(({ category }) => category)).toEqual(['service_process']);
});

test('after new evidence, a determination returns to the investigation and the complaint is decided again', async () => {
  const testCase = await investigate(await lodgeWithParties(complainantWithPhone), 'unsubstantiated');
  await testCase.send('make-determination', notUpheld);
  await testCase.send(
    'add-evidence',
    { sha256: 'a'.repeat(64), kind: 'photo', source: 'complainant' },
    'intake_officer',
  );
  await testCase.send('return-to-investigation', { reason: 'A photo with the time on it' });
  await testCase.send('verify-content', { finding: 'substantiated', grounds: 'The photo', evidenceIds: ['e1'] });
  await testCase.send('assess-merits', { reasonable: 'yes', grounds: 'House promise' });
  await testCase.send('make-determination', upheld);
  await testCase.send('send-final-response', finalResponse('accept', 'phone'));
  await testCase.send('submit-feedback', { score: 4 }, 'intake_officer');
  await testCase.send('close');
  const file = await testCase.file();
  expect(file).toMatchObject({ stage: 'Closed', outcome: 'upheld', episode: 1 });
  expect(file.determinations.map(({ returned }) => returned)).toEqual([true, false]);
});

test('a complaint with a low feedback score is reopened, decided again and closed again', async () => {
  const testCase = await investigate(await lodgeWithParties(complainantWithPhone));
  await testCase.send('make-determination', upheld);
  await testCase.send('send-final-response', finalResponse('accept', 'phone'));
  await testCase.send('submit-feedback', { score: 1, resolved: 'no', comment: 'Nothing happened.' }, 'intake_officer');
  await testCase.send('close');
  expect(await testCase.file()).toMatchObject({ stage: 'Closed', status: 'unresolved' });
  passDays(3);
  await testCase.send('reopen', {
    kind: 'dissatisfied',
    reason: 'Scored 1: nothing happened',
    statedBy: statedNow('phone'),
  });
  expect(await testCase.file()).toMatchObject({
    stage: 'UnderAssessment',
    status: 'unresolved',
    episode: 2,
    endedAt: null,
  });
  await testCase.send(
    'waive-investigation',
    { reason: 'Found in episode 1', responsible: 'supervisor-1' },
    'supervisor',
  );
  await testCase.send('make-determination', upheld);
  await testCase.send('propose-remedy', { needsAcceptance: false, measures: [refund()] });
  await testCase.send('send-final-response', finalResponse('accept', 'phone'));
  await testCase.send('record-redress-payment', refundPaid);
  await testCase.send('submit-feedback', { score: 5, resolved: 'yes' }, 'intake_officer');
  await testCase.send('close');
  const file = await testCase.file();
  expect(file).toMatchObject({ stage: 'Closed', status: 'resolved', episode: 2 });
  expect(file.determinations.map(({ episode }) => episode)).toEqual([1, 2]);
});

test('a complaint is withdrawn by phone', async () => {
  const testCase = await lodgeWithParties(complainantWithPhone);
  await testCase.send('assign', { handler: 'handler-1' }, 'intake_officer');
  await testCase.send('withdraw', { statedBy: statedNow('phone'), reason: 'Found the parcel' }, 'intake_officer');
  expect(await testCase.file()).toMatchObject({
    stage: 'Withdrawn',
    status: 'withdrawn',
    withdrawal: { statedBy: { party: 'a1', medium: 'phone' }, by: 'intake-officer-1' },
  });
});

test('a complaint is declared inadmissible during the investigation', async () => {
  const testCase = await investigate(await lodgeWithParties(complainantWithEmail));
  await testCase.send('declare-inadmissible', {
    reasonCode: 'not_addressed_to_us',
    nature: 'not_addressed_to_us',
    reasons: 'The delivery was made by another company.',
    recourse,
    addressees: ['a1'],
    channel: 'email',
  });
  await testCase.send('record-delivery', { of: 'i1', result: 'delivered', channel: 'email', to: 'a1' });
  expect(await testCase.file()).toMatchObject({
    stage: 'Inadmissible',
    status: 'inadmissible',
    communication: { status: 'Communicated' },
  });
});

test('a response that is handed over at the front desk is delivered when it is recorded', async () => {
  const testCase = await investigate(await lodgeWithParties({ role: 'complainant', name: '王芳' }));
  await testCase.send('make-determination', upheld);
  await testCase.send('send-final-response', finalResponse('accept', 'front_desk'));
  expect(testCase.events.slice(-2)).toEqual(['FinalResponseSent', 'OutcomeCommunicated']);
  await testCase.send('record-follow-up', { result: 'declined', channel: 'front_desk' });
  await testCase.send('close');
  expect(await testCase.file()).toMatchObject({ stage: 'Closed', communication: { status: 'Communicated' } });
});

test('a remedy with one completed and one waived measure allows the complaint to be closed', async () => {
  const testCase = await investigate(await lodgeWithParties(complainantWithPhone));
  await testCase.send('make-determination', upheld);
  await testCase.send('propose-remedy', {
    needsAcceptance: false,
    measures: [measure('apology', 'Apologise by letter'), measure('upgrade', 'A better table next time')],
  });
  await testCase.send('send-final-response', finalResponse('accept', 'phone'));
  await testCase.send('complete-measure', { remedyId: 'r1', measureId: 'm1' });
  await testCase.send('waive-measure', {
    remedyId: 'r1',
    measureId: 'm2',
    reason: 'The room is closed for repairs',
    responsible: 'supervisor-1',
    addressees: ['a1'],
    channel: 'phone',
  });
  passDays(7);
  await testCase.send('close');
  const file = await testCase.file();
  expect(file).toMatchObject({ stage: 'Closed', status: 'handled', response: 'Closed with non-monetary relief' });
  expect(file.remedies.flatMap(({ measures }) => measures.map(({ status }) => status))).toEqual(['Done', 'Waived']);
});
