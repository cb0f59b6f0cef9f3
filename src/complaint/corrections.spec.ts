import { command, given, HANDLER, NOON, person, SUPERVISOR, UPSTREAM, withMetadata } from '../../test/support/given.js';
import type { Fields } from '../../test/support/given.js';
import {
  complainantWang,
  eventsUntilInvestigated,
  eventsUntilResponded,
  received,
  upheld,
} from '../../test/support/complaint-history.js';
import { coComplainantLi } from '../../test/support/parties.js';
import { instant } from '../platform/moment.js';
import { ApproveCorrection, ConfirmTime, ProposeCorrection, RejectCorrection } from './commands/correction.js';
import * as events from './events.js';
import { outcomeOf } from './progress.js';
import type { RecordedValue } from './terms/facts.js';

const RECEIVED = '2026-11-01T09:00:00.000Z';
const paid = events.RedressPaid({
  paymentId: 'p1',
  money: { amount: 100, currency: 'CNY' },
  exGratia: true,
});
const assessed = events.SeverityAssessed({ severity: 'minor', safetyCritical: false });
const basis = 'The form says so.';
const propose = (revision: number, field: string, newValue: RecordedValue, more: Fields<ProposeCorrection> = {}) =>
  command(ProposeCorrection, { revision, field, newValue, basis, ...more });
const terms = (
  [revision, type]: readonly [number, string],
  field: string,
  oldValue: RecordedValue,
  newValue: RecordedValue,
): events.CorrectionTerms => ({ correctionId: 'k1', target: { revision, type }, field, oldValue, newValue, basis });
const severity = terms([1, 'SeverityAssessed'], 'severity', { text: 'minor' }, { text: 'serious' });
const proposed = events.CorrectionProposed(severity);
const corrected = events.RecordCorrected(severity);
const approve = command(ApproveCorrection, { correctionId: 'k1' });

