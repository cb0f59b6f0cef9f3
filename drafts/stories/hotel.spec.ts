import {
  complainant,
  decision,
  delivered,
  investigate,
  JANE_DOYLE,
  measure,
  money,
  offer,
  RECOURSE,
  response,
  WANG_FANG,
} from './bodies.js';
import { story, type Case } from './case.js';

const OVERBOOKED = {
  channel: 'front_desk',
  language: 'zh',
  narrative: '订了湖景房，到店说满房。',
  parties: [WANG_FANG],
};
const NOISY = { channel: 'email', language: 'en', narrative: 'My room was beside the lift.', parties: [JANE_DOYLE] };

/** A noisy room, upheld, with a refund of 95.00 that is offered until three days from now, and a spoken response. */
function offered(file: Case, fields = {}): Case {
  file.by('officer-1', 'lodge', NOISY);
  return investigate(file, 'substantiated')
    .do('make-determination', decision('upheld'))
    .do(
      'propose-remedy',
      offer(file, 'refund', { validUntil: file.in('3d'), ...fields }, { amount: money(9500, 'GBP') }),
    )
    .do('send-final-response', response('accept', 'phone', { recourse: 'Hotel ombudsman' }));
}

story('T13: a taxi and a room elsewhere before the decision are interim relief without a payee', (file) => {
  file
    .by('officer-1', 'lodge', OVERBOOKED)
    .do('provide-interim-relief', { type: 'assistance', amount: money(80_000), reason: '今晚无房，安排附近酒店' })
    .recorded('InterimReliefProvided')
    .is('Received', 'pending');
  investigate(file, 'substantiated')
    .do('make-determination', decision('upheld'))
    .do('propose-remedy', offer(file, 'upgrade'))
    .do('accept-remedy', { remedyId: 'r1', statedBy: file.says('a1', 'in_person') })
    .do('send-final-response', response('accept', 'front_desk'))
    .is('Responded', 'commitment_outstanding')
    .do('complete-measure', { remedyId: 'r1', measureId: 'm1' })
    .recorded('RemedyMeasureCompleted', 'RemedyImplemented')
    .by('officer-1', 'submit-feedback', { score: 5, resolved: 'yes', statedBy: file.says('a1', 'in_person') })
    .do('close')
    .ends({
      stage: 'Closed',
      status: 'resolved',
      response: 'Closed with monetary relief',
      outcome: 'upheld',
      disputed: false,
      paid: { CNY: 80_000 },
      owed: [],
      told: { a1: { f1: 'delivered' } },
      may: ['reopen'],
      mayNot: ['provide-interim-relief', 'complete-measure'],
    });
});

story('T13, I14, I25: relief above the limit waits for a second person', (file) => {
  file
    .by('officer-1', 'lodge', OVERBOOKED)
    .do('provide-interim-relief', { type: 'assistance', amount: money(150_000), reason: '三晚同级酒店' })
    .recorded('InterimReliefDrafted')
    .refused('approve-relief', { reliefId: 'l1' })
    .by('supervisor-1', 'approve-relief', { reliefId: 'l1' })
    .recorded('InterimReliefProvided')
    .ends({
      stage: 'Received',
      status: 'pending',
      response: 'In progress',
      paid: { CNY: 150_000 },
      owed: [],
      told: {},
      may: ['assign', 'provide-interim-relief'],
      mayNot: ['approve-relief', 'close'],
    });
});

story('T14, I4: a letter that the neighbour took in is contested, and closing waits until it is delivered', (file) => {
  file.by('officer-1', 'lodge', NOISY);
  investigate(file, 'substantiated')
    .do('make-determination', decision('upheld'))
    .do('send-final-response', response('accept', 'letter'))
    .do('record-delivery', delivered('f1', 'letter'))
    .is('Responded', 'handled')
    .later('2d')
    .do('record-delivery', {
      of: 'f1',
      to: 'a1',
      result: 'contested',
      channel: 'letter',
      reason: 'The neighbour has it',
    })
    .recorded('DeliveryContested')
    .is('Responded', 'unresolved')
    .later('8d')
    .refused('close', {})
    .do('record-delivery', delivered('f1', 'email'))
    .is('Responded', 'handled')
    .do('record-follow-up', { result: 'done', channel: 'email' })
    .do('close')
    .ends({
      stage: 'Closed',
      status: 'handled',
      response: 'Closed',
      outcome: 'upheld',
      disputed: null,
      paid: {},
      owed: [],
      told: { a1: { f1: 'delivered' } },
      may: ['record-delivery', 'reopen'],
      mayNot: ['close'],
    });
});

