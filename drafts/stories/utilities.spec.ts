import {
  decision,
  delivered,
  establish,
  investigate,
  JANE_DOYLE,
  measure,
  money,
  response,
  WANG_FANG,
} from './bodies.js';
import { story } from './case.js';

const GAS = { channel: 'phone', language: 'zh', narrative: '楼道里有煤气味。', parties: [WANG_FANG] };
const METER = { channel: 'letter', language: 'en', narrative: 'The meter reading is wrong.', parties: [JANE_DOYLE] };

story('T4, I16: two colleagues who set safety cannot lower what the other set; a third person can', (file) => {
  const lowered = { severity: 'moderate', safetyCritical: false };
  const cleared = { flag: 'safety', reason: 'Nothing measured' };
  file
    .by('officer-1', 'lodge', GAS)
    .do('assess-severity', { severity: 'serious', safetyCritical: true })
    .recorded('ComplaintAdmitted', 'SeverityAssessed', 'ComplaintPrioritised')
    .by('handler-2', 'raise-flag', { flag: 'safety', reason: 'A second call from the house' })
    .by('handler-2', 'assess-severity', { severity: 'serious', impactScope: 'many' })
    .refusedTo('handler-1', 'assess-severity', lowered)
    .refusedTo('handler-2', 'assess-severity', lowered)
    .refusedTo('handler-1', 'clear-flag', cleared)
    .refusedTo('handler-2', 'clear-flag', cleared)
    .by('supervisor-1', 'clear-flag', cleared)
    .by('supervisor-1', 'assess-severity', lowered)
    .ends({
      stage: 'UnderAssessment',
      status: 'in_progress',
      paid: {},
      owed: [],
      told: {},
      may: ['assess-severity', 'set-priority'],
      mayNot: ['close', 'clear-flag'],
    });
});

story('T28, I16: who raised the safety flag does not clear it; while it stands the case leads the queue', (file) => {
  file
    .by('officer-1', 'lodge', GAS)
    .do('assess-severity', { severity: 'minor' })
    .do('raise-flag', { flag: 'safety', reason: 'Smell of gas' })
    .recorded('RiskFlagged', 'ComplaintPrioritised');
  expect(file.state.priority?.priority).toBe('P1');
  file
    .refused('clear-flag', { flag: 'safety', reason: 'A neighbour cooked' })
    .by('supervisor-1', 'clear-flag', { flag: 'safety', reason: 'Measured: no gas' })
    .recorded('RiskFlagCleared', 'ComplaintPrioritised')
    .ends({
      stage: 'UnderAssessment',
      status: 'in_progress',
      paid: {},
      owed: [],
      told: {},
      may: ['raise-flag', 'assess-severity'],
      mayNot: ['clear-flag'],
    });
});

story('T6: a task of another department is done before the case is closed', (file) => {
  const task = { orgUnit: 'network', task: 'Measure the pressure', dueAt: file.in('2d') };
  file
    .by('officer-1', 'lodge', METER)
    .refused('request-department-task', task)
    .do('assign', { handler: 'handler-1' })
    .do('request-department-task', task)
    .recorded('DepartmentTaskRequested')
    .by('handler-2', 'accept-task', { taskId: 't1' })
    .do('verify-identity', { party: 'a1', result: 'verified', method: 'account_number' });
  establish(file, 'substantiated')
    .do('make-determination', decision('upheld'))
    .do('send-final-response', response('accept'))
    .later('8d')
    .refused('close', {})
    .by('handler-2', 'complete-task', { taskId: 't1', result: 'Pressure was low' })
    .recorded('DepartmentTaskCompleted')
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
      mayNot: ['request-department-task', 'cancel-task'],
    });
});

