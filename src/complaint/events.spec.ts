import ts from 'typescript';
import { join } from 'node:path';
import { complaintEventTypes } from './events.js';

/**
 * Every string that an event can hold, and whether it is personal: then it will be encrypted under its data subject's
 * key. Free text and contact data are personal; ids, codes, times, and what trends group by (product, issue, region, the
 * company complained about, a register's own words) are not. Fields whose values are a closed list, and times, are not
 * listed: they cannot hold anything else.
 */
const FIELDS: Readonly<Record<string, { readonly personal?: string; readonly open?: string }>> = {
  ComplaintReceived: {
    personal:
      'channelAccount parties.*.name parties.*.contacts.*.address points.*.subject.orderId ' +
      'points.*.subject.postalCode points.*.remedySought narrative remedySought handlingMethod ' +
      'answers.*.answer contactAttempts.*.result vulnerabilityTags.*',
    open:
      'reference intakePoint sources.*.system sources.*.ref parties.*.id parties.*.subjectId ' +
      'parties.*.contacts.*.channel parties.*.employeeId points.*.id points.*.category points.*.issue ' +
      'points.*.subIssue points.*.subject.orgUnit points.*.subject.thirdParty ' +
      'points.*.subject.respondent points.*.subject.product points.*.subject.subProduct ' +
      'points.*.subject.employeeId points.*.subject.shift points.*.subject.region language ' +
      'answers.*.questionId contactAttempts.*.channel tenure consentToPublish',
  },
  ComplaintAcknowledged: { personal: 'message', open: 'to' },
  ComplaintAdmitted: { personal: 'reason' },
  ComplaintDeclaredInadmissible: { personal: 'reasons recourse', open: 'noticeId reasonCode addressees.*' },
  ComplaintClassified: { personal: 'impact', open: 'points.*.id points.*.issue points.*.subIssue' },
  SeverityAssessed: { personal: 'reason', open: 'impactScope complexity' },
  ComplaintPrioritised: { personal: 'reason', open: 'rule.id inputs.impactScope' },
  ComplaintAssigned: { open: 'handler orgUnit' },
  ComplaintReassigned: { personal: 'reason', open: 'from to orgUnit' },
  AssignmentAccepted: { open: 'handler' },
  ConflictOfInterestDeclared: { personal: 'reason', open: 'person' },
  IdentityVerified: { open: 'party method level evidenceIds.*' },
  IdentityVerificationFailed: { personal: 'reason', open: 'party method evidenceIds.*' },
  AuthorityVerified: { personal: 'basis', open: 'party evidenceIds.*' },
  AuthorityRejected: { personal: 'reason', open: 'party evidenceIds.*' },
  EvidenceAdded: { personal: 'source custody description', open: 'evidenceId sha256 kind mime pointIds.*' },
  EvidenceExcluded: { personal: 'reason', open: 'evidenceId' },
  ContentVerified: { personal: 'grounds', open: 'evidenceIds.*' },
  MeritsAssessed: { personal: 'grounds' },
  InvestigationWaived: { personal: 'reason', open: 'responsible' },
  IdentityWaived: { personal: 'reason', open: 'party responsible' },
  InformationRequested: { personal: 'from question', open: 'requestId' },
  InformationReceived: { personal: 'from content', open: 'requestId evidenceIds.*' },
  InformationRequestLapsed: { personal: 'reason', open: 'requestId' },
  HoldPlaced: { personal: 'counterparty note', open: 'holdId requestId' },
  HoldReleased: { personal: 'note', open: 'holdId' },
  DeterminationMade: {
    personal: 'points.*.reasons points.*.findings.*.text recourse',
    open: 'determinationId points.*.id points.*.findings.*.evidenceIds.* points.*.policyRefs.*.id decidedBy',
  },
  DeterminationReviewed: { personal: 'reasons', open: 'determinationId capacity' },
  ReturnedToInvestigation: { personal: 'reason' },
  RemedyDrafted: {
    personal: 'measures.*.action',
    open:
      'remedyId measures.*.id measures.*.pointIds.* measures.*.owner measures.*.amount.currency ' + 'policyRefs.*.id',
  },
  RemedyProposed: {
    personal: 'measures.*.action',
    open:
      'remedyId measures.*.id measures.*.pointIds.* measures.*.owner measures.*.amount.currency ' + 'policyRefs.*.id',
  },
  RemedyApproved: { personal: 'note', open: 'remedyId' },
  RemedyReturned: { personal: 'reason', open: 'remedyId' },
  RemedyAccepted: { open: 'remedyId statedBy.party statedBy.evidenceId' },
  RemedyRejected: { personal: 'reason', open: 'remedyId statedBy.party statedBy.evidenceId' },
  RemedyOfferLapsed: { open: 'remedyId' },
  RemedyMeasureCompleted: { personal: 'confirmation', open: 'remedyId measureId evidenceIds.*' },
  RemedyMeasureWaived: { personal: 'reason', open: 'remedyId measureId responsible' },
  RedressPaid: { personal: 'paymentRef', open: 'paymentId remedyId measureId money.currency' },
  RemedyImplemented: { personal: 'whatWasDone', open: 'remedyId money.currency statedBy.party statedBy.evidenceId' },
  FinalResponseSent: { personal: 'text recourse', open: 'responseId addressees.* templateVersion' },
  OutcomeCommunicated: { personal: 'proof', open: 'of to' },
  CommunicationFailed: { personal: 'reason', open: 'of to' },
  OutcomeUndeliverable: { personal: 'attempts.*.reason reason', open: 'of attempts.*.channel' },
  FeedbackRequested: { open: 'to' },
  FeedbackSubmitted: { personal: 'comment', open: 'statedBy.party statedBy.evidenceId' },
  FollowUpCompleted: { personal: 'note' },
  FollowUpUnreachable: { personal: 'note' },
  FollowUpDeclined: { personal: 'note' },
  ComplaintClosed: { personal: 'note' },
  ComplaintReopened: { personal: 'reason', open: 'decidedBy statedBy.party statedBy.evidenceId' },
  ComplaintWithdrawn: { personal: 'reason', open: 'statedBy.party statedBy.evidenceId' },
  ExternalOutcomeRecorded: { open: 'register response publicResponse' },
  ContactRecorded: { personal: 'content', open: 'contactId party' },
  ComplainantChased: { open: 'contactId' },
  NoteAdded: { personal: 'text', open: 'noteId' },
};

