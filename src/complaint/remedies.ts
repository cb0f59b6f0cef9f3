import type { Moment } from '../platform/moment.js';
import type { RemedyOffer } from './events.js';
import type { Money, StatedBy } from './terms/facts.js';
import type { Mark, Remedy, RemedyStatus } from './regions.js';

/** The remedy region: how the offers of a complaint change (language.md §2.3). All total. */

/** A draft, or an offer; the offer of an approved draft takes the draft's place and keeps its author. */
export function offer(
  remedies: readonly Remedy[],
  terms: RemedyOffer,
  status: RemedyStatus,
  episode: number,
  mark: Mark,
): Remedy[] {
  const draft = remedies.find(({ remedyId }) => remedyId === terms.remedyId);
  const offered: Remedy = {
    ...(draft ?? { ...mark, episode }),
    ...terms,
    status,
    measures: terms.measures.map((measure) => ({ ...measure, status: 'Open' })),
  };
  return draft === undefined ? [...remedies, offered] : changed(remedies, terms.remedyId, () => offered);
}

/** A draft that is sent back, or an offer that lapses. */
export const drop = (remedies: readonly Remedy[], id: string, status: 'Returned' | 'Lapsed'): Remedy[] =>
  changed(remedies, id, (remedy) => ({ ...remedy, status }));

export const answerOffer = (
  remedies: readonly Remedy[],
  id: string,
  status: 'Accepted' | 'Rejected',
  answered: StatedBy,
): Remedy[] => changed(remedies, id, (remedy) => ({ ...remedy, status, answered }));

/** The last measure settles the remedy: implemented if anything was done (`RemedyImplemented` says so too), else waived. */
export const measureDone = (
  remedies: readonly Remedy[],
  which: { readonly remedyId: string; readonly measureId: string },
  status: 'Done' | 'Waived',
  doneAt: Moment,
): Remedy[] =>
  changed(remedies, which.remedyId, (remedy) => {
    const measures = remedy.measures.map((measure) =>
      measure.id === which.measureId ? { ...measure, status, doneAt } : measure,
    );
    if (measures.some((measure) => measure.status === 'Open')) return { ...remedy, measures, status: 'InProgress' };
    const done = measures.some((measure) => measure.status === 'Done');
    return { ...remedy, measures, status: done ? 'Implemented' : 'Waived', dischargedAt: doneAt };
  });

export const discharge = (remedies: readonly Remedy[], id: string, dischargedAt: Moment): Remedy[] =>
  changed(remedies, id, (remedy) => ({ ...remedy, status: 'Implemented', dischargedAt }));

/** What was put right there and then, without an offer before it (T24). */
export function implement(
  what: {
    readonly remedyId: string;
    readonly whatWasDone?: string;
    readonly remedyType?: string;
    readonly money?: Money;
    readonly statedBy?: StatedBy;
  },
  episode: number,
  mark: Mark,
): Remedy {
  const { statedBy, ...rest } = what;
  return {
    ...mark,
    ...rest,
    episode,
    status: 'Implemented',
    needsAcceptance: true,
    measures: [],
    dischargedAt: mark.at,
    ...(statedBy !== undefined && { answered: statedBy }),
  };
}

const changed = (remedies: readonly Remedy[], id: string, change: (remedy: Remedy) => Remedy): Remedy[] =>
  remedies.map((remedy) => (remedy.remedyId === id ? change(remedy) : remedy));
