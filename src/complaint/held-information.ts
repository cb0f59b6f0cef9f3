import { isSameId } from '../staff/person.js';
import type { Complaint } from './complaint.js';
import { usableContacts } from './guards.js';
import { ABOUT_AUTHORITY } from './party-standing.js';
import type { PartyFile } from './state-types.js';

/**
 * Where the complaint file holds what a party is asked about, as a JSON pointer into the file; undefined if it does not
 * (I15).
 * @param about a field, the id of an intake question, or a kind of evidence
 */
export function whereHeld(complaint: Complaint, party: string, about: string): string | undefined {
  const { parties, points, lodged, evidence, requests } = complaint;
  const partyIndex = parties.findIndex(({ id }) => id === party);
  const partyFile = parties[partyIndex];
  const answerIndex = (lodged?.facts.answers ?? []).findIndex(({ questionId }) => isSameId(questionId, about));
  const evidenceIndex = evidence.findIndex(({ kind, excluded }) => excluded === undefined && isSameId(kind, about));
  const requestIndex = requests.findLastIndex(
    (request) => request.about !== undefined && isSameId(request.about, about) && request.status === 'Answered',
  );
  const inLodging = LODGED_FIELDS.find((field) => isSameId(field, about) && isKnown(lodged?.facts[field]));
  const inPoints = POINT_FIELDS.find(
    (field) => isSameId(field, about) && points.length > 0 && points.every((point) => isKnown(point[field])),
  );
  const inSubjects = SUBJECT_FIELDS.find(
    (field) => isSameId(field, about) && points.length > 0 && points.every(({ subject }) => isKnown(subject[field])),
  );
  const places = [
    partyFile === undefined ? undefined : heldOfParty(partyFile, about, `/parties/${partyIndex}`),
    answerIndex < 0 ? undefined : `/lodged/facts/answers/${answerIndex}`,
    evidenceIndex < 0 ? undefined : `/evidence/${evidenceIndex}`,
    inLodging === undefined ? undefined : `/lodged/facts/${inLodging}`,
    inPoints === undefined ? undefined : `/points/0/${inPoints}`,
    inSubjects === undefined ? undefined : `/points/0/subject/${inSubjects}`,
    requestIndex < 0 ? undefined : `/requests/${requestIndex}`,
  ];
  return places.find((place) => place !== undefined);
}

function heldOfParty(party: PartyFile, about: string, pointer: string): string | undefined {
  const contacts = usableContacts(party);
  if (isSameId(about, 'name')) return party.name === undefined ? undefined : `${pointer}/name`;
  if (isSameId(about, 'identity')) return party.identity.status === 'Done' ? `${pointer}/identity` : undefined;
  if (isSameId(about, ABOUT_AUTHORITY)) return party.authority === 'verified' ? `${pointer}/authority` : undefined;
  const isContact = isSameId(about, 'contacts')
    ? contacts.length > 0
    : contacts.some(({ channel }) => isSameId(channel, about));
  return isContact ? `${pointer}/contacts` : undefined;
}

const LODGED_FIELDS = [
  'narrative',
  'incidentAt',
  'channelAccount',
  'intakePoint',
  'remedySought',
  'language',
  'handlingMethod',
  'tenure',
  'consentToPublish',
  'vulnerabilityTags',
] as const;
const POINT_FIELDS = ['category', 'issue', 'subIssue', 'remedySought'] as const;
const SUBJECT_FIELDS = [
  'orgUnit',
  'thirdParty',
  'respondent',
  'product',
  'subProduct',
  'orderId',
  'employeeId',
  'shift',
  'region',
  'postalCode',
] as const;

const isKnown = (value: unknown): boolean => value !== undefined && (!Array.isArray(value) || value.length > 0);
