import {
  complainant,
  decision,
  establish,
  investigate,
  JANE_DOYLE,
  measure,
  money,
  response,
  WANG_FANG,
} from './bodies.js';
import { story } from './case.js';

const COLD_DISH = { channel: 'in_person', language: 'zh', narrative: '菜是凉的，等了四十分钟。' } as const;

story('T24: a guest who gives no name gets a hot dish: one request, closed and resolved', (file) => {
  file
    .by('officer-1', 'lodge', {
      ...COLD_DISH,
      resolution: {
        category: 'product_quality',
        whatWasDone: '换了一份热的，并道歉',
        remedyType: 'replacement',
        statedBy: file.says('unidentified', 'in_person', file.in('5m')),
      },
    })
    .recorded(
      'ComplaintReceived',
      'ComplaintAdmitted',
      'ComplaintClassified',
      'DeterminationMade',
      'RemedyImplemented',
      'OutcomeCommunicated',
      'ComplaintClosed',
    )
    .ends({
      stage: 'Closed',
      status: 'resolved',
      response: 'Closed with non-monetary relief',
      outcome: 'resolved_without_finding',
      disputed: false,
      paid: {},
      owed: [],
      told: { unidentified: { d1: 'delivered' } },
      may: ['record-contact', 'add-note', 'submit-feedback'],
      mayNot: ['close', 'make-determination', 'resolve-at-first-contact'],
    });
});

story('T24: an apology without a type of remedy is no relief', (file) => {
  file
    .by('officer-1', 'lodge', {
      channel: 'front_desk',
      narrative: 'The waiter forgot our starter.',
      parties: [JANE_DOYLE],
    })
    .by('officer-1', 'resolve-at-first-contact', {
      category: 'service_process',
      whatWasDone: 'Said sorry and served it at once',
      statedBy: file.says('a1', 'in_person'),
    })
    .ends({
      stage: 'Closed',
      status: 'resolved',
      response: 'Closed',
      outcome: 'resolved_without_finding',
      disputed: false,
      paid: {},
      owed: [],
      told: { a1: { d1: 'delivered' } },
      may: ['reopen'],
      mayNot: ['close'],
    });
});

story('T24, I14: 68.00 within the limit of the intake officer is refunded at the table', (file) => {
  file
    .by('officer-1', 'lodge', { ...COLD_DISH, parties: [WANG_FANG] })
    .by('officer-1', 'resolve-at-first-contact', {
      category: 'product_quality',
      whatWasDone: '退了这道菜的钱',
      remedyType: 'refund',
      amount: money(6800),
      statedBy: file.says('a1', 'in_person'),
    })
    .ends({
      stage: 'Closed',
      status: 'resolved',
      response: 'Closed with monetary relief',
      outcome: 'resolved_without_finding',
      disputed: false,
      paid: { CNY: 6800 },
      owed: [],
      told: { a1: { d1: 'delivered' } },
      may: ['reopen', 'record-redress-payment'],
      mayNot: ['close', 'complete-measure'],
    });
});

story('T24, I14, I23: 350.00 is above the limit of the intake officer, 600.00 needs a verified identity', (file) => {
  const refund = (amount: number) => ({
    category: 'product_quality',
    whatWasDone: '退款',
    remedyType: 'refund',
    amount: money(amount),
    statedBy: file.says('a1', 'in_person'),
  });
  file
    .by('officer-1', 'lodge', { ...COLD_DISH, parties: [WANG_FANG] })
    .refusedTo('officer-1', 'resolve-at-first-contact', refund(35_000))
    .refused('resolve-at-first-contact', refund(60_000))
    .do('verify-identity', { party: 'a1', result: 'verified', method: 'id_document' })
    .do('resolve-at-first-contact', refund(60_000))
    .ends({
      stage: 'Closed',
      status: 'resolved',
      response: 'Closed with monetary relief',
      paid: { CNY: 60_000 },
      owed: [],
      told: { a1: { d1: 'delivered' } },
      may: ['reopen'],
      mayNot: ['close'],
    });
});

story('T24, I16: glass in the soup is never resolved at the table, but investigated', (file) => {
  const resolved = { category: 'product_quality', whatWasDone: 'New soup', statedBy: file.says('a1', 'in_person') };
  file
    .by('officer-1', 'lodge', {
      channel: 'in_person',
      narrative: 'There was glass in the soup.',
      parties: [JANE_DOYLE],
    })
    .by('officer-1', 'assess-severity', { severity: 'serious', safetyCritical: true })
    .refusedTo('officer-1', 'resolve-at-first-contact', resolved);
  investigate(file, 'substantiated')
    .do('make-determination', decision('upheld'))
    .do('send-final-response', response('accept'))
    .ends({
      stage: 'Responded',
      status: 'handled',
      response: 'Closed',
      outcome: 'upheld',
      disputed: null,
      paid: {},
      owed: [],
      told: { a1: { f1: 'delivered' } },
      may: ['propose-remedy', 'submit-feedback', 'record-follow-up', 'reopen'],
      mayNot: ['close', 'resolve-at-first-contact'],
    });
});