story('T10, T8: from receipt straight to the decision: the steps on the way are implied', (file) => {
  file
    .by('officer-1', 'lodge', METER)
    .by('supervisor-1', 'waive-investigation', { reason: 'Known fault of this series', responsible: 'supervisor-1' })
    .do('waive-identity', { party: 'a1', cause: 'not_needed', reason: 'Nothing is paid', responsible: 'handler-1' })
    .is('Received')
    .do('make-determination', decision('upheld'))
    .recorded('ComplaintAdmitted', 'DeterminationMade')
    .ends({
      stage: 'Determined',
      status: 'in_progress',
      response: 'In progress',
      outcome: 'upheld',
      disputed: null,
      paid: {},
      owed: [],
      told: {},
      may: ['send-final-response', 'propose-remedy', 'return-to-investigation'],
      mayNot: ['close', 'admit', 'waive-investigation'],
    });
});

story('T10, I25: who waived the investigation does not decide', (file) => {
  file
    .by('officer-1', 'lodge', METER)
    .do('waive-investigation', { reason: 'Known fault', responsible: 'handler-1' })
    .do('waive-identity', { party: 'a1', cause: 'not_needed', reason: 'Nothing is paid', responsible: 'handler-1' })
    .refused('make-determination', decision('upheld'))
    .by('supervisor-1', 'make-determination', decision('upheld'))
    .recorded('ComplaintAdmitted', 'DeterminationMade')
    .ends({
      stage: 'Determined',
      status: 'in_progress',
      outcome: 'upheld',
      paid: {},
      owed: [],
      told: {},
      may: ['send-final-response'],
      mayNot: ['close'],
    });
});

story('T14: an enquiry needs only an answer; it tells no recourse', (file) => {
  file
    .by('officer-1', 'lodge', { ...METER, narrative: 'When do you read the meter?' })
    .do('classify', { nature: 'enquiry', points: [{ id: 'p1', category: 'other' }] })
    .do('send-final-response', response('answer', 'email', { text: 'On the first of each month.' }))
    .recorded('DeterminationMade', 'FinalResponseSent')
    .do('record-delivery', delivered('f1', 'email'))
    .later('8d')
    .do('close')
    .ends({
      stage: 'Closed',
      status: 'handled',
      response: 'Closed',
      outcome: 'answered',
      disputed: null,
      paid: {},
      owed: [],
      told: { a1: { f1: 'delivered' } },
      may: ['reopen'],
      mayNot: ['close'],
    });
});

story('T14: a complaint is not answered like an enquiry', (file) => {
  file
    .by('officer-1', 'lodge', METER)
    .refused('send-final-response', response('answer', 'email'))
    .refused('send-final-response', response('accept', 'email'))
    .ends({
      stage: 'Received',
      status: 'pending',
      paid: {},
      owed: [],
      told: {},
      may: ['assign', 'declare-inadmissible'],
      mayNot: ['close', 'make-determination'],
    });
});

story('T28, T4: a need that is recorded changes the priority by rule', (file) => {
  file
    .by('officer-1', 'lodge', METER)
    .do('assess-severity', { severity: 'minor' })
    .recorded('ComplaintAdmitted', 'SeverityAssessed', 'ComplaintPrioritised');
  const before = file.state.priority?.priority;
  file
    .do('record-need', {
      party: 'a1',
      driver: 'health',
      need: 'On dialysis at home',
      adjustment: 'Call before switching off',
      consent: true,
    })
    .recorded('NeedRecorded', 'ComplaintPrioritised');
  expect(file.state.priority?.priority).not.toBe(before);
  file.ends({
    stage: 'UnderAssessment',
    status: 'in_progress',
    paid: {},
    owed: [],
    told: {},
    may: ['record-need', 'set-priority'],
    mayNot: ['close'],
  });
});

story('T22: two people correct the receipt; both values stay visible', (file) => {
  file
    .by('officer-1', 'lodge', METER)
    .do('propose-correction', {
      target: { revision: 0 },
      field: 'receivedAt',
      newValue: file.ago('3d'),
      basis: 'Stamp on the envelope',
    })
    .recorded('CorrectionProposed')
    .refused('approve-correction', { correctionId: 'x1' })
    .by('supervisor-1', 'approve-correction', { correctionId: 'x1' })
    .recorded('RecordCorrected')
    .ends({
      stage: 'Received',
      status: 'pending',
      paid: {},
      owed: [],
      told: {},
      may: ['propose-correction', 'assign'],
      mayNot: ['approve-correction', 'reject-correction'],
    });
});

