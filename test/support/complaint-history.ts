import type { ComplaintEvent } from '../../src/complaint/events.js';
import * as events from '../../src/complaint/events.js';
import type { Measure, Party, Point, StatedBy } from '../../src/complaint/terms/facts.js';
import type { DataOf } from '../../src/complaint/complaint.js';
import { instant } from '../../src/platform/moment.js';
import { referenceOf } from '../../src/complaint/reference.js';
import { COMPLAINT_ID } from './given.js';

/*
 * Events of one complaint about a cold dish, received on 1 November 2026 at 09:00 UTC. Tests combine them.
 */

export const MORNING = instant('2026-11-01T09:00:00.000Z');

export const complainantWang: Party = {
  id: 'a1',
  role: 'complainant',
  name: '王芳',
  contacts: [{ channel: 'phone', address: '+86 10 5555 0100' }],
  authority: 'none',
};
export const coldDish: Point = { id: 'p1', issue: 'Dish arrived cold', subject: { product: 'Set menu' } };

/** Said by the complainant on the phone. */
export const statedByWang: StatedBy = { party: 'a1', medium: 'phone', at: instant('2026-11-02T09:00:00.000Z') };

export const received = (more: Partial<DataOf<'ComplaintReceived'>> = {}): ComplaintEvent =>
  events.ComplaintReceived({
    reference: referenceOf(COMPLAINT_ID),
    receivedAt: MORNING,
    channel: 'phone',
    narrative: '菜是凉的，等了四十分钟。',
    sources: [],
    parties: [complainantWang],
    points: [coldDish],
    ...more,
  });

export const identified = events.IdentityVerified({ party: 'a1', method: 'call_back', level: 'basic' });
export const contentVerified = events.ContentVerified({
  finding: 'substantiated',
  grounds: 'Kitchen log and photo agree.',
});
export const meritsAssessed = events.MeritsAssessed({ reasonable: 'yes', grounds: 'We promise hot food.' });

/**
 * Everything that a determination requires: received, admitted, identity verified, content verified, merits assessed.
 * @param first events in place of the receipt
 */
export const eventsUntilInvestigated = (...first: readonly ComplaintEvent[]): ComplaintEvent[] => [
  ...(first.length > 0 ? first : [received()]),
  events.ComplaintAdmitted({}),
  identified,
  contentVerified,
  meritsAssessed,
];

export const upheld = events.DeterminationMade({
  determinationId: 'd1',
  points: [{ id: 'p1', outcome: 'upheld', reasons: 'The kitchen log shows 25 minutes.' }],
});
export const notUpheld = events.DeterminationMade({
  determinationId: 'd1',
  points: [{ id: 'p1', outcome: 'not_upheld', reasons: 'The log shows it went out hot.' }],
  recourse: 'Consumer association, 12315',
});

export const refund: Measure = {
  id: 'm1',
  type: 'refund',
  pointIds: ['p1'],
  action: 'Refund the dish',
  owner: 'handler-1',
  provider: 'self',
  dueAt: instant('2026-11-20T09:00:00.000Z'),
  amount: { amount: 6800, currency: 'CNY' },
};
export const apology: Measure = {
  id: 'm2',
  type: 'apology',
  pointIds: ['p1'],
  action: 'Apologise by letter',
  owner: 'handler-1',
  provider: 'self',
  dueAt: instant('2026-11-20T09:00:00.000Z'),
};

export const proposed = (more: Partial<events.RemedyOffer> = {}): ComplaintEvent =>
  events.RemedyProposed({ remedyId: 'r1', measures: [refund], needsAcceptance: true, ...more });
export const accepted = events.RemedyAccepted({ remedyId: 'r1', statedBy: statedByWang });

export const responseSent = (more: Partial<DataOf<'FinalResponseSent'>> = {}): ComplaintEvent =>
  events.FinalResponseSent({
    responseId: 'f1',
    kind: 'accept',
    addressees: ['a1'],
    channel: 'email',
    text: 'You are right, and we are sorry.',
    ...more,
  });
export const delivered = (at = '2026-11-01T10:00:00.000Z'): ComplaintEvent =>
  events.OutcomeCommunicated({ of: 'f1', channel: 'email', to: 'a1', deliveredAt: instant(at) });

/** Investigated, upheld, and the final response sent and delivered. */
export const eventsUntilResponded = (): ComplaintEvent[] => [
  ...eventsUntilInvestigated(),
  upheld,
  responseSent(),
  delivered(),
];

export const closed = events.ComplaintClosed({ reason: 'handled' });
export const reopened = (kind: DataOf<'ComplaintReopened'>['kind'] = 'dissatisfied', episode = 2): ComplaintEvent =>
  events.ComplaintReopened({ episode, kind, reason: 'The refund never arrived.' });
