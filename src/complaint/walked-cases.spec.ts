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
import { AssessSeverity, AssignComplaint, ClassifyComplaint, ReassignComplaint } from './commands/assessment.js';
import {
  CloseComplaint,
  RecordFollowUp,
  ReopenComplaint,
  SubmitFeedback,
  WithdrawComplaint,
} from './commands/feedback.js';
import { AcknowledgeComplaint, DeclareInadmissible, LodgeComplaint } from './commands/intake.js';
import type { ComplaintCommand } from './commands/parts.js';
import * as resolution from './commands/resolution.js';
import * as verification from './commands/verification.js';
import { evolve, initial, type Complaint } from './complaint.js';
import { DEFAULT_SETTINGS, isRejection } from './decision.js';
import type { ComplaintEvent } from './events.js';
import { statusOf } from './status.js';

/** Fifteen complete cases. Each reaches its end with only the necessary commands, and no command is rejected. */
class Case {
  state: Complaint = initial(COMPLAINT_ID);
  readonly types: ComplaintEvent['type'][] = [];
  now = '2026-11-22T01:00:00.000Z';

  do<C extends ComplaintCommand>(
    type: new () => C,
    fields: Fields<C> = {},
    { by = HANDLER }: Circumstances = {},
  ): this {
    this.later(5 / 1440);
    const decision = decideAsTheServiceDoes(command(type, fields), this.state, {
      now: this.now,
      by,
      settings: DEFAULT_SETTINGS,
    });
    if (isRejection(decision)) throw new Error(`${type.name}: ${JSON.stringify(decision.unmet)}`);
    for (const event of decision) {
      const how = { now: this.now, by, occurredAt: instant(this.now), commandId: `k${this.types.length}` };
      this.state = evolve(this.state, recorded(event, this.types.length, how));
      this.types.push(event.type);
    }
    return this;
  }

  later(days: number): this {
    this.now = plusDays(this.now, days);
    return this;
  }

  said(party = 'a1', medium: 'phone' | 'in_person' | 'written' = 'phone') {
    return { party, medium, at: instant(this.now) };
  }

  in(days: number): Moment {
    return instant(plusDays(this.now, days));
  }

  get status(): string {
    return statusOf(this.state.progress, DEFAULT_SETTINGS).status;
  }
}

const guest = {
  role: 'complainant',
  name: '王芳',
  contacts: [{ channel: 'phone', address: '+86 10 5555 0100' }],
} as const;
const lodged = (parties: Fields<LodgeComplaint>['parties'] = [guest]): Case =>
  new Case().do(LodgeComplaint, { channel: 'phone', narrative: 'The dish was cold.', parties });

const investigatedCase = (found: 'substantiated' | 'unsubstantiated' = 'substantiated', walked = lodged()): Case =>
  walked
    .do(AssignComplaint, { handler: 'handler-1' })
    .do(verification.VerifyIdentity, { party: 'a1', result: 'verified', method: 'call_back' })
    .do(verification.VerifyContent, { finding: found, grounds: 'Kitchen log' })
    .do(verification.AssessMerits, { reasonable: found === 'substantiated' ? 'yes' : 'no', grounds: 'House promise' });

const upheld = { points: [{ id: 'p1', outcome: 'upheld' as const, reasons: 'Kitchen log' }] };
const answer = { kind: 'accept' as const, addressees: ['a1'], channel: 'phone' as const, text: 'You are right.' };

test('1. a cold dish replaced at the table is one request', () => {
  const walked = new Case();
  walked.do(LodgeComplaint, {
    channel: 'in_person',
    narrative: 'The dish is cold.',
    parties: [{ role: 'complainant' }],
    resolution: command(resolution.ResolveAtFirstContact, {
      category: 'product_quality',
      whatWasDone: 'Replaced the dish and apologised',
      statedBy: walked.said('a1', 'in_person'),
    }),
  });
  expect(walked.types).toEqual([
    'ComplaintReceived',
    'ComplaintAdmitted',
    'ComplaintClassified',
    'DeterminationMade',
    'RemedyImplemented',
    'OutcomeCommunicated',
    'ComplaintClosed',
  ]);
  expect([walked.state.stage, walked.state.closedReason, walked.status]).toEqual([
    'Closed',
    'resolved_at_first_contact',
    '已解决',
  ]);
});

