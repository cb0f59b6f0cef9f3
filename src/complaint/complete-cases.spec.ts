import { REFERENCE } from '../../test/support/directory.js';
import { DEFAULT_HOUSE_RULES } from '../house-policy/rules.js';
import {
  decideAsTheServiceDoes,
  COMPLAINT_ID,
  command,
  HANDLER,
  person,
  recorded,
  SUPERVISOR,
  type Circumstances,
  type Fields,
} from '../../test/support/given.js';
import { instant, plusDays, type Moment } from '../platform/moment.js';
import { AssessSeverity, ClassifyComplaint } from './commands/assessment.js';
import { AssignComplaint, ReassignComplaint } from './commands/ownership.js';
import {
  CloseComplaint,
  RecordFollowUp,
  ReopenComplaint,
  SubmitFeedback,
  WithdrawComplaint,
} from './commands/feedback.js';
import { AcknowledgeComplaint, DeclareInadmissible, LodgeComplaint } from './commands/intake.js';
import type { ComplaintCommand } from './commands/parts.js';
import * as remedies from './commands/remedies.js';
import * as resolution from './commands/resolution.js';
import * as verification from './commands/verification.js';
import { evolve, initial, type Complaint } from './complaint.js';
import { isRejection } from './decision.js';
import type { ComplaintEvent } from './events.js';
import { statusOf } from './status.js';

/*
 * Complete cases from lodging to their end. Each case sends only the necessary commands, and no command is rejected.
 */

const FIVE_MINUTES_IN_DAYS = 5 / (24 * 60);

/** One complaint with a clock: decides commands, and folds their events into `state`. */
class Case {
  state: Complaint = initial(COMPLAINT_ID);
  readonly types: ComplaintEvent['type'][] = [];
  now = '2026-11-22T01:00:00.000Z';

  /** Sends a command five minutes after the previous one. Throws if the command is rejected. */
  do<C extends ComplaintCommand>(
    type: new () => C,
    fields: Fields<C> = {},
    { by = HANDLER }: Circumstances = {},
  ): this {
    this.later(FIVE_MINUTES_IN_DAYS);
    const decision = decideAsTheServiceDoes(command(type, fields), this.state, {
      now: this.now,
      by,
      reference: REFERENCE,
    });
    if (isRejection(decision)) throw new Error(`${type.name}: ${JSON.stringify(decision.unmet)}`);
    for (const event of decision) {
      const envelope = { now: this.now, by, occurredAt: instant(this.now), commandId: `k${this.types.length}` };
      this.state = evolve(this.state, recorded(event, this.types.length, envelope));
      this.types.push(event.type);
    }
    return this;
  }

  /** Moves the clock forward. */
  later(days: number): this {
    this.now = plusDays(this.now, days);
    return this;
  }

  /** A statement of a party that is made now. */
  statement(party = 'a1', medium: 'phone' | 'in_person' | 'written' = 'phone') {
    return { party, medium, at: instant(this.now) };
  }

  /** The moment in this number of days. */
  daysFromNow(days: number): Moment {
    return instant(plusDays(this.now, days));
  }

  get status(): string {
    return statusOf(this.state.progress, DEFAULT_HOUSE_RULES).status;
  }
}

const guest = {
  role: 'complainant',
  name: '王芳',
  contacts: [{ channel: 'phone', address: '+86 10 5555 0100' }],
} as const;
const lodgedCase = (parties: Fields<LodgeComplaint>['parties'] = [guest]): Case =>
  new Case().do(LodgeComplaint, { channel: 'phone', narrative: 'The dish was cold.', parties });

const investigatedCase = (
  finding: 'substantiated' | 'unsubstantiated' = 'substantiated',
  complaint = lodgedCase(),
): Case =>
  complaint
    .do(AssignComplaint, { handler: 'handler-1' })
    .do(verification.VerifyIdentity, { party: 'a1', result: 'verified', method: 'call_back' })
    .do(verification.VerifyContent, { finding, grounds: 'Kitchen log' })
    .do(verification.AssessMerits, {
      reasonable: finding === 'substantiated' ? 'yes' : 'no',
      grounds: 'House promise',
    });

const upheld = { points: [{ id: 'p1', outcome: 'upheld' as const, reasons: 'Kitchen log' }] };
const response = { kind: 'accept' as const, addressees: ['a1'], channel: 'phone' as const, text: 'You are right.' };

