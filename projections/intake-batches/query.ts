import type { JsonObject } from '../../src/platform/json.js';
import type { RejectedLine } from '../../src/intake-batch/events.js';
import { openModel, type Queryable } from '../../src/readmodels/active-model.js';
import { intakeBatches, type BatchDocument, type RejectedPage } from './projection.js';

export interface ReconciliationQuery {
  readonly source?: string;
  /** Only batches opened at or after `from` and before `to`: RFC 3339 in UTC. */
  readonly from?: string;
  readonly to?: string;
  /** Maximum number of batches to list (default 100); the totals include all. */
  readonly limit?: number;
}

export interface BatchRow extends Omit<BatchDocument, 'kind'> {
  readonly id: string;
}

export interface Reconciliation {
  /** One element per source; `interrupted` counts batches that are not complete. */
  readonly totals: readonly {
    readonly source: string;
    readonly batches: number;
    readonly interrupted: number;
    readonly read: number;
    readonly accepted: number;
    readonly alreadyThere: number;
    readonly unchanged: number;
    readonly rejected: number;
  }[];
  /** Newest first. */
  readonly batches: readonly BatchRow[];
}

/** Counts how many of the lines that each source sent were accepted, already recorded, without effect or rejected. */
export async function reconciliation(readModels: Queryable, query: ReconciliationQuery): Promise<Reconciliation> {
  const { source, from, to, limit = 100 } = query;
  const filter: JsonObject = {
    kind: 'batch',
    ...(source !== undefined && { source }),
    ...((from !== undefined || to !== undefined) && {
      openedAt: { ...(from !== undefined && { $gte: from }), ...(to !== undefined && { $lt: to }) },
    }),
  };
  const documents = await openModel<BatchDocument>(readModels, intakeBatches.name);
  const groups = await documents.aggregate([
    { $match: filter },
    {
      $group: {
        _id: { source: '$source', complete: '$complete' },
        batches: { $sum: 1 },
        read: { $sum: '$read' },
        accepted: { $sum: '$accepted' },
        alreadyThere: { $sum: '$alreadyThere' },
        unchanged: { $sum: '$unchanged' },
        rejected: { $sum: '$rejected' },
      },
    },
  ]);
  const newest = await documents.find({ filter, sort: { openedAt: -1 }, limit });
  const batches = newest.map(({ _id, _position, kind: _kind, ...batch }) => ({ id: _id, ...batch }));
  return { totals: totalsOf(groups), batches };
}

/**
 * One page of about 500 rejected lines of a batch; undefined if the batch does not exist. `after` is `next` of the previous
 * page; `next` is null on the last page.
 */
export async function rejectedLines(
  readModels: Queryable,
  batch: string,
  after = -1,
): Promise<{ readonly lines: readonly RejectedLine[]; readonly next: number | null } | undefined> {
  const documents = await openModel<RejectedPage>(readModels, intakeBatches.name);
  if ((await documents.count({ _id: batch })) === 0) return undefined;
  const filter = { kind: 'rejected', batch, revision: { $gt: after } };
  const [page, nextPage] = await documents.find({ filter, sort: { revision: 1 }, limit: 2 });
  return { lines: page?.lines ?? [], next: nextPage === undefined || page === undefined ? null : page.revision };
}

type Totals = Reconciliation['totals'][number];

/** Adds up the groups of complete and of interrupted batches of each source. */
function totalsOf(groups: readonly JsonObject[]): Totals[] {
  const sources = new Map<string, Totals>();
  for (const group of groups) {
    const { source, complete } = group._id as { source: string; complete: boolean };
    const sums = group as unknown as Omit<Totals, 'source' | 'interrupted'>;
    const previous = sources.get(source);
    const add = (name: keyof typeof sums): number => (previous?.[name] ?? 0) + sums[name];
    sources.set(source, {
      source,
      batches: add('batches'),
      interrupted: (previous?.interrupted ?? 0) + (complete ? 0 : sums.batches),
      read: add('read'),
      accepted: add('accepted'),
      alreadyThere: add('alreadyThere'),
      unchanged: add('unchanged'),
      rejected: add('rejected'),
    });
  }
  return [...sources.values()].sort((a, b) => (a.source < b.source ? -1 : 1));
}