test('2. not upheld and no reply of the customer: closed after the follow-up window', () => {
  const walked = investigatedCase('unsubstantiated')
    .do(resolution.MakeDetermination, {
      points: [{ id: 'p1', outcome: 'not_upheld', reasons: 'It went out hot.' }],
      recourse: 'Consumer association, 12315',
    })
    .do(resolution.SendFinalResponse, { ...answer, kind: 'reject', channel: 'email' })
    .do(resolution.RecordDelivery, { of: 'f1', result: 'delivered', channel: 'email' })
    .later(7)
    .do(CloseComplaint);
  expect([walked.state.stage, walked.status]).toEqual(['Closed', '已处理']);
  expect(statusOf(walked.state.progress, DEFAULT_SETTINGS).response).toBe('Closed with explanation');
});

test('3. a dead phone number: three tries, then undeliverable, then closed', () => {
  const tried = { of: 'f1', channel: 'sms', reason: 'Number not in use' } as const;
  const walked = investigatedCase()
    .do(resolution.MakeDetermination, upheld)
    .do(resolution.SendFinalResponse, { ...answer, channel: 'sms' })
    .do(resolution.RecordDelivery, { ...tried, result: 'failed' })
    .do(resolution.RecordDelivery, { ...tried, result: 'failed' })
    .do(resolution.RecordDelivery, { ...tried, result: 'undeliverable' })
    .do(RecordFollowUp, { result: 'unreachable', channel: 'phone', attempts: 2 })
    .do(CloseComplaint);
  expect([walked.state.stage, walked.state.communication.status, walked.status]).toEqual([
    'Closed',
    'Undeliverable',
    '未解决',
  ]);
});

test('4. an anonymous letter: decided and closed without an addressee', () => {
  const walked = new Case()
    .do(LodgeComplaint, { channel: 'letter', narrative: 'The kitchen is dirty.' })
    .do(verification.VerifyContent, { finding: 'substantiated', grounds: 'Inspection' })
    .do(verification.AssessMerits, { reasonable: 'yes', grounds: 'Hygiene rules' })
    .do(resolution.MakeDetermination, upheld)
    .do(resolution.SendFinalResponse, { ...answer, addressees: [], channel: 'letter' })
    .later(7)
    .do(CloseComplaint);
  expect(walked.types.slice(-3)).toEqual(['FinalResponseSent', 'OutcomeUndeliverable', 'ComplaintClosed']);
});

test('5. a representative whose authority is refused: the complainant is answered, the representative is not', () => {
  const walked = lodged([
    guest,
    { role: 'representative', name: 'Lee', contacts: [{ channel: 'email', address: 'lee@example.org' }] },
  ]);
  expect(walked.state.parties[1]?.authority).toBe('claimed');
  walked
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
  const closed = investigatedCase('substantiated', walked)
    .do(resolution.MakeDetermination, upheld)
    .do(resolution.SendFinalResponse, answer)
    .do(SubmitFeedback, { score: 4 })
    .do(CloseComplaint);
  expect([closed.state.stage, closed.state.parties[1]?.authority]).toEqual(['Closed', 'rejected']);
});

const offer = (walked: Case, more: Fields<resolution.ProposeRemedy> = {}) => ({
  needsAcceptance: true,
  measures: [
    {
      type: 'refund' as const,
      pointIds: ['p1'],
      action: 'Refund the dish',
      owner: 'handler-1',
      provider: 'self' as const,
      dueAt: walked.in(5),
      amount: { amount: 6800, currency: 'CNY' },
    },
  ],
  ...more,
});

test('6. an offer that lapses', () => {
  const walked = investigatedCase().do(resolution.MakeDetermination, upheld);
  walked
    .do(resolution.ProposeRemedy, offer(walked, { validUntil: walked.in(3) }))
    .do(resolution.SendFinalResponse, { ...answer, kind: 'offer_without_acceptance', recourse: '12315' })
    .later(7)
    .do(resolution.LapseRemedyOffer, { remedyId: 'r1' })
    .do(CloseComplaint);
  expect([walked.state.stage, walked.state.remedies[0]?.status, walked.status]).toEqual(['Closed', 'Lapsed', '已处理']);
});

