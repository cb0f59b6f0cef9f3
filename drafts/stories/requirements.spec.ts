import { ROLES } from '../../src/access/actor.js';
import * as vocabulary from '../../src/complaint/terms/vocabulary.js';
import { decision, investigate, JANE_DOYLE, measure, response, WANG_FANG } from './bodies.js';
import { story, type Case } from './case.js';

// Fields and code lists that a requirement asks for. Each test names its requirement; docs/domain.md lists all of them.

const LODGED = { channel: 'phone', narrative: 'The dish was cold.', parties: [WANG_FANG] };
const NOTHING = { paid: {}, owed: [], told: {} };

/** The data of the last event of this type. */
const dataOf = (file: Case, type: string): object | undefined =>
  file.events.findLast((event) => event.type === type)?.data;

/** Declares a test that sends commands to a complaint that nobody has decided. */
const requirement = (title: string, tell: (file: Case) => void): void =>
  story(title, (file) => {
    tell(file);
    const { stage } = file.state;
    if (stage !== 'Received' && stage !== 'UnderAssessment' && stage !== 'UnderInvestigation')
      throw new Error(`the requirement ends in ${String(stage)}`);
    file.ends({
      ...NOTHING,
      stage,
      status: stage === 'Received' ? 'pending' : 'in_progress',
      may: ['add-note'],
      mayNot: ['close'],
    });
  });

requirement('R01, R02, R03, R04: a complaint comes in on every channel', (file) => {
  expect(vocabulary.CHANNELS).toEqual(
    expect.arrayContaining([
      ...['website', 'social_media', 'email', 'phone', 'in_person'],
      ...['live_chat', 'mobile_app', 'ivr_bot', 'front_desk', 'sales_staff'],
    ]),
  );
  file.do('lodge', { channel: 'mobile_app', channelAccount: 'guest app', intakePoint: 'lobby', narrative: '空调漏水' });
  expect(dataOf(file, 'ComplaintReceived')).toMatchObject({
    channel: 'mobile_app',
    channelAccount: 'guest app',
    intakePoint: 'lobby',
  });
});

requirement('R05: evidence has hash, media type, time and source', (file) => {
  const evidence = {
    sha256: 'a'.repeat(64),
    kind: 'photo',
    mime: 'image/jpeg',
    capturedAt: '2026-11-01T10:00:00Z',
    source: 'a1',
  };
  file.do('lodge', LODGED).do('add-evidence', evidence);
  expect(dataOf(file, 'EvidenceAdded')).toMatchObject({
    ...evidence,
    capturedAt: { precision: 'instant', at: '2026-11-01T10:00:00.000Z' },
  });
});

requirement('R06, R09, R10: lodging keeps time, party, content, wish, answers and earlier attempts', (file) => {
  const facts = {
    ...LODGED,
    remedySought: '退款',
    handlingMethod: 'Call me in the evening',
    answers: [{ questionId: 'q-table', answer: '12' }],
    tenure: '3 years',
  };
  file.do('lodge', {
    ...facts,
    receivedAt: file.ago('1h'),
    contactAttempts: [{ at: file.ago('2h'), channel: 'phone', result: 'Line engaged' }],
  });
  const { parties: _parties, ...kept } = facts;
  expect(dataOf(file, 'ComplaintReceived')).toMatchObject({
    ...kept,
    parties: [{ id: 'a1', name: '王芳' }],
    receivedAt: { precision: 'instant' },
    contactAttempts: [{ channel: 'phone', result: 'Line engaged' }],
  });
});

requirement('R07, R11: free text and a channel are enough to open a complaint', (file) => {
  file.do('lodge', { channel: 'phone', narrative: 'Cold food' }).recorded('ComplaintReceived');
});

test('R12, R15, R16, R17, R68: the categories of points', () => {
  expect(vocabulary.CATEGORIES).toEqual(
    expect.arrayContaining([
      ...['product_quality', 'staff_attitude', 'service_process', 'price', 'after_sales', 'delivery'],
      ...['disclosure', 'promise_not_kept', 'promotion_fraud', 'complaint_handling'],
    ]),
  );
});

