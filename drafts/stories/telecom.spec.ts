import {
  complainant,
  decision,
  delivered,
  establish,
  failed,
  investigate,
  JANE_DOYLE,
  response,
  WANG_FANG,
} from './bodies.js';
import { story } from './case.js';

const BILL = { channel: 'phone', language: 'zh', narrative: '套餐取消后仍在扣费。', parties: [WANG_FANG] };
const LINE = { channel: 'website', language: 'en', narrative: 'No internet for nine days.', parties: [JANE_DOYLE] };

story('T25: a register says 处理中: not final, and a live complaint stays open', (file) => {
  file
    .by('importer', 'lodge', {
      ...BILL,
      channel: 'third_party_platform',
      sources: [{ system: '12315', ref: 'T-4711' }],
    })
    .by('importer', 'record-external-outcome', { register: '12315', response: '处理中', final: false })
    .recorded('ExternalOutcomeRecorded')
    .is('Received', 'pending')
    .by('importer', 'record-external-outcome', { register: '12315', response: '已转办运营商', final: false })
    .ends({
      stage: 'Received',
      status: 'pending',
      response: 'In progress',
      outcome: null,
      disputed: null,
      paid: {},
      owed: [],
      told: {},
      may: ['assign', 'classify', 'verify-content'],
      mayNot: ['close', 'record-external-outcome'],
    });
});

story('T25: a final outcome of a register ends what nobody has taken up', (file) => {
  file
    .by('importer', 'lodge', { ...LINE, sources: [{ system: 'cfpb', ref: '3' }] })
    .by('importer', 'record-external-outcome', {
      register: 'CFPB',
      response: 'Closed with explanation',
      final: true,
      timely: true,
      disputed: false,
    })
    .ends({
      stage: 'Closed',
      status: 'handled',
      outcome: null,
      paid: {},
      owed: [],
      told: {},
      may: ['reopen', 'record-contact'],
      mayNot: ['close', 'assign'],
    });
});

story('T25: a case that is in work ends only where the sender says that it was handled elsewhere', (file) => {
  file
    .by('importer', 'lodge', { ...LINE, sources: [{ system: 'crm', ref: '8' }] })
    .do('assign', { handler: 'handler-1' })
    .by('importer', 'record-external-outcome', { register: 'crm', response: 'Ended', final: true })
    .is('UnderAssessment', 'in_progress')
    .by('importer', 'record-external-outcome', {
      register: 'crm',
      response: 'Ended',
      final: true,
      handledElsewhere: true,
    })
    .ends({
      stage: 'Closed',
      status: 'handled',
      paid: {},
      owed: [],
      told: {},
      may: ['reopen'],
      mayNot: ['assign', 'close'],
    });
});

story('T25: our own determination stands: what was handled elsewhere does not end the case', (file) => {
  file.by('importer', 'lodge', { ...LINE, sources: [{ system: 'crm', ref: '9' }] });
  investigate(file, 'substantiated')
    .do('make-determination', decision('upheld'))
    .by('importer', 'record-external-outcome', {
      register: 'crm',
      response: 'Ended',
      final: true,
      handledElsewhere: true,
    })
    .ends({
      stage: 'Determined',
      status: 'in_progress',
      response: 'In progress',
      outcome: 'upheld',
      paid: {},
      owed: [],
      told: {},
      may: ['send-final-response', 'propose-remedy'],
      mayNot: ['close'],
    });
});

story('T25: a register does not end a hazard', (file) => {
  file
    .by('importer', 'lodge', {
      ...LINE,
      narrative: 'The router caught fire.',
      sources: [{ system: 'cfpb', ref: '10' }],
    })
    .by('officer-1', 'raise-flag', { flag: 'safety', reason: 'Fire' })
    .by('importer', 'record-external-outcome', { register: 'CFPB', response: 'Closed', final: true })
    .ends({
      stage: 'Received',
      status: 'pending',
      response: 'In progress',
      paid: {},
      owed: [],
      told: {},
      may: ['assign', 'record-contact'],
      mayNot: ['close'],
    });
});

