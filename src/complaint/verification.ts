import type {
  AddEvidence,
  AssessMerits,
  ExcludeEvidence,
  VerifyAuthority,
  VerifyContent,
  VerifyIdentity,
  WaiveIdentity,
  WaiveInvestigation,
} from './commands/verification.js';
import type { Complaint } from './complaint.js';
import {
  nothingToChange,
  withoutUndefined,
  rejectionOf,
  unmet,
  type Context,
  type Decider,
  type Guard,
  type Unmet,
} from './decision.js';
import {
  AuthorityRejected,
  AuthorityVerified,
  ContentVerified,
  EvidenceAdded,
  EvidenceExcluded,
  IdentityVerificationFailed,
  IdentityVerified,
  IdentityWaived,
  InvestigationWaived,
  MeritsAssessed,
} from './events.js';
import {
  conflictOfInterest,
  duplicateId,
  inStage,
  nextId,
  open,
  received,
  unknownEvidence,
  unknownParty,
  unknownPoints,
  withoutConflictOfInterest,
} from './guards.js';
import { impliedAdmission } from './implied-admission.js';
import { DEFAULT_SCOPE } from './party-standing.js';
import { unknownPerson } from './people.js';
import { isOwed } from './progress.js';
import { BEFORE_DETERMINATION, SCOPES, type Scope } from './terms/vocabulary.js';
import type { Check } from './state-types.js';
import { futureTime } from './time.js';
import { tooFewAttempts } from './unreachable.js';

/** ISO 10002 7.6: verification of identity, content and merits (T7, R29–R31), and their waivers (T8). */

export const verifyIdentity = {
  guards: [received, withoutConflictOfInterest],
  decide: ({ party, result, method, level = 'basic', reason, evidenceIds }, complaint) => {
    const identity = complaint.parties.find(({ id }) => id === party)?.identity;
    const hasNewEvidence = citesNewEvidence(evidenceIds, identity);
    const rejection = rejectionOf(
      unknownParty(complaint, party, '/party'),
      unknownEvidence(complaint, evidenceIds, '/evidenceIds'),
      result === 'failed' ? missingReason(reason, '/reason') : undefined,
      result === 'verified' &&
        identity?.status === 'Done' &&
        identity.method === method &&
        identity.level === level &&
        !hasNewEvidence
        ? nothingToChange('the identity is already verified in this way')
        : undefined,
      result === 'failed' &&
        identity?.status === 'Failed' &&
        identity.method === method &&
        identity.reason === reason &&
        !hasNewEvidence
        ? nothingToChange('this failed identity check is already recorded')
        : undefined,
    );
    if (rejection) return rejection;
    return result === 'verified'
      ? [IdentityVerified(withoutUndefined({ party, method, level, evidenceIds }))]
      : [IdentityVerificationFailed(withoutUndefined({ party, method, reason: reason ?? '', evidenceIds }))];
  },
} satisfies Decider<VerifyIdentity>;

export const verifyAuthority = {
  guards: [received, withoutConflictOfInterest],
  decide: ({ party, result, scope, reason, evidenceIds }, complaint) => {
    const partyFile = complaint.parties.find(({ id }) => id === party);
    const standing = complaint.progress.parties.find(({ id }) => id === party);
    // also true for an unknown party, so that `unknown_party` is then the only problem
    const claimsAuthority =
      partyFile?.role === 'representative' || partyFile?.role === 'heir' || partyFile?.authority !== 'none';
    const rejection = rejectionOf(
      unknownParty(complaint, party, '/party'),
      unknownEvidence(complaint, evidenceIds, '/evidenceIds'),
      claimsAuthority
        ? undefined
        : unmet(
            'no_authority_claimed',
            `party ${party} does not represent another person; there is no authority to check`,
            '/party',
          ),
      result === 'rejected' && scope !== undefined
        ? unmet('scope_of_rejection', 'a rejected authority has no scope; omit it', '/scope')
        : undefined,
      partyFile?.authority === result &&
        partyFile.authorityCheck.reason === reason &&
        (result === 'rejected' || isSameScope(scope, standing?.scope)) &&
        !citesNewEvidence(evidenceIds, partyFile.authorityCheck)
        ? nothingToChange(`the authority is already ${result}`)
        : undefined,
    );
    if (rejection) return rejection;
    return result === 'verified'
      ? [AuthorityVerified(withoutUndefined({ party, basis: reason, scope, evidenceIds }))]
      : [AuthorityRejected(withoutUndefined({ party, reason, evidenceIds }))];
  },
} satisfies Decider<VerifyAuthority>;

