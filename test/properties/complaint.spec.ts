import fc from 'fast-check';
import { LodgeComplaint } from '../../src/complaint/commands/intake.js';
import { evolve, initial, type Complaint } from '../../src/complaint/complaint.js';
import { DEFAULT_SETTINGS, isRejection, unmetGuards } from '../../src/complaint/decision.js';
import { complaintEventTypes, type ComplaintEvent } from '../../src/complaint/events.js';
import { hasInterest } from '../../src/complaint/guards.js';
import { sameLodging } from '../../src/complaint/intake.js';
import { statusOf } from '../../src/complaint/status.js';
import { GENESIS_HASH } from '../../src/eventstore/chain.js';
import { encodeBatch, EventDecoder } from '../../src/eventstore/codec.js';
import type { Recorded } from '../../src/eventstore/envelope.js';
import { COMPLAINT_ID, timeOf } from '../support/given.js';
import { randomHistory, type Step, type RandomHistory } from './random-commands.js';
import { examples } from '../support/examples.js';

/** Properties of every history of a complaint, for random commands in random order. */

const always = (holds: (random: RandomHistory) => void): void => {
  fc.assert(fc.property(randomHistory(), holds), examples());
};
const foldAll = (history: readonly Recorded<ComplaintEvent>[]): Complaint =>
  history.reduce(evolve, initial(COMPLAINT_ID));
const eventsOf = ({ decision }: Step): readonly ComplaintEvent[] => (isRejection(decision) ? [] : decision);

test('random histories contain every event type and every end, and most allowed commands are accepted', () => {
  const types = new Set<string>();
  const stages = new Set<string | null>();
  let [allowed, accepted] = [0, 0];
  // a fixed seed: what these histories contain does not depend on the seed of the run
  for (const { history, steps } of fc.sample(randomHistory(60), { numRuns: 250, seed: 7 })) {
    for (const { type } of history) types.add(type);
    for (const step of steps) {
      stages.add(step.after.stage);
      if (unmetGuards(step.row.decider, step.state, step.context).length > 0) continue;
      allowed += 1;
      if (!isRejection(step.decision)) accepted += 1;
    }
  }
  expect(accepted / allowed).toBeGreaterThan(0.75);
  expect(complaintEventTypes.map(({ type }) => type).filter((type) => !types.has(type))).toEqual([]);
  expect([...stages].sort()).toEqual(
    [
      'Closed',
      'Determined',
      'Inadmissible',
      'Received',
      'Responded',
      'UnderAssessment',
      'UnderInvestigation',
      'Withdrawn',
      null,
    ].sort(),
  );
});

test('I1: a state is the fold of its history, and no decision changes what was', () => {
  always(({ steps, history }) => {
    frozen(history);
    expect(steps.at(-1)?.after).toEqual(foldAll(history));
    for (const step of steps) frozen(step.state);
    for (const { row, submitted, state, context } of steps) row.decider.decide(submitted, state, context);
    foldAll(history);
  });
});

test('I2: once received it is there for good, as it was received', () => {
  always(({ steps }) => {
    for (const { state, after } of steps)
      if (state.stage !== null) {
        expect(after.stage).not.toBeNull();
        expect([after.reference, after.receivedAt, after.lodged?.facts]).toEqual([
          state.reference,
          state.receivedAt,
          state.lodged?.facts,
        ]);
      }
  });
});

test('I4: nothing is closed without the outcome told, or found undeliverable, in this episode', () => {
  always(({ history }) => {
    let told = false;
    for (const { type } of history) {
      if (type === 'ComplaintReopened') told = false;
      if (type === 'OutcomeCommunicated' || type === 'OutcomeUndeliverable') told = true;
      if (type === 'ComplaintClosed') expect(told).toBe(true);
    }
  });
});

test('I5: every decision has reasons, and who is not upheld is told of recourse', () => {
  always(({ steps }) => {
    for (const event of steps.flatMap(eventsOf))
      if (event.type === 'DeterminationMade') {
        for (const { reasons } of event.data.points) expect(reasons.trim()).not.toBe('');
        if (event.data.decidedBy === undefined && event.data.points.some(({ outcome }) => outcome === 'not_upheld'))
          expect(event.data.recourse).toBeTruthy();
      }
  });
});

test('I6: nobody with an interest is made owner or decides', () => {
  always(({ steps }) => {
    for (const step of steps)
      for (const { type, data } of eventsOf(step)) {
        if (type === 'ComplaintAssigned') expect(hasInterest(step.state, data.handler)).toBe(false);
        if (type === 'ComplaintReassigned') expect(hasInterest(step.state, data.to)).toBe(false);
        if (type === 'DeterminationMade') expect(hasInterest(step.state, step.context.actor.id)).toBe(false);
      }
  });
});

test('I9: a new episode leaves the earlier ones as they were', () => {
  always(({ steps }) => {
    for (const { state, after } of steps) {
      expect(after.episode).toBeGreaterThanOrEqual(state.episode);
      if (after.episode === state.episode) continue;
      if (state.stage === null) continue;
      expect(after.episode).toBe(state.episode + 1);
      const count = state.determinations.length;
      expect([
        after.determinations.slice(0, count),
        after.letters,
        after.feedback,
        after.evidence,
        after.payments,
      ]).toEqual([state.determinations, state.letters, state.feedback, state.evidence, state.payments]);
    }
    for (const { state, after } of steps)
      expect(earlierThan(state.episode, after)).toEqual(earlierThan(state.episode, state));
  });
});

