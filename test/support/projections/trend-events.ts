import {
  ComplaintClosed,
  ComplaintReceived,
  DeterminationMade,
  ExternalOutcomeRecorded,
  FinalResponseSent,
  OutcomeCommunicated,
  RemedyImplemented,
  RemedyMeasureCompleted,
  RemedyProposed,
} from '../../../src/complaint/events.js';
import type { Outcome, RemedyType } from '../../../src/complaint/terms/vocabulary.js';
import type { DomainEvent } from '../../../src/eventstore/envelope.js';
import { instant, type Moment } from '../../../src/platform/moment.js';

export const day = (text: string, zone = 'America/New_York'): Moment => ({ precision: 'day', day: text, zone });
export const nineOClock = instant('2026-01-05T09:00:00.000Z');

export const received = (receivedAt: Moment = nineOClock, product = 'dinner', source?: string) =>
  ComplaintReceived({
    reference: 'ABCDEFGHJKMNPQR',
    receivedAt,
    channel: 'phone',
    sources: source === undefined ? [] : [{ system: source, ref: '1' }],
    parties: [],
    points: [
      { id: 'p1', issue: 'cold dish', subject: { product, region: 'North' } },
      { id: 'p2', issue: 'rude waiter', subject: { product: 'service' } },
    ],
  });
export const determined = (...outcomes: readonly Outcome[]) =>
  DeterminationMade({
    determinationId: 'd1',
    points: outcomes.map((outcome, n) => ({ id: `p${String(n + 1)}`, outcome, reasons: 'as found' })),
  });
export const responded = (at: string): DomainEvent => ({
  ...FinalResponseSent({ responseId: 'f1', kind: 'accept', addressees: [], channel: 'phone', text: 'sorry' }),
  occurredAt: instant(at),
});
export const communicated = OutcomeCommunicated({
  of: 'f1',
  channel: 'phone',
  deliveredAt: instant('2026-01-07T12:00:00.000Z'),
});
export const closed = ComplaintClosed({ reason: 'handled' });
export const remedy = (type: RemedyType) => [
  RemedyProposed({
    remedyId: 'r1',
    needsAcceptance: false,
    measures: [
      { id: 'm1', type, pointIds: ['p1'], action: 'do it', owner: 'amy', provider: 'self', dueAt: nineOClock },
    ],
  }),
  RemedyMeasureCompleted({ remedyId: 'r1', measureId: 'm1' }),
  RemedyImplemented({ remedyId: 'r1' }),
];
export const registered = (
  response: string,
  details: { readonly timely?: boolean; readonly disputed?: boolean; readonly statedOn?: Moment } = {},
) =>
  ExternalOutcomeRecorded({ register: 'cfpb', response, final: response.toLowerCase() !== 'in progress', ...details });
