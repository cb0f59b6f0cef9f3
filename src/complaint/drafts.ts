import type { DiscardDraft } from './commands/remedies.js';
import type { Complaint } from './complaint.js';
import { rejectionOf, unmet, type Context, type Decider, type Guard, type Unmet } from './decision.js';
import { DraftDiscarded } from './events.js';
import { nextId, received, withoutConflictOfInterest } from './guards.js';
import { isAboveOwnLimit } from './limits.js';
import type { Money } from './terms/facts.js';
import { isSameId } from '../staff/person.js';

/**
 * Drafts: what one person proposed and a second person has to approve (I25). A draft changes nothing until then, and
 * outlives the episode.
 */
export interface Draft {
  /** The id of what it becomes. */
  readonly id: string;
  readonly kind: RedressKind | 'inadmissibility';
  readonly by: string;
  /** The money that the draft would grant. */
  readonly amounts: readonly Money[];
}

/** The kinds of drafts that grant or waive something, each with a switch of its own. */
type RedressKind = keyof typeof RULES;
type RedressDraft = Draft & { readonly kind: RedressKind };

/** What the drafts of a complaint derive from. */
export type WithDrafts = Pick<Complaint, 'remedies' | 'measureWaivers' | 'relief' | 'inadmissibilityDrafts'>;

/** The drafts that wait for a second person. */
export const openDrafts = ({ remedies, measureWaivers, relief, inadmissibilityDrafts }: WithDrafts): Draft[] => [
  ...remedies
    .filter(({ status }) => status === 'Drafted')
    .map(({ remedyId, by, measures }): Draft => ({
      id: remedyId,
      kind: 'remedy',
      by,
      amounts: measures.flatMap(({ amount }) => amount ?? []),
    })),
  ...measureWaivers
    .filter(({ status }) => status === 'Drafted')
    .map(({ waiverId, by }): Draft => ({ id: waiverId, kind: 'waiver', by, amounts: [] })),
  ...relief
    .filter(({ status }) => status === 'Drafted')
    .map(({ reliefId, by, amount }): Draft => ({
      id: reliefId,
      kind: 'relief',
      by,
      amounts: amount === undefined ? [] : [amount],
    })),
  ...inadmissibilityDrafts
    .filter(({ status }) => status === 'Drafted')
    .map(({ draftId, by }): Draft => ({ id: draftId, kind: 'inadmissibility', by, amounts: [] })),
];

/** All ids that a new draft cannot have, because `discard-draft` names a draft of any kind, and a waiver is a letter. */
export const draftIds = ({ remedies, measureWaivers, relief, letters }: Complaint): string[] => [
  ...remedies.map(({ remedyId }) => remedyId),
  ...measureWaivers.map(({ waiverId }) => waiverId),
  ...relief.map(({ reliefId }) => reliefId),
  ...letters.map(({ id }) => id),
];

/** The next free id for a remedy (r1, …), a waiver (w1, …), relief (l1, …) or the withdrawal of an offer (o1, …). */
export const nextRedressId = (prefix: 'r' | 'w' | 'l' | 'o', complaint: Complaint): string =>
  nextId(
    prefix,
    draftIds(complaint).filter((id) => id.startsWith(prefix)),
  );

/** The switches that let the author of a draft approve it (I25). */
const RULES = { remedy: 'remedyByTwo', waiver: 'waiverByTwo', relief: 'reliefByTwo' } as const;

const isSecondPerson = ({ by }: Pick<Draft, 'by'>, { actor }: Context): boolean =>
  actor.type === 'person' && !isSameId(by, actor.id);

/** The switch that lets the actor approve the draft alone; empty if they are a second person. */
export const letThroughBy = (draft: Pick<RedressDraft, 'by' | 'kind'>, context: Context) =>
  isSecondPerson(draft, context) ? [] : [RULES[draft.kind]];

/**
 * The problems of an approval: the second person is another person than the author, and their limit covers the money
 * (I14, I25).
 */
export const approvalProblems = (draft: Omit<RedressDraft, 'id'>, context: Context, pointer: string): Unmet[] =>
  context.reference.house[RULES[draft.kind]] ? secondPersonProblems(draft, context, pointer) : [];

function secondPersonProblems(draft: Omit<Draft, 'id'>, context: Context, pointer: string): Unmet[] {
  return [
    isSecondPerson(draft, context)
      ? []
      : unmet('needs_second_person', 'the author of the draft cannot approve it; another person must', pointer),
    isAboveOwnLimit(draft.amounts, context)
      ? unmet(
          'above_limit',
          `the amount is above the limit of ${context.actor.id}; another person must approve it`,
          pointer,
        )
      : [],
  ].flat();
}

/** Requires a draft of this kind that the actor may approve; the author of every draft may approve none. */
export const approvableDraftExists =
  (kind: RedressKind): Guard =>
  (complaint, context) => {
    const drafts = openDrafts(complaint).filter((draft) => draft.kind === kind);
    if (drafts.length === 0) return unmet('no_draft', `no ${kind} is awaiting approval`);
    return context.reference.house[RULES[kind]] && drafts.every((draft) => !isSecondPerson(draft, context))
      ? unmet('needs_second_person', 'the author of the draft cannot approve it; another person must')
      : undefined;
  };

export const unknownDraft = (id: string, pointer: string): Unmet =>
  unmet('unknown_draft', `no draft ${id} is awaiting approval`, pointer);

const draftExists: Guard = (complaint) =>
  openDrafts(complaint).length > 0 ? undefined : unmet('no_draft', 'no draft is waiting for a second person');

/** Discards a draft of any kind. Its author may, and everybody who may approve it. */
export const discardDraft = {
  guards: [received, withoutConflictOfInterest, draftExists],
  decide: ({ draftId, reason }, complaint, context) => {
    const draft = openDrafts(complaint).find(({ id }) => id === draftId);
    if (draft === undefined) return { unmet: [unknownDraft(draftId, '/draftId')] };
    const isAuthor = isSameId(draft.by, context.actor.id);
    const problems = isAuthor ? [] : secondPersonProblems(draft, context, '/draftId');
    return rejectionOf(problems) ?? [DraftDiscarded({ draftId, reason })];
  },
} satisfies Decider<DiscardDraft>;
