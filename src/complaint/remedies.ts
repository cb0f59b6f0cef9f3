import type { ComplaintRecord } from './complaint-record.js';
import type { RemedyAccepted, RemedyImplemented, RemedyOffer } from './events.js';
import { personOf, type EventOf } from '../eventstore/envelope.js';
import type { Attribution, Offer, Payment, Remedy, RemedyStatus } from './state-types.js';

/** State changes of remedies. All functions are total: a remedy or measure that does not exist changes nothing. */

/** Adds a draft or an offer. The offer of an approved draft replaces the draft. */
export function withOffer(offers: readonly Offer[], terms: RemedyOffer, status: RemedyStatus): Offer[] {
  const { remedyId } = terms;
  const offer: Offer = {
    remedyId,
    status,
    measures: terms.measures.map(({ id, type }) => ({ id, type, status: 'Open' })),
  };
  return offers.some((known) => known.remedyId === remedyId)
    ? withChangedOffer(offers, remedyId, () => offer)
    : [...offers, offer];
}

export const withStatus = (offers: readonly Offer[], id: string, status: RemedyStatus): Offer[] =>
  withChangedOffer(offers, id, (offer) => ({ ...offer, status }));

/** Records an acceptance. The offer is accepted if it awaits nobody else. */
export const withAcceptance = (
  offers: readonly Offer[],
  { remedyId, awaiting = [] }: EventOf<typeof RemedyAccepted>['data'],
): Offer[] =>
  withChangedOffer(offers, remedyId, ({ awaiting: _before, ...offer }) =>
    awaiting.length > 0 ? { ...offer, awaiting } : { ...offer, status: 'Accepted' },
  );

/**
 * An offer that lapsed or was withdrawn waits again, because it was answered in time. If all its measures were waived
 * with the withdrawal, they are open again.
 */
export const withReversedLapse = (offers: readonly Offer[], id: string): Offer[] =>
  withChangedOffer(offers, id, (offer) => {
    if (offer.status !== 'Lapsed' && offer.status !== 'Withdrawn') return offer;
    const isWaived = offer.measures.every(({ status }) => status === 'Waived');
    const measures = isWaived
      ? offer.measures.map((measure) => ({ ...measure, status: 'Open' as const }))
      : offer.measures;
    return { ...offer, measures, status: 'Proposed' };
  });

/** A done measure is open again, because a payment came back (I23). */
export const withReopenedMeasure = (
  offers: readonly Offer[],
  { remedyId, measureId }: Pick<Payment, 'remedyId' | 'measureId'>,
): Offer[] =>
  offers.map((offer) => {
    const isConcerned = offer.measures.some(({ id, status }) => id === measureId && status === 'Done');
    if (offer.remedyId !== remedyId || !isConcerned) return offer;
    const measures = offer.measures.map((measure) =>
      measure.id === measureId ? { ...measure, status: 'Open' as const } : measure,
    );
    return { ...offer, measures, status: 'InProgress' };
  });

/**
 * Marks a measure as done or waived. With its last open measure, the remedy becomes implemented if at least one
 * measure was done, otherwise waived. An offer that still waits for an answer keeps waiting.
 */
export const withSettledMeasure = (
  offers: readonly Offer[],
  { remedyId, measureId }: { readonly remedyId: string; readonly measureId: string },
  status: 'Done' | 'Waived',
): Offer[] =>
  withChangedOffer(offers, remedyId, (offer) => {
    const measures = offer.measures.map((measure) => (measure.id === measureId ? { ...measure, status } : measure));
    if (offer.status === 'Proposed') return { ...offer, measures };
    if (measures.some((measure) => measure.status === 'Open')) return { ...offer, measures, status: 'InProgress' };
    const isAnyDone = measures.some((measure) => measure.status === 'Done');
    return { ...offer, measures, status: isAnyDone ? 'Implemented' : 'Waived' };
  });

/** Marks a remedy as implemented. A remedy at first contact (T24) has no earlier offer and is added. */
export function withImplementedRemedy(
  offers: readonly Offer[],
  { remedyId, remedyType, money, statedBy }: EventOf<typeof RemedyImplemented>['data'],
): Offer[] {
  if (statedBy === undefined || offers.some((offer) => offer.remedyId === remedyId))
    return withStatus(offers, remedyId, 'Implemented');
  const offer: Offer = {
    remedyId,
    status: 'Implemented',
    measures: [],
    ...(remedyType !== undefined && { remedyType }),
    ...(money !== undefined && { money }),
  };
  return [...offers, offer];
}

