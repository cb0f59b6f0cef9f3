import fc from 'fast-check';
import { logPosition, positionText } from './recorded-event.js';
import { examples } from '../../../test/support/examples.js';

const uint64 = fc.bigInt(0n, 2n ** 64n - 1n);

describe('a position', () => {
  test('has the same order as text and as numbers, and is parsed to the same numbers', () => {
    fc.assert(
      fc.property(uint64, uint64, uint64, uint64, (commit, prepare, otherCommit, otherPrepare) => {
        const [one, other] = [positionText(commit, prepare), positionText(otherCommit, otherPrepare)];
        const isBefore = commit < otherCommit || (commit === otherCommit && prepare < otherPrepare);
        expect(one < other).toBe(isBefore);
        expect(logPosition(one)).toEqual({ commit, prepare });
      }),
      examples(),
    );
  });

  test.each(['', '7', '00000000000000000007', '7/7', `${'1'.repeat(20)}/${'1'.repeat(19)}`])(
    'cannot be parsed from the invalid text %j',
    (text) => {
      expect(() => logPosition(text)).toThrow(RangeError);
    },
  );
});
