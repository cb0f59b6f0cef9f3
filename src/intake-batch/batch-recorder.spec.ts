import { StoreUnavailable } from '../eventstore/event-store.js';
import { MAX_LISTED_LINES, OpenBatch } from './batch-recorder.js';
import type { IntakeBatchEvent } from './events.js';
import { ListingQuota } from './listing-quota.js';

describe('an open batch', () => {
  /** The events that the batch has tried to record, by step. */
  const attempts = new Map<string, IntakeBatchEvent[]>();
  /** How many of the next attempts fail. */
  let failuresLeft = 0;
  let batch: OpenBatch;
  beforeEach(() => {
    attempts.clear();
    failuresLeft = 0;
    batch = new OpenBatch('b1', (step, event) => {
      attempts.set(step, [...(attempts.get(step) ?? []), event]);
      failuresLeft -= 1;
      return failuresLeft >= 0 ? Promise.reject(new StoreUnavailable('gone')) : Promise.resolve();
    });
  });

  const rejectLines = async (from: number, to: number): Promise<void> => {
    for (let line = from; line <= to; line++)
      await batch.addRejected({ line, reference: undefined, code: 'missing', pointer: undefined });
  };
  /** The line numbers in each attempt to record this step. */
  const linesOf = (step: string) =>
    attempts.get(step)?.map(({ data }) => ('lines' in data ? data.lines.map(({ line }) => line) : [])) ?? [];
  const numbers = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => from + index);

  test('records a page again, unchanged, before it is closed if recording the page failed', async () => {
    failuresLeft = 1;
    await expect(rejectLines(1, 500)).rejects.toThrow('gone');
    await rejectLines(501, 502);
    await batch.close('00', false);
    expect([...attempts.keys()]).toEqual(['rejected-1', 'rejected-2', 'close']);
    expect(linesOf('rejected-1')).toEqual([numbers(1, 500), numbers(1, 500)]);
    expect(linesOf('rejected-2')).toEqual([[501, 502]]);
    expect(attempts.get('close')).toMatchObject([{ data: { read: 502, rejected: 502 } }]);
  });

  test('is not closed while a page is not recorded', async () => {
    failuresLeft = 2;
    await expect(rejectLines(1, 500)).rejects.toThrow('gone');
    await expect(batch.close('00', true)).rejects.toThrow('gone');
    expect(attempts.has('close')).toBe(false);
  });

  test('lists at most 10,000 rejected lines, and counts the others by their codes', async () => {
    await rejectLines(1, MAX_LISTED_LINES + 3);
    await batch.addRejected({ line: 10_004, reference: undefined, code: 'busy', pointer: undefined });
    await batch.close('00', true);
    const listed = [...attempts.keys()].flatMap((step) => linesOf(step).flat());
    expect(listed).toEqual(numbers(1, 10_000));
    expect(attempts.get('close')).toMatchObject([{ data: { rejected: 10_004, unlisted: { busy: 1, missing: 3 } } }]);
  });

  test('only counts a rejected line if the quota of its sender is used up', async () => {
    batch = new OpenBatch(
      'b1',
      (step, event) => Promise.resolve(void attempts.set(step, [event])),
      new ListingQuota(2, () => 0),
    );
    await rejectLines(1, 3);
    await batch.close('00', true);
    expect(linesOf('rejected-1')).toEqual([[1, 2]]);
    expect(attempts.get('close')).toMatchObject([{ data: { rejected: 3, unlisted: { missing: 1 } } }]);
  });

  test('records rejected lines in pages of 500, each page once', async () => {
    await rejectLines(1, 1001);
    await batch.close('00', true);
    expect(linesOf('rejected-1')).toEqual([numbers(1, 500)]);
    expect(linesOf('rejected-2')).toEqual([numbers(501, 1000)]);
    expect(linesOf('rejected-3')).toEqual([[1001]]);
  });
});
