import {
  decision,
  delivered,
  establish,
  failed,
  investigate,
  JANE_DOYLE,
  measure,
  money,
  offer,
  response,
  WANG_FANG,
} from './bodies.js';
import { story } from './case.js';

const WARD = { channel: 'in_person', language: 'zh', narrative: '护士配错了药。', parties: [WANG_FANG] };
const CLINIC = {
  channel: 'email',
  language: 'en',
  narrative: 'The operation was cancelled three times.',
  parties: [JANE_DOYLE],
};

story('T10: with a legal flag, a legal review by another person precedes the letter', (file) => {
  file
    .by('officer-1', 'lodge', CLINIC)
    .do('raise-flag', { flag: 'legal', reason: 'A lawyer wrote' })
    .recorded('RiskFlagged');
  investigate(file, 'substantiated')
    .do('make-determination', decision('upheld'))
    .refused('send-final-response', response('accept'))
    .refused('review-determination', { decision: 'approve', capacity: 'legal' })
    .by('lawyer-1', 'review-determination', { decision: 'approve', capacity: 'legal' })
    .recorded('DeterminationReviewed')
    .do('send-final-response', response('accept'))
    .ends({
      stage: 'Responded',
      status: 'handled',
      response: 'Closed',
      outcome: 'upheld',
      paid: {},
      owed: [],
      told: { a1: { f1: 'delivered' } },
      may: ['propose-remedy', 'record-follow-up'],
      mayNot: ['close', 'resolve-at-first-contact'],
    });
});

story('T10: a reviewer returns the decision; it is decided again', (file) => {
  file.by('officer-1', 'lodge', WARD);
  investigate(file, 'unsubstantiated')
    .do('make-determination', decision('not_upheld'))
    .by('reviewer-1', 'review-determination', { decision: 'return', capacity: 'reviewer', reasons: '病历未核对' })
    .recorded('DeterminationReviewed')
    .is('UnderInvestigation', 'in_progress')
    .do('verify-content', { finding: 'substantiated', grounds: '病历' })
    .do('make-determination', decision('upheld'))
    .ends({
      stage: 'Determined',
      status: 'in_progress',
      outcome: 'upheld',
      paid: {},
      owed: [],
      told: {},
      may: ['send-final-response'],
      mayNot: ['close', 'make-determination'],
    });
});

story('T5, I6: the owner declares an interest, the case has no owner, and does not come back to them', (file) => {
  file
    .by('officer-1', 'lodge', WARD)
    .do('assign', { handler: 'handler-1' })
    .do('declare-conflict-of-interest', { reason: '患者是亲属' })
    .recorded('ConflictOfInterestDeclared', 'ComplaintUnassigned')
    .refusedTo('supervisor-1', 'assign', { handler: 'handler-1' })
    .by('supervisor-1', 'assign', { handler: 'handler-2' })
    .ends({
      stage: 'UnderAssessment',
      status: 'in_progress',
      paid: {},
      owed: [],
      told: {},
      may: [],
      mayNot: ['make-determination', 'accept-assignment'],
    });
});

story('T5: a conflict is withdrawn by somebody who neither has nor declared it', (file) => {
  const withdrawn = { person: 'handler-2', reason: 'Another Ms Doyle' };
  file
    .by('officer-1', 'lodge', CLINIC)
    .by('supervisor-1', 'declare-conflict-of-interest', { person: 'handler-2', reason: 'Married to her' })
    .recorded('ConflictOfInterestDeclared')
    .refused('assign', { handler: 'handler-2' })
    .refusedTo('supervisor-1', 'withdraw-conflict-of-interest', withdrawn)
    .refusedTo('handler-2', 'withdraw-conflict-of-interest', withdrawn)
    .by('supervisor-2', 'withdraw-conflict-of-interest', withdrawn)
    .recorded('ConflictOfInterestWithdrawn')
    .do('assign', { handler: 'handler-2' })
    .ends({
      stage: 'UnderAssessment',
      status: 'in_progress',
      paid: {},
      owed: [],
      told: {},
      may: ['reassign', 'declare-conflict-of-interest'],
      mayNot: ['assign', 'withdraw-conflict-of-interest'],
    });
});

