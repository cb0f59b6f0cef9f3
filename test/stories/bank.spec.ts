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
  order,
  RECOURSE,
  response,
  WANG_FANG,
} from './bodies.js';
import { story, type Case } from './case.js';

const FEE = { channel: 'mobile_app', language: 'zh', narrative: '被收了120元从未开通的年费。', parties: [WANG_FANG] };
const CARD = { channel: 'email', language: 'en', narrative: 'A payment I did not make.', parties: [JANE_DOYLE] };

/** A fee of 120.00, upheld; the refund is accepted and told. */
function owesAFee(file: Case): Case {
  file.by('officer-1', 'lodge', FEE);
  return investigate(file, 'substantiated')
    .do('make-determination', decision('upheld'))
    .do('propose-remedy', offer(file, 'refund', {}, { amount: money(12_000) }))
    .do('accept-remedy', { remedyId: 'r1', statedBy: file.says('a1') })
    .do('send-final-response', response('accept'));
}
const payment = (amount: number, fields = {}) => ({
  remedyId: 'r1',
  measureId: 'm1',
  payee: 'a1',
  money: money(amount),
  exGratia: false,
  ...fields,
});

story('T10, I5: not upheld with reasons and recourse: closed with explanation after the window', (file) => {
  file.by('officer-1', 'lodge', CARD);
  investigate(file, 'unsubstantiated')
    .refused('make-determination', { points: [{ id: 'p1', outcome: 'not_upheld', reasons: 'The PIN was used.' }] })
    .do('make-determination', decision('not_upheld'))
    .refused('send-final-response', response('accept', 'email'))
    .do('send-final-response', response('reject', 'email'))
    .do('record-delivery', delivered('f1', 'email'))
    .later('6d')
    .refused('close', {})
    .later('1d')
    .do('close')
    .ends({
      stage: 'Closed',
      status: 'handled',
      response: 'Closed with explanation',
      outcome: 'not_upheld',
      disputed: null,
      paid: {},
      owed: [],
      told: { a1: { f1: 'delivered' } },
      may: ['reopen', 'submit-feedback'],
      mayNot: ['close', 'return-to-investigation'],
    });
});

story('T13, I23: a refund is done by payments of its currency, and never more than is owed', (file) => {
  owesAFee(file)
    .do('record-redress-payment', payment(6000))
    .recorded('RedressPaid')
    .owes('r1/m1')
    .refused('record-redress-payment', payment(700_000))
    .refused('record-redress-payment', payment(6000, { money: money(6000, 'EUR') }))
    .refused('complete-measure', { remedyId: 'r1', measureId: 'm1' })
    .do('record-redress-payment', payment(6000))
    .recorded('RedressPaid', 'RemedyMeasureCompleted', 'RemedyImplemented')
    .refused('record-redress-payment', payment(1))
    .later('8d')
    .do('close')
    .ends({
      stage: 'Closed',
      status: 'resolved',
      response: 'Closed with monetary relief',
      outcome: 'upheld',
      disputed: false,
      paid: { CNY: 12_000 },
      owed: [],
      told: { a1: { f1: 'delivered' } },
      may: ['record-payment-returned', 'reopen'],
      mayNot: ['complete-measure', 'waive-measure'],
    });
});

story('T13: a payment that comes back makes its measure owed again, also after the end', (file) => {
  owesAFee(file)
    .do('record-redress-payment', payment(12_000))
    .later('8d')
    .do('close')
    .is('Closed', 'resolved')
    .later('2d')
    .do('record-payment-returned', { paymentId: 'y1', reason: 'Account closed' })
    .recorded('RedressReturned')
    .owes('r1/m1')
    .is('Closed', 'commitment_outstanding')
    .refused('record-payment-returned', { paymentId: 'y1', reason: 'Account closed' })
    .do('record-redress-payment', payment(12_000))
    .recorded('RedressPaid', 'RemedyMeasureCompleted', 'RemedyImplemented')
    .ends({
      stage: 'Closed',
      status: 'resolved',
      response: 'Closed with monetary relief',
      disputed: false,
      paid: { CNY: 12_000 },
      owed: [],
      told: { a1: { f1: 'delivered' } },
      may: ['record-payment-returned', 'reopen'],
      mayNot: ['close', 'complete-measure'],
    });
});

story('I23: the payee is a complainant with verified identity', (file) => {
  file.by('officer-1', 'lodge', FEE).do('assign', { handler: 'handler-1' });
  establish(file, 'substantiated')
    .do('waive-identity', { party: 'a1', cause: 'not_needed', reason: 'Known account', responsible: 'supervisor-1' })
    .do('make-determination', decision('upheld'))
    .do('propose-remedy', { needsAcceptance: false, measures: [measure(file, 'refund', { amount: money(60_000) })] })
    .do('send-final-response', response('accept'))
    .refused('record-redress-payment', payment(60_000))
    .do('record-redress-payment', payment(50_000))
    .refused('record-redress-payment', payment(10_000))
    .do('verify-identity', { party: 'a1', result: 'verified', method: 'id_document' })
    .do('record-redress-payment', payment(10_000))
    .ends({
      stage: 'Responded',
      status: 'handled',
      response: 'Closed with monetary relief',
      outcome: 'upheld',
      paid: { CNY: 60_000 },
      owed: [],
      told: { a1: { f1: 'delivered' } },
      may: ['record-payment-returned', 'record-follow-up'],
      mayNot: ['complete-measure', 'close'],
    });
});

