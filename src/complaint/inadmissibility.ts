import { isSameId } from '../staff/person.js';
import { earliest } from '../platform/moment.js';
import type { ApproveInadmissibility, DeclareInadmissible } from './commands/intake.js';
import type { Complaint } from './complaint.js';
import {
  rejectionOf,
  unmet,
  withoutUndefined,
  type Context,
  type Decider,
  type Guard,
  type Unmet,
} from './decision.js';
import { unknownDraft } from './drafts.js';
import { eventsAtEnd } from './endings.js';
import { ComplaintDeclaredInadmissible, InadmissibilityDrafted } from './events.js';
import { inStage, nextId, withoutConflictOfInterest } from './guards.js';
import { letterFactsOf } from './letter-facts.js';
import { letterEvents, letterProblems } from './letters.js';
import { beforeWhatItAnswers } from './order.js';
import { hasContact, isComplainant, type PartyStanding } from './party-standing.js';
import { letThrough } from './policy-refs.js';
import type { InadmissibilityDraft } from './state-types.js';
import { BEFORE_DETERMINATION, type InadmissibleReason, type Nature } from './terms/vocabulary.js';

/**
 * Inadmissibility (T3), in one step or two. It is told by a letter, unless the message is spam. A second person approves
 * it while safety is set (I16), or if the house rules ask for it.
 */

export const declareInadmissible = {
  guards: [inStage(...BEFORE_DETERMINATION), withoutConflictOfInterest],
  decide: ({ reasonCode, nature, reasons, recourse, addressees = [], channel }, complaint, context) => {
    const notice = withoutUndefined({ reasonCode, nature, reasons, recourse, addressees, channel });
    const rejection = rejectionOf(natureContradicts(reasonCode, nature), noticeProblems(notice, complaint, context));
    if (rejection) return rejection;
    const id = nextNoticeId(complaint);
    if (needsSecondPerson(complaint, context)) return [InadmissibilityDrafted({ draftId: id, ...notice })];
    const declared = declaration(id, notice);
    return [
      ...eventsAtEnd(complaint),
      complaint.safety.isSet ? letThrough(declared, context, 'safetyByTwo') : declared,
      ...(hasLetter(notice) ? letterEvents(id, { addressees, channel }, context) : []),
    ];
  },
} satisfies Decider<DeclareInadmissible>;

const draftExists: Guard = ({ inadmissibilityDrafts }) =>
  inadmissibilityDrafts.some(isOpenDraft)
    ? undefined
    : unmet('no_draft', 'no declaration of inadmissibility is awaiting approval');

const isOpenDraft = ({ status }: InadmissibilityDraft): boolean => status === 'Drafted';

/**
 * The second person is not the author of the draft (I25) and, while safety is set, not the one who was the last to set or
 * clear it (I16). The letter must still be right when it is sent.
 */
export const approveInadmissibility = {
  guards: [inStage(...BEFORE_DETERMINATION), withoutConflictOfInterest, draftExists],
  decide: ({ draftId }, complaint, context) => {
    const draft = complaint.inadmissibilityDrafts.find((candidate) => candidate.draftId === draftId);
    if (draft === undefined || !isOpenDraft(draft)) return { unmet: [unknownDraft(draftId, '/draftId')] };
    const { reasonCode, nature, reasons, recourse, addressees, channel, by, at } = draft;
    const notice = withoutUndefined({ reasonCode, nature, reasons, recourse, addressees, channel });
    const isAuthor = isSameId(by, context.actor.id);
    const { lastChangedBy } = complaint.safety;
    const changedSafety = lastChangedBy !== undefined && isSameId(lastChangedBy, context.actor.id);
    const isByTwo = needsSecondPerson(complaint, context);
    const rejection = rejectionOf(
      isByTwo && isAuthor
        ? unmet('needs_second_person', 'the author of the draft cannot approve it; another person must', '/draftId')
        : undefined,
      needsSafetyByTwo(complaint, context) && changedSafety
        ? unmet(
            'needs_second_person',
            `${context.actor.id} was the last to set or clear the safety of this complaint; another person must approve`,
            '/draftId',
          )
        : undefined,
      noticeProblems(notice, complaint, context).map((problem) => ({ ...problem, pointer: '/draftId' })),
      beforeWhatItAnswers(context.occurredAt, { event: 'InadmissibilityDrafted', at }, context, '/occurredAt'),
    );
    if (rejection) return rejection;
    const declared = ComplaintDeclaredInadmissible({ ...declaration(draftId, notice).data, draftId });
    const isLetThrough = complaint.safety.isSet && (isAuthor || changedSafety);
    const otherDrafts = complaint.inadmissibilityDrafts.filter((candidate) => candidate !== draft);
    return [
      ...eventsAtEnd({ ...complaint, inadmissibilityDrafts: otherDrafts }),
      isLetThrough ? letThrough(declared, context, 'safetyByTwo') : declared,
      ...(hasLetter(notice) ? letterEvents(draftId, { addressees, channel }, context) : []),
    ];
  },
} satisfies Decider<ApproveInadmissibility>;

