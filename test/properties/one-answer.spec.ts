import { REFERENCE } from '../support/directory.js';
import { DEFAULT_HOUSE_RULES } from '../../src/house-policy/rules.js';
import { progressOf, targetsOf } from '../../projections/complaints/projection.js';
import { examples } from '../support/examples.js';
import fc from 'fast-check';
import { close } from '../../src/complaint/closing.js';
import { complaintFileOf } from '../../src/complaint/complaint-view.js';
import { evolve, initial, type Complaint } from '../../src/complaint/complaint.js';
import { unmetGuards } from '../../src/complaint/decision.js';
import type { ComplaintEvent } from '../../src/complaint/events.js';
import { isOwed, undecidedPoints } from '../../src/complaint/progress.js';
import { knownResponse, standingsWithStatus, statusOf } from '../../src/complaint/status.js';
import { END_STAGES, STATUSES } from '../../src/complaint/terms/vocabulary.js';
import type { Recorded } from '../../src/eventstore/envelope.js';
import { instant } from '../../src/platform/moment.js';
import { comparableName } from '../../src/platform/text.js';
import { COMPLAINT_ID, HANDLER } from '../support/given.js';
import { fileState, NO_VIEWS, trendsOfOne, viewsAfter, type Views } from '../support/projections/views.js';
import { randomHistory } from './random-commands.js';

// Complaint file, list of complaints, trends and status agree on every random history, also if events are left out.

/** Number of random histories; `.ci/long properties` uses 4,020. */
const HISTORIES = 60;
/** The lowest satisfied scores for which trends are queried. */
const SATISFIED_SCORES = [1, 3, 4, 5];

/** A random history, complete or with some events left out, as in queries at a point in time; the receipt remains. */
const partialHistory = fc
  .tuple(randomHistory(), fc.boolean(), fc.boolean(), fc.infiniteStream(fc.integer({ min: 0, max: 9 })))
  .map(([{ history }, isComplete, withTimes, digits]): readonly Recorded<ComplaintEvent>[] => {
    const selected = isComplete
      ? history
      : history.filter(({ type }) => type === 'ComplaintReceived' || digits.next().value > 1);
    return withTimes ? selected : selected.map(withoutTimes);
  });

/** The same event as if the sender had given no time. */
const withoutTimes = (event: Recorded<ComplaintEvent>): Recorded<ComplaintEvent> => ({
  ...event,
  metadata: { ...event.metadata, occurredAtBasis: 'recorded' },
});

test(
  'complaint file, list of complaints, trends and status agree in every fact that they share',
  async () => {
    await fc.assert(
      fc.asyncProperty(partialHistory, async (history) => {
        let state = initial(COMPLAINT_ID);
        let views = NO_VIEWS;
        for (const event of history) {
          const resolutionMetAt = views.entry && targetsOf(views.entry).resolution.metAt;
          const { episode } = state;
          state = evolve(state, event);
          views = viewsAfter(views, event, COMPLAINT_ID);
          const resolvedBefore = resolutionMetAt !== null && episode === state.episode;
          expectAgreement(state, views, resolvedBefore, event.metadata.recordedAt);
        }
        expect(fileState(views, COMPLAINT_ID) ?? initial(COMPLAINT_ID)).toEqual(state);
        await expectTrendsAgree(state, views);
        expectStatusesAgree(state, views);
      }),
      examples(HISTORIES),
    );
  },
  examples(HISTORIES).numRuns * 2_000, // timeout in ms
);

/**
 * Expects that list entry, trends document and complaint file have the values of the state; names that can be filtered, in
 * the form for comparison. `resolvedBefore`: the resolution target was met earlier in this episode.
 */