test('1. resolution at first contact: one request lodges, resolves and closes the complaint', () => {
  const complaint = new Case();
  complaint.do(LodgeComplaint, {
    channel: 'in_person',
    narrative: 'The dish is cold.',
    parties: [{ role: 'complainant' }],
    resolution: command(resolution.ResolveAtFirstContact, {
      category: 'product_quality',
      whatWasDone: 'Replaced the dish and apologised',
      statedBy: complaint.statement('a1', 'in_person'),
    }),
  });
  expect(complaint.types).toEqual([
    'ComplaintReceived',
    'ComplaintAdmitted',
    'ComplaintClassified',
    'DeterminationMade',
    'RemedyImplemented',
    'OutcomeCommunicated',
    'ComplaintClosed',
  ]);
  expect([complaint.state.stage, complaint.state.closedReason, complaint.status]).toEqual([
    'Closed',
    'resolved_at_first_contact',
    'resolved',
  ]);
});

test('2. not upheld, no feedback: the complaint can be closed after the follow-up window', () => {
  const complaint = investigatedCase('unsubstantiated')
    .do(resolution.MakeDetermination, {
      points: [{ id: 'p1', outcome: 'not_upheld', reasons: 'It went out hot.' }],
      recourse: 'Consumer association, 12315',
    })
    .do(resolution.SendFinalResponse, { ...response, kind: 'reject', channel: 'email' })
    .do(resolution.RecordDelivery, { of: 'f1', result: 'delivered', channel: 'email' })
    .later(7)
    .do(CloseComplaint);
  expect([complaint.state.stage, complaint.status]).toEqual(['Closed', 'handled']);
  expect(statusOf(complaint.state.progress, DEFAULT_HOUSE_RULES).response).toBe('Closed with explanation');
});

test('3. a phone number not in use: the response is undeliverable after three attempts, and the complaint can be closed', () => {
  const failedAttempt = { of: 'f1', channel: 'sms', reason: 'Number not in use' } as const;
  const complaint = investigatedCase()
    .do(resolution.MakeDetermination, upheld)
    .do(resolution.SendFinalResponse, { ...response, channel: 'sms' })
    .do(resolution.RecordDelivery, { ...failedAttempt, result: 'failed' })
    .later(1)
    .do(resolution.RecordDelivery, { ...failedAttempt, result: 'failed' })
    .later(1)
    .do(resolution.RecordDelivery, { ...failedAttempt, result: 'undeliverable' })
    .do(RecordFollowUp, { result: 'unreachable', channel: 'phone', attempts: 2 })
    .do(CloseComplaint);
  expect([complaint.state.stage, complaint.state.communication.status, complaint.status]).toEqual([
    'Closed',
    'Undeliverable',
    'unresolved',
  ]);
});

test('4. an anonymous letter: the complaint is decided and closed without an addressee', () => {
  const complaint = new Case()
    .do(LodgeComplaint, { channel: 'letter', narrative: 'The kitchen is dirty.' })
    .do(verification.VerifyContent, { finding: 'substantiated', grounds: 'Inspection' })
    .do(verification.AssessMerits, { reasonable: 'yes', grounds: 'Hygiene rules' })
    .do(resolution.MakeDetermination, upheld)
    .do(resolution.SendFinalResponse, { ...response, addressees: [], channel: 'letter' })
    .later(7)
    .do(CloseComplaint);
  expect(complaint.types.slice(-3)).toEqual(['FinalResponseSent', 'OutcomeUndeliverable', 'ComplaintClosed']);
});

test('5. a representative with rejected authority: only the complainant is answered, and the complaint can be closed', () => {
  const complaint = lodgedCase([
    guest,
    { role: 'representative', name: 'Lee', contacts: [{ channel: 'email', address: 'lee@example.org' }] },
  ]);
  expect(complaint.state.parties[1]?.authority).toBe('claimed');
  complaint
    .do(verification.VerifyAuthority, {
      party: 'a2',
      result: 'rejected',
      reason: 'The power of attorney names another person.',
    })
    .do(verification.WaiveIdentity, {
      party: 'a2',
      cause: 'not_needed',
      reason: 'No authority',
      responsible: 'handler-1',
    });
  const closed = investigatedCase('substantiated', complaint)
    .do(resolution.MakeDetermination, upheld)
    .do(resolution.SendFinalResponse, response)
    .do(SubmitFeedback, { score: 4 })
    .do(CloseComplaint);
  expect([closed.state.stage, closed.state.parties[1]?.authority]).toEqual(['Closed', 'rejected']);
});

const offer = (complaint: Case, overrides: Fields<remedies.ProposeRemedy> = {}) => ({
  needsAcceptance: true,
  measures: [
    {
      type: 'refund' as const,
      pointIds: ['p1'],
      action: 'Refund the dish',
      owner: 'handler-1',
      provider: 'self' as const,
      dueAt: complaint.daysFromNow(5),
      amount: { amount: 6800, currency: 'CNY' },
    },
  ],
  ...overrides,
});

