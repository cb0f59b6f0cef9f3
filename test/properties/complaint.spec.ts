import { REFERENCE } from '../support/directory.js';
import { DEFAULT_HOUSE_RULES } from '../../src/house-policy/rules.js';
import fc from 'fast-check';
import { complaintDecoder } from '../../src/complaint/command-service.js';
import { LodgeComplaint } from '../../src/complaint/commands/intake.js';
import { evolve, initial, type Complaint } from '../../src/complaint/complaint.js';
import { isRejection, unmetGuards } from '../../src/complaint/decision.js';
import { complaintEventTypes, type ComplaintEvent } from '../../src/complaint/events.js';
import { hasConflictOfInterest } from '../../src/complaint/guards.js';
import { lodgingDifferences } from '../../src/complaint/intake.js';
import { statusOf } from '../../src/complaint/status.js';
import { GENESIS_HASH } from '../../src/eventstore/chain.js';
import { encodeBatch } from '../../src/eventstore/codec.js';
import type { Recorded } from '../../src/eventstore/envelope.js';
import { COMPLAINT_ID, timeOf } from '../support/given.js';
import { randomHistory, type Step, type RandomHistory } from './random-commands.js';
import { examples } from '../support/examples.js';

// Properties of every history of a complaint, tested with random commands in random order.

/** Number of histories of each property; REDRESS_TEST_EXAMPLES multiplies it. */
const EXAMPLES = 40;

/** Checks a property for random histories. */
const checkHistories = (property: (random: RandomHistory) => void): void => {
  fc.assert(fc.property(randomHistory(), property), examples(EXAMPLES));
};
const foldAll = (history: readonly Recorded<ComplaintEvent>[]): Complaint =>
  history.reduce(evolve, initial(COMPLAINT_ID));
const eventsOf = ({ decision }: Step): readonly ComplaintEvent[] => (isRejection(decision) ? [] : decision);

/** Events that random bodies of a short history seldom reach; each is tested with the rules of its command. */
const RARE = new Set([
  // a correction refers to a recorded event and its value, and deciders get no recorded history here
  'CorrectionProposed',
  'RecordCorrected',
  'CorrectionRejected',
  'TimeConfirmed',
  // these need an offer that is open, a complainant who may act, and money that agrees with it
  'RemedyAccepted',
  'RemedyRejected',
  'RemedyOfferLapseReversed',
  'MeasureWaiverDrafted',
  'RedressPaid',
  'RedressReturned',
  // a summary needs a resolution at first contact that every complainant accepts
  'SummaryResolutionCommunicated',
  // a draft of an end needs safety that another person has set
  'InadmissibilityDrafted',
]);

test('random histories contain every event type and every end, and most allowed commands are accepted', () => {
  const types = new Set<string>();
  const stages = new Set<string | null>();
  let [allowed, accepted] = [0, 0];
  // the seed is fixed, so that the result does not depend on the seed of the test run
  for (const { history, steps } of fc.sample(randomHistory(60), { numRuns: 100, seed: 7 })) {
    for (const { type } of history) types.add(type);
    for (const step of steps) {
      stages.add(step.after.stage);
      if (unmetGuards(step.row.decider, step.state, step.context).length > 0) continue;
      allowed += 1;
      if (!isRejection(step.decision)) accepted += 1;
    }
  }
  // the rules of the fields compare several fields, parties and earlier letters, which random bodies often contradict
  expect(accepted / allowed).toBeGreaterThan(0.6);
  const missing = complaintEventTypes.map(({ type }) => type).filter((type) => !types.has(type));
  expect(missing.filter((type) => !RARE.has(type))).toEqual([]);
  expect([...stages].sort()).toEqual(
    [
      'Closed',
      'Determined',
      'Inadmissible',
      'Received',
      'ReferredOut',
      'Responded',
      'UnderAssessment',
      'UnderInvestigation',
      'Withdrawn',
      null,
    ].sort(),
  );
});

test('I1: a state is the fold of its history, and no decision or fold changes its input', () => {
  checkHistories(({ steps, history }) => {
    // a change of a frozen object throws
    deepFreeze(history);
    expect(steps.at(-1)?.after).toEqual(foldAll(history));
    for (const step of steps) deepFreeze(step.state);
    for (const { row, submitted, state, context } of steps) row.decider.decide(submitted, state, context);
    foldAll(history);
  });
});

