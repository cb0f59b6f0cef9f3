import {
  complainant,
  decision,
  delivered,
  establish,
  investigate,
  JANE_DOYLE,
  money,
  order,
  response,
  WANG_FANG,
} from './bodies.js';
import { story } from './case.js';

const PERMIT = {
  channel: 'letter',
  language: 'en',
  narrative: 'My building permit is overdue.',
  parties: [JANE_DOYLE],
};
const STREET = {
  channel: 'third_party_platform',
  language: 'zh',
  narrative: '路灯坏了三个月，无人维修。',
  parties: [WANG_FANG],
};
const referral = (pointIds: readonly string[]) => ({
  pointIds,
  body: '市城管局',
  addressees: ['a1'],
  channel: 'phone',
  text: '路灯由市城管局负责，已移送。',
});

story('T21: every point is referred to the body that is responsible: referred out, and told', (file) => {
  file
    .by('officer-1', 'lodge', STREET)
    .do('refer-externally', referral(['p1']))
    .ends({
      stage: 'ReferredOut',
      status: 'referred_out',
      response: 'Closed',
      outcome: null,
      disputed: null,
      paid: {},
      owed: [],
      told: { a1: { t1: 'delivered' } },
      may: ['reopen', 'record-external-decision'],
      mayNot: ['refer-externally', 'assign', 'make-determination'],
    });
});

story('T21: escalated inside, then to the supervisor; the stage stays', (file) => {
  file
    .by('officer-1', 'lodge', PERMIT)
    .do('assign', { handler: 'handler-1' })
    .do('escalate', { to: 'supervisor', reason: 'The department does not answer' })
    .recorded('ComplaintEscalated')
    .ends({
      stage: 'UnderAssessment',
      status: 'in_progress',
      paid: {},
      owed: [],
      told: {},
      may: ['escalate', 'verify-content'],
      mayNot: ['close'],
    });
});

story('T21: an external decision before our own: determined, without our verification or recourse', (file) => {
  file
    .by('officer-1', 'lodge', PERMIT)
    .do('assign', { handler: 'handler-1' })
    .do('record-external-decision', {
      body: 'Administrative court',
      decidedOn: file.now,
      points: [{ id: 'p1', outcome: 'not_upheld', reasons: 'The file was incomplete until May.' }],
    })
    .recorded('ExternalDecisionRecorded', 'DeterminationMade')
    .ends({
      stage: 'Determined',
      status: 'in_progress',
      response: 'In progress',
      outcome: 'not_upheld',
      paid: {},
      owed: [],
      told: {},
      may: ['send-final-response'],
      mayNot: ['make-determination', 'close'],
    });
});

story('T18: an external decision after the end re-opens the case where we have to answer it', (file) => {
  file.by('officer-1', 'lodge', PERMIT);
  investigate(file, 'unsubstantiated')
    .do('make-determination', decision('not_upheld'))
    .do('send-final-response', response('reject'))
    .later('8d')
    .do('close')
    .later('200d')
    .do('reopen', {
      kind: 'external_decision',
      reason: 'We must answer the court',
      decision: {
        body: 'Administrative court',
        decidedOn: file.ago('3d'),
        points: [{ id: 'p1', outcome: 'upheld', reasons: 'The office had the file since May.' }],
      },
    })
    .recorded('ComplaintReopened', 'ExternalDecisionRecorded', 'DeterminationMade')
    .ends({
      stage: 'Determined',
      status: 'in_progress',
      response: 'In progress',
      outcome: 'upheld',
      episode: 2,
      paid: {},
      owed: [],
      told: { a1: { f1: 'delivered' } },
      may: ['send-final-response', 'propose-remedy'],
      mayNot: ['close', 'reopen'],
    });
});

story('T27: a report of a violation is split off; the complaint goes on with what stays', (file) => {
  file
    .by('officer-1', 'lodge', { ...STREET, points: [{ issue: '路灯' }, { issue: '维修公司虚报工程' }] })
    .refused('split-off', { pointIds: ['p1', 'p2'], nature: 'report' })
    .do('split-off', { pointIds: ['p2'], nature: 'report' });
  investigate(file, 'substantiated')
    .do('make-determination', decision('upheld'))
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
      mayNot: ['close', 'add-point', 'split-off'],
    });
});

story('T27: points and parties are added while the case is investigated', (file) => {
  file
    .by('officer-1', 'lodge', PERMIT)
    .do('assign', { handler: 'handler-1' })
    .do('add-point', { point: { issue: 'Nobody answers the phone' } })
    .recorded('PointAdded')
    .do('add-party', { party: { role: 'co_complainant', name: 'John Doyle' } })
    .recorded('PartyAdded')
    .do('add-contact-details', { party: 'a2', contacts: [{ channel: 'email', address: 'john@example.com' }] })
    .recorded('ContactDetailsAdded')
    .do('verify-identity', { party: 'a1', result: 'verified', method: 'id_document' })
    .do('verify-identity', { party: 'a2', result: 'verified', method: 'id_document' });
  establish(file, 'substantiated')
    .refused('make-determination', decision('upheld'))
    .do('make-determination', decision('upheld', 'upheld'))
    .refused('send-final-response', response('accept'))
    .do('send-final-response', response('accept', 'phone', { addressees: ['a1', 'a2'] }))
    .ends({
      stage: 'Responded',
      status: 'handled',
      response: 'Closed',
      outcome: 'upheld',
      paid: {},
      owed: [],
      told: { a1: { f1: 'delivered' }, a2: { f1: 'delivered' } },
      may: ['add-party', 'add-contact-details', 'retire-contact-details'],
      mayNot: ['add-point', 'split-point', 'close'],
    });
});

