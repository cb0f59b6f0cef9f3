import {
  complainant,
  decision,
  delivered,
  failed,
  investigate,
  JANE_DOYLE,
  measure,
  offer,
  response,
  WANG_FANG,
} from './bodies.js';
import { story, type Case } from './case.js';

const PARCEL = { channel: 'phone', language: 'zh', narrative: '快递显示签收，但我没有收到。', parties: [WANG_FANG] };
const SOFA = { channel: 'website', language: 'en', narrative: 'The sofa has a torn back.', parties: [JANE_DOYLE] };

story('T19: the parcel turned up; the complainant withdraws', (file) => {
  file
    .by('officer-1', 'lodge', PARCEL)
    .do('withdraw', { statedBy: file.says('a1'), reason: '包裹找到了' })
    .recorded('ComplaintWithdrawn')
    .ends({
      stage: 'Withdrawn',
      status: 'withdrawn',
      response: 'Closed',
      outcome: null,
      disputed: null,
      paid: {},
      owed: [],
      told: {},
      may: ['reopen', 'record-contact', 'add-note'],
      mayNot: ['withdraw', 'assign', 'make-determination', 'close'],
    });
});

story('T19, I22: a stranger does not withdraw the case; nobody withdraws for another', (file) => {
  file
    .by('officer-1', 'lodge', {
      ...PARCEL,
      parties: [WANG_FANG, { ...complainant('王明', 'phone', '+86 10 5555 0102'), role: 'representative' }],
    })
    .refused('withdraw', { statedBy: file.says('a2') })
    .refused('withdraw', { statedBy: file.says('unidentified') })
    .ends({
      stage: 'Received',
      status: 'pending',
      paid: {},
      owed: [],
      told: {},
      may: ['withdraw', 'record-contact', 'verify-authority'],
      mayNot: ['reopen'],
    });
});

story('T19: a hazard goes on after the complainant withdraws', (file) => {
  file
    .by('officer-1', 'lodge', { ...PARCEL, narrative: '电池包裹冒烟。' })
    .do('assess-severity', { severity: 'serious', safetyCritical: true })
    .recorded('ComplaintAdmitted', 'SeverityAssessed', 'ComplaintPrioritised')
    .do('withdraw', { statedBy: file.says('a1') })
    .recorded('ComplaintWithdrawn')
    .ends({
      stage: 'UnderAssessment',
      status: 'in_progress',
      response: 'In progress',
      paid: {},
      owed: [],
      told: {},
      may: ['assign', 'verify-content'],
      mayNot: ['reopen', 'close'],
    });
});

story('T3: spam needs no letter, and is not admitted by being classified', (file) => {
  file
    .by('officer-1', 'lodge', { channel: 'email', narrative: 'Cheap watches, click here.' })
    .do('classify', { nature: 'spam', points: [{ id: 'p1', category: 'other' }] })
    .recorded('ComplaintClassified')
    .do('declare-inadmissible', { reasonCode: 'spam', nature: 'spam', reasons: 'Advertisement' })
    .recorded('ComplaintDeclaredInadmissible')
    .ends({
      stage: 'Inadmissible',
      status: 'inadmissible',
      response: 'Closed',
      paid: {},
      owed: [],
      told: {},
      may: ['reopen', 'add-note'],
      mayNot: ['declare-inadmissible', 'make-determination'],
    });
});

story('T5: the unit changes while the handler stays', (file) => {
  file
    .by('officer-1', 'lodge', PARCEL)
    .do('assign', { handler: 'handler-1', orgUnit: 'north' })
    .do('reassign', { handler: 'handler-1', orgUnit: 'south', reason: 'Depot moved' })
    .recorded('ComplaintReassigned')
    .refused('reassign', { handler: 'handler-1', orgUnit: 'south', reason: 'Depot moved' }, 'nothing_to_change');
  expect(file.state.ownership).toMatchObject({ handler: 'handler-1', orgUnit: 'south' });
  file.ends({
    stage: 'UnderAssessment',
    status: 'in_progress',
    paid: {},
    owed: [],
    told: {},
    may: ['reassign', 'accept-assignment', 'request-department-task'],
    mayNot: ['assign'],
  });
});

story('T5: only known people are assigned, and one signs for oneself', (file) => {
  file
    .by('officer-1', 'lodge', PARCEL)
    .refused('assign', { handler: 'ghost-typo' })
    .do('assign', { handler: 'handler-2' })
    .refusedTo('handler-1', 'accept-assignment', {})
    .by('handler-2', 'accept-assignment')
    .recorded('AssignmentAccepted')
    .ends({
      stage: 'UnderAssessment',
      status: 'in_progress',
      paid: {},
      owed: [],
      told: {},
      may: ['reassign'],
      mayNot: ['accept-assignment', 'assign'],
    });
});