/**
 * Marks the offers that await an answer as lapsed at the start of a new episode, except those that stand (I9). Without a
 * list, drafts lapse too: events of earlier versions have none.
 */
export const withLapsedOffers = (offers: readonly Offer[], standing?: readonly string[]): Offer[] =>
  offers.map((offer) => {
    const { status, remedyId } = offer;
    const lapses = status === 'Proposed' ? standing?.includes(remedyId) !== true : status === 'Drafted' && !standing;
    return lapses ? { ...offer, status: 'Lapsed' } : offer;
  });

/** The remedies of the complaint file after the event: the offers of the progress, with their details. */
export function withRemedyDetails(
  remedies: readonly Remedy[],
  offers: readonly Offer[],
  event: ComplaintRecord,
  episode: number,
): readonly Remedy[] {
  return offers.flatMap((offer) => {
    const remedy = remedies.find(({ remedyId }) => remedyId === offer.remedyId);
    const isConcerned = 'remedyId' in event.data && event.data.remedyId === offer.remedyId;
    const details = isConcerned ? detailsAfter(remedy, offer, event, episode) : remedy;
    return details === undefined ? [] : [withStatusOf(offer, details)];
  });
}

/** The details of one remedy after an event that concerns it; undefined if the remedy is still unknown. */
function detailsAfter(
  remedy: Remedy | undefined,
  { status, awaiting }: Offer,
  event: ComplaintRecord,
  episode: number,
): Remedy | undefined {
  const attribution: Attribution = { at: event.metadata.occurredAt, by: personOf(event.metadata) };
  if (event.type === 'RemedyDrafted' || event.type === 'RemedyProposed')
    return {
      ...(remedy ?? { ...attribution, episode }), // an approved draft keeps its author
      ...event.data,
      at: attribution.at,
      status,
      measures: event.data.measures.map((measure) => ({ ...measure, status: 'Open' })),
    };
  if (event.type === 'RemedyImplemented' && remedy === undefined) {
    const { statedBy, ...rest } = event.data;
    return {
      ...attribution,
      ...rest,
      episode,
      status,
      needsAcceptance: true,
      measures: [],
      dischargedAt: attribution.at,
      ...(statedBy !== undefined && { answered: statedBy }),
    };
  }
  if (remedy === undefined) return undefined;
  switch (event.type) {
    case 'RemedyAccepted': {
      const { statedBy } = event.data;
      const { acceptances = [] } = remedy;
      if (awaiting !== undefined) return { ...remedy, acceptances: [...acceptances, statedBy] };
      return {
        ...remedy,
        ...(acceptances.length > 0 && { acceptances: [...acceptances, statedBy] }),
        answered: statedBy,
      };
    }
    case 'RemedyRejected':
      return { ...remedy, answered: event.data.statedBy };
    case 'RemedyOfferWithdrawn': {
      const { noticeId } = event.data;
      return { ...remedy, over: { ...attribution, cause: 'withdrawn', ...(noticeId !== undefined && { noticeId }) } };
    }
    case 'RemedyOfferLapsed':
      return { ...remedy, over: { ...attribution, cause: event.data.cause ?? 'validity' } };
    case 'RemedyOfferLapseReversed': {
      const { over: _over, ...waiting } = remedy;
      return waiting;
    }
    case 'RemedyMeasureCompleted':
    case 'RemedyMeasureWaived': {
      const measures = remedy.measures.map((measure) =>
        measure.id === event.data.measureId ? { ...measure, doneAt: attribution.at } : measure,
      );
      return { ...remedy, measures, ...(status !== 'InProgress' && { dischargedAt: attribution.at }) };
    }
    case 'RemedyImplemented':
      return { ...remedy, dischargedAt: attribution.at };
    default:
      return remedy;
  }
}

/** The remedy with the current status of the offer and of its measures. An open measure is not done. */
const withStatusOf = (
  { status, measures, awaiting }: Offer,
  { awaiting: _awaiting, dischargedAt, ...remedy }: Remedy,
): Remedy => ({
  ...remedy,
  status,
  ...(awaiting !== undefined && { awaiting }),
  ...(dischargedAt !== undefined && status !== 'InProgress' && { dischargedAt }),
  measures: remedy.measures.map(({ doneAt, ...measure }) => {
    const current = measures.find(({ id }) => id === measure.id)?.status ?? measure.status;
    return { ...measure, status: current, ...(doneAt !== undefined && current !== 'Open' && { doneAt }) };
  }),
});

const withChangedOffer = (offers: readonly Offer[], id: string, change: (offer: Offer) => Offer): Offer[] =>
  offers.map((offer) => (offer.remedyId === id ? change(offer) : offer));