story('T24: one of two points is settled at the table, the other is investigated', (file) => {
  file
    .by('officer-1', 'lodge', {
      channel: 'in_person',
      language: 'zh',
      parties: [WANG_FANG],
      points: [{ issue: '菜凉了' }, { issue: '多收了服务费' }],
    })
    .refusedTo('officer-1', 'resolve-at-first-contact', {
      category: 'product_quality',
      whatWasDone: '换菜',
      statedBy: file.says('a1', 'in_person'),
    })
    .by('officer-1', 'resolve-at-first-contact', {
      points: [{ id: 'p1', category: 'product_quality' }],
      whatWasDone: '换菜',
      remedyType: 'replacement',
      statedBy: file.says('a1', 'in_person', file.in('5m')),
    })
    .is('UnderAssessment', 'in_progress');
  investigate(file, 'substantiated')
    .do('make-determination', { points: [{ id: 'p2', outcome: 'upheld', reasons: '服务费没有事先告知。' }] })
    .do('send-final-response', response('accept'))
    .do('record-follow-up', { result: 'done', channel: 'phone' })
    .do('close')
    .ends({
      stage: 'Closed',
      status: 'resolved',
      response: 'Closed with non-monetary relief',
      outcome: 'partly_upheld',
      disputed: false,
      paid: {},
      owed: [],
      told: { a1: { d1: 'delivered', f1: 'delivered' } },
      may: ['reopen'],
      mayNot: ['close', 'add-point'],
    });
});

story('T24: kept open to call back, and closed after the call', (file) => {
  file
    .by('officer-1', 'lodge', { channel: 'phone', narrative: 'The takeaway lacked the dessert.', parties: [WANG_FANG] })
    .by('officer-1', 'resolve-at-first-contact', {
      category: 'delivery',
      whatWasDone: 'Sent the dessert by courier',
      remedyType: 'replacement',
      keepOpen: true,
      statedBy: file.says('a1', 'phone'),
    })
    .is('Responded', 'resolved')
    .later('1d')
    .do('record-follow-up', { result: 'done', channel: 'phone' })
    .do('close')
    .ends({
      stage: 'Closed',
      status: 'resolved',
      response: 'Closed with non-monetary relief',
      paid: {},
      owed: [],
      told: { a1: { d1: 'delivered' } },
      may: ['reopen'],
      mayNot: ['close'],
    });
});

story('T24, I24: the acceptance counts by when it was stated, not by when it was typed', (file) => {
  file.by('officer-1', 'lodge', { ...COLD_DISH, parties: [WANG_FANG] }).later('10d');
  const resolved = (daysAgo: string) => ({
    category: 'product_quality',
    whatWasDone: '换了一份热的',
    remedyType: 'replacement',
    statedBy: file.says('a1', 'in_person', file.ago(daysAgo)),
  });
  file
    .refusedTo('officer-1', 'resolve-at-first-contact', resolved('6d'))
    .by('officer-1', 'resolve-at-first-contact', resolved('8d'))
    .ends({
      stage: 'Closed',
      status: 'resolved',
      response: 'Closed with non-monetary relief',
      paid: {},
      owed: [],
      told: { a1: { d1: 'delivered' } },
      may: ['reopen'],
      mayNot: ['close'],
    });
});

story('T14, I4: an anonymous letter about the kitchen is decided and closed; there is nobody to tell', (file) => {
  file.do('lodge', { channel: 'letter', narrative: 'The kitchen is dirty.' });
  establish(file, 'substantiated')
    .is('UnderInvestigation')
    .do('make-determination', decision('upheld'))
    .do('send-final-response', response('accept', 'letter', { addressees: [] }))
    .recorded('FinalResponseSent', 'OutcomeUndeliverable')
    .later('8d')
    .do('close')
    .ends({
      stage: 'Closed',
      status: 'handled',
      response: 'Closed',
      outcome: 'upheld',
      disputed: null,
      paid: {},
      owed: [],
      told: { nobody: { f1: 'undeliverable' } },
      may: ['add-evidence', 'add-note'],
      mayNot: ['close', 'send-final-response'],
    });
});

story(
  'I6: the person complained about neither handles the case nor owns a measure, however the id is written',
  (file) => {
    file
      .by('officer-1', 'lodge', {
        channel: 'phone',
        narrative: '服务员态度恶劣。',
        parties: [complainant('陈强', 'phone', '+86 10 5555 0107')],
        points: [{ issue: '服务态度', subject: { employeeId: 'Handler-2', shift: '晚班' } }],
      })
      .refused('assign', { handler: 'handler-2' })
      .refused('assign', { handler: 'HANDLER-2' });
    investigate(file, 'substantiated')
      .do('make-determination', decision('upheld'))
      .refused('propose-remedy', {
        needsAcceptance: false,
        measures: [measure(file, 'apology', { owner: 'handler-2' })],
      })
      .refusedTo('handler-2', 'send-final-response', response('accept'))
      .do('propose-remedy', { needsAcceptance: false, measures: [measure(file, 'apology', { owner: 'supervisor-1' })] })
      .do('send-final-response', response('accept'))
      .ends({
        stage: 'Responded',
        status: 'commitment_outstanding',
        response: 'In progress',
        outcome: 'upheld',
        paid: {},
        owed: ['r1/m1'],
        told: { a1: { f1: 'delivered' } },
        may: ['complete-measure', 'record-delivery'],
        mayNot: ['close'],
      });
  },
);
