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
import { nothingToChange, withoutUndefined, refusal, unmet, type Decider, type Unmet } from './decision.js';
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
  idFor,
  inStage,
  interestOf,
  open,
  takenId,
  unknownEvidence,
  unknownParty,
  unknownPoints,
  withoutInterest,
} from './guards.js';
import { BEFORE_DETERMINATION } from './terms/vocabulary.js';
import type { Check } from './state-types.js';
import { inFuture } from './time.js';

/** ISO 10002 7.6: verification of identity, content and merits (T7, R29–R31), and its waivers (T8). */

export const verifyIdentity = {
  guards: [open, withoutInterest],
  decide: ({ party, result, method, level = 'basic', reason, evidenceIds }, complaint) => {
    const identity = complaint.parties.find(({ id }) => id === party)?.identity;
    const further = onFurtherEvidence(evidenceIds, identity);
    const wrong = refusal(
      unknownParty(complaint, party, '/party'),
      unknownEvidence(complaint, evidenceIds, '/evidenceIds'),
      result === 'failed' ? blank(reason, '/reason') : undefined,
      result === 'verified' &&
        identity?.status === 'Done' &&
        identity.method === method &&
        identity.level === level &&
        !further
        ? nothingToChange('the identity is already verified in this way')
        : undefined,
      result === 'failed' &&
        identity?.status === 'Failed' &&
        identity.method === method &&
        identity.reason === reason &&
        !further
        ? nothingToChange('this failed identity check is already recorded')
        : undefined,
    );
    if (wrong) return wrong;
    return result === 'verified'
      ? [IdentityVerified(withoutUndefined({ party, method, level, evidenceIds }))]
      : [IdentityVerificationFailed(withoutUndefined({ party, method, reason: reason ?? '', evidenceIds }))];
  },
} satisfies Decider<VerifyIdentity>;

export const verifyAuthority = {
  guards: [open, withoutInterest],
  decide: ({ party, result, reason, evidenceIds }, complaint) => {
    const file = complaint.parties.find(({ id }) => id === party);
    const acts = file?.role === 'representative' || file?.role === 'heir' || file?.authority !== 'none';
    const wrong = refusal(
      unknownParty(complaint, party, '/party'),
      unknownEvidence(complaint, evidenceIds, '/evidenceIds'),
      acts
        ? undefined
        : unmet(
            'no_authority_claimed',
            `party ${party} does not represent another person; there is no authority to check`,
            '/party',
          ),
      file?.authority === result &&
        file.authorityCheck.reason === reason &&
        !onFurtherEvidence(evidenceIds, file.authorityCheck)
        ? nothingToChange(`the authority is already ${result}`)
        : undefined,
    );
    if (wrong) return wrong;
    return result === 'verified'
      ? [AuthorityVerified(withoutUndefined({ party, basis: reason, evidenceIds }))]
      : [AuthorityRejected(withoutUndefined({ party, reason, evidenceIds }))];
  },
} satisfies Decider<VerifyAuthority>;