function expectAgreement(state: Complaint, { entry, fact }: Views, resolvedBefore: boolean, now: string): void {
  if (entry === null || fact === null) {
    expect([state.stage, entry, fact]).toEqual([null, null, null]);
    return;
  }
  // the first point that counts; if all have left, the one that stays in the list
  const shown = state.progress.points[0] ?? entry.mainPoint;
  const point = state.points.find(({ id }) => id === shown);
  const { ownership, severity, priority, holds, parties, communication } = state;
  const open = state.stage !== null && !END_STAGES.includes(state.stage);
  const column = (value: boolean) => (value ? 1 : 0);
  const status = statusOf(state.progress, DEFAULT_HOUSE_RULES);

  expect(entry).toMatchObject({
    open,
    outstanding: open || state.remedies.some(isOwed),
    stage: state.stage,
    outcome: status.outcome,
    handler: ownership.handler ?? null,
    ...(ownership.orgUnit !== undefined && { orgUnit: comparableName(ownership.orgUnit) }),
    severity: severity?.severity ?? null,
    safetyCritical: state.safety.isSet,
    priority: priority?.priority ?? null,
    anonymous: parties.length === 0,
    category: comparableName(point?.category),
    issue: point?.issue ?? null,
    product: comparableName(point?.subject.product),
    holds: holds.filter(({ ended }) => ended === undefined).map(({ holdId }) => ({ id: holdId })),
  });
  expect(fact).toMatchObject({
    open: column(open),
    outcome: status.outcome,
    severity: severity?.severity ?? null,
    category: comparableName(point?.category),
    issue: comparableName(point?.issue),
    product: comparableName(point?.subject.product),
    withdrawn: column(state.stage === 'Withdrawn'),
    inadmissible: column(state.stage === 'Inadmissible'),
    undeliverable: column(communication.status === 'Undeliverable'),
    reopened: column(state.reopenings.length > 0),
    firstContact: column(state.remedies.some(({ whatWasDone }) => whatWasDone !== undefined)),
    timelyYes: column(state.external?.timely === true),
    timelyNo: column(state.external?.timely === false),
  });
  expect([fact.ended === null, fact.received === null]).toEqual([state.endedAt === null, false]);
  expect(complaintFileOf(state, REFERENCE, 'en')).toMatchObject({
    stage: entry.stage,
    episode: progressOf(entry).episode,
    ...status,
  });
  expect([entry.responded, entry.ended].map((date) => date === null)).toEqual(
    [fact.responded, fact.ended].map((date) => date === null),
  );

  // the resolution target is met once no point is to be decided and these guards of closing are met, and then stays met
  const context = { now, occurredAt: instant(now), actor: HANDLER, reference: REFERENCE };
  const unmet = unmetGuards(close, state, context).map(({ code }) => code);
  const isDecided = !open || undecidedPoints(state.progress).length === 0;
  const isSettled = ['outcome_not_communicated', 'measures_open', 'offer_open'].every((code) => !unmet.includes(code));
  expect(targetsOf(entry).resolution.metAt !== null).toBe((isDecided && isSettled) || resolvedBefore);
}

/** Expects that a filter by a status finds the complaint if its status is the one of the state. */
function expectStatusesAgree(state: Complaint, { entry }: Views): void {
  if (entry === null) return;
  for (const satisfiedScore of SATISFIED_SCORES) {
    const found = STATUSES.filter((status) => standingsWithStatus(status, satisfiedScore).includes(entry.standing));
    expect(found).toEqual([statusOf(state.progress, { satisfiedScore }).status]);
  }
}

/** Expects that trends of this one complaint have the response, outcome and satisfaction of the state. */
async function expectTrendsAgree(state: Complaint, { fact }: Views): Promise<void> {
  if (fact === null) return;
  for (const satisfiedScore of SATISFIED_SCORES) {
    const { response: derived, registerResponse, outcome, disputed } = statusOf(state.progress, { satisfiedScore });
    const response = registerResponse === null ? derived : knownResponse(registerResponse);
    const row = await trendsOfOne(fact, { satisfiedScore });
    expect(row?.key).toEqual({ response, outcome });
    const share = (value: boolean | null) => ({
      numerator: value === true ? 1 : 0,
      denominator: value === null ? 0 : 1,
      unknown: value === null ? 1 : 0,
    });
    expect(row?.disputed).toEqual(share(state.external?.disputed ?? disputed));
    const feedback = state.feedback.filter(({ episode }) => episode === state.episode);
    const dissatisfied = feedback.map(({ score, resolved }) => score < satisfiedScore || resolved === 'no');
    // contradictory feedback is left out: which feedback counts depends on its times
    if (new Set(dissatisfied).size < 2) expect(row?.dissatisfied).toEqual(share(dissatisfied[0] ?? null));
    for (const filtered of ['In progress', 'Closed', 'Closed with explanation', 'Closed with monetary relief'])
      expect((await trendsOfOne(fact, { satisfiedScore, filter: { response: filtered } })) !== undefined).toBe(
        filtered === response,
      );
  }
}