story('T25: "In progress" of the register CFPB is never final, whatever the sender states', (file) => {
  file
    .by('importer', 'lodge', { ...LINE, sources: [{ system: 'cfpb', ref: '11' }] })
    .refusedTo('importer', 'record-external-outcome', { register: 'CFPB', response: 'In progress', final: true })
    .refusedTo('handler-1', 'record-external-outcome', { register: 'CFPB', response: 'Closed', final: true })
    .ends({
      stage: 'Received',
      status: 'pending',
      response: 'In progress',
      paid: {},
      owed: [],
      told: {},
      may: ['assign'],
      mayNot: ['record-external-outcome'],
    });
});

story('T9, I10: the answer releases its own hold and no other', (file) => {
  file
    .by('officer-1', 'lodge', BILL)
    .do('assign', { handler: 'handler-1' })
    .do('request-information', {
      party: 'a1',
      about: 'q-number',
      question: '请提供被扣费的号码。',
      hold: { expectedEnd: file.in('10d') },
    })
    .recorded('InformationRequested', 'HoldPlaced')
    .do('place-hold', { reason: 'awaiting_third_party', counterparty: 'Clearing house', expectedEnd: file.in('5d') })
    .later('1d')
    .do('receive-information', { requestId: 'q1', from: 'a1', content: '139 0000 0000' })
    .recorded('InformationReceived', 'HoldReleased')
    .ends({
      stage: 'UnderAssessment',
      status: 'in_progress',
      response: 'In progress',
      paid: {},
      owed: [],
      told: {},
      may: ['release-hold', 'verify-content'],
      mayNot: ['lapse-information-request', 'close'],
    });
});

story('T9: a request without an answer lapses; a hold ends itself at its expected end', (file) => {
  file
    .by('officer-1', 'lodge', BILL)
    .do('assign', { handler: 'handler-1' })
    .do('request-information', {
      party: 'a1',
      about: 'q-number',
      question: '号码？',
      hold: { expectedEnd: file.in('10d') },
    })
    .do('place-hold', { reason: 'force_majeure', counterparty: 'Flood', expectedEnd: file.in('1d') })
    .later('3d')
    .do('release-hold', { holdId: 'h2' })
    .recorded('HoldReleased')
    .refused('release-hold', { holdId: 'h2' })
    .do('lapse-information-request', { requestId: 'q1', reason: 'No answer after two reminders' })
    .recorded('InformationRequestLapsed', 'HoldReleased')
    .ends({
      stage: 'UnderAssessment',
      status: 'in_progress',
      paid: {},
      owed: [],
      told: {},
      may: ['receive-information', 'request-information'],
      mayNot: ['release-hold', 'lapse-information-request'],
    });
});

story('T9, I15: nobody asks for what the file holds, unless the request says why that will not do', (file) => {
  const ask = { party: 'a1', about: 'q-number', question: '被扣费的号码是多少？' };
  file
    .by('officer-1', 'lodge', { ...BILL, answers: [{ questionId: 'q-number', answer: '139 0000 0000' }] })
    .refused('request-information', ask)
    .do('request-information', { ...ask, reason: '该号码已不在网。' })
    .ends({
      stage: 'Received',
      status: 'pending',
      paid: {},
      owed: [],
      told: {},
      may: ['receive-information', 'lapse-information-request'],
      mayNot: ['release-hold'],
    });
});