describe('T22: a correction', () => {
  test.each([
    ['a severity', [received(), assessed], propose(1, 'severity', { text: 'serious' })],
    ['an outcome', [...eventsUntilInvestigated(), upheld], propose(5, 'points.0.outcome', { text: 'not_upheld' })],
    ['the time of receipt', [received()], propose(0, 'receivedAt', { time: instant('2026-10-31T09:00:00.000Z') })],
    [
      'another time',
      [received(), withMetadata(assessed, { at: '2026-11-01T10:00:00.000Z' })],
      propose(1, 'occurredAt', { time: instant('2026-11-01T09:30:00.000Z') }),
    ],
    ['a party', [received()], propose(0, 'parties.0.name', { text: '王方' })],
    [
      'the party of a contact',
      [received({ parties: [complainantWang, coComplainantLi] }), contact('a1')],
      propose(1, 'party', { text: 'a2' }),
    ],
    ['an amount', [received(), paid], propose(1, 'money.amount', { number: 6800 })],
  ])('of %s needs the approval of a second person', (_what, history, proposal) => {
    given(...history)
      .when(proposal, { now: '2026-11-01T12:00:00.000Z' })
      .thenRecorded('CorrectionProposed');
  });
  test.each([
    ['a text', [received()], propose(0, 'narrative', { text: 'The dish was cold.' })],
    ['an issue', [received()], propose(0, 'points.0.issue', { text: 'Soup arrived cold' })],
    ['the channel', [received()], propose(0, 'channel', { text: 'email' })],
    [
      'a score',
      [...eventsUntilResponded(), events.FeedbackSubmitted({ score: 1 })],
      propose(8, 'score', { number: 5 }),
    ],
  ])('of %s needs one person and a basis', (_what, history, proposal) => {
    given(...history)
      .when(proposal)
      .thenRecorded('RecordCorrected');
  });
  test('has both values, and changes nothing before it is approved', () => {
    given(received(), assessed)
      .when(propose(1, 'severity', { text: 'serious' }))
      .then(proposed);
    const { state } = given(received(), assessed, proposed);
    expect(state.severity?.severity).toBe('minor');
    expect(state.corrections).toMatchObject([
      { status: 'Proposed', oldValue: { text: 'minor' }, newValue: { text: 'serious' }, by: 'handler-1' },
    ]);
  });
  test('is approved by another person who is known (I25)', () => {
    const open = given(received(), assessed, proposed);
    open.when(approve).thenRejected('needs_second_person');
    open.when(approve, { by: person('HANDLER-1') }).thenRejected('needs_second_person');
    open.when(approve, { by: person('ghost') }).thenRejected('unknown_person');
    open.when(approve, { by: SUPERVISOR }).then(corrected);
    given(received(), assessed, proposed, corrected).when(approve, { by: SUPERVISOR }).thenRejected('no_correction');
  });
  test('of an amount is approved within the limit of the approver (I25)', () => {
    const amount = events.CorrectionProposed(
      terms([1, 'RedressPaid'], 'money.amount', { number: 100 }, { number: 500_000 }),
    );
    given(received(), paid, amount)
      .when(approve, { by: person('handler-2') })
      .thenRejected('above_limit');
    given(received(), paid, amount).when(approve, { by: SUPERVISOR }).thenRecorded('RecordCorrected');
  });
  test('may be made by one person where the house has switched the rule off, and says so', () => {
    const { decision } = given(received(), assessed).when(propose(1, 'severity', { text: 'serious' }), {
      house: { correctionByTwo: false },
    });
    expect(decision).toMatchObject([{ ...corrected, policyRefs: [{ off: ['correctionByTwo'] }] }]);
  });
  test('is rejected with a reason, by the person who proposed it too', () => {
    const reject = command(RejectCorrection, { correctionId: 'k1', reason: 'The letter says otherwise.' });
    const rejected = events.CorrectionRejected({ correctionId: 'k1', reason: 'The letter says otherwise.' });
    given(received(), assessed, proposed).when(reject).then(rejected);
    given(received(), assessed).when(reject).thenRejected('no_correction');
    const { state } = given(received(), assessed, proposed, rejected);
    expect(state.corrections).toMatchObject([{ status: 'Rejected', reason: 'The letter says otherwise.' }]);
    given(received(), assessed, proposed, rejected)
      .when(propose(1, 'severity', { text: 'serious' }))
      .thenRecorded('CorrectionProposed');
  });
  test('names a value of an event: not an id, nor a code that decides the procedure', () => {
    given(received(), assessed)
      .when(propose(9, 'severity', { text: 'serious' }))
      .thenRejected('unknown_record', '/revision');
    for (const field of ['colour', 'points', 'points.0.id', 'sources', 'reference'])
      given(received())
        .when(propose(0, field, { text: 'x' }))
        .thenRejected('not_correctable', '/field');
    given(received(), assessed)
      .when(propose(1, 'safetyCritical', { flag: true }))
      .thenRejected('not_correctable', '/field');
  });
  test('has a value of the same kind, from the same list', () => {
    const severityIs = (value: RecordedValue) => given(received(), assessed).when(propose(1, 'severity', value));
    severityIs({ number: 3 }).thenRejected('wrong_value', '/newValue');
    severityIs({ text: 'serious', number: 3 }).thenRejected('wrong_value', '/newValue');
    severityIs({ text: 'grave' }).thenRejected('not_in_list', '/newValue/text');
    severityIs({ text: 'minor' }).thenRejected('nothing_to_change', '/newValue');
    given(...eventsUntilResponded(), events.FeedbackSubmitted({ score: 1 }))
      .when(propose(8, 'score', { number: 9 }))
      .thenRejected('out_of_range', '/newValue/number');
    given(received(), contact('a1'))
      .when(propose(1, 'party', { text: 'a7' }))
      .thenRejected('unknown_party', '/newValue/text');
  });
  test('waits for the one before it', () =>
    given(received(), assessed, proposed)
      .when(propose(1, 'severity', { text: 'moderate' }))
      .thenRejected('correction_open', '/field'));
  test('is not approved twice, and only if it exists', () => {
    const another = events.CorrectionProposed({ ...severity, correctionId: 'k2', field: 'impactScope' });
    given(received(), assessed, proposed, corrected, another)
      .when(approve, { by: SUPERVISOR })
      .thenRejected('nothing_to_change', '/correctionId');
    given(received(), assessed, proposed)
      .when(command(ApproveCorrection, { correctionId: 'k9' }), { by: SUPERVISOR })
      .thenRejected('unknown_correction', '/correctionId');
  });
});

