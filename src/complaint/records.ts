import type {
  LinkRecurrence,
  PlaceLegalHold,
  RecordEffort,
  RecordSuggestionShown,
  RelateComplaint,
  ReleaseLegalHold,
} from './commands/care.js';
import { nothingToChange, rejectionOf, unmet, withoutUndefined, type Decider, type Unmet } from './decision.js';
import {
  EffortRecorded,
  LegalHoldPlaced,
  LegalHoldReleased,
  RecurrenceLinked,
  RelatedComplaintLinked,
  SuggestionShown,
} from './events.js';
import { duplicateId, nextId, received, withoutConflictOfInterest } from './guards.js';
import { isComplaintId } from './identity.js';

/** Records beside the procedure, in every stage (T28): legal holds, recurrences, effort and suggestions. */

/** A legal hold concerns erasure, never clocks. */
export const placeLegalHold = {
  guards: [received, withoutConflictOfInterest],
  decide: ({ legalHoldId: requestedId, reason }, { legalHolds }) => {
    const usedIds = legalHolds.map(({ legalHoldId }) => legalHoldId);
    return (
      rejectionOf(duplicateId(requestedId, usedIds, '/legalHoldId')) ?? [
        LegalHoldPlaced({ legalHoldId: requestedId ?? nextId('l', usedIds), reason }),
      ]
    );
  },
} satisfies Decider<PlaceLegalHold>;

export const releaseLegalHold = {
  guards: [
    received,
    withoutConflictOfInterest,
    ({ legalHolds }) =>
      legalHolds.some(({ released }) => released === undefined)
        ? undefined
        : legalHolds.length > 0
          ? nothingToChange('every legal hold is already released')
          : unmet('no_legal_hold', 'the complaint has no legal hold'),
  ],
  decide: ({ legalHoldId, reason }, { legalHolds }) => {
    const hold = legalHolds.find((candidate) => candidate.legalHoldId === legalHoldId);
    return (
      rejectionOf(
        hold === undefined
          ? unmet('no_legal_hold', `the complaint has no legal hold ${legalHoldId}`, '/legalHoldId')
          : undefined,
        hold?.released === undefined
          ? undefined
          : nothingToChange(`the legal hold ${legalHoldId} is already released`, '/legalHoldId'),
      ) ?? [LegalHoldReleased({ legalHoldId, reason })]
    );
  },
} satisfies Decider<ReleaseLegalHold>;

/** What an earlier complaint was about happens again (R51). */
export const linkRecurrence = {
  guards: [received, withoutConflictOfInterest],
  decide: ({ priorComplaintId: stated, reason }, { id, recurrences }) => {
    const priorComplaintId = stated.toLowerCase();
    return (
      rejectionOf(
        notAnother(id, priorComplaintId, '/priorComplaintId'),
        recurrences.some((recurrence) => recurrence.priorComplaintId === priorComplaintId)
          ? nothingToChange('this recurrence is already recorded', '/priorComplaintId')
          : undefined,
      ) ?? [RecurrenceLinked(withoutUndefined({ priorComplaintId, reason }))]
    );
  },
} satisfies Decider<LinkRecurrence>;

export const relateComplaint = {
  guards: [received, withoutConflictOfInterest],
  decide: ({ complaintId: stated, reason }, { id, related }) => {
    const complaintId = stated.toLowerCase();
    return (
      rejectionOf(
        notAnother(id, complaintId, '/complaintId'),
        related.some((other) => other.complaintId === complaintId)
          ? nothingToChange('this complaint is already related', '/complaintId')
          : undefined,
      ) ?? [RelatedComplaintLinked(withoutUndefined({ complaintId, relation: 'related' as const, reason }))]
    );
  },
} satisfies Decider<RelateComplaint>;

/** The problem of a text that is not the id of another complaint. */
function notAnother(id: string, other: string, pointer: string): Unmet | undefined {
  if (!isComplaintId(other))
    return unmet('not_a_complaint_id', 'this is not the id of a complaint, which is a UUID', pointer);
  return other === id
    ? unmet('same_complaint', 'this is the id of this complaint; give the id of the other one', pointer)
    : undefined;
}

export const recordEffort = {
  guards: [received, withoutConflictOfInterest],
  decide: ({ minutes, onWhat }) => [EffortRecorded(withoutUndefined({ minutes, onWhat }))],
} satisfies Decider<RecordEffort>;

/** Shows an auditor what a person saw before they decided (R64). */
export const recordSuggestionShown = {
  guards: [received, withoutConflictOfInterest],
  decide: ({ kind, version, shown, taken }) => [SuggestionShown({ kind, version, shown, taken })],
} satisfies Decider<RecordSuggestionShown>;