/** True if both scopes cover the same; without a scope, an authority covers the default. */
const isSameScope = (one: readonly Scope[] = DEFAULT_SCOPE, other: readonly Scope[] = []): boolean =>
  SCOPES.every((scope) => one.includes(scope) === other.includes(scope));

/** Any person may add evidence, including the person complained about. */
export const addEvidence = {
  guards: [received],
  decide: (command, complaint, { now }) => {
    const { sha256, kind, mime, bytes, capturedAt, source, custody, pointIds, description } = command;
    const usedIds = complaint.evidence.map(({ evidenceId }) => evidenceId);
    const rejection = rejectionOf(
      duplicateId(command.evidenceId, usedIds, '/evidenceId'),
      unknownPoints(complaint, pointIds, '/pointIds'),
      futureTime(capturedAt, now, '/capturedAt'),
      complaint.evidence.some((item) => item.sha256 === sha256 && item.kind === kind && item.source === source)
        ? nothingToChange('evidence with this content hash already exists', '/sha256')
        : undefined,
    );
    const evidenceId = command.evidenceId ?? nextId('e', usedIds);
    return (
      rejection ?? [
        EvidenceAdded(
          withoutUndefined({
            evidenceId,
            sha256,
            kind,
            mime,
            bytes,
            capturedAt,
            source,
            custody,
            pointIds,
            description,
          }),
        ),
      ]
    );
  },
} satisfies Decider<AddEvidence>;

export const excludeEvidence = {
  guards: [
    open,
    withoutConflictOfInterest,
    ({ evidence }) =>
      evidence.some(({ excluded }) => excluded === undefined)
        ? undefined
        : evidence.length > 0
          ? nothingToChange('all evidence is already excluded')
          : unmet('no_evidence', 'the complaint has no evidence'),
  ],
  decide: ({ evidenceId, reason }, complaint) => {
    const item = complaint.evidence.find((candidate) => candidate.evidenceId === evidenceId);
    const rejection = rejectionOf(
      item === undefined
        ? unmet('unknown_evidence', `the complaint has no evidence ${evidenceId}`, '/evidenceId')
        : undefined,
      item?.excluded === undefined
        ? undefined
        : nothingToChange(`evidence ${evidenceId} is already excluded`, '/evidenceId'),
    );
    return rejection ?? [EvidenceExcluded({ evidenceId, reason })];
  },
} satisfies Decider<ExcludeEvidence>;

export const verifyContent = {
  guards: [inStage(...BEFORE_DETERMINATION), withoutConflictOfInterest],
  decide: ({ finding, grounds, evidenceIds }, complaint) => {
    const { content } = complaint.verification;
    return (
      rejectionOf(
        unknownEvidence(complaint, evidenceIds, '/evidenceIds'),
        content.status === 'Done' &&
          content.finding === finding &&
          content.reason === grounds &&
          !citesNewEvidence(evidenceIds, content)
          ? nothingToChange('this finding is already recorded')
          : undefined,
      ) ?? [
        ...(complaint.stage === 'Received' ? impliedAdmission(complaint) : []),
        ContentVerified(withoutUndefined({ finding, grounds, evidenceIds })),
      ]
    );
  },
} satisfies Decider<VerifyContent>;

export const assessMerits = {
  guards: [inStage(...BEFORE_DETERMINATION), withoutConflictOfInterest],
  decide: ({ reasonable, grounds, cause }, complaint) => {
    const { merits } = complaint.verification;
    const isUnchanged = merits.reasonable === reasonable && merits.reason === grounds && merits.cause === cause;
    return (
      rejectionOf(
        merits.status === 'Done' && isUnchanged ? nothingToChange('this finding is already recorded') : undefined,
      ) ?? [
        ...(complaint.stage === 'Received' ? impliedAdmission(complaint) : []),
        MeritsAssessed(withoutUndefined({ reasonable, grounds, cause })),
      ]
    );
  },
} satisfies Decider<AssessMerits>;