test('I2: a received complaint never disappears, and its lodging never changes', () => {
  checkHistories(({ steps }) => {
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

test('I4: a complaint is closed only if the outcome of this episode is communicated or undeliverable', () => {
  checkHistories(({ history }) => {
    let mayClose = false;
    for (const { type } of history) {
      if (type === 'ComplaintReopened') mayClose = false;
      if (type === 'OutcomeCommunicated' || type === 'OutcomeUndeliverable') mayClose = true;
      if (type === 'ComplaintClosed') expect(mayClose).toBe(true);
    }
  });
});

test('I5: every determination has reasons, and names a recourse if a point is not upheld', () => {
  checkHistories(({ steps }) => {
    for (const event of steps.flatMap(eventsOf))
      if (event.type === 'DeterminationMade') {
        for (const { reasons } of event.data.points) expect(reasons.trim()).not.toBe('');
        if (event.data.decidedBy === undefined && event.data.points.some(({ outcome }) => outcome === 'not_upheld'))
          expect(event.data.recourse).toBeTruthy();
      }
  });
});

test('I6: no person with a conflict of interest becomes the handler or decides', () => {
  checkHistories(({ steps }) => {
    for (const step of steps)
      for (const { type, data } of eventsOf(step)) {
        if (type === 'ComplaintAssigned') expect(hasConflictOfInterest(step.state, data.handler ?? '')).toBe(false);
        if (type === 'ComplaintReassigned') expect(hasConflictOfInterest(step.state, data.to ?? '')).toBe(false);
        if (type === 'DeterminationMade') expect(hasConflictOfInterest(step.state, step.context.actor.id)).toBe(false);
      }
  });
});

test('I9: a new episode does not change the earlier episodes', () => {
  checkHistories(({ steps }) => {
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
      expect(recordsBefore(state.episode, after)).toEqual(recordsBefore(state.episode, state));
  });
});

/**
 * The determinations, feedback and reopenings of the episodes before `episode`. Letters are left out, because their delivery
 * may be recorded later.
 */
const recordsBefore = (episode: number, { determinations, feedback, reopenings }: Complaint) => ({
  determinations: determinations.filter((determination) => determination.episode < episode),
  feedback: feedback.filter((item) => item.episode < episode),
  reopenings: reopenings.filter((reopening) => reopening.episode < episode),
});

test('I19: a repeated lodging is recognised throughout a history; if its content differs, the field is named', () => {
  checkHistories(({ steps }) => {
    const lodging = steps.find(
      ({ submitted, decision }) => submitted instanceof LodgeComplaint && !isRejection(decision),
    );
    if (!(lodging?.submitted instanceof LodgeComplaint)) return;
    const { submitted } = lodging;
    for (const { after } of steps.slice(steps.indexOf(lodging))) {
      expect(lodgingDifferences(submitted, after, REFERENCE)).toEqual([]);
      const other = Object.assign(new LodgeComplaint(), submitted, { narrative: 'Something else.' });
      expect(lodgingDifferences(other, after, REFERENCE)).toMatchObject([
        { code: 'external_ref_reused', pointer: '/narrative' },
      ]);
    }
  });
});

test('I19: an accepted command that is decided again emits none of the same events', () => {
  const isSame = (a: ComplaintEvent, b: ComplaintEvent | undefined): boolean => JSON.stringify(a) === JSON.stringify(b);
  checkHistories(({ steps }) => {
    for (const { row, submitted, after, decision, context } of steps) {
      if (isRejection(decision) || REPEATABLE.has(row.name)) continue;
      const unmet = unmetGuards(row.decider, after, context);
      const again = unmet.length > 0 ? { unmet } : row.decider.decide(submitted, after, context);
      if (!('unmet' in again)) expect(again.some((event, index) => isSame(event, decision[index]))).toBe(false);
    }
  });
});

/** Commands that may record equal facts twice. The idempotency key prevents an accidental repetition. */
const REPEATABLE = new Set([
  'RequestFeedback',
  'SubmitFeedback',
  'RecordFollowUp',
  'RecordEffort', // two periods of work may have equal lengths
  'RecordContact', // two contacts may have equal contents
  'AddNote',
  'RecordSuggestionShown', // a suggestion may be shown twice
  'ReceiveInformation',
  'RecordDelivery', // two failed attempts may have equal facts
]);

test('evolve is total: any subsequence of a history folds to plain JSON that has a status', () => {
  fc.assert(
    fc.property(randomHistory(), fc.infiniteStream(fc.boolean()), ({ history }, keep) => {
      const subsequence = history.filter(() => keep.next().value === true);
      const state = foldAll(subsequence);
      expect(JSON.parse(JSON.stringify(state))).toStrictEqual(state);
      statusOf(state.progress, DEFAULT_HOUSE_RULES);
    }),
    examples(EXAMPLES),
  );
});

test('a command that the list of allowed commands rejects is rejected; an allowed one is not rejected by a guard', () => {
  checkHistories(({ steps }) => {
    for (const { state, row, submitted, decision, context } of steps) {
      if ('unmet' in timeOf(submitted, state, context.now)) continue; // times are checked before the guards
      const unmet = unmetGuards(row.decider, state, context);
      if (unmet.length > 0) expect(decision).toEqual({ unmet });
      else if (isRejection(decision)) {
        const [{ code, pointer }] = decision.unmet;
        // with a pointer, the code may come from a guard of a command that a lodging includes
        if (pointer === undefined) expect(GUARD_CODES).not.toContain(code);
      }
    }
  });
});

/** Codes that only guards give: an allowed command is never rejected with one of them. */
const GUARD_CODES = new Set([
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

test('every event is equal after encoding and decoding', () => {
  checkHistories(({ steps, history }) => {
    const drafts = steps
      .flatMap(eventsOf)
      .map((event) => ({ ...event, version: complaintDecoder.versionOf(event.type) }));
    const [first] = history;
    if (first === undefined) return;
    const { schemaVersion: _version, prevHash: _prevHash, hash: _hash, ...metadata } = first.metadata;
    const encoded = encodeBatch(first.stream, 0, GENESIS_HASH, drafts, metadata);
    const decoded = encoded.map((event, revision) =>
      complaintDecoder.decode({ ...event, stream: first.stream, revision, position: '1' }),
    );
    expect(decoded.map(({ type, data }) => ({ type, data }))).toEqual(
      history.map(({ type, data }) => ({ type, data })),
    );
  });
});

function deepFreeze(value: unknown): void {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return;
  Object.freeze(value);
  Object.values(value).forEach(deepFreeze);
}
