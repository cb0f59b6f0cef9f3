import {
  complainant,
  decision,
  delivered,
  establish,
  investigate,
  JANE_DOYLE,
  measure,
  money,
  offer,
  response,
  WANG_FANG,
} from './bodies.js';
import { story } from './case.js';

const PHONE = { channel: 'live_chat', language: 'zh', narrative: '手机用两周就黑屏了。', parties: [WANG_FANG] };
const COAT = { channel: 'website', language: 'en', narrative: 'The coat lost its colour.', parties: [JANE_DOYLE] };

/** An office of one person cannot ask for a second one. */
const ONE_PERSON = {
  remedyByTwo: false,
  reliefByTwo: false,
  waiverByTwo: false,
  investigationWaiverByTwo: false,
  safetyByTwo: false,
  reviewByOther: false,
  correctionByTwo: false,
  timeByTwo: false,
  conflictByTwo: false,
} as const;

story(
  'I25: an office of one person works with its switches off',
  (file) => {
    file
      .do('lodge', COAT)
      .do('assess-severity', { severity: 'serious', safetyCritical: true })
      .do('assess-severity', { severity: 'minor', safetyCritical: false })
      .do('waive-investigation', { reason: 'Known batch', responsible: 'handler-1' })
      .do('waive-identity', { party: 'a1', cause: 'not_needed', reason: 'Known customer', responsible: 'handler-1' })
      .do('make-determination', decision('upheld'))
      .do('propose-remedy', {
        needsAcceptance: false,
        measures: [measure(file, 'compensation', { amount: money(120_000, 'GBP') })],
      })
      .recorded('RemedyProposed')
      .do('send-final-response', response('accept'))
      .ends({
        stage: 'Responded',
        status: 'commitment_outstanding',
        response: 'In progress',
        outcome: 'upheld',
        paid: {},
        owed: ['r1/m1'],
        told: { a1: { f1: 'delivered' } },
        may: ['record-redress-payment', 'waive-measure'],
        mayNot: ['close', 'approve-remedy'],
      });
  },
  ONE_PERSON,
);

story('T6: a task that is returned is asked of another unit, and one that is cancelled holds nothing up', (file) => {
  file
    .by('officer-1', 'lodge', PHONE)
    .do('assign', { handler: 'handler-1' })
    .do('request-department-task', { orgUnit: 'workshop', task: '检测屏幕' })
    .by('handler-2', 'return-task', { taskId: 't1', reason: '属于厂家' })
    .recorded('DepartmentTaskReturned')
    .do('request-department-task', { orgUnit: 'maker', task: '检测屏幕' })
    .do('cancel-task', { taskId: 't2', reason: '客户已换货' })
    .recorded('DepartmentTaskCancelled')
    .refused('cancel-task', { taskId: 't2', reason: '再次' })
    .ends({
      stage: 'UnderAssessment',
      status: 'in_progress',
      paid: {},
      owed: [],
      told: {},
      may: ['request-department-task'],
      mayNot: ['close'],
    });
});

story('T27: a point is split, and each part is decided by itself', (file) => {
  file
    .by('officer-1', 'lodge', PHONE)
    .do('split-point', { pointId: 'p1', points: [{ issue: '客服态度差' }] })
    .recorded('PointSplit');
  investigate(file, 'substantiated')
    .do('make-determination', decision('upheld', 'not_upheld'))
    .refused('send-final-response', response('accept'))
    .refused('send-final-response', response('reject'))
    .do('send-final-response', response('accept_in_part'))
    .ends({
      stage: 'Responded',
      status: 'handled',
      response: 'Closed',
      outcome: 'partly_upheld',
      disputed: null,
      paid: {},
      owed: [],
      told: { a1: { f1: 'delivered' } },
      may: ['propose-remedy', 'record-follow-up'],
      mayNot: ['close', 'split-point'],
    });
});