requirement('R13: a risk for the reputation is flagged with its evidence', (file) => {
  file
    .do('lodge', LODGED)
    .do('add-evidence', { sha256: 'a'.repeat(64), kind: 'post', source: 'a1' })
    .do('raise-flag', { flag: 'reputational', reason: 'Shared 4,000 times', evidenceIds: ['e1'] });
  expect(dataOf(file, 'RiskFlagged')).toMatchObject({ flag: 'reputational', evidenceIds: ['e1'] });
});

test('R18, R19: severity is minor, moderate or serious', () => {
  expect(vocabulary.SEVERITIES).toEqual(['minor', 'moderate', 'serious']);
});

requirement('R20: classification has nature, suspected cause and impact', (file) => {
  file.do('lodge', LODGED).do('classify', {
    nature: 'complaint',
    points: [{ id: 'p1', category: 'product_quality' }],
    suspectedCause: 'process_gap',
    impact: 'One table',
  });
  expect(dataOf(file, 'ComplaintClassified')).toMatchObject({
    nature: 'complaint',
    suspectedCause: 'process_gap',
    impact: 'One table',
  });
});

requirement('R21, R22, R42: the priority follows from its inputs, which the event names with the rule', (file) => {
  file.do('lodge', LODGED).do('assess-severity', { severity: 'serious', impactScope: 'many', safetyCritical: true });
  expect(dataOf(file, 'ComplaintPrioritised')).toMatchObject({
    priority: 'P1',
    rule: { id: 'house-priority', version: 1 },
    inputs: { severity: 'serious', impactScope: 'many', safetyCritical: true },
  });
  file.by('supervisor-1', 'assess-severity', { severity: 'minor', impactScope: 'single', safetyCritical: false });
  expect(file.events.filter(({ type }) => type === 'ComplaintPrioritised').length).toBe(2);
});

test('R27: the roles of people', () => {
  expect(ROLES).toEqual(expect.arrayContaining(['intake_officer', 'handler', 'supervisor', 'reviewer', 'department']));
});

requirement(
  'R29, R30, R31: identity with method, level and evidence; content with a finding; merits with a cause',
  (file) => {
    file
      .do('lodge', LODGED)
      .do('add-evidence', { sha256: 'a'.repeat(64), kind: 'photo', source: 'a1' })
      .do('verify-identity', {
        party: 'a1',
        result: 'verified',
        method: 'id_document',
        level: 'high',
        evidenceIds: ['e1'],
      })
      .do('verify-content', { finding: 'partly', grounds: 'Photo', evidenceIds: ['e1'] })
      .do('assess-merits', { reasonable: 'partly', grounds: 'House rules', cause: 'training_gap' });
    expect(dataOf(file, 'IdentityVerified')).toMatchObject({
      method: 'id_document',
      level: 'high',
      evidenceIds: ['e1'],
    });
    expect(dataOf(file, 'ContentVerified')).toMatchObject({ finding: 'partly', evidenceIds: ['e1'] });
    expect(dataOf(file, 'MeritsAssessed')).toMatchObject({ reasonable: 'partly', cause: 'training_gap' });
  },
);

test('R36, R37: the types of remedy', () => {
  expect(vocabulary.REMEDY_TYPES).toEqual(
    expect.arrayContaining([
      ...['refund', 'replacement', 'repair', 'compensation', 'rebooking', 'upgrade'],
      ...['apology', 'commitment_to_improve'],
    ]),
  );
});

requirement('R43: receipt is acknowledged once an episode, on a channel, to a party', (file) => {
  file.do('lodge', LODGED).do('acknowledge', { channel: 'sms', to: 'a1', message: 'We have it.' });
  expect(dataOf(file, 'ComplaintAcknowledged')).toMatchObject({ channel: 'sms', to: 'a1', message: 'We have it.' });
});

requirement('R47, R48, R72: a contact has channel, content and mood', (file) => {
  file.do('lodge', LODGED).do('record-contact', {
    direction: 'outbound',
    channel: 'phone',
    party: 'a1',
    result: 'reached',
    substantive: true,
    content: 'Told her what we found so far.',
    emotionalState: 'angry',
  });
  expect(dataOf(file, 'ContactRecorded')).toMatchObject({
    channel: 'phone',
    substantive: true,
    content: 'Told her what we found so far.',
    emotionalState: 'angry',
  });
});

test('R52: the statuses of other systems', () => {
  expect(vocabulary.STATUSES).toEqual(
    expect.arrayContaining(['pending', 'handled', 'resolved', 'unresolved', 'commitment_outstanding']),
  );
});

