import { plainMoment } from '../eventstore/stored-moment.js';
import { isBefore, type Moment } from '../platform/moment.js';
import type { ComplaintRecord } from './complaint-record.js';
import { isComplainant, representedBy, type PartyStanding } from './party-standing.js';
import type { StatedBy } from './terms/facts.js';
import type { ReopenKind } from './terms/vocabulary.js';

/** What the complainants said about the outcome in this episode, and what was done against it. Part of the progress. */
export interface Satisfaction {
  /** The latest statement of each complainant, in the order of recording. */
  readonly words: readonly Word[];
  /** Remedies that the complainant accepted, in any episode. */
  readonly accepted: readonly string[];
  /** When an accepted measure was last waived in this episode without the complainant's statement. */
  readonly waivedAt: Moment | null;
  /** Why this episode was opened; null for the first. */
  readonly reopenedAs: ReopenKind | null;
}

/** A statement of one complainant, on the scale of feedback scores. */
export interface Word {
  /** The complainant; null if the statement names nobody on file. */
  readonly of: string | null;
  /** When the statement was made, not when it was recorded. */
  readonly at: Moment;
  /** 1 to 5; {@link UNSATISFIED} for a rejection or "not resolved", {@link SATISFIED} for an acceptance. */
  readonly score: number;
}

/** What all complainants together said last. */
export interface LastWord {
  /** The score of the least satisfied. */
  readonly score: number;
  /** True if a complainant said nothing: then nobody can say that all are satisfied. */
  readonly isPartial: boolean;
  /** When the last of them said it. */
  readonly at: Moment;
}

/** Below every possible `satisfiedScore`. */
export const UNSATISFIED = 0;
/** The best score: at or above every possible `satisfiedScore`. */
export const SATISFIED = 5;

export const initialSatisfaction: Satisfaction = { words: [], accepted: [], waivedAt: null, reopenedAs: null };

/** Applies one event; returns the same object if nothing changes. */
export function evolveSatisfaction(
  state: Satisfaction,
  event: ComplaintRecord,
  parties: readonly PartyStanding[],
): Satisfaction {
  const { occurredAt } = event.metadata;
  switch (event.type) {
    case 'RemedyAccepted': {
      const { remedyId, statedBy, awaiting = [] } = event.data;
      const next = withStatement(state, statedBy, SATISFIED, parties);
      return awaiting.length > 0 ? next : { ...next, accepted: [...next.accepted, remedyId] };
    }
    case 'RemedyRejected':
      return withStatement(state, event.data.statedBy, UNSATISFIED, parties);
    case 'RemedyImplemented': {
      const { statedBy } = event.data;
      return statedBy === undefined ? state : withStatement(state, statedBy, SATISFIED, parties);
    }
    case 'DeterminationMade':
      return (event.data.agreedBy ?? []).reduce(
        (next, statedBy) => withStatement(next, statedBy, SATISFIED, parties),
        state,
      );
    case 'FeedbackSubmitted': {
      const { score, resolved, statedBy } = event.data;
      const value = resolved === 'no' ? UNSATISFIED : score;
      return statedBy === undefined
        ? withWord(state, { of: null, at: occurredAt, score: value })
        : withStatement(state, statedBy, value, parties);
    }
    case 'RemedyMeasureWaived': {
      const { remedyId, statedBy = [] } = event.data;
      return statedBy.length === 0 && state.accepted.includes(remedyId) ? { ...state, waivedAt: occurredAt } : state;
    }
    case 'ComplaintReopened':
      return { ...initialSatisfaction, accepted: state.accepted, reopenedAs: event.data.kind };
    default:
      return state;
  }
}

/** The last word of this episode; null if nobody said anything. */
export function lastWordOf(words: readonly Word[], parties: readonly PartyStanding[]): LastWord | null {
  const complainants = parties.filter((party) => isComplainant(party) && !party.hasWithdrawn);
  if (complainants.length <= 1) {
    const last = words.reduce<Word | null>((latest, word) => (isLater(word, latest) ? word : latest), null);
    return last && { score: last.score, at: last.at, isPartial: false };
  }
  const said = complainants.map(({ id }) => words.find(({ of }) => of === id));
  // what an unnamed person said is the last word of somebody, unless everybody has spoken since
  const unnamed = words.find(({ of }) => of === null);
  const isOvertaken = said.every((word) => word !== undefined && unnamed !== undefined && isLater(word, unnamed));
  const counted = [...said, ...(isOvertaken ? [] : [unnamed])].filter((word) => word !== undefined);
  const [first] = counted;
  if (first === undefined) return null;
  return {
    score: Math.min(...counted.map(({ score }) => score)),
    at: counted.reduce((latest, word) => (isLater(word, latest) ? word : latest), first).at,
    isPartial: said.includes(undefined),
  };
}

function withStatement(
  state: Satisfaction,
  { party, at }: StatedBy,
  score: number,
  parties: readonly PartyStanding[],
): Satisfaction {
  const complainants = representedBy(parties, party);
  const speakers = complainants.length > 0 ? complainants : [null];
  return speakers.reduce<Satisfaction>((next, of) => withWord(next, { of, at, score }), state);
}

function withWord(state: Satisfaction, word: Word): Satisfaction {
  const earlier = state.words.find(({ of }) => of === word.of) ?? null;
  if (!isLater(word, earlier)) return state;
  return { ...state, words: [...state.words.filter((known) => known !== earlier), word] };
}

/**
 * True unless the word was certainly given before the one that was recorded earlier. If the order of their times is
 * unknown, the order of recording applies.
 */
export const isLater = (word: Word, recorded: Word | null): boolean =>
  recorded === null || !isBefore(plainMoment(word.at), plainMoment(recorded.at));