story('T13: a repair by a third party is done on its confirmation', (file) => {
  file.by('officer-1', 'lodge', SOFA);
  investigate(file, 'substantiated')
    .do('make-determination', decision('upheld'))
    .do('propose-remedy', offer(file, 'repair', {}, { provider: 'third_party' }))
    .do('accept-remedy', { remedyId: 'r1', statedBy: file.says('a1') })
    .do('send-final-response', response('accept'))
    .refused('complete-measure', { remedyId: 'r1', measureId: 'm1' })
    .do('complete-measure', { remedyId: 'r1', measureId: 'm1', confirmation: 'Workshop order 88, signed' })
    .recorded('RemedyMeasureCompleted', 'RemedyImplemented')
    .by('officer-1', 'submit-feedback', { score: 5, resolved: 'no', statedBy: file.says('a1') })
    .ends({
      stage: 'Responded',
      status: 'unresolved',
      response: 'In progress',
      outcome: 'upheld',
      disputed: true,
      paid: {},
      owed: [],
      told: { a1: { f1: 'delivered' } },
      may: ['close', 'reopen', 'propose-remedy'],
      mayNot: ['complete-measure'],
    });
});

story('T10: new evidence after the decision: returned to investigation and decided again', (file) => {
  file.by('officer-1', 'lodge', PARCEL);
  investigate(file, 'unsubstantiated')
    .do('make-determination', decision('not_upheld'))
    .do('add-evidence', { sha256: 'b'.repeat(64), kind: 'photo', source: 'a1' })
    .do('return-to-investigation', { reason: '照片显示签收人不是她' })
    .recorded('ReturnedToInvestigation')
    .is('UnderInvestigation', 'in_progress')
    .do('verify-content', { finding: 'substantiated', grounds: '照片', evidenceIds: ['e1'] })
    .do('make-determination', decision('upheld'))
    .do('send-final-response', response('accept', 'messaging_app'))
    .do('record-delivery', failed('f1', 'messaging_app'))
    .do('record-delivery', delivered('f1', 'phone'))
    .by('officer-1', 'submit-feedback', { score: 4, statedBy: file.says('a1') })
    .do('close')
    .ends({
      stage: 'Closed',
      status: 'resolved',
      response: 'Closed',
      outcome: 'upheld',
      disputed: false,
      paid: {},
      owed: [],
      told: { a1: { f1: 'delivered' } },
      may: ['reopen'],
      mayNot: ['close', 'exclude-evidence'],
    });
});

/** A response that was sent, whose case is returned by the supervisor. */
function respondedNotUpheld(file: Case): Case {
  file.by('officer-1', 'lodge', SOFA);
  return investigate(file, 'unsubstantiated')
    .do('make-determination', decision('not_upheld'))
    .do('send-final-response', response('reject'));
}

story('T10, T14: after the response a supervisor returns the case; it is decided and told again', (file) => {
  respondedNotUpheld(file)
    .refused('return-to-investigation', { reason: 'Till records came' })
    .by('supervisor-1', 'return-to-investigation', { reason: 'Till records came' })
    .is('UnderInvestigation', 'in_progress')
    .do('make-determination', decision('upheld'))
    .later('8d')
    .refused('close', {})
    .do('send-final-response', response('accept', 'phone'))
    .later('8d')
    .do('close')
    .ends({
      stage: 'Closed',
      status: 'handled',
      response: 'Closed',
      outcome: 'upheld',
      paid: {},
      owed: [],
      told: { a1: { f1: 'delivered', f2: 'delivered' } },
      may: ['reopen'],
      mayNot: ['close'],
    });
});

story('T14: a corrected letter supersedes the former with a reason, and must be told again', (file) => {
  respondedNotUpheld(file)
    .refused('send-final-response', response('reject', 'email'))
    .do('send-final-response', response('reject', 'email', { supersedes: 'f1', reason: 'Wrong name' }))
    .recorded('FinalResponseSent')
    .later('8d')
    .refused('close', {})
    .do('record-delivery', delivered('f2', 'email'))
    .later('8d')
    .do('close')
    .ends({
      stage: 'Closed',
      status: 'handled',
      response: 'Closed with explanation',
      outcome: 'not_upheld',
      paid: {},
      owed: [],
      told: { a1: { f1: 'delivered', f2: 'delivered' } },
      may: ['reopen'],
      mayNot: ['close'],
    });
});

story('T11: the draft of an offer is returned, and a better one approved by another person', (file) => {
  file.by('officer-1', 'lodge', SOFA);
  investigate(file, 'substantiated')
    .do('make-determination', decision('upheld'))
    .do('propose-remedy', {
      needsAcceptance: false,
      measures: [measure(file, 'compensation', { amount: { amount: 150_000, currency: 'GBP' } })],
    })
    .recorded('RemedyDrafted')
    .refused('approve-remedy', { remedyId: 'r1' })
    .by('supervisor-1', 'return-remedy', { remedyId: 'r1', reason: 'A replacement is cheaper' })
    .do('propose-remedy', {
      needsAcceptance: false,
      measures: [measure(file, 'compensation', { amount: { amount: 120_000, currency: 'GBP' } })],
    })
    .by('supervisor-1', 'approve-remedy', { remedyId: 'r2' })
    .recorded('RemedyApproved', 'RemedyProposed')
    .do('send-final-response', response('accept'))
    .ends({
      stage: 'Responded',
      status: 'commitment_outstanding',
      response: 'In progress',
      outcome: 'upheld',
      paid: {},
      owed: ['r2/m1'],
      told: { a1: { f1: 'delivered' } },
      may: ['record-redress-payment', 'waive-measure'],
      mayNot: ['close', 'approve-remedy'],
    });
});