story('T14: a delivery is contested after it was delivered, and not before', (file) => {
  file.by('officer-1', 'lodge', NOISY);
  investigate(file, 'substantiated')
    .do('make-determination', decision('upheld'))
    .do('send-final-response', response('accept', 'letter'))
    .refused('record-delivery', { of: 'f1', to: 'a1', result: 'contested', channel: 'letter', reason: 'Not here' })
    .ends({
      stage: 'Responded',
      status: 'handled',
      paid: {},
      owed: [],
      told: { a1: { f1: 'sent' } },
      may: ['record-delivery'],
      mayNot: ['close'],
    });
});

story('T12: nobody answers the offer; it lapses, and the case is closed as handled', (file) => {
  offered(file)
    .later('7d')
    .do('lapse-remedy-offer', { remedyId: 'r1' })
    .recorded('RemedyOfferLapsed')
    .do('record-follow-up', { result: 'declined', channel: 'phone' })
    .do('close')
    .ends({
      stage: 'Closed',
      status: 'handled',
      response: 'Closed',
      outcome: 'upheld',
      disputed: null,
      paid: {},
      owed: [],
      told: { a1: { f1: 'delivered' } },
      may: ['reopen'],
      mayNot: ['complete-measure', 'lapse-remedy-offer'],
    });
});

story('T12, I24: an acceptance in time that is typed after the lapse counts, and the lapse is reversed', (file) => {
  offered(file).later('1d');
  const inTime = file.now;
  file
    .later('5d')
    .do('lapse-remedy-offer', { remedyId: 'r1' })
    .do('accept-remedy', { remedyId: 'r1', statedBy: file.says('a1', 'written', inTime) })
    .recorded('RemedyOfferLapseReversed', 'RemedyAccepted')
    .ends({
      stage: 'Responded',
      status: 'commitment_outstanding',
      response: 'In progress',
      outcome: 'upheld',
      disputed: false,
      paid: {},
      owed: ['r1/m1'],
      told: { a1: { f1: 'delivered' } },
      may: ['record-redress-payment', 'waive-measure'],
      mayNot: ['close', 'lapse-remedy-offer'],
    });
});

story('T12, I24: an acceptance stated after the offer has ended counts never, lapse recorded or not', (file) => {
  offered(file)
    .later('4d')
    .refused('accept-remedy', { remedyId: 'r1', statedBy: file.says('a1', 'phone', file.ago('1h')) })
    .do('lapse-remedy-offer', { remedyId: 'r1' })
    .refused('accept-remedy', { remedyId: 'r1', statedBy: file.says('a1', 'phone', file.ago('1h')) })
    .ends({
      stage: 'Responded',
      status: 'handled',
      response: 'Closed',
      disputed: null,
      paid: {},
      owed: [],
      told: { a1: { f1: 'delivered' } },
      may: ['propose-remedy', 'record-follow-up'],
      mayNot: ['close'],
    });
});

story('T12: the first offer is rejected, the second accepted and paid: the last answer counts', (file) => {
  offered(file)
    .do('reject-remedy', { remedyId: 'r1', reason: 'Wants two nights', statedBy: file.says('a1', 'phone') })
    .is('Responded', 'unresolved')
    .do('propose-remedy', offer(file, 'refund', {}, { amount: money(19_000, 'GBP') }))
    .do('accept-remedy', { remedyId: 'r2', statedBy: file.says('a1', 'phone', file.in('5m')) })
    .owes('r2/m1')
    .refused('accept-remedy', { remedyId: 'r1', statedBy: file.says('a1', 'phone') })
    .do('record-redress-payment', {
      remedyId: 'r2',
      measureId: 'm1',
      payee: 'a1',
      money: money(19_000, 'GBP'),
      exGratia: false,
    })
    .recorded('RedressPaid', 'RemedyMeasureCompleted', 'RemedyImplemented')
    .later('8d')
    .do('close')
    .ends({
      stage: 'Closed',
      status: 'resolved',
      response: 'Closed with monetary relief',
      disputed: false,
      paid: { GBP: 19_000 },
      owed: [],
      told: { a1: { f1: 'delivered' } },
      may: ['reopen', 'record-payment-returned'],
      mayNot: ['complete-measure'],
    });
});