const listed = Object.entries(FIELDS).flatMap(([type, { personal, open }]) => [
  ...(personal?.split(' ') ?? []).map((path) => `${type} ${path} personal`),
  ...(open?.split(' ') ?? []).map((path) => `${type} ${path}`),
]);

test('every string of every event is in the list, and the list has no other', () => {
  expect(listed.map((line) => line.replace(/ personal$/, '')).sort()).toEqual(stringFields().sort());
});

test('an event marks as personal what the list says', () => {
  const marked = complaintEventTypes.flatMap(({ type, personal }) =>
    personal.map((path) => `${type} ${path} personal`),
  );
  expect(marked.sort()).toEqual(listed.filter((line) => line.endsWith(' personal')).sort());
});

/** By the compiler: `Type path` of each string in the data of each member of ComplaintEvent. */
function stringFields(): string[] {
  const root = join(__dirname, '../..');
  const { config } = ts.readConfigFile(join(root, 'tsconfig.json'), (file) => ts.sys.readFile(file)) as {
    config: unknown;
  };
  const file = join(__dirname, 'events.ts');
  const program = ts.createProgram([file], ts.parseJsonConfigFileContent(config, ts.sys, root).options);
  const checker = program.getTypeChecker();
  const source = program.getSourceFile(file);
  const module = source && checker.getSymbolAtLocation(source);
  const union = module && checker.getExportsOfModule(module).find(({ name }) => name === 'ComplaintEvent');
  if (union === undefined) throw new Error('events.ts has no ComplaintEvent');
  const members = checker.getDeclaredTypeOfSymbol(union);
  if (!members.isUnion()) throw new Error('ComplaintEvent is no union');
  return members.types.flatMap((member) => {
    const type = propertyType(member, 'type');
    if (!type.isStringLiteral()) throw new Error('an event without a type');
    return [...new Set(strings(propertyType(member, 'data'), ''))].map((path) => `${type.value} ${path}`);
  });

  function propertyType(of: ts.Type, name: string): ts.Type {
    const property = of.getProperty(name);
    if (property === undefined) throw new Error(`no ${name}`);
    return checker.getTypeOfSymbol(property);
  }

  function strings(type: ts.Type, path: string): string[] {
    if (type.isUnion()) return type.types.flatMap((one) => strings(one, path));
    if (type.isStringLiteral()) return []; // of a closed list
    if (type.flags & ts.TypeFlags.String) return [path];
    if (!(type.flags & ts.TypeFlags.Object) || type.getProperty('precision') !== undefined) return []; // number, boolean; Moment
    const [element] = checker.isArrayType(type) ? checker.getTypeArguments(type as ts.TypeReference) : [];
    if (element !== undefined) return strings(element, `${path}.*`);
    return type
      .getProperties()
      .flatMap((property) =>
        strings(checker.getTypeOfSymbol(property), path === '' ? property.name : `${path}.${property.name}`),
      );
  }
}
