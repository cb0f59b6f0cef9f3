import fc from 'fast-check';
import { isRejection } from '../../src/complaint/decision.js';
import { complaintCommands } from '../../src/complaint/table.js';
import { examples } from '../support/examples.js';
import { Ledger } from './ledger.js';
import { stagesAfter, stagesBefore } from './lifecycle.js';
import { randomHistory, type Step } from './random-commands.js';

// The lifecycle and the invariants of one complaint that need no clock, in random histories: compared with a model of
// the table of transitions, and with an independent reading of the events.

/** Histories in all parts together: 5,000, and 100,000 in the long form. */
const HISTORIES = { short: 5_000, long: 100_000 };
const PARTS = 10;

test('the model knows every command of the table', () => {
  for (const { name } of complaintCommands) expect(stagesBefore(name).length).toBeGreaterThan(0);
});

test.each(Array.from({ length: PARTS }, (_, part) => part))(
  'T1–T28 lead from and to the stages of the table; I4, I5, I6, I14, I16, I19, I21, I22, I23, I24, I25 hold (part %i)',
  (part) => {
    const { numRuns, seed } = examples(HISTORIES.short / PARTS, part);
    fc.assert(
      fc.property(randomHistory(), ({ steps }) => {
        for (const step of steps) expectStagesOfTheTable(step);
        expect(breachesOf(steps)).toEqual([]);
      }),
      { numRuns: Math.min(numRuns, HISTORIES.long / PARTS), seed },
    );
  },
);

function expectStagesOfTheTable({ row, state, decision, after }: Step): void {
  if (isRejection(decision)) return expect(after.stage).toBe(state.stage);
  expect([row.name, stagesBefore(row.name)]).toEqual([row.name, expect.arrayContaining([state.stage])]);
  const stages = stagesAfter({ command: row.name, before: state.stage, events: decision });
  expect([row.name, state.stage, stages]).toEqual([row.name, state.stage, expect.arrayContaining([after.stage])]);
}

function breachesOf(steps: readonly Step[]): readonly string[] {
  const ledger = new Ledger();
  for (const { row, context, decision } of steps) {
    if (isRejection(decision)) continue;
    for (const { type, data, occurredAt } of decision)
      ledger.read({
        type,
        data: data as Readonly<Record<string, unknown>>,
        at: occurredAt ?? context.occurredAt,
        recordedAt: context.now,
        by: context.actor,
        command: row.name,
      });
  }
  return ledger.breaches;
}