test('7. a refund paid after the response: the payment completes the measure and implements the remedy', () => {
  const walked = investigatedCase().do(resolution.MakeDetermination, upheld);
  walked
    .do(resolution.ProposeRemedy, offer(walked))
    .do(resolution.SendFinalResponse, answer)
    .do(resolution.AcceptRemedy, { remedyId: 'r1', statedBy: walked.said() })
    .later(2)
    .do(resolution.RecordRedressPayment, {
      remedyId: 'r1',
      measureId: 'm1',
      money: { amount: 6800, currency: 'CNY' },
      exGratia: false,
    });
  expect(walked.types.slice(-3)).toEqual(['RedressPaid', 'RemedyMeasureCompleted', 'RemedyImplemented']);
  walked.later(7).do(CloseComplaint);
  expect([walked.state.stage, walked.status]).toEqual(['Closed', '已解决']);
  expect(statusOf(walked.state.progress, DEFAULT_SETTINGS).response).toBe('Closed with monetary relief');
});

test('8. two points, one upheld: the case is partly upheld', () => {
  const walked = new Case().do(LodgeComplaint, {
    channel: 'email',
    parties: [guest],
    points: [{ issue: 'Cold dish' }, { issue: 'Rude waiter' }],
  });
  investigatedCase('substantiated', walked)
    .do(resolution.MakeDetermination, {
      points: [
        { id: 'p1', outcome: 'upheld', reasons: 'Kitchen log' },
        { id: 'p2', outcome: 'not_upheld', reasons: 'Two witnesses' },
      ],
      recourse: 'Consumer association, 12315',
    })
    .do(resolution.SendFinalResponse, { ...answer, kind: 'accept_in_part' })
    .do(RecordFollowUp, { result: 'done', channel: 'phone' })
    .do(CloseComplaint);
  expect([walked.state.stage, statusOf(walked.state.progress, DEFAULT_SETTINGS).outcome]).toEqual([
    'Closed',
    'partly_upheld',
  ]);
});

test('9. reclassified and reassigned mid-investigation', () => {
  const walked = lodged()
    .do(AcknowledgeComplaint, { channel: 'phone', to: 'a1' })
    .do(AssignComplaint, { handler: 'handler-1' })
    .do(ClassifyComplaint, { nature: 'complaint', points: [{ id: 'p1', category: 'product_quality' }] })
    .do(verification.VerifyContent, { finding: 'substantiated', grounds: 'Kitchen log' })
    .do(ClassifyComplaint, { nature: 'complaint', points: [{ id: 'p1', category: 'service_process' }] })
    .do(ReassignComplaint, { to: 'handler-2', reason: 'Service desk' });
  expect(walked.state.stage).toBe('UnderInvestigation');
  walked
    .do(verification.VerifyIdentity, { party: 'a1', result: 'verified', method: 'call_back' })
    .do(verification.AssessMerits, { reasonable: 'yes', grounds: 'House promise' })
    .do(resolution.MakeDetermination, upheld, { by: person('handler-2') })
    .do(resolution.SendFinalResponse, answer, { by: person('handler-2') })
    .do(SubmitFeedback, { score: 5, resolved: 'yes' })
    .do(CloseComplaint);
  expect([walked.state.stage, walked.state.ownership.handler, walked.status]).toEqual([
    'Closed',
    'handler-2',
    '已解决',
  ]);
});

test('10. new evidence after the determination sends it back to investigation', () => {
  const walked = investigatedCase('unsubstantiated')
    .do(resolution.MakeDetermination, {
      points: [{ id: 'p1', outcome: 'not_upheld', reasons: 'It went out hot.' }],
      recourse: 'Consumer association, 12315',
    })
    .do(verification.AddEvidence, { sha256: 'a'.repeat(64), kind: 'photo', source: 'complainant' })
    .do(resolution.ReturnToInvestigation, { reason: 'A photo with the time on it' })
    .do(verification.VerifyContent, { finding: 'substantiated', grounds: 'Photo', evidenceIds: ['e1'] })
    .do(resolution.MakeDetermination, upheld)
    .do(resolution.SendFinalResponse, answer)
    .do(SubmitFeedback, { score: 4 })
    .do(CloseComplaint);
  expect(walked.state.determinations.map(({ determinationId, returned }) => [determinationId, returned])).toEqual([
    ['d1', true],
    ['d2', false],
  ]);
  expect(walked.state.stage).toBe('Closed');
});

