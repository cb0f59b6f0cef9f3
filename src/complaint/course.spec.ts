import fc from 'fast-check';

import { evolve, initial } from './complaint.js';
import * as events from './events.js';
import type { DomainEvent } from '../eventstore/envelope.js';
import { instant } from '../platform/moment.js';
import { decodeJson, ofComplaint } from '../../test/support/projections/given.js';
import { MemoryLog } from '../../test/support/projections/memory-log.js';
import type { ComplaintRecord } from './complaint-record.js';
import { begun, follow, outcomeOf, type Course } from './course.js';
import { examples } from '../../test/support/examples.js';

const nine = instant('2026-01-05T09:00:00.000Z');
const statedBy = { party: 'a1', medium: 'phone', at: nine } as const;
const decided = { id: 'p1', outcome: 'upheld', reasons: 'so it was' } as const;
const reopened = (episode: number) => events.ComplaintReopened({ episode, kind: 'dissatisfied', reason: 'again' });

/** What may happen to a complaint after its receipt, in any order that chance makes of it. */
const happenings: readonly DomainEvent[] = [
  events.ComplaintAdmitted({}),
  events.ComplaintAcknowledged({ channel: 'phone' }),
  events.ComplaintClassified({ nature: 'complaint', points: [{ id: 'p1', category: 'delivery' }], taxonomyVersion: 1 }),
  events.SeverityAssessed({ severity: 'minor', safetyCritical: false }),
  events.ComplaintAssigned({ handler: 'amy' }),
  events.ContentVerified({ finding: 'substantiated', grounds: 'seen' }),
  events.MeritsAssessed({ reasonable: 'yes', grounds: 'indeed' }),
  events.DeterminationMade({ determinationId: 'd1', points: [decided] }),
  events.DeterminationMade({ determinationId: 'd2', points: [{ ...decided, outcome: 'not_upheld' }] }),
  events.DeterminationReviewed({ determinationId: 'd1', decision: 'return', capacity: 'legal' }),
  events.DeterminationReviewed({ determinationId: 'd1', decision: 'approve', capacity: 'legal' }),
  events.ReturnedToInvestigation({ reason: 'new evidence' }),
  events.FinalResponseSent({ responseId: 'f1', kind: 'accept', addressees: [], channel: 'phone', text: 'sorry' }),
  events.OutcomeCommunicated({ of: 'f1', channel: 'phone', deliveredAt: nine }),
  events.OutcomeCommunicated({ of: 'd1', channel: 'phone', deliveredAt: nine }),
  events.OutcomeUndeliverable({ of: 'f1', attempts: [], reason: 'dead number' }),
  events.ComplaintDeclaredInadmissible({
    noticeId: 'i1',
    reasonCode: 'out_of_time',
    nature: 'complaint',
    reasons: 'late',
    addressees: [],
  }),
  events.OutcomeCommunicated({ of: 'i1', channel: 'letter', deliveredAt: nine }),
  events.ComplaintWithdrawn({ statedBy, continuedOnOwnInitiative: true }),
  events.ComplaintWithdrawn({ statedBy, continuedOnOwnInitiative: false }),
  events.ComplaintClosed({ reason: 'handled' }),
  reopened(2),
  events.ExternalOutcomeRecorded({ register: 'cfpb', response: 'In progress' }),
  events.ExternalOutcomeRecorded({ register: 'cfpb', response: 'Closed' }),
  events.NoteAdded({ noteId: 'n1', text: 'called' }),
];

/** Episodes count up, whatever else chance does. */
function numbered(after: readonly DomainEvent[]): DomainEvent[] {
  let episode = 1;
  return after.map((event) => (event.type === 'ComplaintReopened' ? reopened(++episode) : event));
}

const received = events.ComplaintReceived({
  reference: 'ABCDEFGHJKMNPQR',
  receivedAt: nine,
  channel: 'phone',
  sources: [],
  parties: [],
  points: [{ id: 'p1', subject: {} }],
});

test('whatever happens, the course agrees with the complaint file on stage, episode, communication and outcome', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...happenings), { maxLength: 25 }), (after) => {
      const log = new MemoryLog();
      log.record(...ofComplaint(received, ...numbered(after)));
      const history = log.events.map((event) => decodeJson(event) as ComplaintRecord);
      let course: Course = begun;
      let file = initial('c');
      for (const event of history) {
        course = follow(course, event);
        file = evolve(file, event);
      }
      expect([course.stage, course.episode]).toEqual([file.stage, file.episode]);
      expect(course.communication).toBe(file.communication.status);
      expect(outcomeOf(course)).toBe(file.points[0]?.outcome ?? null);
    }),
    examples(1000),
  );
});
