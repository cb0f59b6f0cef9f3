import type { ComplaintRecord } from './complaint-record.js';
import type { RemedyImplemented, RemedyOffer } from './events.js';
import type { EventOf } from '../eventstore/envelope.js';
import type { Attribution, Offer, Remedy, RemedyStatus } from './state-types.js';

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

/**
 * Marks a measure as done or waived. With its last open measure, the remedy becomes implemented if at least one
 * measure was done, otherwise waived.
 */
export const withSettledMeasure = (
  offers: readonly Offer[],
  { remedyId, measureId }: { readonly remedyId: string; readonly measureId: string },
  status: 'Done' | 'Waived',
): Offer[] =>
  withChangedOffer(offers, remedyId, (offer) => {
    const measures = offer.measures.map((measure) => (measure.id === measureId ? { ...measure, status } : measure));
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

/** Marks all remedies that await an answer or an approval as lapsed, for the start of a new episode. */
export const withLapsedOffers = (offers: readonly Offer[]): Offer[] =>
  offers.map((offer) =>
    offer.status === 'Proposed' || offer.status === 'Drafted' ? { ...offer, status: 'Lapsed' } : offer,
  );

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
  { status }: Offer,
  event: ComplaintRecord,
  episode: number,
): Remedy | undefined {
  const attribution: Attribution = { at: event.metadata.occurredAt, by: event.metadata.actor.id };
  if (event.type === 'RemedyDrafted' || event.type === 'RemedyProposed')
    return {
      ...(remedy ?? { ...attribution, episode }), // an approved draft keeps its author
      ...event.data,
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
    case 'RemedyAccepted':
    case 'RemedyRejected':
      return { ...remedy, answered: event.data.statedBy };
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

/** The remedy with the current status of the offer and of its measures. */
const withStatusOf = ({ status, measures }: Offer, remedy: Remedy): Remedy => ({
  ...remedy,
  status,
  measures: remedy.measures.map((measure) => ({
    ...measure,
    status: measures.find(({ id }) => id === measure.id)?.status ?? measure.status,
  })),
});

const withChangedOffer = (offers: readonly Offer[], id: string, change: (offer: Offer) => Offer): Offer[] =>
  offers.map((offer) => (offer.remedyId === id ? change(offer) : offer));
