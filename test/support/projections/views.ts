import { mergePages, type FilePage } from '../../../projections/complaint-file/pages.js';
import { complaintFile, type StoredFile } from '../../../projections/complaint-file/projection.js';
import { trends, type TrendFact } from '../../../projections/trends/projection.js';
import { trendsBy, type TrendRow, type TrendsQuery } from '../../../projections/trends/query.js';
import { workQueue, type QueueItem } from '../../../projections/work-queue/projection.js';
import type { Complaint } from '../../../src/complaint/complaint.js';
import type { Recorded } from '../../../src/eventstore/envelope.js';
import type { JsonObject } from '../../../src/platform/json.js';
import { withPlainTimes } from '../../../src/eventstore/stored-moment.js';
import type { Queryable } from '../../../src/readmodels/active-model.js';
import { matches } from '../../../src/readmodels/matching.js';
import { parseFilter } from '../../../src/readmodels/query-language.js';
import { newModel } from '../../../src/readmodels/write-checks.js';

/** One complaint in every read model that says something of its progress. */
export interface Views {
  /** The file and its pages by id. */
  readonly files: { readonly [id: string]: StoredFile | FilePage | null };
  readonly item: QueueItem | null;
  readonly fact: TrendFact | null;
}

export const NO_VIEWS: Views = { files: {}, item: null, fact: null };

export function viewsAfter({ files, item, fact }: Views, event: Recorded, id: string): Views {
  const changed = complaintFile
    .keys(event)
    .map((key) => [key, complaintFile.evolve(files[key] ?? null, event, key)] as const);
  return {
    files: { ...files, ...Object.fromEntries(changed) },
    item: workQueue.evolve(item, event, id),
    fact: trends.evolve(fact, event, id),
  };
}

/** The state that a file tells of; undefined without one. */
export function fileState({ files }: Views, id: string): Complaint | undefined {
  const { [id]: stored, ...pages } = files;
  if (stored === undefined || stored === null) return undefined;
  const { entryCount, ...file } = stored as StoredFile;
  const whole = mergePages(file, entryCount, Object.values(pages) as FilePage[]);
  if (whole === undefined) throw new Error('the pages lack an entry');
  const { lodgedBy: _lodgedBy, revision: _revision, position: _position, lastRecordedAt: _at, ...state } = whole;
  return withPlainTimes(state);
}

/** The row that trends answer where this complaint is the only one; undefined when the filter leaves it out. */
export async function trendsOfOne(fact: TrendFact, query: Partial<TrendsQuery>): Promise<TrendRow | undefined> {
  const document = fact as unknown as JsonObject;
  const selected = (filter: unknown): boolean => matches(document, parseFilter((filter ?? {}) as JsonObject));
  const notAsked = () => Promise.reject(new Error('is not asked'));
  const readModels: Queryable = {
    loadModel: (name) => Promise.resolve({ ...newModel(name), live: 'trends@1.1' }),
    find: notAsked,
    getMany: notAsked,
    count: (_collection, filter) => Promise.resolve(selected(filter) ? 1 : 0),
    aggregate: (_collection, stages) => {
      const { $match, $group } = Object.assign({}, ...stages) as { $match?: JsonObject; $group: JsonObject };
      if (!selected($match)) return Promise.resolve([]);
      const { _id, ...sums } = $group;
      const column = (name: string) => document[name] ?? null;
      const id = Object.fromEntries(Object.keys(_id as JsonObject).map((name) => [name, column(name)]));
      const summed = Object.keys(sums).map((name) => [name, name === 'complaints' ? 1 : column(name)] as const);
      return Promise.resolve([{ _id: id, ...Object.fromEntries(summed) }]);
    },
  };
  const { rows } = await trendsBy(readModels, { groupBy: ['response', 'outcome'], ...query });
  return rows[0];
}