story('T27: nothing is sent to a number that was retired', (file) => {
  file
    .by('officer-1', 'lodge', PHONE)
    .do('retire-contact-details', { party: 'a1', contact: 'k1', reason: '号码已转给别人' })
    .recorded('ContactDetailsRetired');
  establish(file, 'substantiated')
    .do('verify-identity', { party: 'a1', result: 'verified', method: 'receipt' })
    .do('make-determination', decision('upheld'))
    .do('send-final-response', response('accept', 'sms', { addressees: [] }))
    .recorded('FinalResponseSent', 'OutcomeUndeliverable')
    .do('add-contact-details', { party: 'a1', contacts: [{ channel: 'email', address: 'wang@example.org' }] })
    .later('8d')
    .refused('close', {})
    .do('record-delivery', delivered('f1', 'email'))
    .later('8d')
    .do('close')
    .ends({
      stage: 'Closed',
      status: 'handled',
      response: 'Closed',
      outcome: 'upheld',
      paid: {},
      owed: [],
      told: { nobody: { f1: 'undeliverable' }, a1: { f1: 'delivered' } },
      may: ['reopen'],
      mayNot: ['close'],
    });
});

story('T19: withdrawn after relief was paid: withdrawn, closed with monetary relief', (file) => {
  file.by('officer-1', 'lodge', COAT);
  investigate(file, 'substantiated')
    .do('make-determination', decision('upheld'))
    .do('propose-remedy', {
      needsAcceptance: false,
      measures: [measure(file, 'refund', { amount: money(8000, 'GBP') })],
    })
    .do('record-redress-payment', {
      remedyId: 'r1',
      measureId: 'm1',
      payee: 'a1',
      money: money(8000, 'GBP'),
      exGratia: false,
    })
    .do('withdraw', { statedBy: file.says('a1', 'written') })
    .ends({
      stage: 'Withdrawn',
      status: 'withdrawn',
      response: 'Closed with monetary relief',
      outcome: 'upheld',
      paid: { GBP: 8000 },
      owed: [],
      told: {},
      may: ['reopen', 'record-payment-returned'],
      mayNot: ['send-final-response', 'propose-remedy'],
    });
});

story('T13: the only measure of a waiting offer is waived by the house: the offer is withdrawn with it', (file) => {
  file.by('officer-1', 'lodge', COAT);
  investigate(file, 'substantiated')
    .do('make-determination', decision('upheld'))
    .do('propose-remedy', offer(file, 'repair'))
    .do('waive-measure', {
      remedyId: 'r1',
      measureId: 'm1',
      reason: 'The workshop cannot dye it',
      responsible: 'supervisor-1',
      addressees: ['a1'],
      channel: 'phone',
    })
    .ends({
      stage: 'Determined',
      status: 'in_progress',
      response: 'In progress',
      outcome: 'upheld',
      paid: {},
      owed: [],
      told: { a1: { w1: 'delivered' } },
      may: ['propose-remedy', 'send-final-response'],
      mayNot: ['lapse-remedy-offer', 'complete-measure'],
    });
});

story('T13: an ordinary charge that is waived moves no money and is done by itself', (file) => {
  file.by('officer-1', 'lodge', COAT);
  investigate(file, 'substantiated')
    .do('make-determination', decision('upheld'))
    .do('propose-remedy', {
      needsAcceptance: false,
      measures: [measure(file, 'waiver_of_charge', { amount: money(995, 'GBP') })],
    })
    .do('send-final-response', response('accept'))
    .do('complete-measure', { remedyId: 'r1', measureId: 'm1' })
    .recorded('RemedyMeasureCompleted', 'RemedyImplemented')
    .ends({
      stage: 'Responded',
      status: 'handled',
      response: 'Closed with monetary relief',
      outcome: 'upheld',
      paid: {},
      owed: [],
      told: { a1: { f1: 'delivered' } },
      may: ['record-follow-up'],
      mayNot: ['complete-measure', 'close'],
    });
});

