import type { Complaint } from './complaint.js';
import { unmet, type Context, type Unmet } from './decision.js';
import { unknownEvidence } from './guards.js';
import { complainantsOf, hasAuthority, speaksFor, type WithParties } from './addressees.js';
import { isComplainant } from './party-standing.js';
import type { StatedBy } from './terms/facts.js';
import { UNIDENTIFIED, type Scope } from './terms/vocabulary.js';
import { futureTime } from './time.js';

/**
 * The problems of a statement: none if the party may act with this scope, the time has passed and the evidence exists.
 * Without a party on file, a person who is present or quotes the reference acts as the complainant.
 */
export function mayAct(
  complaint: Complaint,
  statedBy: StatedBy | undefined,
  scope: Scope,
  context: Context,
  {
    pointer = '/statedBy',
    isFirstContact = false,
  }: { readonly pointer?: string; readonly isFirstContact?: boolean } = {},
): Unmet[] {
  if (statedBy === undefined) return [];
  const { party, at, evidenceId } = statedBy;
  const evidencePointer = `${pointer}/evidenceId`;
  return [
    ...(party === UNIDENTIFIED
      ? unidentifiedProblems(complaint, statedBy, pointer, isFirstContact)
      : partyProblems(complaint, party, scope, context, `${pointer}/party`)),
    futureTime(at, context.now, `${pointer}/at`) ?? [],
    // evidenceId is a single id: its pointer has no index
    unknownEvidence(complaint, evidenceId === undefined ? [] : [evidenceId], evidencePointer).map((problem) => ({
      ...problem,
      pointer: evidencePointer,
    })),
  ].flat();
}

/** The problems of a party that acts, is told or is paid with this scope. */
export function partyProblems(
  complaint: WithParties,
  id: string,
  scope: Scope,
  context: Pick<Context, 'reference'>,
  pointer: string,
): Unmet[] {
  const party = complaint.progress.parties.find((standing) => standing.id === id);
  if (party === undefined) return [unmet('unknown_party', `the complaint has no party ${id}`, pointer)];
  const problems: Unmet[] = [];
  if (party.identity === 'failed')
    problems.push(
      unmet(
        'identity_failed',
        `the identity of ${id} was not confirmed; record what they say with \`record-contact\`, or use \`verify-identity\``,
        pointer,
      ),
    );
  if (isComplainant(party) || hasAuthority(party, scope, context.reference.house.authorityRequired)) return problems;
  problems.push(
    party.authority === 'rejected'
      ? unmet('authority_rejected', `the authority of ${id} was rejected; another party must act`, pointer)
      : unmet(
          'authority_not_verified',
          `${id} has no verified authority (${scope}); use \`verify-authority\`, or ask for it with \`request-information\``,
          pointer,
        ),
  );
  return problems;
}

function unidentifiedProblems(
  { progress }: WithParties,
  { medium, quotesReference = false }: StatedBy,
  pointer: string,
  isFirstContact: boolean,
): Unmet[] {
  if (progress.parties.length > 0)
    return [
      unmet(
        'party_on_file',
        'the complaint has parties, so the person must be one of them; name the party',
        `${pointer}/party`,
      ),
    ];
  return isFirstContact || medium === 'in_person' || quotesReference
    ? []
    : [
        unmet(
          'unidentified_not_present',
          'a person who is not named must be present or quote the reference; set `medium` to in_person or `quotesReference` to true',
          pointer,
        ),
      ];
}

/**
 * The problems if a statement of each complainant is needed: one for each complainant for whom nobody speaks. A
 * complaint without complainants on file needs one statement of any person who may act.
 */
export function missingStatements(complaint: WithParties, statements: readonly StatedBy[], pointer: string): Unmet[] {
  const spokenFor = new Set(statements.flatMap(({ party }) => speaksFor(complaint, party)));
  return complainantsOf(complaint)
    .filter(({ id }) => !spokenFor.has(id))
    .map(({ id }) =>
      unmet(
        'agreement_missing',
        `${id} has not agreed; add the statement of each complainant to \`agreedBy\``,
        pointer,
      ),
    );
}
