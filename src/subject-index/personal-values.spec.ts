import { complaintEventTypes } from '../complaint/events.js';
import type { ComplaintRecord } from '../complaint/complaint-record.js';
import type { Json, JsonObject } from '../platform/json.js';
import { PERSONAL_KINDS, personalValues, QUESTION_KINDS, SEARCHED } from './personal-values.js';
import { subjectIndexProjection } from './projection.js';
import { Terms } from './terms.js';

/** The personal fields that are not searched, and why. */
const NOT_SEARCHED: Readonly<Record<string, readonly string[]>> = {
  'free text in the words of people, not one value': [
    'ComplaintReceived narrative',
    'ComplaintReceived remedySought',
    'ComplaintReceived points.*.remedySought',
    'ComplaintReceived handlingMethod',
    'ComplaintReceived contactAttempts.*.result',
    'ComplaintAcknowledged message',
    'ComplaintAdmitted reason',
    'ComplaintDeclaredInadmissible reasons',
    'ComplaintDeclaredInadmissible recourse',
    'ComplaintClassified impact',
    'SeverityAssessed reason',
    'ComplaintPrioritised reason',
    'ComplaintReassigned reason',
    'ConflictOfInterestDeclared reason',
    'DeliveryContested reason',
    'DraftDiscarded reason',
    'InterimReliefDrafted reason',
    'InterimReliefProvided reason',
    'MeasureWaiverDrafted reason',
    'RedressReturned reason',
    'RemedyOfferWithdrawn reason',
    'RiskFlagged reason',
    'InadmissibilityDrafted reasons',
    'InadmissibilityDrafted recourse',
    'NeedRecorded need',
    'NeedRecorded adjustment',
    'LegalHoldPlaced reason',
    'LegalHoldReleased reason',
    'RecurrenceLinked reason',
    'EffortRecorded onWhat',
    'SuggestionShown shown',
    'RiskFlagCleared reason',
    'ConflictOfInterestWithdrawn reason',
    'DepartmentTaskRequested task',
    'DepartmentTaskReturned reason',
    'DepartmentTaskCompleted result',
    'DepartmentTaskCancelled reason',
    'IdentityVerificationFailed reason',
    'AuthorityVerified basis',
    'AuthorityRejected reason',
    'EvidenceAdded custody',
    'EvidenceAdded description',
    'EvidenceExcluded reason',
    'ContentVerified grounds',
    'MeritsAssessed grounds',
    'InvestigationWaived reason',
    'IdentityWaived reason',
    'InformationRequested question',
    'InformationRequested reason',
    'InformationReceived content',
    'InformationRequestLapsed reason',
    'HoldPlaced note',
    'HoldReleased note',
    'DeterminationMade points.*.reasons',
    'DeterminationMade points.*.findings.*.text',
    'DeterminationMade recourse',
    'DeterminationReviewed reasons',
    'ReturnedToInvestigation reason',
    'RemedyDrafted measures.*.action',
    'RemedyProposed measures.*.action',
    'RemedyApproved note',
    'RemedyReturned reason',
    'RemedyRejected reason',
    'RemedyMeasureCompleted confirmation',
    'RemedyMeasureWaived reason',
    'RemedyImplemented whatWasDone',
    'SummaryResolutionCommunicated recourse',
    'SummaryResolutionCommunicated text',
    'FinalResponseSent text',
    'FinalResponseSent reason',
    'HoldingResponseSent text',
    'HoldingResponseSent recourse',
    'ProgressUpdateSent text',
    'FinalResponseSent recourse',
    'OutcomeCommunicated proof',
    'CommunicationFailed reason',
    'OutcomeUndeliverable attempts.*.reason',
    'OutcomeUndeliverable reason',
    'FeedbackSubmitted comment',
    'FollowUpCompleted note',
    'FollowUpUnreachable note',
    'FollowUpDeclined note',
    'ComplaintClosed note',
    'ComplaintReopened reason',
    'ComplaintWithdrawn reason',
    'ComplaintEscalated reason',
    'ComplaintReferredExternally text',
    'ComplaintReferredExternally recourse',
    'ContactRecorded content',
    'NoteAdded text',
    'PointAdded point.remedySought',
    'RelatedComplaintLinked reason',
    'CorrectionProposed basis',
    'RecordCorrected basis',
    'CorrectionRejected reason',
    'TimeConfirmed basis',
    'PointSplit points.*.remedySought',
    'ContactDetailsRetired reason',
  ],
  'the id of a party, a department or an organisation rather than the name of a person': [
    'InformationRequested from',
    'InformationReceived from',
    'HoldPlaced counterparty',
    'EvidenceAdded source',
  ],
  'searched once the correction is approved, or as the value that it replaced': [
    'CorrectionProposed oldValue.text',
    'CorrectionProposed newValue.text',
    'RecordCorrected oldValue.text',
  ],
  'searched if the corrected field is searched': ['RecordCorrected newValue.text'],
  'not a name, a phone number, an e-mail address, an account or an order': [
    'ComplaintReceived points.*.subject.postalCode',
    'ComplaintReceived vulnerabilityTags.*',
    'RedressPaid paymentRef',
    'PointAdded point.subject.postalCode',
    'PointSplit points.*.subject.postalCode',
  ],
};

const personalPaths = complaintEventTypes.flatMap(({ type, personal }) => personal.map((path) => `${type} ${path}`));
const searchedPaths = Object.entries(SEARCHED).flatMap(([type, paths]) =>
  Object.keys(paths).map((path) => `${type} ${path}`),
);