describe('I1: a corrected value', () => {
  test('is what the state and derived facts use, and the original stays in the file', () => {
    const { state } = given(received(), assessed, proposed, corrected);
    expect(state.severity?.severity).toBe('serious');
    expect(state.corrections).toMatchObject([{ status: 'Corrected', oldValue: { text: 'minor' } }]);
    const outcome = events.RecordCorrected(
      terms([5, 'DeterminationMade'], 'points.0.outcome', { text: 'upheld' }, { text: 'not_upheld' }),
    );
    expect(outcomeOf(given(...eventsUntilResponded(), outcome).state.progress)).toBe('not_upheld');
  });
  test('of the lodging is compared with nothing: a repeated lodging is the same lodging (I19)', () => {
    const words = terms([0, 'ComplaintReceived'], 'narrative', { text: '菜是凉的，等了四十分钟。' }, { text: 'Cold.' });
    const { lodged } = given(received(), events.RecordCorrected(words)).state;
    expect([lodged?.facts.narrative, lodged?.stated?.narrative]).toEqual(['Cold.', '菜是凉的，等了四十分钟。']);
  });
  test('of a time is the time of the event, and the copies of it in its data', () => {
    const earlier = instant('2026-10-31T08:00:00.000Z');
    const at = terms([0, 'ComplaintReceived'], 'receivedAt', { time: instant(RECEIVED) }, { time: earlier });
    expect(given(received(), events.RecordCorrected(at)).state.receivedAt).toEqual(earlier);
    const call = terms([1, 'ContactRecorded'], 'occurredAt', { time: instant(RECEIVED) }, { time: earlier });
    expect(given(received(), contact('a1'), events.RecordCorrected(call)).state.contacts[0]?.at).toEqual(earlier);
  });
  test('can be corrected again', () => {
    const again = { ...severity, correctionId: 'k2', oldValue: { text: 'serious' }, newValue: { text: 'moderate' } };
    given(received(), assessed, proposed, corrected)
      .when(propose(1, 'severity', { text: 'moderate' }))
      .then(events.CorrectionProposed(again));
    expect(
      given(received(), assessed, proposed, corrected, events.RecordCorrected(again)).state.severity?.severity,
    ).toBe('moderate');
  });
});

describe('I21: a corrected time', () => {
  const time = (at: string): RecordedValue => ({ time: instant(at) });

  test('is not before what the event answers', () => {
    const history = eventsUntilResponded();
    const sent = history.findIndex(({ type }) => type === 'FinalResponseSent');
    given(...history)
      .when(propose(sent, 'occurredAt', time('2026-11-01T08:00:00.000Z')))
      .thenRejected('before_what_it_answers', '/newValue/time');
  });
  test('leaves no other event before what that event answers', () => {
    const late = { now: '2026-11-02T12:00:00.000Z' };
    given(received(), assessed)
      .when(propose(0, 'receivedAt', time('2026-11-01T08:59:00.000Z')), late)
      .thenRecorded('CorrectionProposed');
    given(withMetadata(received(), { at: '2026-11-01T11:00:00.000Z' }), assessed)
      .when(propose(0, 'receivedAt', time('2026-11-01T10:30:00.000Z')), late)
      .thenRejected('before_what_it_answers', '/newValue/time');
  });
  test('is not after the recording of the event (I12)', () =>
    given(received())
      .when(propose(0, 'receivedAt', time('2026-11-05T09:00:00.000Z')))
      .thenRejected('in_future', '/newValue/time'));
  test('is checked again when it is approved', () => {
    const later = terms([0, 'ComplaintReceived'], 'receivedAt', time(RECEIVED), time('2026-11-01T10:30:00.000Z'));
    given(withMetadata(received(), { at: '2026-11-01T11:00:00.000Z' }), assessed, events.CorrectionProposed(later))
      .when(approve, { by: SUPERVISOR })
      .thenRejected('before_what_it_answers');
  });
  test('of a deadline may lie anywhere', () =>
    given(
      received(),
      events.HoldPlaced({
        holdId: 'h1',
        reason: 'force_majeure',
        counterparty: 'Flood',
        expectedEnd: instant('2026-11-20T00:00:00.000Z'),
      }),
    )
      .when(propose(1, 'expectedEnd', time('2027-01-20T00:00:00.000Z')))
      .thenRecorded('CorrectionProposed'));
});