story(
  'I22: somebody who quotes the reference and gives no name acts as the complainant of an anonymous case',
  (file) => {
    file.by('officer-1', 'lodge', { channel: 'ivr_bot', language: 'zh', narrative: '电梯里有异味。' });
    establish(file, 'substantiated')
      .do('make-determination', decision('upheld'))
      .do('propose-remedy', offer(file, 'repair'))
      .refused('accept-remedy', { remedyId: 'r1', statedBy: file.says('unidentified') })
      .do('accept-remedy', { remedyId: 'r1', statedBy: { ...file.says('unidentified'), quotesReference: true } })
      .recorded('RemedyAccepted')
      .do('complete-measure', { remedyId: 'r1', measureId: 'm1' })
      .do('send-final-response', response('accept', 'phone', { addressees: [] }))
      .ends({
        stage: 'Responded',
        status: 'resolved',
        response: 'Closed with non-monetary relief',
        outcome: 'upheld',
        disputed: false,
        paid: {},
        owed: [],
        told: { nobody: { f1: 'undeliverable' } },
        may: ['submit-feedback', 'record-follow-up'],
        mayNot: ['complete-measure'],
      });
  },
);

story('I22: without a name and without the reference, somebody who is present may be handed the letter', (file) => {
  file.by('officer-1', 'lodge', { channel: 'in_person', narrative: 'The fitting room is dirty.' });
  establish(file, 'substantiated')
    .do('make-determination', decision('upheld'))
    .do('send-final-response', response('accept', 'in_person', { addressees: ['unidentified'] }))
    .recorded('FinalResponseSent', 'OutcomeCommunicated')
    .ends({
      stage: 'Responded',
      status: 'handled',
      response: 'Closed',
      outcome: 'upheld',
      paid: {},
      owed: [],
      told: { unidentified: { f1: 'delivered' } },
      may: ['record-follow-up', 'propose-remedy'],
      mayNot: ['close'],
    });
});

story('I22: an offer to one of two complainants is settled by that one', (file) => {
  file.by('officer-1', 'lodge', {
    ...COAT,
    parties: [JANE_DOYLE, { ...complainant('John Doyle', 'email', 'john@example.com'), role: 'co_complainant' }],
  });
  investigate(file, 'substantiated', ['a1', 'a2'])
    .do('make-determination', decision('upheld'))
    .do('propose-remedy', offer(file, 'replacement', { to: ['a1'] }))
    .refused('accept-remedy', { remedyId: 'r1', statedBy: file.says('a2') })
    .do('accept-remedy', { remedyId: 'r1', statedBy: file.says('a1') })
    .ends({
      stage: 'Determined',
      status: 'in_progress',
      response: 'In progress',
      outcome: 'upheld',
      paid: {},
      owed: ['r1/m1'],
      told: {},
      may: ['complete-measure', 'send-final-response'],
      mayNot: ['close'],
    });
});

story('T10: settled without a finding where every complainant agrees, not where one does', (file) => {
  const settled = (...agreedBy: readonly object[]) => ({
    points: [{ id: 'p1', outcome: 'resolved_without_finding', reasons: 'Both sides agreed.' }],
    agreedBy,
  });
  file.by('officer-1', 'lodge', {
    ...COAT,
    parties: [JANE_DOYLE, { ...complainant('John Doyle', 'email', 'john@example.com'), role: 'co_complainant' }],
  });
  investigate(file, 'substantiated', ['a1', 'a2'])
    .refused('make-determination', settled(file.says('a1')))
    .do('make-determination', settled(file.says('a1'), file.says('a2')))
    .do('send-final-response', response('accept', 'phone', { addressees: ['a1', 'a2'] }))
    .ends({
      stage: 'Responded',
      status: 'resolved',
      response: 'Closed',
      outcome: 'resolved_without_finding',
      disputed: false,
      paid: {},
      owed: [],
      told: { a1: { f1: 'delivered' }, a2: { f1: 'delivered' } },
      may: ['record-follow-up'],
      mayNot: ['close'],
    });
});