story('T5: a conflict of another person is declared by a supervisor, not by a colleague', (file) => {
  file
    .by('officer-1', 'lodge', CLINIC)
    .refused('declare-conflict-of-interest', { person: 'handler-2', reason: 'Rumour' })
    .by('supervisor-1', 'declare-conflict-of-interest', { person: 'handler-2', reason: 'Treated her' })
    .ends({
      stage: 'Received',
      status: 'pending',
      paid: {},
      owed: [],
      told: {},
      may: ['declare-conflict-of-interest', 'assign'],
      mayNot: ['accept-assignment'],
    });
});

story('T8: identity is waived as unreachable only after attempts on two days', (file) => {
  const waived = { party: 'a1', cause: 'unreachable', reason: 'Nobody answers', responsible: 'supervisor-1' };
  const attempt = { direction: 'outbound', channel: 'email', party: 'a1', result: 'bounced' };
  file
    .by('officer-1', 'lodge', CLINIC)
    .do('record-contact', attempt)
    .refused('waive-identity', waived)
    .later('2h')
    .do('record-contact', attempt)
    .refused('waive-identity', waived)
    .later('1d')
    .do('record-contact', attempt)
    .do('waive-identity', waived)
    .recorded('IdentityWaived')
    .ends({
      stage: 'Received',
      status: 'pending',
      paid: {},
      owed: [],
      told: {},
      may: ['verify-content', 'verify-identity'],
      mayNot: ['close'],
    });
});

story('2.4: a low score leaves the case unresolved; a higher one given later resolves it', (file) => {
  file.by('officer-1', 'lodge', CLINIC);
  investigate(file, 'substantiated')
    .do('make-determination', decision('upheld'))
    .do('send-final-response', response('accept'))
    .by('officer-1', 'submit-feedback', { score: 2, comment: 'Cold letter', statedBy: file.says('a1') })
    .is('Responded', 'unresolved')
    .later('2d')
    .by('officer-1', 'submit-feedback', { score: 5, resolved: 'yes', statedBy: file.says('a1') })
    .is('Responded', 'resolved')
    .by('officer-1', 'submit-feedback', { score: 1, statedBy: file.says('a1', 'phone', file.ago('1d')) })
    .do('close')
    .ends({
      stage: 'Closed',
      status: 'resolved',
      response: 'Closed',
      disputed: false,
      paid: {},
      owed: [],
      told: { a1: { f1: 'delivered' } },
      may: ['reopen'],
      mayNot: ['close'],
    });
});

story('2.4: feedback belongs to its episode', (file) => {
  file.by('officer-1', 'lodge', CLINIC);
  investigate(file, 'substantiated')
    .do('make-determination', decision('upheld'))
    .do('send-final-response', response('accept'))
    .by('officer-1', 'submit-feedback', { score: 1, resolved: 'no', statedBy: file.says('a1') })
    .do('close')
    .is('Closed', 'unresolved')
    .do('reopen', { kind: 'dissatisfied', reason: 'Cancelled a fourth time', statedBy: file.says('a1') });
  establish(file, 'substantiated')
    .do('make-determination', decision('upheld'))
    .do('send-final-response', response('accept'))
    .ends({
      stage: 'Responded',
      status: 'handled',
      response: 'Closed',
      outcome: 'upheld',
      disputed: true,
      episode: 2,
      paid: {},
      owed: [],
      told: { a1: { f1: 'delivered', f2: 'delivered' } },
      may: ['submit-feedback'],
      mayNot: ['close'],
    });
});

story('T14: the patient is told by hand; somebody without a contact may be handed the letter', (file) => {
  file.by('officer-1', 'lodge', { ...WARD, parties: [{ role: 'complainant', name: '王芳' }] });
  investigate(file, 'substantiated')
    .do('make-determination', decision('upheld'))
    .do('send-final-response', response('accept', 'front_desk'))
    .recorded('FinalResponseSent', 'OutcomeCommunicated')
    .do('record-follow-up', { result: 'declined', channel: 'front_desk' })
    .do('close')
    .ends({
      stage: 'Closed',
      status: 'handled',
      response: 'Closed',
      outcome: 'upheld',
      paid: {},
      owed: [],
      told: { a1: { f1: 'delivered' } },
      may: ['reopen'],
      mayNot: ['close'],
    });
});