story('T18, I9: a valid offer outlives re-opening and can still be accepted', (file) => {
  offered(file, { validUntil: file.in('30d') })
    .later('2d')
    .do('reopen', {
      kind: 'dissatisfied',
      reason: 'Nobody called back',
      statedBy: file.says('a1', 'phone', file.in('5m')),
    })
    .recorded('ComplaintReopened')
    .is('UnderAssessment', 'unresolved')
    .do('accept-remedy', { remedyId: 'r1', statedBy: file.says('a1', 'phone', file.in('5m')) })
    .recorded('RemedyAccepted')
    .do('record-redress-payment', {
      remedyId: 'r1',
      measureId: 'm1',
      payee: 'a1',
      money: money(9500, 'GBP'),
      exGratia: false,
    })
    .recorded('RedressPaid', 'RemedyMeasureCompleted', 'RemedyImplemented')
    .ends({
      stage: 'UnderAssessment',
      status: 'unresolved',
      response: 'In progress',
      episode: 2,
      paid: { GBP: 9500 },
      owed: [],
      told: { a1: { f1: 'delivered' } },
      may: ['verify-content', 'withdraw'],
      mayNot: ['close', 'reopen'],
    });
});

story('T14, I4: of two joint complainants both must be told before the case is closed', (file) => {
  file.by('officer-1', 'lodge', {
    channel: 'email',
    narrative: 'Our honeymoon suite was a single room.',
    parties: [
      JANE_DOYLE,
      { role: 'co_complainant', name: 'John Doyle', contacts: [{ channel: 'email', address: 'john@example.com' }] },
    ],
  });
  investigate(file, 'substantiated', ['a1', 'a2'])
    .do('make-determination', decision('upheld'))
    .refused('send-final-response', response('accept', 'email'))
    .do('send-final-response', response('accept', 'email', { addressees: ['a1', 'a2'] }))
    .do('record-delivery', delivered('f1', 'email', 'a1'))
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

story('T13, I25: the house alone cannot waive an accepted refund; once waived it stays unresolved', (file) => {
  const waiver = { remedyId: 'r1', measureId: 'm1', reason: 'Budget is spent', responsible: 'supervisor-2' };
  offered(file)
    .do('accept-remedy', { remedyId: 'r1', statedBy: file.says('a1', 'phone') })
    .do('waive-measure', { ...waiver, addressees: ['a1'], channel: 'phone' })
    .recorded('MeasureWaiverDrafted')
    .owes('r1/m1')
    .is('Responded', 'commitment_outstanding')
    .refused('approve-waiver', { waiverId: 'w1' })
    .by('supervisor-1', 'approve-waiver', { waiverId: 'w1' })
    .ends({
      stage: 'Responded',
      status: 'unresolved',
      response: 'In progress',
      outcome: 'upheld',
      paid: {},
      owed: [],
      told: { a1: { f1: 'delivered', w1: 'delivered' } },
      may: ['propose-remedy', 'submit-feedback', 'reopen'],
      mayNot: ['complete-measure', 'approve-waiver'],
    });
});

story('T13, I22: a refund waived by the statement of the guest needs nobody else and stays resolved', (file) => {
  offered(file)
    .do('accept-remedy', { remedyId: 'r1', statedBy: file.says('a1', 'phone') })
    .do('waive-measure', {
      remedyId: 'r1',
      measureId: 'm1',
      reason: 'Asks us to give it to charity instead',
      responsible: 'handler-1',
      statedBy: [file.says('a1', 'written', file.in('5m'))],
    })
    .recorded('RemedyMeasureWaived')
    .ends({
      stage: 'Responded',
      status: 'resolved',
      response: 'Closed',
      disputed: false,
      paid: {},
      owed: [],
      told: { a1: { f1: 'delivered' } },
      may: ['record-follow-up'],
      mayNot: ['complete-measure', 'waive-measure'],
    });
});

story('T13: of two measures one is done and one waived with reason: the remedy is implemented', (file) => {
  file.by('officer-1', 'lodge', NOISY);
  investigate(file, 'substantiated')
    .do('make-determination', decision('upheld'))
    .do('propose-remedy', { needsAcceptance: false, measures: [measure(file, 'repair'), measure(file, 'apology')] })
    .do('send-final-response', response('accept'))
    .owes('r1/m1', 'r1/m2')
    .do('complete-measure', { remedyId: 'r1', measureId: 'm1' })
    .do('waive-measure', {
      remedyId: 'r1',
      measureId: 'm2',
      reason: 'She has had it by phone',
      responsible: 'supervisor-1',
      addressees: ['a1'],
      channel: 'phone',
    })
    .later('8d')
    .do('close')
    .ends({
      stage: 'Closed',
      status: 'handled',
      response: 'Closed with non-monetary relief',
      outcome: 'upheld',
      disputed: null,
      paid: {},
      owed: [],
      told: { a1: { f1: 'delivered', w1: 'delivered' } },
      may: ['reopen'],
      mayNot: ['complete-measure', 'waive-measure'],
    });
});

story('T11, I24: an offer is withdrawn; what was accepted before the guest was told of it counts', (file) => {
  offered(file, { validUntil: file.in('30d') })
    .later('1d')
    .do('withdraw-offer', { remedyId: 'r1', reason: 'Wrong amount', addressees: ['a1'], channel: 'email' })
    .recorded('RemedyOfferWithdrawn')
    .later('1d')
    .do('accept-remedy', { remedyId: 'r1', statedBy: file.says('a1', 'phone', file.ago('1h')) })
    .recorded('RemedyOfferLapseReversed', 'RemedyAccepted')
    .ends({
      stage: 'Responded',
      status: 'commitment_outstanding',
      response: 'In progress',
      paid: {},
      owed: ['r1/m1'],
      told: { a1: { f1: 'delivered', o1: 'sent' } },
      may: ['record-redress-payment'],
      mayNot: ['close'],
    });
});

story('T11, I24: an acceptance after the withdrawal was told is refused', (file) => {
  offered(file, { validUntil: file.in('30d') })
    .later('1d')
    .do('withdraw-offer', { remedyId: 'r1', reason: 'Wrong amount', addressees: ['a1'], channel: 'phone' })
    .later('1h')
    .refused('accept-remedy', { remedyId: 'r1', statedBy: file.says('a1', 'phone') })
    .ends({
      stage: 'Responded',
      status: 'handled',
      response: 'Closed',
      paid: {},
      owed: [],
      told: { a1: { f1: 'delivered', o1: 'delivered' } },
      may: ['propose-remedy'],
      mayNot: ['close', 'complete-measure'],
    });
});

story('I22: an offer to two complainants is accepted when both accept it, and rejected when one rejects it', (file) => {
  file.by('officer-1', 'lodge', {
    channel: 'phone',
    narrative: '两人间变成了单人间。',
    parties: [WANG_FANG, { ...complainant('李雷', 'phone', '+86 10 5555 0101'), role: 'co_complainant' }],
  });
  investigate(file, 'substantiated', ['a1', 'a2'])
    .do('make-determination', decision('upheld'))
    .do('propose-remedy', offer(file, 'rebooking'))
    .do('propose-remedy', offer(file, 'upgrade'))
    .do('accept-remedy', { remedyId: 'r1', statedBy: file.says('a1') })
    .owes()
    .do('reject-remedy', { remedyId: 'r1', reason: '不要改期', statedBy: file.says('a2') })
    .do('accept-remedy', { remedyId: 'r2', statedBy: file.says('a2') })
    .owes()
    .do('accept-remedy', { remedyId: 'r2', statedBy: file.says('a1') })
    .owes('r2/m1')
    .do('send-final-response', response('accept', 'phone', { addressees: ['a1', 'a2'], recourse: RECOURSE }))
    .ends({
      stage: 'Responded',
      status: 'commitment_outstanding',
      response: 'In progress',
      disputed: false,
      paid: {},
      owed: ['r2/m1'],
      told: { a1: { f1: 'delivered' }, a2: { f1: 'delivered' } },
      may: ['complete-measure'],
      mayNot: ['close'],
    });
});