test('6. no answer to an offer: the offer lapses, and the complaint can be closed', () => {
  const complaint = investigatedCase().do(resolution.MakeDetermination, upheld);
  complaint
    .do(remedies.ProposeRemedy, offer(complaint, { validUntil: complaint.daysFromNow(3) }))
    .do(resolution.SendFinalResponse, { ...response, recourse: '12315' })
    .later(7)
    .do(remedies.LapseRemedyOffer, { remedyId: 'r1' })
    .later(7)
    .do(CloseComplaint);
  expect([complaint.state.stage, complaint.state.remedies[0]?.status, complaint.status]).toEqual([
    'Closed',
    'Lapsed',
    'handled',
  ]);
});

test('7. a refund paid after the response: the payment completes the measure and implements the remedy', () => {
  const complaint = investigatedCase().do(resolution.MakeDetermination, upheld);
  complaint
    .do(remedies.ProposeRemedy, offer(complaint))
    .do(resolution.SendFinalResponse, { ...response, recourse: '12315' })
    .do(remedies.AcceptRemedy, { remedyId: 'r1', statedBy: complaint.statement() })
    .later(2)
    .do(remedies.RecordRedressPayment, {
      remedyId: 'r1',
      measureId: 'm1',
      payee: 'a1',
      money: { amount: 6800, currency: 'CNY' },
      exGratia: false,
    });
  expect(complaint.types.slice(-3)).toEqual(['RedressPaid', 'RemedyMeasureCompleted', 'RemedyImplemented']);
  complaint.later(7).do(CloseComplaint);
  expect([complaint.state.stage, complaint.status]).toEqual(['Closed', 'resolved']);
  expect(statusOf(complaint.state.progress, DEFAULT_HOUSE_RULES).response).toBe('Closed with monetary relief');
});

test('8. two points, one upheld: the complaint is partly upheld', () => {
  const complaint = new Case().do(LodgeComplaint, {
    channel: 'email',
    parties: [guest],
    points: [{ issue: 'Cold dish' }, { issue: 'Rude waiter' }],
  });
  investigatedCase('substantiated', complaint)
    .do(resolution.MakeDetermination, {
      points: [
        { id: 'p1', outcome: 'upheld', reasons: 'Kitchen log' },
        { id: 'p2', outcome: 'not_upheld', reasons: 'Two witnesses' },
      ],
      recourse: 'Consumer association, 12315',
    })
    .do(resolution.SendFinalResponse, { ...response, kind: 'accept_in_part' })
    .do(RecordFollowUp, { result: 'done', channel: 'phone' })
    .do(CloseComplaint);
  expect([complaint.state.stage, statusOf(complaint.state.progress, DEFAULT_HOUSE_RULES).outcome]).toEqual([
    'Closed',
    'partly_upheld',
  ]);
});

test('9. a new category and a new handler during the investigation: the new handler decides and closes', () => {
  const complaint = lodgedCase()
    .do(AcknowledgeComplaint, { channel: 'phone', to: 'a1' })
    .do(AssignComplaint, { handler: 'handler-1' })
    .do(ClassifyComplaint, { nature: 'complaint', points: [{ id: 'p1', category: 'product_quality' }] })
    .do(verification.VerifyContent, { finding: 'substantiated', grounds: 'Kitchen log' })
    .do(ClassifyComplaint, { nature: 'complaint', points: [{ id: 'p1', category: 'service_process' }] })
    .do(ReassignComplaint, { to: 'handler-2', reason: 'Service desk' });
  expect(complaint.state.stage).toBe('UnderInvestigation');
  complaint
    .do(verification.VerifyIdentity, { party: 'a1', result: 'verified', method: 'call_back' })
    .do(verification.AssessMerits, { reasonable: 'yes', grounds: 'House promise' })
    .do(resolution.MakeDetermination, upheld, { by: person('handler-2') })
    .do(resolution.SendFinalResponse, response, { by: person('handler-2') })
    .do(SubmitFeedback, { score: 5, resolved: 'yes' })
    .do(CloseComplaint);
  expect([complaint.state.stage, complaint.state.ownership.handler, complaint.status]).toEqual([
    'Closed',
    'handler-2',
    'resolved',
  ]);
});

test('10. new evidence after the determination: returned to investigation and decided again', () => {
  const complaint = investigatedCase('unsubstantiated')
    .do(resolution.MakeDetermination, {
      points: [{ id: 'p1', outcome: 'not_upheld', reasons: 'It went out hot.' }],
      recourse: 'Consumer association, 12315',
    })
    .do(verification.AddEvidence, { sha256: 'a'.repeat(64), kind: 'photo', source: 'complainant' })
    .do(resolution.ReturnToInvestigation, { reason: 'A photo with the time on it' })
    .do(verification.VerifyContent, { finding: 'substantiated', grounds: 'Photo', evidenceIds: ['e1'] })
    .do(resolution.MakeDetermination, upheld)
    .do(resolution.SendFinalResponse, response)
    .do(SubmitFeedback, { score: 4 })
    .do(CloseComplaint);
  expect(complaint.state.determinations.map(({ determinationId, returned }) => [determinationId, returned])).toEqual([
    ['d1', true],
    ['d2', false],
  ]);
  expect(complaint.state.stage).toBe('Closed');
});