type Notice = Pick<InadmissibilityDraft, 'reasonCode' | 'nature' | 'reasons' | 'recourse' | 'addressees' | 'channel'>;

const needsSecondPerson = (complaint: Complaint, context: Context): boolean =>
  context.reference.house.inadmissibleByTwo || needsSafetyByTwo(complaint, context);

const needsSafetyByTwo = ({ safety }: Complaint, { reference }: Context): boolean =>
  safety.isSet && reference.house.safetyByTwo;

/** Spam needs no letter. */
const hasLetter = ({ nature, addressees }: Notice): boolean => nature !== 'spam' || addressees.length > 0;

const declaration = (id: string, notice: Notice) =>
  ComplaintDeclaredInadmissible({ ...(hasLetter(notice) && { noticeId: id }), ...notice });

const nextNoticeId = ({ letters, inadmissibilityDrafts }: Complaint): string =>
  nextId('i', [
    ...new Set([
      ...letters.filter(({ kind }) => kind === 'inadmissible').map(({ id }) => id),
      ...inadmissibilityDrafts.map(({ draftId }) => draftId),
    ]),
  ]);

/** The natures of a message that is no complaint, and yet addressed to us. */
const OTHER_NATURES: readonly Nature[] = ['enquiry', 'suggestion', 'report', 'request'];

/** Reason and nature agree: spam is spam, and what is not addressed to us is no complaint to us. */
function natureContradicts(reason: InadmissibleReason, nature: Nature): Unmet | undefined {
  const natures = naturesOf(reason);
  return natures.includes(nature)
    ? undefined
    : unmet(
        'reason_contradicts_nature',
        `the reason ${reason} does not fit the nature ${nature}; it fits ${natures.join(', ')}`,
        '/nature',
      );
}

function naturesOf(reason: InadmissibleReason): readonly Nature[] {
  switch (reason) {
    case 'spam':
    case 'not_addressed_to_us':
      return [reason];
    case 'not_a_complaint':
      return OTHER_NATURES;
    default:
      return ['complaint', ...OTHER_NATURES];
  }
}

/** What is wrong or missing in the letter that tells the inadmissibility. */
function noticeProblems(notice: Notice, complaint: Complaint, context: Context): Unmet[] {
  if (!hasLetter(notice)) return [];
  const { reasonCode, addressees, channel, recourse } = notice;
  const unshown = reasonCode === 'standing_not_shown' ? complaint.progress.parties.filter(hasNotShownStanding) : [];
  const missing = unshown.filter((party) => hasContact(party) && !addressees.includes(party.id));
  const at = earliest(context.occurredAt);
  const requirement = context.reference.responsePolicies.letterRequirement(
    'inadmissible',
    letterFactsOf(complaint),
    at,
  );
  const isSent = addressees.length > 0;
  return [
    letterProblems(complaint, { addressees, channel }, context, { also: unshown.map(({ id }) => id) }),
    missing.map(({ id }) =>
      unmet('addressee_missing', `${id} did not show identity or authority and is told so; add ${id}`, '/addressees'),
    ),
    isSent && channel === undefined ? unmet('channel_missing', 'the notice has no channel; give one', '/channel') : [],
    isSent && requirement.recourse === 'required' && recourse === undefined
      ? unmet('recourse_missing', 'the notice has no recourse; state the internal and external recourse', '/recourse')
      : [],
  ].flat();
}

/** True for a party whose identity failed, and for a representative without verified authority. */
const hasNotShownStanding = (party: PartyStanding): boolean =>
  party.identity === 'failed' || (!isComplainant(party) && party.authority !== 'verified');