story('T22: a correction is rejected, and the recorded value stays', (file) => {
  file.by('officer-1', 'lodge', METER);
  const receivedAt = file.state.receivedAt;
  file
    .do('propose-correction', {
      target: { revision: 0 },
      field: 'receivedAt',
      newValue: file.ago('30d'),
      basis: 'Says the caller',
    })
    .by('supervisor-1', 'reject-correction', { correctionId: 'x1', reason: 'The stamp says otherwise' })
    .recorded('CorrectionRejected');
  expect(file.state.receivedAt).toEqual(receivedAt);
  file.ends({
    stage: 'Received',
    status: 'pending',
    paid: {},
    owed: [],
    told: {},
    may: ['propose-correction'],
    mayNot: ['approve-correction'],
  });
});

story('T18, T28: the fault is back within the window: linked and re-opened as recurrence', (file) => {
  file.by('officer-1', 'lodge', METER);
  investigate(file, 'substantiated')
    .do('make-determination', decision('upheld'))
    .do('propose-remedy', { needsAcceptance: false, measures: [measure(file, 'repair')] })
    .do('send-final-response', response('accept'))
    .do('complete-measure', { remedyId: 'r1', measureId: 'm1' })
    .later('8d')
    .do('close')
    .later('20d')
    .do('link-recurrence', { priorComplaintId: '1b6b2f5e-5c1f-5f0e-9a55-3f0e8f2d7a61' })
    .recorded('RecurrenceLinked')
    .do('reopen', { kind: 'recurrence', reason: 'The meter runs again', statedBy: file.says('a1') })
    .ends({
      stage: 'UnderAssessment',
      status: 'in_progress',
      response: 'In progress',
      outcome: null,
      episode: 2,
      paid: {},
      owed: [],
      told: { a1: { f1: 'delivered' } },
      may: ['acknowledge', 'verify-content'],
      mayNot: ['close', 'reopen'],
    });
});

story('T14: not upheld with an offer that stands is an offer without acceptance of liability', (file) => {
  file.by('officer-1', 'lodge', METER);
  investigate(file, 'unsubstantiated')
    .do('make-determination', decision('not_upheld'))
    .do('propose-remedy', {
      needsAcceptance: true,
      measures: [measure(file, 'compensation', { amount: money(2000, 'GBP') })],
    })
    .refused('send-final-response', response('reject'))
    .do('send-final-response', response('offer_without_acceptance'))
    .later('8d')
    .refused('close', {})
    .do('accept-remedy', { remedyId: 'r1', statedBy: file.says('a1') })
    .ends({
      stage: 'Responded',
      status: 'commitment_outstanding',
      response: 'In progress',
      outcome: 'not_upheld',
      disputed: false,
      paid: {},
      owed: ['r1/m1'],
      told: { a1: { f1: 'delivered' } },
      may: ['record-redress-payment'],
      mayNot: ['close', 'lapse-remedy-offer'],
    });
});

story('T28: legal hold, relation, effort and suggestion are on the file and change no stage', (file) => {
  file
    .by('officer-1', 'lodge', METER)
    .do('place-legal-hold', { reason: 'Claim announced' })
    .do('relate-complaint', { complaintId: '1b6b2f5e-5c1f-5f0e-9a55-3f0e8f2d7a61', reason: 'Same street' })
    .do('record-effort', { minutes: 25 })
    .do('record-suggestion-shown', { kind: 'remedy', version: '1', shown: 'Refund', taken: 'edited' })
    .do('release-legal-hold', { reason: 'No claim was made' })
    .ends({
      stage: 'Received',
      status: 'pending',
      paid: {},
      owed: [],
      told: {},
      may: ['place-legal-hold', 'relate-complaint', 'record-effort'],
      mayNot: ['release-legal-hold', 'close'],
    });
});