/** Waives the checks of content and merits that are not done yet (21 CFR 820.198(b)). */
export const waiveInvestigation = {
  guards: [
    inStage(...BEFORE_DETERMINATION),
    withoutConflictOfInterest,
    ({ verification: { content, merits } }) =>
      content.status === 'None' || merits.status === 'None'
        ? undefined
        : nothingToChange('content and merits are already checked or waived'),
  ],
  decide: ({ reason, responsible }, complaint, context) =>
    rejectionOf(responsibleProblems(complaint, responsible, context)) ?? [InvestigationWaived({ reason, responsible })],
} satisfies Decider<WaiveInvestigation>;

/** Before the determination, and while something is owed, because a payment needs the identity of its payee. */
const beforeDeterminationOrOwed: Guard = (complaint, context) =>
  complaint.remedies.some(isOwed) ? received(complaint, context) : inStage(...BEFORE_DETERMINATION)(complaint, context);

/**
 * Waives the identity check of the named party, of every unchecked party, or of a complaint without parties. A party is
 * unreachable only after the failed attempts that the house rules ask for.
 */
export const waiveIdentity = {
  guards: [
    beforeDeterminationOrOwed,
    withoutConflictOfInterest,
    ({ parties, verification }) =>
      parties.length === 0 && verification.anonymity.status === 'Waived'
        ? nothingToChange('the identity check is already waived')
        : parties.length > 0 &&
            parties.every(({ identity }) => identity.status === 'Done' || identity.status === 'Waived')
          ? nothingToChange('the identity of every party is already verified or waived')
          : undefined,
  ],
  decide: ({ party, cause, reason, responsible }, complaint, context) => {
    const namedParty = complaint.parties.find(({ id }) => id === party);
    const unchecked = complaint.parties.filter(({ identity }) => identity.status === 'None');
    const waivedParties = namedParty === undefined ? unchecked : [namedParty];
    const rejection = rejectionOf(
      unknownParty(complaint, party, '/party'),
      responsibleProblems(complaint, responsible, context),
      namedParty?.identity.status === 'Done' || namedParty?.identity.status === 'Waived'
        ? nothingToChange('the identity of this party is already verified or waived', '/party')
        : undefined,
      party === undefined && complaint.parties.length > 0 && unchecked.length === 0
        ? nothingToChange('the identity of every party is already checked')
        : undefined,
      cause === 'unreachable'
        ? waivedParties
            .map(({ id }) => tooFewAttempts(complaint, id, undefined, context, '/cause'))
            .flatMap((problem) => problem ?? [])
        : undefined,
    );
    if (rejection) return rejection;
    const waiver = { cause, reason, responsible };
    if (complaint.parties.length === 0) return [IdentityWaived(waiver)];
    return waivedParties.map(({ id }) => IdentityWaived({ party: id, ...waiver }));
  },
} satisfies Decider<WaiveIdentity>;

/** The problems of the person who is responsible for a waiver (I6). */
const responsibleProblems = (complaint: Complaint, responsible: string, context: Context): Unmet[] =>
  [
    conflictOfInterest(complaint, responsible, '/responsible'),
    unknownPerson(responsible, context, '/responsible'),
  ].flatMap((problem) => problem ?? []);

/**
 * True if the new finding cites evidence that the earlier check did not cite. The finding is then recorded as a new
 * one.
 */
const citesNewEvidence = (ids: readonly string[] | undefined, check: Check | undefined): boolean =>
  (ids ?? []).some((id) => check?.evidenceIds?.includes(id) !== true);

const missingReason = (text: string | undefined, pointer: string): Unmet | undefined =>
  (text ?? '').trim() === '' ? unmet('reason_missing', 'the reason is missing; give one', pointer) : undefined;