/** What earlier episodes found and heard; a delivery may still be recorded for what they sent. */
const earlierThan = (episode: number, { determinations, feedback, reopenings }: Complaint) => ({
  determinations: determinations.filter((one) => one.episode < episode),
  feedback: feedback.filter((one) => one.episode < episode),
  reopenings: reopenings.filter((one) => one.episode < episode),
});

test('I19: a lodging is the same for as long as the complaint lives, and another content is named', () => {
  always(({ steps }) => {
    const lodging = steps.find(
      ({ submitted, decision }) => submitted instanceof LodgeComplaint && !isRejection(decision),
    );
    if (!(lodging?.submitted instanceof LodgeComplaint)) return;
    const { submitted } = lodging;
    for (const { after } of steps.slice(steps.indexOf(lodging))) {
      expect(sameLodging(submitted, after)).toEqual([]);
      const other = Object.assign(new LodgeComplaint(), submitted, { narrative: 'Something else.' });
      expect(sameLodging(other, after)).toMatchObject([{ code: 'external_ref_reused', pointer: '/narrative' }]);
    }
  });
});

test('I19: a command that was accepted changes nothing, or something else, when it is decided again', () => {
  const same = (one: ComplaintEvent, other: ComplaintEvent | undefined): boolean =>
    JSON.stringify(one) === JSON.stringify(other);
  always(({ steps }) => {
    for (const { row, submitted, after, decision, context } of steps) {
      if (isRejection(decision) || REPEATABLE.has(row.name)) continue;
      const guards = unmetGuards(row.decider, after, context);
      const again = guards.length > 0 ? { unmet: guards } : row.decider.decide(submitted, after, context);
      if (!('unmet' in again)) expect(again.some((event, index) => same(event, decision[index]))).toBe(false);
    }
  });
});

/** Saying it twice is two facts: who sends it twice by mistake sends it with one key. */
const REPEATABLE = new Set([
  'RequestFeedback',
  'SubmitFeedback',
  'RecordFollowUp',
  'ReceiveInformation',
  'RecordDelivery', // a failed attempt
]);

test('evolve is total: any subsequence of a history folds to plain JSON that has a status', () => {
  fc.assert(
    fc.property(randomHistory(), fc.infiniteStream(fc.boolean()), ({ history }, keep) => {
      const some = history.filter(() => keep.next().value === true);
      const state = foldAll(some);
      expect(JSON.parse(JSON.stringify(state))).toStrictEqual(state);
      statusOf(state.progress, DEFAULT_SETTINGS);
    }),
    examples(),
  );
});

test('what is allowed now is what decide then does', () => {
  always(({ steps }) => {
    for (const { state, row, submitted, decision, context } of steps) {
      if ('unmet' in timeOf(submitted, state, context.now)) continue; // checked before the guards
      const guards = unmetGuards(row.decider, state, context);
      if (guards.length > 0) expect(decision).toEqual({ unmet: guards });
      else if (isRejection(decision)) {
        const [{ code, pointer }] = decision.unmet;
        // with a pointer it may be the guard of a command that a lodging includes
        if (pointer === undefined) expect(GUARD_ONLY).not.toContain(code);
      }
    }
  });
});

/** Codes that only guards give: a command that was said to be allowed is never refused with one of them. */
const GUARD_ONLY = new Set([
  'not_received',
  'not_open',
  'wrong_stage',
  'already_assigned',
  'not_assigned',
  'content_not_verified',
  'merits_not_assessed',
  'identity_not_checked',
  'decided_before',
  'no_draft',
  'no_open_offer',
  'no_open_measure',
  'no_open_request',
  'no_hold',
  'no_evidence',
  'nothing_owed',
  'nothing_sent',
  'safety_critical',
  'outcome_not_communicated',
  'measures_open',
  'offer_open',
  'follow_up_open',
  'not_for_this_role',
]);

test('every event round-trips through its codec', () => {
  const decoder = new EventDecoder<ComplaintEvent>(complaintEventTypes);
  always(({ steps, history }) => {
    const drafts = steps.flatMap(eventsOf).map((event) => ({ ...event, version: decoder.versionOf(event.type) }));
    const [first] = history;
    if (first === undefined) return;
    const { schemaVersion: _version, prevHash: _prevHash, hash: _hash, ...metadata } = first.metadata;
    const encoded = encodeBatch(first.stream, 0, GENESIS_HASH, drafts, metadata);
    const decoded = encoded.map((event, revision) =>
      decoder.decode({ ...event, stream: first.stream, revision, position: '1' }),
    );
    expect(decoded.map(({ type, data }) => ({ type, data }))).toEqual(
      history.map(({ type, data }) => ({ type, data })),
    );
  });
});

function frozen(value: unknown): void {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return;
  Object.freeze(value);
  Object.values(value).forEach(frozen);
}
