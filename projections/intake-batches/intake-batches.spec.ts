import { IntakeBatchClosed, IntakeBatchOpened, IntakeLinesRejected } from '../../src/intake-batch/events.js';
import type { RejectedLine } from '../../src/intake-batch/events.js';
import { instant } from '../../src/platform/moment.js';
import { FaultyReadModels } from '../../test/support/projections/faulty-read-models.js';
import { given } from '../../test/support/projections/given.js';
import { fact, type Fact } from '../../test/support/projections/memory-log.js';
import { replaceLiveDocuments } from '../../test/support/read-models/serve.js';
import { intakeBatches } from './projection.js';
import { reconciliation, rejectedLines } from './query.js';

const SHA256 = 'a'.repeat(64);

const at = (hour: number) => instant(`2026-01-05T${String(hour).padStart(2, '0')}:00:00.000Z`);
const opened = (id: string, hour: number, source = 'crm'): Fact =>
  fact(`batch-${id}`, IntakeBatchOpened({ source, kind: 'commands', name: 'a.ndjson' }), at(hour));
const rejected = (id: string, ...lines: readonly RejectedLine[]): Fact =>
  fact(`batch-${id}`, IntakeLinesRejected({ lines }), at(10));
const closed = (id: string, read: number, rejectedCount: number, complete = true): Fact =>
  fact(
    `batch-${id}`,
    IntakeBatchClosed({
      read,
      accepted: read - rejectedCount,
      alreadyThere: 0,
      rejected: rejectedCount,
      sha256: SHA256,
      complete,
    }),
    at(11),
  );
const line = (number: number): RejectedLine => ({ line: number, reference: `k${String(number)}`, code: 'bad' });

const history: readonly Fact[] = [
  opened('one', 9),
  rejected('one', line(2), line(3)),
  rejected('one', line(9)),
  closed('one', 10, 3),
  opened('two', 10),
  closed('two', 5, 0, false),
  opened('three', 11, 'shop'),
  opened('four', 12),
];

describe('intake batches', () => {
  test('have the counts of the lines, and whether all lines were received', async () => {
    const batches = await given(intakeBatches, history);
    expect(batches.get('one')).toMatchObject({
      source: 'crm',
      form: 'commands',
      name: 'a.ndjson',
      openedAt: '2026-01-05T09:00:00.000Z',
      closedAt: '2026-01-05T11:00:00.000Z',
      complete: true,
      read: 10,
      accepted: 7,
      rejected: 3,
      sha256: SHA256,
    });
    expect(batches.get('two')).toMatchObject({ complete: false, read: 5 });
    expect(batches.get('three')).toMatchObject({ complete: false, closedAt: null, read: 0, sha256: null });
  });

  test('have the number of unchanged lines; older batches, which counted them as rejected, have none', async () => {
    const counts = { read: 4, accepted: 1, alreadyThere: 1, unchanged: 2, rejected: 0, sha256: SHA256, complete: true };
    const batches = await given(intakeBatches, [...history, fact('batch-four', IntakeBatchClosed(counts), at(13))]);
    expect(['one', 'four'].map((id) => batches.get(id))).toMatchObject([{ unchanged: 0 }, { unchanged: 2 }]);
  });

  test('are the same when their events are folded twice', async () => {
    const twice = await given(intakeBatches, history, { numberOfTimes: 2 });
    const once = await given(intakeBatches, history);
    const contents = (documents: typeof once) => [...documents.values()].map(({ _position, ...document }) => document);
    expect(contents(twice)).toEqual(contents(once));
  });

  test('are added up by source, and listed newest first', async () => {
    const readModels = await readModelsOf(history);
    const { totals, batches } = await reconciliation(readModels.port, {});
    expect(totals).toEqual([
      { source: 'crm', batches: 3, interrupted: 2, read: 15, accepted: 12, alreadyThere: 0, unchanged: 0, rejected: 3 },
      { source: 'shop', batches: 1, interrupted: 1, read: 0, accepted: 0, alreadyThere: 0, unchanged: 0, rejected: 0 },
    ]);
    for (const counts of [...totals, ...batches])
      expect(counts.accepted + counts.alreadyThere + counts.unchanged + counts.rejected).toBe(counts.read);
    expect(batches.map(({ id }) => id)).toEqual(['four', 'three', 'two', 'one']);
    await readModels.remove();
  });

  test('can be filtered by source and time', async () => {
    const readModels = await readModelsOf(history);
    const ids = async (query: Parameters<typeof reconciliation>[1]) =>
      (await reconciliation(readModels.port, query)).batches.map(({ id }) => id);
    expect(await ids({ source: 'crm' })).toEqual(['four', 'two', 'one']);
    expect(await ids({ from: '2026-01-05T10:00:00.000Z', to: '2026-01-05T12:00:00.000Z' })).toEqual(['three', 'two']);
    expect(await ids({ limit: 1 })).toEqual(['four']);
    expect(await reconciliation(readModels.port, { source: 'unknown' })).toEqual({ totals: [], batches: [] });
    await readModels.remove();
  });

  test('have their rejected lines in pages; an unknown batch has none', async () => {
    const readModels = await readModelsOf(history);
    const first = await rejectedLines(readModels.port, 'one');
    expect(first).toEqual({ lines: [line(2), line(3)], next: 1 });
    expect(await rejectedLines(readModels.port, 'one', first?.next ?? undefined)).toEqual({
      lines: [line(9)],
      next: null,
    });
    expect(await rejectedLines(readModels.port, 'two')).toEqual({ lines: [], next: null });
    expect(await rejectedLines(readModels.port, 'none')).toBeUndefined();
    await readModels.remove();
  });
});

async function readModelsOf(facts: readonly Fact[]): Promise<FaultyReadModels> {
  const readModels = new FaultyReadModels();
  await replaceLiveDocuments(readModels.port, intakeBatches, (await given(intakeBatches, facts)).values());
  return readModels;
}
