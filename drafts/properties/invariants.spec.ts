import fc from 'fast-check';
import { isRejection } from '../../src/complaint/decision.js';
import { examples } from '../support/examples.js';
import { Ledger } from './ledger.js';
import { randomHistory, type Step } from './random-commands.js';

// The invariants of one complaint that need no clock, checked by an independent reading of random histories.

test('I4, I5, I6, I14, I16, I19, I21, I22, I23, I24, I25 hold in every history', () => {
  fc.assert(
    fc.property(randomHistory(), ({ steps }) => {
      expect(breachesOf(steps)).toEqual([]);
    }),
    examples(),
  );
});

function breachesOf(steps: readonly Step[]): readonly string[] {
  const ledger = new Ledger();
  for (const { row, context, decision } of steps) {
    if (isRejection(decision)) continue;
    for (const { type, data, occurredAt } of decision)
      ledger.read({
        type,
        data,
        at: occurredAt ?? context.occurredAt,
        recordedAt: context.now,
        by: context.actor,
        command: row.name,
      });
  }
  return ledger.breaches;
}