story('T17: closing names everything that is missing at once', (file) => {
  file.by('officer-1', 'lodge', CLINIC);
  investigate(file, 'substantiated')
    .do('make-determination', decision('upheld'))
    .do('propose-remedy', { needsAcceptance: false, measures: [measure(file, 'apology')] })
    .do('propose-remedy', offer(file, 'compensation', {}, { amount: money(5000, 'GBP') }))
    .do('send-final-response', response('accept', 'letter', { recourse: 'Health ombudsman' }))
    .refused('close', {}, 'outcome_not_communicated', 'measures_open', 'offer_open', 'follow_up_open')
    .ends({
      stage: 'Responded',
      status: 'commitment_outstanding',
      response: 'In progress',
      outcome: 'upheld',
      paid: {},
      owed: ['r1/m1'],
      told: { a1: { f1: 'sent' } },
      may: ['record-delivery', 'complete-measure', 'accept-remedy', 'schedule-follow-up'],
      mayNot: ['close'],
    });
});

story('T17: an open draft keeps the case open until it is discarded', (file) => {
  file.by('officer-1', 'lodge', CLINIC);
  investigate(file, 'substantiated')
    .do('make-determination', decision('upheld'))
    .do('send-final-response', response('accept'))
    .do('propose-remedy', {
      needsAcceptance: false,
      measures: [measure(file, 'compensation', { amount: money(200_000, 'GBP') })],
    })
    .recorded('RemedyDrafted')
    .later('8d')
    .refused('close', {}, 'draft_open')
    .do('discard-draft', { draftId: 'r1', reason: 'Insurance pays' })
    .do('close')
    .ends({
      stage: 'Closed',
      status: 'handled',
      response: 'Closed',
      outcome: 'upheld',
      paid: {},
      owed: [],
      told: { a1: { f1: 'delivered' } },
      may: ['reopen'],
      mayNot: ['approve-remedy', 'discard-draft'],
    });
});

story('An end settles what waits: the task, the offer and the draft; what is owed stays owed', (file) => {
  file.by('officer-1', 'lodge', CLINIC);
  investigate(file, 'substantiated')
    .do('request-department-task', { orgUnit: 'ward', task: 'Find the file', dueAt: file.in('3d') })
    .do('make-determination', decision('upheld'))
    .do('propose-remedy', { needsAcceptance: false, measures: [measure(file, 'apology')] })
    .do('propose-remedy', offer(file, 'rebooking'))
    .do('propose-remedy', offer(file, 'compensation', {}, { amount: money(200_000, 'GBP') }))
    .do('withdraw', { statedBy: file.says('a1') })
    .recorded('DepartmentTaskCancelled', 'RemedyOfferLapsed', 'DraftDiscarded', 'ComplaintWithdrawn')
    .owes('r1/m1')
    .do('complete-measure', { remedyId: 'r1', measureId: 'm1' })
    .recorded('RemedyMeasureCompleted', 'RemedyImplemented')
    .ends({
      stage: 'Withdrawn',
      status: 'withdrawn',
      response: 'Closed with non-monetary relief',
      outcome: 'upheld',
      paid: {},
      owed: [],
      told: {},
      may: ['reopen', 'add-note'],
      mayNot: ['approve-remedy', 'lapse-remedy-offer', 'complete-task'],
    });
});

story('T14: a letter that failed on one channel is delivered on another', (file) => {
  file.by('officer-1', 'lodge', WARD);
  investigate(file, 'unsubstantiated')
    .do('make-determination', decision('not_upheld'))
    .do('send-final-response', response('reject', 'sms'))
    .do('record-delivery', failed('f1', 'sms'))
    .recorded('CommunicationFailed')
    .refused('record-delivery', { of: 'f9', result: 'delivered', channel: 'sms', to: 'a1' })
    .refused('record-delivery', delivered('f1', 'sms', 'a9'))
    .do('record-delivery', delivered('f1', 'phone'))
    .recorded('OutcomeCommunicated')
    .ends({
      stage: 'Responded',
      status: 'handled',
      response: 'Closed with explanation',
      outcome: 'not_upheld',
      paid: {},
      owed: [],
      told: { a1: { f1: 'delivered' } },
      may: ['record-follow-up', 'schedule-follow-up', 'request-feedback'],
      mayNot: ['close'],
    });
});