story('T26: what is told after the end is recorded and changes no stage', (file) => {
  file
    .by('officer-1', 'lodge', COAT)
    .do('withdraw', { statedBy: file.says('a1') })
    .do('record-contact', { direction: 'inbound', channel: 'email', party: 'a1', result: 'reached', content: 'Thanks' })
    .recorded('ContactRecorded')
    .do('add-note', { text: 'Sent to the buyer' })
    .do('receive-information', { from: 'a1', content: 'Here is the receipt' })
    .do('verify-identity', { party: 'a1', result: 'verified', method: 'receipt' })
    .ends({
      stage: 'Withdrawn',
      status: 'withdrawn',
      paid: {},
      owed: [],
      told: {},
      may: ['record-contact', 'add-note', 'receive-information', 'add-evidence', 'raise-flag'],
      mayNot: ['request-information', 'place-hold'],
    });
});

story('T11: a measure has an owner in the directory, and is not due before its offer', (file) => {
  file.by('officer-1', 'lodge', COAT);
  const proposed = (fields: object) => ({
    needsAcceptance: false,
    measures: [measure(file, 'apology', { ...fields })],
  });
  investigate(file, 'substantiated')
    .do('make-determination', decision('upheld'))
    .refused('propose-remedy', proposed({ owner: 'ghost-typo' }))
    .refused('propose-remedy', proposed({ dueAt: file.ago('1d') }))
    .refused('propose-remedy', { needsAcceptance: false, measures: [measure(file, 'refund')] })
    .do('propose-remedy', proposed({ owner: 'HANDLER-2' }))
    .recorded('RemedyProposed')
    .ends({
      stage: 'Determined',
      status: 'in_progress',
      outcome: 'upheld',
      paid: {},
      owed: ['r1/m1'],
      told: {},
      may: ['complete-measure', 'send-final-response'],
      mayNot: ['close'],
    });
});

story('I14: the limit covers all that one person alone granted in the case', (file) => {
  const proposed = (amount: number) => ({
    needsAcceptance: false,
    measures: [measure(file, 'compensation', { amount: money(amount, 'GBP') })],
  });
  file.by('officer-1', 'lodge', COAT);
  investigate(file, 'substantiated')
    .do('make-determination', decision('upheld'))
    .do('propose-remedy', proposed(60_000))
    .recorded('RemedyProposed')
    .do('propose-remedy', proposed(60_000))
    .recorded('RemedyDrafted')
    .by('supervisor-1', 'approve-remedy', { remedyId: 'r2' })
    .do('propose-remedy', proposed(40_000))
    .recorded('RemedyProposed')
    .ends({
      stage: 'Determined',
      status: 'in_progress',
      outcome: 'upheld',
      paid: {},
      owed: ['r1/m1', 'r2/m1', 'r3/m1'],
      told: {},
      may: ['record-redress-payment'],
      mayNot: ['approve-remedy', 'close'],
    });
});

story('T17: feedback stands for the follow-up, and the window need not pass', (file) => {
  file.by('officer-1', 'lodge', COAT);
  investigate(file, 'substantiated')
    .do('make-determination', decision('upheld'))
    .do('send-final-response', response('accept', 'email'))
    .refused('close', {}, 'outcome_not_communicated', 'follow_up_open')
    .do('record-delivery', delivered('f1', 'email'))
    .by('officer-1', 'submit-feedback', { score: 3, statedBy: file.says('a1') })
    .do('close')
    .ends({
      stage: 'Closed',
      status: 'unresolved',
      response: 'Closed',
      outcome: 'upheld',
      disputed: true,
      paid: {},
      owed: [],
      told: { a1: { f1: 'delivered' } },
      may: ['reopen'],
      mayNot: ['close'],
    });
});