story(
  'T14, I4: no letter goes to somebody whose identity failed; where nobody may be told, nothing is asked',
  (file) => {
    file
      .by('officer-1', 'lodge', CARD)
      .do('assign', { handler: 'handler-1' })
      .do('verify-identity', { party: 'a1', result: 'failed', method: 'call_back', reason: 'Another person answered' });
    establish(file, 'unsubstantiated')
      .do('make-determination', decision('not_upheld'))
      .refused('send-final-response', response('reject', 'email'))
      .do('send-final-response', response('reject', 'email', { addressees: [] }))
      .recorded('FinalResponseSent', 'OutcomeUndeliverable')
      .later('8d')
      .do('close')
      .ends({
        stage: 'Closed',
        status: 'handled',
        response: 'Closed with explanation',
        outcome: 'not_upheld',
        disputed: null,
        paid: {},
        owed: [],
        told: { nobody: { f1: 'undeliverable' } },
        may: ['verify-identity', 'add-evidence'],
        mayNot: ['close'],
      });
  },
);

story('I22: a representative accepts nothing and is paid nothing without verified authority', (file) => {
  const accept = { remedyId: 'r1', statedBy: { party: 'a2', medium: 'phone' } };
  file.by('officer-1', 'lodge', {
    ...CARD,
    parties: [
      JANE_DOYLE,
      { ...complainant('Lee Chan', 'email', 'lee@example.org'), role: 'representative', actsFor: ['a1'] },
    ],
  });
  investigate(file, 'substantiated', ['a1', 'a2'])
    .do('make-determination', decision('upheld'))
    .do('propose-remedy', offer(file, 'refund', {}, { amount: money(12_000) }))
    .refused('accept-remedy', { ...accept, statedBy: file.says('a2') })
    .do('request-information', { party: 'a2', about: 'authority', question: 'Please send the power of attorney.' })
    .do('verify-authority', {
      party: 'a2',
      result: 'verified',
      reason: 'Power of attorney',
      scope: ['act', 'correspondence'],
    })
    .do('accept-remedy', { ...accept, statedBy: file.says('a2') })
    .do('send-final-response', response('accept', 'email', { addressees: ['a2'] }))
    .refused('record-redress-payment', payment(12_000, { payee: 'a2' }))
    .do('record-redress-payment', payment(12_000))
    .ends({
      stage: 'Responded',
      status: 'resolved',
      response: 'Closed with monetary relief',
      disputed: false,
      paid: { CNY: 12_000 },
      owed: [],
      told: { a2: { f1: 'sent' } },
      may: ['record-delivery'],
      mayNot: ['close'],
    });
});

story('I21: nothing occurs before what it answers, two minutes apart', (file) => {
  file.by('officer-1', 'lodge', CARD);
  investigate(file, 'substantiated').do('make-determination', decision('upheld'));
  const [oneMinuteBefore, tenMinutesBefore] = [file.ago('1m'), file.ago('10m')];
  file
    .later('1d')
    .refused(
      'send-final-response',
      { ...response('accept', 'email'), occurredAt: tenMinutesBefore },
      'before_what_it_answers',
    )
    .do('send-final-response', { ...response('accept', 'email'), occurredAt: oneMinuteBefore })
    .refused('record-delivery', { ...delivered('f1', 'email'), at: tenMinutesBefore }, 'before_what_it_answers')
    .do('record-delivery', { ...delivered('f1', 'email'), at: file.ago('1d') })
    .do('propose-remedy', offer(file, 'refund', {}, { amount: money(12_000) }))
    .refused(
      'accept-remedy',
      { remedyId: 'r1', statedBy: file.says('a1', 'phone', file.ago('2d')) },
      'before_what_it_answers',
    )
    .do('accept-remedy', { remedyId: 'r1', statedBy: file.says('a1', 'phone') })
    .refused('record-redress-payment', payment(12_000, { paidAt: file.ago('2d') }), 'before_what_it_answers')
    .ends({
      stage: 'Responded',
      status: 'commitment_outstanding',
      response: 'In progress',
      disputed: false,
      paid: {},
      owed: ['r1/m1'],
      told: { a1: { f1: 'delivered' } },
      may: ['record-redress-payment'],
      mayNot: ['close'],
    });
});