story('T14: three bounces in one second are one failure; three on two days make a letter undeliverable', (file) => {
  const undeliverable = { ...failed('f1', 'email'), result: 'undeliverable' };
  file.by('officer-1', 'lodge', LINE);
  investigate(file, 'substantiated')
    .do('make-determination', decision('upheld'))
    .do('send-final-response', response('accept', 'email'));
  for (let bounce = 0; bounce < 3; bounce += 1) file.do('record-delivery', { ...failed('f1', 'email'), at: file.now });
  file
    .refused('record-delivery', undeliverable)
    .later('2h')
    .do('record-delivery', failed('f1', 'email'))
    .refused('record-delivery', undeliverable)
    .later('1d')
    .do('record-delivery', undeliverable)
    .recorded('OutcomeUndeliverable')
    .is('Responded', 'unresolved')
    .do('record-follow-up', { result: 'unreachable', channel: 'email', attempts: 2 })
    .do('close')
    .ends({
      stage: 'Closed',
      status: 'unresolved',
      response: 'Closed',
      outcome: 'upheld',
      paid: {},
      owed: [],
      told: { a1: { f1: 'undeliverable' } },
      may: ['record-delivery', 'reopen'],
      mayNot: ['close'],
    });
});

story('T15, T26: a customer chases, and is told why it takes longer and until when', (file) => {
  file
    .by('officer-1', 'lodge', LINE)
    .do('acknowledge', { channel: 'email', to: 'a1', message: 'We have it.' })
    .refused('acknowledge', { channel: 'email', to: 'a1' })
    .by('officer-1', 'record-contact', {
      direction: 'inbound',
      channel: 'phone',
      party: 'a1',
      result: 'reached',
      asksForUpdate: true,
      content: 'Where is my answer?',
    })
    .recorded('ContactRecorded', 'ComplainantChased')
    .do('send-progress-update', {
      addressees: ['a1'],
      channel: 'email',
      text: 'The cable is under the road.',
      why: 'The city must permit the digging',
      until: file.in('5d'),
    })
    .recorded('ProgressUpdateSent')
    .ends({
      stage: 'Received',
      status: 'pending',
      paid: {},
      owed: [],
      told: {},
      may: ['send-holding-response', 'send-progress-update', 'assign'],
      mayNot: ['acknowledge', 'close'],
    });
});

story(
  'T19, I22: one of two complainants withdraws: the case goes on for the other; the last withdrawal ends it',
  (file) => {
    file
      .by('officer-1', 'lodge', {
        ...BILL,
        parties: [WANG_FANG, { ...complainant('李雷', 'phone', '+86 10 5555 0101'), role: 'co_complainant' }],
      })
      .do('withdraw', { statedBy: file.says('a1'), reason: '已退费' })
      .recorded('ComplaintWithdrawn')
      .is('Received', 'pending');
    establish(file, 'substantiated').ends({
      stage: 'UnderInvestigation',
      status: 'in_progress',
      paid: {},
      owed: [],
      told: {},
      may: ['withdraw', 'verify-identity'],
      mayNot: ['close', 'reopen'],
    });
    file.do('withdraw', { statedBy: file.says('a2') }).is('Withdrawn', 'withdrawn');
  },
);

story('T14: a letter delivered to the one of two who has not withdrawn is enough', (file) => {
  file
    .by('officer-1', 'lodge', {
      ...BILL,
      parties: [WANG_FANG, { ...complainant('李雷', 'phone', '+86 10 5555 0101'), role: 'co_complainant' }],
    })
    .do('withdraw', { statedBy: file.says('a1'), reason: '已退费' });
  investigate(file, 'substantiated', ['a1', 'a2'])
    .do('make-determination', decision('upheld'))
    .do('send-final-response', response('accept', 'sms', { addressees: ['a2'] }))
    .do('record-delivery', delivered('f1', 'sms', 'a2'))
    .do('record-follow-up', { result: 'done', channel: 'phone' })
    .do('close')
    .ends({
      stage: 'Closed',
      status: 'handled',
      response: 'Closed',
      outcome: 'upheld',
      paid: {},
      owed: [],
      told: { a2: { f1: 'delivered' } },
      may: ['reopen'],
      mayNot: ['close', 'withdraw'],
    });
});