describe('T22: confirming a time', () => {
  const late = { ...assessed, occurredAt: instant('2026-11-01T09:30:00.000Z') };
  const confirm = command(ConfirmTime, { revision: 1, basis: 'The postmark' });
  const confirmed = events.TimeConfirmed({ target: { revision: 1, type: 'SeverityAssessed' }, basis: 'The postmark' });
  const recordedLate = [received(), withMetadata(late, { at: '2026-11-03T09:30:00.000Z' })] as const;

  test('is the act of a second person, who is known (I12, I25)', () => {
    given(...recordedLate)
      .when(confirm, { by: SUPERVISOR })
      .then(confirmed);
    given(...recordedLate)
      .when(confirm, { by: HANDLER })
      .thenRejected('needs_second_person');
    given(...recordedLate)
      .when(confirm, { by: person('ghost') })
      .thenRejected('unknown_person');
    expect(given(...recordedLate, confirmed).state.confirmedTimes).toMatchObject([{ revision: 1, by: 'handler-1' }]);
  });
  test('is refused for a time that is not claimed, or confirmed already', () => {
    given(received(), assessed).when(confirm, { by: SUPERVISOR }).thenRejected('time_not_claimed', '/revision');
    given(received(), withMetadata(late, { at: '2026-11-03T09:30:00.000Z', by: UPSTREAM }))
      .when(confirm, { by: SUPERVISOR })
      .thenRejected('time_not_claimed', '/revision');
    given(...recordedLate, confirmed)
      .when(confirm, { by: SUPERVISOR })
      .thenRejected('nothing_to_change', '/revision');
    given(...recordedLate)
      .when(command(ConfirmTime, { revision: 7 }), { by: SUPERVISOR })
      .thenRejected('unknown_record', '/revision');
  });
  test('may be made by the same person where the house has switched the rule off, and says so', () => {
    const { decision } = given(...recordedLate).when(confirm, { house: { timeByTwo: false } });
    expect(decision).toMatchObject([{ ...confirmed, policyRefs: [{ off: ['timeByTwo'] }] }]);
  });
  test('of an end starts the reopen window at the end (I24)', () => {
    const withdrawn = {
      ...events.ComplaintWithdrawn({
        statedBy: { party: 'a1', medium: 'phone', at: instant(RECEIVED) },
        continuedOnOwnInitiative: false,
      }),
      occurredAt: instant(RECEIVED),
    };
    const history = [received(), withMetadata(withdrawn, { at: NOON })];
    const end = events.TimeConfirmed({ target: { revision: 1, type: 'ComplaintWithdrawn' } });
    expect(given(...history).state.endProven).toBe(false);
    expect(given(...history, end).state.endProven).toBe(true);
  });
});

function contact(party: string): events.ComplaintEvent {
  return events.ContactRecorded({
    contactId: 'c1',
    direction: 'outbound',
    channel: 'phone',
    party,
    at: instant(RECEIVED),
    result: 'reached',
    substantive: true,
  });
}