test('11. re-opened for a low score: a second episode, verified identity carries over', () => {
  const walked = investigatedCase()
    .do(resolution.MakeDetermination, upheld)
    .do(resolution.SendFinalResponse, answer)
    .do(SubmitFeedback, { score: 1, resolved: 'no', comment: 'Nothing happened' })
    .do(CloseComplaint)
    .do(ReopenComplaint, { kind: 'dissatisfied', reason: 'Scored 1' });
  expect([walked.state.stage, walked.state.episode, walked.status]).toEqual(['UnderAssessment', 2, '未解决']);
  walked
    .do(verification.WaiveInvestigation, { reason: 'Investigated in episode 1', responsible: 'supervisor-1' })
    .do(resolution.MakeDetermination, upheld)
    .do(resolution.SendFinalResponse, answer)
    .do(SubmitFeedback, { score: 5 })
    .do(CloseComplaint);
  expect([walked.state.stage, walked.status]).toEqual(['Closed', '已解决']);
});

test('12. withdrawn by phone', () => {
  const walked = lodged();
  walked.do(WithdrawComplaint, { statedBy: walked.said(), reason: 'Found the parcel' });
  expect([walked.state.stage, walked.status]).toEqual(['Withdrawn', '已撤回']);
});

test('13. inadmissible, found late: after the investigation began', () => {
  const walked = investigatedCase().do(DeclareInadmissible, {
    reasonCode: 'not_addressed_to_us',
    nature: 'not_addressed_to_us',
    reasons: 'The delivery was made by another company.',
    recourse: 'The market regulator, 12315',
    addressees: ['a1'],
    channel: 'email',
  });
  walked.do(resolution.RecordDelivery, { of: 'i1', result: 'delivered', channel: 'email' });
  expect([walked.state.stage, walked.state.letters[0]?.deliveries[0]?.result]).toEqual(['Inadmissible', 'delivered']);
});

test('14. an answer by hand at the counter is delivered when it is recorded', () => {
  const walked = investigatedCase('substantiated', lodged([{ role: 'complainant', name: '王芳' }]))
    .do(resolution.MakeDetermination, upheld)
    .do(resolution.SendFinalResponse, { ...answer, channel: 'front_desk' });
  expect(walked.types.slice(-2)).toEqual(['FinalResponseSent', 'OutcomeCommunicated']);
  walked.do(RecordFollowUp, { result: 'declined', channel: 'front_desk' }).do(CloseComplaint);
  expect(walked.state.stage).toBe('Closed');
});

test('15. two measures, one waived', () => {
  const walked = investigatedCase().do(resolution.MakeDetermination, upheld);
  const [first] = offer(walked).measures;
  if (first === undefined) throw new Error('no measure');
  walked
    .do(resolution.ProposeRemedy, {
      needsAcceptance: false,
      measures: [first, { ...first, type: 'apology', action: 'Apologise by letter' }],
    })
    .do(resolution.SendFinalResponse, answer)
    .do(resolution.CompleteMeasure, { remedyId: 'r1', measureId: 'm1' })
    .do(resolution.WaiveMeasure, {
      remedyId: 'r1',
      measureId: 'm2',
      reason: 'Not wanted',
      responsible: 'supervisor-1',
    });
  expect(walked.types.slice(-2)).toEqual(['RemedyMeasureWaived', 'RemedyImplemented']);
  walked.later(7).do(CloseComplaint);
  expect([walked.state.stage, walked.state.remedies[0]?.status]).toEqual(['Closed', 'Implemented']);
});

test('a safety-critical complaint stays open after its withdrawal', () => {
  const walked = lodged().do(AssessSeverity, { severity: 'serious', safetyCritical: true }, { by: SUPERVISOR });
  walked.do(WithdrawComplaint, { statedBy: walked.said() });
  expect([walked.state.stage, walked.state.withdrawal?.continuedOnOwnInitiative]).toEqual(['UnderAssessment', true]);
});
