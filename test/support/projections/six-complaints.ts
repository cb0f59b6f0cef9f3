import {
  ComplaintAssigned,
  ComplaintClassified,
  ComplaintClosed,
  ComplaintReceived,
  ComplaintWithdrawn,
  DeterminationMade,
  FeedbackSubmitted,
  FinalResponseSent,
  OutcomeCommunicated,
  SeverityAssessed,
} from '../../../src/complaint/events.js';
import { complaints } from '../../../projections/complaints/projection.js';
import type { DataOf } from '../../../src/complaint/complaint.js';
import type { Outcome } from '../../../src/complaint/terms/vocabulary.js';
import type { DomainEvent } from '../../../src/eventstore/envelope.js';
import { instant, type Moment } from '../../../src/platform/moment.js';
import type { Document } from '../../../src/readmodels/read-models.js';
import { ComplaintListFile } from './complaint-list.js';
import { given } from './given.js';
import { fact } from './memory-log.js';

export const at = (day: number): Moment => instant(`2026-03-${String(day).padStart(2, '0')}T09:00:00.000Z`);
export const day = (text: string, zone = 'UTC') => ({ precision: 'day', day: text, zone }) as const;
const on = (dayOfMonth: number, event: DomainEvent): DomainEvent => ({ ...event, occurredAt: at(dayOfMonth) });

const received = (more: Partial<DataOf<'ComplaintReceived'>>) =>
  ComplaintReceived({
    reference: '00000-00000-00000',
    receivedAt: at(1),
    channel: 'phone',
    sources: [],
    parties: [],
    points: [{ id: 'p1', subject: {} }],
    ...more,
  });
const about = (issue: string, product: string) => [{ id: 'p1', issue, subject: { product } }];
const statedBy = { party: 'a1', medium: 'phone', at: at(9) } as const;
/** A determination, the response and its delivery. */
const answered = (outcome: Outcome, dayOfMonth: number): DomainEvent[] => [
  on(dayOfMonth, DeterminationMade({ determinationId: 'd1', points: [{ id: 'p1', outcome, reasons: 'Seen.' }] })),
  on(
    dayOfMonth,
    FinalResponseSent({ responseId: 'f1', kind: 'accept', addressees: [], channel: 'phone', text: 'We are sorry.' }),
  ),
  OutcomeCommunicated({ of: 'f1', channel: 'phone', deliveredAt: at(dayOfMonth) }),
];
const closed = (dayOfMonth: number) => on(dayOfMonth, ComplaintClosed({ reason: 'handled' }));

/** The events of each complaint. Unless they say otherwise, it is received by phone on 1 March, about nothing. */
const HISTORIES: Readonly<Record<string, readonly DomainEvent[]>> = {
  soup: [
    received({
      reference: '7K3QX-9M2VD-4TB8W',
      receivedAt: at(1),
      points: about('Soup arrived cold', 'Set menu'),
      sources: [{ system: 'crm', ref: 'T-1' }],
      parties: [{ id: 'a1', role: 'complainant', name: 'Li Hua', authority: 'none' }],
      incidentAt: { from: day('2026-02-27') },
    }),
    ComplaintAssigned({ handler: 'amy', orgUnit: 'kitchen' }),
    ...answered('upheld', 5),
    FeedbackSubmitted({ score: 5 }),
    closed(9),
  ],
  rice: [
    received({ receivedAt: at(2), channel: 'email', points: about('Cold rice', 'Dinner for two') }),
    SeverityAssessed({ severity: 'serious', safetyCritical: false }),
    ComplaintAssigned({ handler: 'bob' }),
    ...answered('not_upheld', 6),
    FeedbackSubmitted({ score: 3 }),
  ],
  tofu: [
    received({
      receivedAt: at(3),
      points: about('上菜太慢', '套餐'),
      sources: [
        { system: 'crm', ref: 'T-3' },
        { system: 'cfpb', ref: '4711' },
      ],
    }),
    ComplaintClassified({ nature: 'complaint', points: [{ id: 'p1', category: 'delivery' }], taxonomyVersion: 1 }),
    ...answered('partly_upheld', 7),
  ],
  letter: [
    received({
      receivedAt: day('2026-03-04', 'America/New_York'),
      channel: 'letter',
      points: about('Charged twice', 'Card'),
      sources: [{ system: 'cfpb', ref: 'T-1' }],
    }),
    ComplaintAssigned({ handler: 'amy' }),
    on(8, ComplaintWithdrawn({ statedBy, continuedOnOwnInitiative: false })),
  ],
  advert: [
    received({ receivedAt: at(5), channel: 'email' }),
    ComplaintClassified({ nature: 'spam', points: [{ id: 'p1', category: 'other' }], taxonomyVersion: 1 }),
  ],
  register: [
    received({ receivedAt: at(6), points: [{ id: 'p1', category: 'Debt collection', subject: {} }] }),
    ComplaintAssigned({ handler: 'amy', orgUnit: 'billing' }),
  ],
};

/** A list of the six complaints soup, rice, tofu, letter, advert and register. */
export async function sixComplaints(): Promise<ComplaintListFile> {
  const documents: Document[] = [];
  for (const [id, events] of Object.entries(HISTORIES)) {
    const facts = events.map((event) => fact(`complaint-${id}`, event, event.occurredAt));
    documents.push(...(await given(complaints, facts)).values());
  }
  const list = new ComplaintListFile();
  await list.write(documents);
  return list;
}