/** Any person may add evidence, including the person complained about. */
export const addEvidence = {
  guards: [open],
  decide: (command, complaint, { now }) => {
    const { sha256, kind, mime, bytes, capturedAt, source, custody, pointIds, description } = command;
    const taken = complaint.evidence.map(({ evidenceId }) => evidenceId);
    const wrong = refusal(
      takenId(command.evidenceId, taken, '/evidenceId'),
      unknownPoints(complaint, pointIds, '/pointIds'),
      inFuture(capturedAt, now, '/capturedAt'),
      complaint.evidence.some((item) => item.sha256 === sha256 && item.kind === kind && item.source === source)
        ? nothingToChange('evidence with this content hash already exists', '/sha256')
        : undefined,
    );
    const evidenceId = idFor('e', command.evidenceId, taken);
    return (
      wrong ?? [
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
    withoutInterest,
    ({ evidence }) =>
      evidence.some(({ excluded }) => excluded === undefined)
        ? undefined
        : evidence.length > 0
          ? nothingToChange('all evidence is already excluded')
          : unmet('no_evidence', 'the complaint has no evidence'),
  ],
  decide: ({ evidenceId, reason }, complaint) => {
    const item = complaint.evidence.find((one) => one.evidenceId === evidenceId);
    const wrong = refusal(
      item === undefined
        ? unmet('unknown_evidence', `the complaint has no evidence ${evidenceId}`, '/evidenceId')
        : undefined,
      item?.excluded === undefined
        ? undefined
        : nothingToChange(`evidence ${evidenceId} is already excluded`, '/evidenceId'),
    );
    return wrong ?? [EvidenceExcluded({ evidenceId, reason })];
  },
} satisfies Decider<ExcludeEvidence>;

export const verifyContent = {
  guards: [inStage(...BEFORE_DETERMINATION), withoutInterest],
  decide: ({ finding, grounds, evidenceIds }, complaint) => {
    const { content } = complaint.verification;
    return (
      refusal(
        unknownEvidence(complaint, evidenceIds, '/evidenceIds'),
        content.status === 'Done' &&
          content.finding === finding &&
          content.reason === grounds &&
          !onFurtherEvidence(evidenceIds, content)
          ? nothingToChange('this finding is already recorded')
          : undefined,
      ) ?? [ContentVerified(withoutUndefined({ finding, grounds, evidenceIds }))]
    );
  },
} satisfies Decider<VerifyContent>;

export const assessMerits = {
  guards: [inStage(...BEFORE_DETERMINATION), withoutInterest],
  decide: ({ reasonable, grounds, cause }, complaint) => {
    const { merits } = complaint.verification;
    const same = merits.reasonable === reasonable && merits.reason === grounds && merits.cause === cause;
    return (
      refusal(merits.status === 'Done' && same ? nothingToChange('this finding is already recorded') : undefined) ?? [
        MeritsAssessed(withoutUndefined({ reasonable, grounds, cause })),
      ]
    );
  },
} satisfies Decider<AssessMerits>;

/** Waives those of content and merits that are not done yet (21 CFR 820.198(b)). */
export const waiveInvestigation = {
  guards: [
    inStage(...BEFORE_DETERMINATION),
    withoutInterest,
    ({ verification: { content, merits } }) =>
      content.status === 'None' || merits.status === 'None'
        ? undefined
        : nothingToChange('content and merits are already checked or waived'),
  ],
  decide: ({ reason, responsible }, complaint) =>
    refusal(interestOf(complaint, responsible, '/responsible')) ?? [InvestigationWaived({ reason, responsible })],
} satisfies Decider<WaiveInvestigation>;

/** Waives the identity check of one party, of every unchecked party, or of an anonymous complaint. */
export const waiveIdentity = {
  guards: [
    inStage(...BEFORE_DETERMINATION),
    withoutInterest,
    ({ parties, verification }) =>
      parties.length === 0 && verification.anonymity.status === 'Waived'
        ? nothingToChange('the identity check is already waived')
        : parties.length > 0 &&
            parties.every(({ identity }) => identity.status === 'Done' || identity.status === 'Waived')
          ? nothingToChange('the identity of every party is already verified or waived')
          : undefined,
  ],
  decide: ({ party, cause, reason, responsible }, complaint) => {
    const named = complaint.parties.find(({ id }) => id === party);
    const unchecked = complaint.parties.filter(({ identity }) => identity.status === 'None');
    const wrong = refusal(
      unknownParty(complaint, party, '/party'),
      interestOf(complaint, responsible, '/responsible'),
      named?.identity.status === 'Done' || named?.identity.status === 'Waived'
        ? nothingToChange('the identity of this party is already verified or waived', '/party')
        : undefined,
      party === undefined && complaint.parties.length > 0 && unchecked.length === 0
        ? nothingToChange('the identity of every party is already checked')
        : undefined,
    );
    if (wrong) return wrong;
    const waived = { cause, reason, responsible };
    if (complaint.parties.length === 0) return [IdentityWaived(waived)];
    return (named === undefined ? unchecked : [named]).map(({ id }) => IdentityWaived({ party: id, ...waived }));
  },
} satisfies Decider<WaiveIdentity>;

/** True if the finding cites evidence that the earlier one did not: then it is a new finding. */
const onFurtherEvidence = (ids: readonly string[] | undefined, check: Check | undefined): boolean =>
  (ids ?? []).some((id) => check?.evidenceIds?.includes(id) !== true);

const blank = (text: string | undefined, pointer: string): Unmet | undefined =>
  (text ?? '').trim() === '' ? unmet('reason_missing', 'the reason is missing; give one', pointer) : undefined;
