import { StoreUnavailable } from '../eventstore/event-store.js';
import { OpenBatch } from './batch-recorder.js';
import type { IntakeBatchEvent } from './events.js';

describe('an open batch', () => {
  /** Requested writes by step; the first `refusals` of them fail, stored or not. */
  const written = new Map<string, IntakeBatchEvent[]>();
  let refusals = 0;
  let batch: OpenBatch;
  beforeEach(() => {
    written.clear();
    refusals = 0;
    batch = new OpenBatch('b1', (step, event) => {
      written.set(step, [...(written.get(step) ?? []), event]);
      refusals -= 1;
      return refusals >= 0 ? Promise.reject(new StoreUnavailable('gone')) : Promise.resolve();
    });
  });

  const reject = async (from: number, to: number): Promise<void> => {
    for (let line = from; line <= to; line++)
      await batch.rejected({ line, reference: undefined, code: 'missing', pointer: undefined });
  };
  const linesOf = (step: string) =>
    written.get(step)?.map(({ data }) => ('lines' in data ? data.lines.map(({ line }) => line) : [])) ?? [];
  const numbers = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => from + index);

  test('loses no line if a page write fails: the page is sent again unchanged before the end', async () => {
    refusals = 1;
    await expect(reject(1, 500)).rejects.toThrow('gone');
    await reject(501, 502);
    await batch.close('00', false);
    expect([...written.keys()]).toEqual(['rejected-1', 'rejected-2', 'close']);
    expect(linesOf('rejected-1')).toEqual([numbers(1, 500), numbers(1, 500)]);
    expect(linesOf('rejected-2')).toEqual([[501, 502]]);
    expect(written.get('close')).toMatchObject([{ data: { read: 502, rejected: 502 } }]);
  });

  test('is not closed while a page is not recorded', async () => {
    refusals = 2;
    await expect(reject(1, 500)).rejects.toThrow('gone');
    await expect(batch.close('00', true)).rejects.toThrow('gone');
    expect(written.has('close')).toBe(false);
  });

  test('does not send a recorded page again', async () => {
    await reject(1, 1001);
    await batch.close('00', true);
    expect(linesOf('rejected-1')).toEqual([numbers(1, 500)]);
    expect(linesOf('rejected-2')).toEqual([numbers(501, 1000)]);
    expect(linesOf('rejected-3')).toEqual([[1001]]);
  });
});