story('T18, I24: asked for in time and typed late, re-opening is in the window', (file) => {
  file.by('officer-1', 'lodge', CARD);
  investigate(file, 'unsubstantiated')
    .do('make-determination', decision('not_upheld'))
    .do('send-final-response', response('reject'))
    .later('8d')
    .do('close')
    .later('100d')
    .refused('reopen', { kind: 'dissatisfied', reason: 'Bank statement found', statedBy: file.says('a1', 'written') })
    .do('reopen', {
      kind: 'dissatisfied',
      reason: 'Bank statement found',
      statedBy: file.says('a1', 'written', file.ago('20d')),
    })
    .recorded('ComplaintReopened')
    .ends({
      stage: 'UnderAssessment',
      status: 'unresolved',
      response: 'In progress',
      outcome: null,
      disputed: true,
      episode: 2,
      paid: {},
      owed: [],
      told: { a1: { f1: 'delivered' } },
      may: ['acknowledge', 'waive-investigation', 'assess-merits'],
      mayNot: ['reopen', 'make-determination', 'close'],
    });
});

story('T18: after the window a supervisor re-opens, and new evidence is no dissatisfaction', (file) => {
  file.by('officer-1', 'lodge', CARD);
  investigate(file, 'unsubstantiated')
    .do('make-determination', decision('not_upheld'))
    .do('send-final-response', response('reject'))
    .later('8d')
    .do('close')
    .later('100d')
    .by('supervisor-1', 'reopen', {
      kind: 'new_evidence',
      reason: 'Video of the cash machine',
      statedBy: file.says('a1', 'written'),
    })
    .is('UnderAssessment', 'in_progress')
    .do('add-evidence', { sha256: 'a'.repeat(64), kind: 'video', source: 'a1' });
  establish(file, 'substantiated')
    .do('make-determination', decision('upheld'))
    .do('send-final-response', response('accept'))
    .by('officer-1', 'submit-feedback', { score: 4, statedBy: file.says('a1') })
    .do('close')
    .ends({
      stage: 'Closed',
      status: 'resolved',
      response: 'Closed',
      outcome: 'upheld',
      disputed: false,
      episode: 2,
      paid: {},
      owed: [],
      told: { a1: { f1: 'delivered', f2: 'delivered' } },
      may: ['reopen'],
      mayNot: ['close'],
    });
});

story('T18: in internal review nobody decides who decided before', (file) => {
  file.by('officer-1', 'lodge', FEE);
  investigate(file, 'unsubstantiated')
    .do('make-determination', decision('not_upheld'))
    .do('send-final-response', response('reject'))
    .do('reopen', { kind: 'internal_review', reason: '申请核查', statedBy: file.says('a1', 'written') });
  establish(file, 'substantiated')
    .refused('make-determination', decision('upheld'))
    .by('reviewer-1', 'make-determination', decision('upheld'))
    .do('send-final-response', response('accept'))
    .ends({
      stage: 'Responded',
      status: 'handled',
      response: 'Closed',
      outcome: 'upheld',
      disputed: null,
      episode: 2,
      paid: {},
      owed: [],
      told: { a1: { f1: 'delivered', f2: 'delivered' } },
      may: ['propose-remedy', 'submit-feedback'],
      mayNot: ['close'],
    });
});

story('T21: the ombudsman orders 250.00 after the end: owed, paid, still closed', (file) => {
  file.by('officer-1', 'lodge', CARD);
  investigate(file, 'unsubstantiated')
    .do('make-determination', decision('not_upheld'))
    .do('send-final-response', response('reject'))
    .later('8d')
    .do('close')
    .later('30d')
    .do('record-external-decision', {
      body: 'Financial Ombudsman Service',
      ref: 'FOS-77',
      decidedOn: file.ago('2d'),
      points: [{ id: 'p1', outcome: 'upheld', reasons: 'The bank had no proof of the PIN.' }],
      orders: [order('compensation', money(25_000, 'GBP'))],
      complyBy: file.in('20d'),
    })
    .recorded('ExternalDecisionRecorded', 'DeterminationMade', 'RemedyProposed')
    .owes('r1/m1')
    .is('Closed', 'commitment_outstanding')
    .do('record-redress-payment', payment(25_000, { money: money(25_000, 'GBP') }))
    .ends({
      stage: 'Closed',
      status: 'handled',
      response: 'Closed with monetary relief',
      outcome: 'upheld',
      paid: { GBP: 25_000 },
      owed: [],
      told: { a1: { f1: 'delivered' } },
      may: ['record-payment-returned', 'reopen', 'record-external-decision'],
      mayNot: ['make-determination', 'close'],
    });
});

story('T13: ex gratia after not upheld is paid and is relief', (file) => {
  file.by('officer-1', 'lodge', CARD);
  investigate(file, 'unsubstantiated')
    .do('make-determination', { ...decision('not_upheld'), recourse: RECOURSE })
    .do('send-final-response', response('reject'))
    .later('8d')
    .do('close')
    .refused('record-redress-payment', { payee: 'a1', money: money(200_000, 'GBP'), exGratia: true })
    .do('record-redress-payment', { payee: 'a1', money: money(2000, 'GBP'), exGratia: true })
    .recorded('RedressPaid')
    .ends({
      stage: 'Closed',
      status: 'handled',
      response: 'Closed with monetary relief',
      outcome: 'not_upheld',
      paid: { GBP: 2000 },
      owed: [],
      told: { a1: { f1: 'delivered' } },
      may: ['record-payment-returned'],
      mayNot: ['close'],
    });
});