test('every personal field of the events is either searched or listed as not searched, with the reason', () => {
  expect([...searchedPaths, ...Object.values(NOT_SEARCHED).flat()].sort()).toEqual(personalPaths.sort());
});

/** The data of an event with the text at the path, and fields beside it. */
function dataWith(text: string, [name = '', ...rest]: readonly string[], beside: JsonObject): JsonObject {
  const inside = (path: readonly string[]): Json =>
    path.length === 0 ? text : path[0] === '*' ? [inside(path.slice(1))] : dataWith(text, path, beside);
  return { ...(rest.length === 0 ? beside : {}), [name]: inside(rest) };
}

const eventWith = (type: string, data: JsonObject) =>
  ({ type, data, stream: 'complaint-1', position: '7' }) as unknown as ComplaintRecord;

/** What must be beside the text, so that its kind is known. */
const BESIDE: Readonly<Record<string, JsonObject>> = {
  'answers.*.answer': { questionId: 'account_number' },
  'parties.*.contacts.*.address': { channel: 'phone' },
  'party.contacts.*.address': { channel: 'phone' },
  'contacts.*.address': { channel: 'phone' },
};

test.each(searchedPaths)('a value of %s is in the index', (typeAndPath) => {
  const [type = '', path = ''] = typeAndPath.split(' ');
  const event = eventWith(type, dataWith('13800138000', path.split('.'), BESIDE[path] ?? {}));
  const terms = new Terms({ key: Buffer.alloc(32, 1), phoneRegion: 'CN' });
  const projection = subjectIndexProjection(terms);
  expect(projection.keys(event)).toEqual(['1']);
  const document = projection.evolve(null, event, '1');
  const expected = PERSONAL_KINDS.map((kind) => terms.ofSearched({ kind, text: '13800138000' })[0]);
  expect(document?.recorded).toBe('7');
  expect(expected).toEqual(expect.arrayContaining([...(document?.terms ?? [])]));
  expect(document?.terms.length).toBeGreaterThan(0);
});

describe('the kinds of a contact', () => {
  test.each([
    ['phone', '010 5555 0100', ['phone']],
    ['Phone', 'home: 010 5555 0100', ['phone']],
    ['email', 'ann@example.org', ['email']],
    ['email', 'ａｎｎ＠ｅｘａｍｐｌｅ．ｏｒｇ', ['email']],
    ['letter', '12 High Street', []],
    ['messaging_app', 'wx_fang', ['account']],
    ['messaging_app', '138 0013 8000', ['account', 'phone']],
    ['messaging_app', '13912345678 (wife)', ['account', 'phone']],
    ['email', 'ann@example.org, 138 0013 8000', ['email', 'phone']],
    ['website', 'ann@example.org', ['account', 'email']],
    ['email', '138 0013 8000', ['phone']],
  ])('on the channel %s with the address %s are %j', (channel, address, kinds) => {
    const parties = [{ contacts: [{ channel, address }] }];
    expect(personalValues(eventWith('ComplaintReceived', { parties }))).toEqual(
      kinds.map((kind) => ({ kind, text: address })),
    );
  });
});

test('an answer is searched if the id of its question names a kind', () => {
  const answers = [...Object.keys(QUESTION_KINDS), 'Order_Number', 'colour', 'constructor'].map((questionId) => ({
    questionId,
    answer: '7',
  }));
  expect(personalValues(eventWith('ComplaintReceived', { answers })).map(({ kind }) => kind)).toEqual([
    ...Object.values(QUESTION_KINDS),
    'order',
  ]);
});

test('an event without searched fields changes no document', () => {
  const projection = subjectIndexProjection(new Terms({ key: Buffer.alloc(32), phoneRegion: 'CN' }));
  expect(projection.keys(eventWith('NoteAdded', { text: '王芳' }))).toEqual([]);
  const anonymous = eventWith('ComplaintReceived', { narrative: '王芳', parties: [], points: [{ subject: {} }] });
  expect(projection.evolve(null, anonymous, '1')).toBeNull();
});

test('a later event adds its terms and keeps the earlier ones and the position', () => {
  const projection = subjectIndexProjection(new Terms({ key: Buffer.alloc(32), phoneRegion: 'CN' }));
  const first = projection.evolve(null, eventWith('ComplaintReceived', { parties: [{ name: 'Ann' }] }), '1');
  const later = { ...eventWith('ComplaintReceived', { parties: [{ name: 'Lee' }] }), position: '9' };
  const second = projection.evolve(first, later, '1');
  expect(second?.terms).toHaveLength(2);
  expect(second?.terms).toEqual(expect.arrayContaining([...(first?.terms ?? [])]));
  expect(second?.recorded).toBe('7');
  expect(projection.evolve(second, later, '1')).toBe(second);
});

test('a corrected value is searched like the value that it replaces', () => {
  const correction = (field: string, text: string) =>
    eventWith('RecordCorrected', {
      target: { revision: 0, type: 'ComplaintReceived' },
      field,
      newValue: { text },
    });
  expect(personalValues(correction('parties.0.name', '王方'))).toEqual([{ kind: 'name', text: '王方' }]);
  expect(personalValues(correction('parties.1.contacts.0.address', 'w@example.org'))).toEqual([
    { kind: 'account', text: 'w@example.org' },
    { kind: 'email', text: 'w@example.org' },
  ]);
  expect(personalValues(correction('narrative', '王方'))).toEqual([]);
});
