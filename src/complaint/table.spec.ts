import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { AdmitComplaint } from './commands/intake.js';
import { ComplaintCommand } from './commands/parts.js';
import { complaintEventTypes } from './events.js';
import { complaintCommands, rowAt, rowOf } from './table.js';

/** The transition table as far as it is built: its commands, and the events that each row emits. */
const ROWS: Readonly<Record<string, { readonly commands: string; readonly events: string }>> = {
  T1: { commands: 'LodgeComplaint', events: 'ComplaintReceived' },
  T2: { commands: 'AcknowledgeComplaint', events: 'ComplaintAcknowledged' },
  T3: { commands: 'AdmitComplaint DeclareInadmissible', events: 'ComplaintAdmitted ComplaintDeclaredInadmissible' },
  T4: {
    commands: 'ClassifyComplaint AssessSeverity SetPriority',
    events: 'ComplaintClassified SeverityAssessed ComplaintPrioritised',
  },
  T5: {
    commands: 'AssignComplaint ReassignComplaint AcceptAssignment DeclareConflictOfInterest',
    events: 'ComplaintAdmitted ComplaintAssigned ComplaintReassigned AssignmentAccepted ConflictOfInterestDeclared',
  },
  T7: {
    commands: 'VerifyIdentity VerifyAuthority AddEvidence ExcludeEvidence VerifyContent AssessMerits',
    events:
      'IdentityVerified IdentityVerificationFailed AuthorityVerified AuthorityRejected EvidenceAdded EvidenceExcluded ' +
      'ContentVerified MeritsAssessed',
  },
  T8: { commands: 'WaiveInvestigation WaiveIdentity', events: 'InvestigationWaived IdentityWaived' },
  T9: {
    commands: 'RequestInformation ReceiveInformation LapseInformationRequest PlaceHold ReleaseHold',
    events: 'InformationRequested InformationReceived InformationRequestLapsed HoldPlaced HoldReleased',
  },
  T10: {
    commands: 'MakeDetermination ReviewDetermination ReturnToInvestigation',
    events: 'DeterminationMade DeterminationReviewed ReturnedToInvestigation',
  },
  T11: {
    commands: 'ProposeRemedy ApproveRemedy ReturnRemedy',
    events: 'RemedyDrafted RemedyProposed RemedyApproved RemedyReturned',
  },
  T12: {
    commands: 'AcceptRemedy RejectRemedy LapseRemedyOffer',
    events: 'RemedyAccepted RemedyRejected RemedyOfferLapsed',
  },
  T13: {
    commands: 'CompleteMeasure WaiveMeasure RecordRedressPayment',
    events: 'RemedyMeasureCompleted RemedyMeasureWaived RedressPaid RemedyImplemented',
  },
  T14: {
    commands: 'SendFinalResponse RecordDelivery',
    events: 'FinalResponseSent OutcomeCommunicated CommunicationFailed OutcomeUndeliverable',
  },
  T16: {
    commands: 'ScheduleFollowUp RequestFeedback SubmitFeedback RecordFollowUp',
    events:
      'FollowUpScheduled FeedbackRequested FeedbackSubmitted FollowUpCompleted FollowUpUnreachable FollowUpDeclined',
  },
  T17: { commands: 'CloseComplaint', events: 'ComplaintClosed' },
  T18: { commands: 'ReopenComplaint', events: 'ComplaintReopened DeterminationMade' },
  T19: { commands: 'WithdrawComplaint', events: 'ComplaintWithdrawn' },
  T24: {
    commands: 'ResolveAtFirstContact',
    events:
      'ComplaintAdmitted ComplaintClassified DeterminationMade RemedyImplemented OutcomeCommunicated ComplaintClosed',
  },
  T25: { commands: 'RecordExternalOutcome', events: 'ExternalOutcomeRecorded' },
  T26: { commands: 'RecordContact AddNote', events: 'ContactRecorded ComplainantChased NoteAdded' },
};

const rows = Object.entries(ROWS).map(([row, { commands, events }]) => ({
  row,
  commands: commands.split(' '),
  events: events.split(' '),
}));
const sources = readdirSync(__dirname).filter((file) => file.endsWith('.ts'));
const textOf = (files: readonly string[]) =>
  files.map((file) => readFileSync(join(__dirname, file), 'utf8')).join('\n');
const product = textOf(sources.filter((file) => !file.endsWith('.spec.ts')));
const specs = textOf(sources.filter((file) => file.endsWith('.spec.ts') && file !== 'table.spec.ts'));

test('every command of a row is in the table, and the table has no other', () => {
  const table = complaintCommands.map(({ row, name }) => `${row} ${name}`).sort();
  expect(table).toEqual(rows.flatMap(({ row, commands }) => commands.map((name) => `${row} ${name}`)).sort());
});

test('every event type is emitted by a row, and no row emits another', () => {
  const types: string[] = complaintEventTypes.map(({ type }) => type);
  expect([...new Set(rows.flatMap(({ events }) => events))].sort()).toEqual(types.sort());
});

test.each(complaintEventTypes.map(({ type }) => type))('a decider makes %s', (type) => {
  expect(product).toMatch(new RegExp(`\\b${type}\\(`));
});

test.each(complaintCommands.map(({ name }) => name))('a test sends %s', (name) => {
  expect(specs).toMatch(new RegExp(`command\\(\\s*(\\w+\\.)?${name}\\b`));
});

test('every rejection code is expected by a test', () => {
  const codes = [...product.matchAll(/\b(?:unmet|reject|some)\(\s*(?:'[A-Z]\w+',\s*)?'([a-z_]+)'/g)].map(
    ([, code]) => code ?? '',
  );
  expect(codes.length).toBeGreaterThan(60);
  expect([...new Set(codes)].filter((code) => !specs.includes(`'${code}'`))).toEqual([]);
});

test('an address is the kebab case of the command without a trailing Complaint', () => {
  expect(complaintCommands.slice(0, 11).map(({ path }) => path)).toEqual([
    'lodge',
    'acknowledge',
    'admit',
    'declare-inadmissible',
    'classify',
    'assess-severity',
    'set-priority',
    'assign',
    'reassign',
    'accept-assignment',
    'declare-conflict-of-interest',
  ]);
  expect(new Set(complaintCommands.map(({ path }) => path)).size).toBe(complaintCommands.length);
});

test('a row is found by command and by path', () => {
  expect(rowOf(new AdmitComplaint()).name).toBe('AdmitComplaint');
  expect(rowAt('resolve-at-first-contact')?.row).toBe('T24');
  expect(rowAt('toString')).toBeUndefined();
  expect(complaintCommands.filter(({ creates }) => creates).map(({ name }) => name)).toEqual(['LodgeComplaint']);
});

test('a class that is not in the table throws', () => {
  class ForgottenCommand extends ComplaintCommand {}
  expect(() => rowOf(new ForgottenCommand())).toThrow('ForgottenCommand is not in the table');
});
