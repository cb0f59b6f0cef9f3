import { latest, type Moment } from '../platform/moment.js';
import { partiesNotTold } from './communication.js';
import type { Complaint } from './complaint.js';
import { openDrafts } from './drafts.js';
import { remainderOfMeasure } from './money.js';
import { isAwaitingAnswer, isOpen, isOwed } from './progress.js';
import type { Money } from './terms/facts.js';

/** Something that a person has to do for the complaint, or that the complaint waits for. */
export interface OwedItem {
  readonly kind:
    'measure' | 'answer_to_offer' | 'approval' | 'information' | 'reply_to_source' | 'delivery' | 'follow_up';
  /** Id that the commands use: of the measure with its remedy, offer, information request or letter; null without one. */
  readonly id: string | null;
  /** Who has to do it: an id or a description; null if unknown. */
  readonly by: string | null;
  /** In the words of whoever asked or promised; null if the kind says it all. */
  readonly text: string | null;
  readonly money: Money | null;
  readonly dueAt: Moment | null;
}

/** What is owed in this state; what has no due time comes last. */
export function owedItems(complaint: Complaint): OwedItem[] {
  return [
    ...measures(complaint),
    ...offers(complaint),
    ...openDrafts(complaint).map(({ id, kind }) => item('approval', { id, text: kind })),
    ...information(complaint),
    ...repliesToSources(complaint),
    ...deliveries(complaint),
    ...followUp(complaint),
  ].sort(byDueTime);
}

type WithDueTime = Pick<OwedItem, 'dueAt'>;

/** Orders by due time; what has none comes last. */
export function byDueTime(one: WithDueTime, other: WithDueTime): number {
  const [oneDue, otherDue] = [dueText(one), dueText(other)];
  return oneDue < otherDue ? -1 : oneDue > otherDue ? 1 : 0;
}

/** Sorts after every time if there is no due time. */
const dueText = ({ dueAt }: WithDueTime): string => (dueAt === null ? '~' : latest(dueAt));

const item = (kind: OwedItem['kind'], rest: Partial<OwedItem>): OwedItem => ({
  kind,
  id: null,
  by: null,
  text: null,
  money: null,
  dueAt: null,
  ...rest,
});

/** The measures that are owed, with the money that the payments leave to be paid. */
const measures = ({ remedies, payments }: Complaint): OwedItem[] =>
  remedies.filter(isOwed).flatMap(({ remedyId, measures }) =>
    measures
      .filter(({ status }) => status === 'Open')
      .map((measure) =>
        item('measure', {
          id: `${remedyId} ${measure.id}`,
          by: measure.owner,
          text: measure.action,
          money: remainderOfMeasure(measure, remedyId, payments) ?? null,
          dueAt: measure.dueAt,
        }),
      ),
  );

const offers = ({ remedies }: Complaint): OwedItem[] =>
  remedies
    .filter(isAwaitingAnswer)
    .map(({ remedyId, validUntil = null }) => item('answer_to_offer', { id: remedyId, dueAt: validUntil }));

const information = ({ requests }: Complaint): OwedItem[] =>
  requests
    .filter(({ status }) => status === 'Open')
    .map(({ requestId, from, question, answerBy = null }) =>
      item('information', { id: requestId, by: from, text: question, dueAt: answerBy }),
    );

/** The replies that sources expect, until the final response. */
const repliesToSources = ({ lodged, progress, ownership }: Complaint): OwedItem[] =>
  progress.finalResponse !== null
    ? []
    : (lodged?.facts.sources ?? []).flatMap(({ system, ref, replyDue }) =>
        replyDue === undefined
          ? []
          : [
              item('reply_to_source', {
                by: ownership.handler ?? null,
                text: `${system} ${ref}`,
                dueAt: replyDue,
              }),
            ],
      );

/** The delivery of the letter in force to each party that may be told and is neither told nor undeliverable. */
const deliveries = ({ progress, letters }: Complaint): OwedItem[] => {
  const letter = letters.find(({ id }) => id === progress.standingLetter);
  return letter === undefined
    ? []
    : partiesNotTold(progress).map(({ id }) => item('delivery', { id: letter.id, by: letter.by, text: id }));
};

const followUp = (complaint: Complaint): OwedItem[] => {
  const { status, windowEndsAt } = complaint.afterCare;
  const isOpenFollowUp = isOpen(complaint) && (status === 'Scheduled' || status === 'Requested');
  return isOpenFollowUp && windowEndsAt !== undefined
    ? [item('follow_up', { by: complaint.ownership.handler ?? null, dueAt: windowEndsAt })]
    : [];
};