test('11. reopened after a low score: the second episode keeps the verified identity', () => {
  const complaint = investigatedCase()
    .do(resolution.MakeDetermination, upheld)
    .do(resolution.SendFinalResponse, response)
    .do(SubmitFeedback, { score: 1, resolved: 'no', comment: 'Nothing happened' })
    .do(CloseComplaint)
    .do(ReopenComplaint, { kind: 'dissatisfied', reason: 'Scored 1' });
  expect([complaint.state.stage, complaint.state.episode, complaint.status]).toEqual([
    'UnderAssessment',
    2,
    'unresolved',
  ]);
  complaint
    .do(
      verification.WaiveInvestigation,
      { reason: 'Investigated in episode 1', responsible: 'supervisor-1' },
      { by: SUPERVISOR },
    )
    .do(resolution.MakeDetermination, upheld)
    .do(resolution.SendFinalResponse, response)
    .do(SubmitFeedback, { score: 5 })
    .do(CloseComplaint);
  expect([complaint.state.stage, complaint.status]).toEqual(['Closed', 'resolved']);
});

test('12. a withdrawal by phone: the complaint ends as withdrawn', () => {
  const complaint = lodgedCase();
  complaint.do(WithdrawComplaint, { statedBy: complaint.statement(), reason: 'Found the parcel' });
  expect([complaint.state.stage, complaint.status]).toEqual(['Withdrawn', 'withdrawn']);
});

test('13. found inadmissible after the investigation: the complaint ends, and the notice is delivered', () => {
  const complaint = investigatedCase().do(DeclareInadmissible, {
    reasonCode: 'not_addressed_to_us',
    nature: 'not_addressed_to_us',
    reasons: 'The delivery was made by another company.',
    recourse: 'The market regulator, 12315',
    addressees: ['a1'],
    channel: 'email',
  });
  complaint.do(resolution.RecordDelivery, { of: 'i1', result: 'delivered', channel: 'email' });
  expect([complaint.state.stage, complaint.state.letters[0]?.deliveries[0]?.result]).toEqual([
    'Inadmissible',
    'delivered',
  ]);
});

test('14. a response by hand at the front desk: it counts as delivered when it is recorded', () => {
  const complaint = investigatedCase('substantiated', lodgedCase([{ role: 'complainant', name: '王芳' }]))
    .do(resolution.MakeDetermination, upheld)
    .do(resolution.SendFinalResponse, { ...response, channel: 'front_desk' });
  expect(complaint.types.slice(-2)).toEqual(['FinalResponseSent', 'OutcomeCommunicated']);
  complaint.do(RecordFollowUp, { result: 'declined', channel: 'front_desk' }).do(CloseComplaint);
  expect(complaint.state.stage).toBe('Closed');
});

test('15. two measures, one completed and one waived: the remedy is implemented', () => {
  const complaint = investigatedCase().do(resolution.MakeDetermination, upheld);
  const [first] = offer(complaint).measures;
  if (first === undefined) throw new Error('no measure');
  complaint
    .do(remedies.ProposeRemedy, {
      needsAcceptance: false,
      measures: [first, { ...first, type: 'apology', action: 'Apologise by letter' }],
    })
    .do(resolution.SendFinalResponse, response)
    .do(remedies.CompleteMeasure, { remedyId: 'r1', measureId: 'm2' })
    .do(remedies.WaiveMeasure, {
      remedyId: 'r1',
      measureId: 'm1',
      reason: 'Not wanted',
      responsible: 'supervisor-1',
      statedBy: [complaint.statement()],
    });
  expect(complaint.types.slice(-2)).toEqual(['RemedyMeasureWaived', 'RemedyImplemented']);
  complaint.later(7).do(CloseComplaint);
  expect([complaint.state.stage, complaint.state.remedies[0]?.status]).toEqual(['Closed', 'Implemented']);
});

test('16. a withdrawal of a safety-critical complaint: the complaint stays open', () => {
  const complaint = lodgedCase().do(AssessSeverity, { severity: 'serious', safetyCritical: true }, { by: SUPERVISOR });
  complaint.do(WithdrawComplaint, { statedBy: complaint.statement() });
  expect([complaint.state.stage, complaint.state.withdrawal?.continuedOnOwnInitiative]).toEqual([
    'UnderAssessment',
    true,
  ]);
});