test('R54, R55, R56: the causes', () => {
  expect(vocabulary.CAUSES).toEqual(
    expect.arrayContaining([
      ...['quality', 'communication', 'expectation', 'after_sales'],
      ...['design_defect', 'process_gap', 'training_gap', 'supplier'],
    ]),
  );
});

requirement(
  'R57, R58, R59: a point has region, shift and employee, and lodging how long somebody is a customer',
  (file) => {
    const subject = { region: 'Suzhou', shift: 'night', employeeId: 'waiter-7' };
    file.do('lodge', { ...LODGED, tenure: '3 years', points: [{ issue: 'Rude', subject }] });
    expect(dataOf(file, 'ComplaintReceived')).toMatchObject({ tenure: '3 years', points: [{ subject }] });
  },
);

requirement('R64: what the handler was shown, and what they made of it', (file) => {
  const shown = { kind: 'remedy', version: '1', shown: 'Refund', taken: 'refused' };
  file.do('lodge', LODGED).do('record-suggestion-shown', shown);
  expect(dataOf(file, 'SuggestionShown')).toMatchObject(shown);
});

requirement('R72: a need of a party, with its adjustment and consent', (file) => {
  const need = {
    party: 'a1',
    driver: 'health',
    need: 'Hard of hearing',
    adjustment: 'Write',
    consent: true,
    harm: true,
  };
  file.do('lodge', LODGED).do('record-need', need);
  expect(dataOf(file, 'NeedRecorded')).toMatchObject(need);
});

requirement('R73: the effort in minutes', (file) => {
  file.do('lodge', LODGED).do('record-effort', { minutes: 25 });
  expect(dataOf(file, 'EffortRecorded')).toMatchObject({ minutes: 25 });
});

story('R32, R33, R34, R46: findings tied to evidence, policies, measures with owner and due time, template', (file) => {
  file.do('lodge', { ...LODGED, parties: [JANE_DOYLE] }).do('add-evidence', {
    sha256: 'a'.repeat(64),
    kind: 'log',
    source: 'kitchen',
  });
  const policyRefs = [{ id: 'food-safety', version: 3 }];
  investigate(file, 'substantiated')
    .do('make-determination', {
      points: [
        {
          id: 'p1',
          outcome: 'upheld',
          reasons: 'The log shows 25 minutes.',
          findings: [{ text: 'Waited 25 minutes', evidenceIds: ['e1'] }],
          policyRefs,
        },
      ],
    })
    .do('propose-remedy', { needsAcceptance: false, measures: [measure(file, 'replacement')], policyRefs })
    .do('send-final-response', response('accept', 'phone', { templateVersion: 'upheld-4' }));
  expect(dataOf(file, 'DeterminationMade')).toMatchObject({
    points: [{ findings: [{ text: 'Waited 25 minutes', evidenceIds: ['e1'] }], policyRefs }],
  });
  expect(dataOf(file, 'RemedyProposed')).toMatchObject({
    measures: [{ owner: 'handler-1', dueAt: { precision: 'instant' } }],
    policyRefs,
  });
  expect(dataOf(file, 'FinalResponseSent')).toMatchObject({ templateVersion: 'upheld-4' });
  file.ends({
    stage: 'Responded',
    status: 'commitment_outstanding',
    paid: {},
    owed: ['r1/m1'],
    told: { a1: { f1: 'delivered' } },
    may: ['complete-measure'],
    mayNot: ['close'],
  });
});

story('R49, R71: feedback has score, resolved, comment, recommendation and repurchase', (file) => {
  file.do('lodge', LODGED);
  investigate(file, 'substantiated')
    .do('make-determination', decision('upheld'))
    .do('send-final-response', response('accept'))
    .do('request-feedback', { channel: 'sms', to: 'a1' });
  const feedback = { score: 5, resolved: 'yes', comment: '很好', nps: 9, repurchase: 'yes' };
  file.do('submit-feedback', { ...feedback, statedBy: file.says('a1') });
  expect(dataOf(file, 'FeedbackSubmitted')).toMatchObject(feedback);
  file.ends({
    stage: 'Responded',
    status: 'resolved',
    paid: {},
    owed: [],
    told: { a1: { f1: 'delivered' } },
    may: ['close'],
    mayNot: ['make-determination'],
  });
});
