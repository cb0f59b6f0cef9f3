import fc from 'fast-check';
import { isRejection } from '../../src/complaint/decision.js';
import { complaintCommands } from '../../src/complaint/table.js';
import { examples } from '../support/examples.js';
import { stagesAfter, stagesBefore } from './lifecycle.js';
import { randomHistory } from './random-commands.js';

// The stages of random histories, compared with an independent model of the lifecycle.

test('the model knows every command of the table', () => {
  for (const { name } of complaintCommands) expect(stagesBefore(name).length).toBeGreaterThan(0);
});

test('T1–T28: commands are accepted only from the stages of the table, and lead to its stages', () => {
  fc.assert(
    fc.property(randomHistory(), ({ steps }) => {
      for (const { row, state, decision, after } of steps) {
        if (isRejection(decision)) {
          expect(after.stage).toBe(state.stage);
          continue;
        }
        const accepted = { command: row.name, before: state.stage, events: decision };
        expect([row.name, stagesBefore(row.name)]).toEqual([row.name, expect.arrayContaining([state.stage])]);
        expect([row.name, state.stage, stagesAfter(accepted)]).toEqual([
          row.name,
          state.stage,
          expect.arrayContaining([after.stage]),
        ]);
      }
    }),
    examples(),
  );
});
