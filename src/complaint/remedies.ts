import type { ComplaintRecord } from './complaint-record.js';
import type { RemedyImplemented, RemedyOffer } from './events.js';
import type { EventOf } from '../eventstore/envelope.js';
import type { Attribution, Offer, Remedy, RemedyStatus } from './state-types.js';

/** State changes of remedies. All functions are total. */

/** Adds a draft or an offer. The offer of an approved draft replaces the draft. */
export function offered(offers: readonly Offer[], terms: RemedyOffer, status: RemedyStatus): Offer[] {
  const { remedyId } = terms;
  const offer: Offer = {
    remedyId,
    status,
    measures: terms.measures.map(({ id, type }) => ({ id, type, status: 'Open' })),
  };
  return offers.some((known) => known.remedyId === remedyId)
    ? changed(offers, remedyId, () => offer)
    : [...offers, offer];
}

export const withStatus = (offers: readonly Offer[], id: string, status: RemedyStatus): Offer[] =>
  changed(offers, id, (offer) => ({ ...offer, status }));

/** The last measure settles the remedy: implemented if any measure was done (as in `RemedyImplemented`), else waived. */
export const measureSettled = (
  offers: readonly Offer[],
  which: { readonly remedyId: string; readonly measureId: string },
  status: 'Done' | 'Waived',
): Offer[] =>
  changed(offers, which.remedyId, (offer) => {
    const measures = offer.measures.map((measure) =>
      measure.id === which.measureId ? { ...measure, status } : measure,
    );
    if (measures.some((measure) => measure.status === 'Open')) return { ...offer, measures, status: 'InProgress' };
    const done = measures.some((measure) => measure.status === 'Done');
    return { ...offer, measures, status: done ? 'Implemented' : 'Waived' };
  });

/** Marks a remedy as implemented. At first contact there is no earlier offer (T24). */
export function implemented(
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

/** Lapses remedies that await an answer or an approval at the end of an episode. */
export const lapsed = (offers: readonly Offer[]): Offer[] =>
  offers.map((offer) =>
    offer.status === 'Proposed' || offer.status === 'Drafted' ? { ...offer, status: 'Lapsed' } : offer,
  );

/** The remedies of the complaint file: current offers with their details. */
export function withRemedyDetails(
  known: readonly Remedy[],
  offers: readonly Offer[],
  event: ComplaintRecord,
  episode: number,
): readonly Remedy[] {
  return offers.flatMap((offer) => {
    const remedy = known.find(({ remedyId }) => remedyId === offer.remedyId);
    const concerned = 'remedyId' in event.data && event.data.remedyId === offer.remedyId;
    const details = concerned ? detailsAfter(remedy, offer, event, episode) : remedy;
    return details === undefined ? [] : [withMeasureStatus(details, offer)];
  });
}

function detailsAfter(
  known: Remedy | undefined,
  { status }: Offer,
  event: ComplaintRecord,
  episode: number,
): Remedy | undefined {
  const attribution: Attribution = { at: event.metadata.occurredAt, by: event.metadata.actor.id };
  if (event.type === 'RemedyDrafted' || event.type === 'RemedyProposed')
    return {
      ...(known ?? { ...attribution, episode }), // an approved draft keeps its author
      ...event.data,
      status,
      measures: event.data.measures.map((measure) => ({ ...measure, status: 'Open' })),
    };
  if (event.type === 'RemedyImplemented' && known === undefined) {
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
  if (known === undefined) return undefined;
  switch (event.type) {
    case 'RemedyAccepted':
    case 'RemedyRejected':
      return { ...known, answered: event.data.statedBy };
    case 'RemedyMeasureCompleted':
    case 'RemedyMeasureWaived': {
      const measures = known.measures.map((measure) =>
        measure.id === event.data.measureId ? { ...measure, doneAt: attribution.at } : measure,
      );
      return { ...known, measures, ...(status !== 'InProgress' && { dischargedAt: attribution.at }) };
    }
    case 'RemedyImplemented':
      return { ...known, dischargedAt: attribution.at };
    default:
      return known;
  }
}

const withMeasureStatus = (remedy: Remedy, { status, measures }: Offer): Remedy => ({
  ...remedy,
  status,
  measures: remedy.measures.map((measure) => ({
    ...measure,
    status: measures.find(({ id }) => id === measure.id)?.status ?? measure.status,
  })),
});

const changed = (offers: readonly Offer[], id: string, change: (offer: Offer) => Offer): Offer[] =>
  offers.map((offer) => (offer.remedyId === id ? change(offer) : offer));
