import { mergePages, type FilePage } from '../../../projections/complaint-file/pages.js';
import { complaintFile, type StoredFile } from '../../../projections/complaint-file/projection.js';
import { trends, type TrendFact } from '../../../projections/trends/projection.js';
import { trendsBy, type TrendRow, type TrendsQuery } from '../../../projections/trends/query.js';
import { complaints, type ComplaintEntry } from '../../../projections/complaints/projection.js';
import type { Complaint } from '../../../src/complaint/complaint.js';
import type { Recorded } from '../../../src/eventstore/envelope.js';
import type { JsonObject } from '../../../src/platform/json.js';
import { withPlainTimes } from '../../../src/eventstore/stored-moment.js';
import type { Queryable } from '../../../src/readmodels/active-model.js';
import { matches } from '../../../src/readmodels/matching.js';
import { parseFilter } from '../../../src/readmodels/query-language.js';
import { newModel } from '../../../src/readmodels/write-checks.js';

/** The documents of one complaint in the read models that show its progress. */
export interface Views {
  /** Documents of the complaint file by their ids: the file itself and its pages. */
  readonly files: { readonly [id: string]: StoredFile | FilePage | null };
  /** Document of the list of complaints. */
  readonly entry: ComplaintEntry | null;
  /** Document of the trends. */
  readonly fact: TrendFact | null;
}

export const NO_VIEWS: Views = { files: {}, entry: null, fact: null };

/** The documents after one more event. @param id of the complaint */
export function viewsAfter({ files, entry, fact }: Views, event: Recorded, id: string): Views {
  const changed = complaintFile
    .keys(event)
    .map((key) => [key, complaintFile.evolve(files[key] ?? null, event, key)] as const);
  return {
    files: { ...files, ...Object.fromEntries(changed) },
    entry: complaints.evolve(entry, event, id),
    fact: trends.evolve(fact, event, id),
  };
}

/** The state of the complaint according to its file; undefined without a file. */
export function fileState({ files }: Views, id: string): Complaint | undefined {
  const { [id]: stored, ...pages } = files;
  if (stored === undefined || stored === null) return undefined;
  const { entryCount, ...file } = stored as StoredFile;
  const merged = mergePages(file, entryCount, Object.values(pages) as FilePage[]);
  if (merged === undefined) throw new Error('an entry of the complaint file is missing in its pages');
  const { lodgedBy: _lodgedBy, revision: _revision, position: _position, lastRecordedAt: _at, ...state } = merged;
  return withPlainTimes(state);
}

/**
 * The result row of a trends query if this is the only complaint; undefined if the filter of the query excludes it.
 * Groups by response and outcome unless the query says otherwise.
 */
export async function trendsOfOne(fact: TrendFact, query: Partial<TrendsQuery>): Promise<TrendRow | undefined> {
  const document = fact as unknown as JsonObject;
  const isSelected = (filter: unknown): boolean => matches(document, parseFilter((filter ?? {}) as JsonObject));
  const unexpectedCall = () => Promise.reject(new Error('a trends query does not call this method'));
  /** Read models with this one document. In a group of one document, each sum is the value of the field. */
  const readModels: Queryable = {
    loadModel: (name) => Promise.resolve({ ...newModel(name), live: 'trends@1.1' }),
    find: unexpectedCall,
    getMany: unexpectedCall,
    count: (_collection, filter) => Promise.resolve(isSelected(filter) ? 1 : 0),
    aggregate: (_collection, stages) => {
      const { $match, $group } = Object.assign({}, ...stages) as { $match?: JsonObject; $group: JsonObject };
      if (!isSelected($match)) return Promise.resolve([]);
      const { _id, ...sums } = $group;
      const valueOf = (name: string) => document[name] ?? null;
      const id = Object.fromEntries(Object.keys(_id as JsonObject).map((name) => [name, valueOf(name)]));
      const values = Object.keys(sums).map((name) => [name, name === 'complaints' ? 1 : valueOf(name)] as const);
      return Promise.resolve([{ _id: id, ...Object.fromEntries(values) }]);
    },
  };
  const { rows } = await trendsBy(readModels, { groupBy: ['response', 'outcome'], ...query });
  return rows[0];
}