story('T27: a party without a contact who gets one must be told before the case is closed', (file) => {
  file.by('officer-1', 'lodge', { ...PERMIT, parties: [JANE_DOYLE, { role: 'co_complainant', name: 'John Doyle' }] });
  investigate(file, 'substantiated', ['a1', 'a2'])
    .do('make-determination', decision('upheld'))
    .do('send-final-response', response('accept', 'phone'))
    .do('add-contact-details', { party: 'a2', contacts: [{ channel: 'email', address: 'john@example.com' }] })
    .later('8d')
    .refused('close', {})
    .do('record-delivery', delivered('f1', 'email', 'a2'))
    .later('8d')
    .do('close')
    .ends({
      stage: 'Closed',
      status: 'handled',
      response: 'Closed',
      outcome: 'upheld',
      paid: {},
      owed: [],
      told: { a1: { f1: 'delivered' }, a2: { f1: 'delivered' } },
      may: ['reopen'],
      mayNot: ['close'],
    });
});

story('T18, T19: withdrawn by mistake and taken up again within the window', (file) => {
  file
    .by('officer-1', 'lodge', PERMIT)
    .do('withdraw', { statedBy: file.says('a1', 'phone') })
    .later('5d')
    .do('reopen', { kind: 'dissatisfied', reason: 'The promise was not kept', statedBy: file.says('a1', 'phone') })
    .recorded('ComplaintReopened', 'ComplaintAdmitted')
    .ends({
      stage: 'UnderAssessment',
      status: 'unresolved',
      response: 'In progress',
      episode: 2,
      paid: {},
      owed: [],
      told: {},
      may: ['assign', 'withdraw', 'acknowledge'],
      mayNot: ['reopen', 'close'],
    });
});

story('T7: excluded evidence stays on the file, and nothing is excluded after the end', (file) => {
  file
    .by('officer-1', 'lodge', PERMIT)
    .do('add-evidence', { sha256: 'c'.repeat(64), kind: 'letter', source: 'a1' })
    .do('exclude-evidence', { evidenceId: 'e1', reason: 'Concerns another house' })
    .recorded('EvidenceExcluded')
    .refused('exclude-evidence', { evidenceId: 'e1', reason: 'Again' })
    .do('withdraw', { statedBy: file.says('a1') })
    .do('add-evidence', { sha256: 'd'.repeat(64), kind: 'letter', source: 'a1' })
    .refused('exclude-evidence', { evidenceId: 'e2', reason: 'Too late' })
    .ends({
      stage: 'Withdrawn',
      status: 'withdrawn',
      paid: {},
      owed: [],
      told: {},
      may: ['add-evidence', 'verify-identity', 'reopen'],
      mayNot: ['exclude-evidence', 'verify-content'],
    });
});

story('T21, I21: what the body orders is due when it says, whatever the limit of who records it', (file) => {
  file.by('officer-1', 'lodge', PERMIT);
  investigate(file, 'unsubstantiated')
    .do('make-determination', decision('not_upheld'))
    .by('officer-1', 'record-external-decision', {
      body: 'Administrative court',
      decidedOn: file.in('5m'),
      points: [{ id: 'p1', outcome: 'upheld', reasons: 'The office was late.' }],
      orders: [order('compensation', money(9_000_000, 'EUR'))],
      complyBy: file.in('30d'),
    })
    .recorded('ExternalDecisionRecorded', 'DeterminationMade', 'RemedyProposed')
    .ends({
      stage: 'Determined',
      status: 'in_progress',
      response: 'In progress',
      outcome: 'upheld',
      paid: {},
      owed: ['r1/m1'],
      told: {},
      may: ['record-redress-payment'],
      mayNot: ['close', 'make-determination'],
    });
});

story('I22: the heir of a complainant acts with verified authority', (file) => {
  file
    .by('officer-1', 'lodge', {
      ...PERMIT,
      parties: [{ ...complainant('Tom Doyle', 'email', 'tom@example.com'), role: 'heir' }],
    })
    .refused('withdraw', { statedBy: file.says('a1') })
    .do('verify-authority', { party: 'a1', result: 'verified', reason: 'Certificate of inheritance' })
    .do('withdraw', { statedBy: file.says('a1') })
    .ends({
      stage: 'Withdrawn',
      status: 'withdrawn',
      paid: {},
      owed: [],
      told: {},
      may: ['reopen'],
      mayNot: ['withdraw'],
    });
});
