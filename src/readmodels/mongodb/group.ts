import type { Collection } from 'mongodb';
import type { JsonObject } from '../../platform/json.js';
import { bucketExpression } from '../buckets.js';
import type { Accumulator, GroupId, GroupPart, ParsedCount, ParsedPipeline } from '../query-language.js';
import { notDeleted, mongoFilter, type MongoFilter } from './filter.js';
import { withHint } from './indexes.js';
import { toJson, storedKey, storedPath, type StoredDocument } from './stored-document.js';

/** Runs a pipeline on the server, which ends it after `maxTimeMS` milliseconds. */
export async function aggregate(
  documents: Collection<StoredDocument>,
  { match, id, accumulators, order, limit }: ParsedPipeline,
  maxTimeMS: number,
): Promise<JsonObject[]> {
  const results = Object.fromEntries(
    accumulators.map((accumulator) => [storedKey(accumulator.name), toMongo(accumulator)]),
  );
  const stages = [
    { $match: notDeleted(mongoFilter(match)) },
    { $group: { _id: groupId(id), ...results } },
    { $sort: new Map(order.map(({ path, direction }) => [storedPath(path), direction])) },
    ...(limit === undefined ? [] : [{ $limit: limit }]),
  ];
  const groups = await documents.aggregate(stages, { allowDiskUse: true, maxTimeMS }).toArray();
  return groups.map((group) => toJson(group) as JsonObject);
}

/**
 * The number of matching documents, without tombstones; at most the limit. The server ends the query after `maxTimeMS`
 * milliseconds.
 */
export const countDocuments = (
  documents: Collection<StoredDocument>,
  { condition, ...options }: ParsedCount,
  maxTimeMS: number,
): Promise<number> => countMatching(documents, notDeleted(mongoFilter(condition)), options, maxTimeMS);

/** The number of documents that match a filter of the server; at most the limit. */
export const countMatching = (
  documents: Collection<StoredDocument>,
  filter: MongoFilter,
  { limit, index }: Omit<ParsedCount, 'condition'>,
  maxTimeMS: number,
): Promise<number> =>
  withHint(index, (hint) =>
    documents.countDocuments(filter, { maxTimeMS, ...hint, ...(limit !== undefined && { limit }) }),
  );

const fieldReference = (path: string): string => `$${storedPath(path)}`;

function groupId(id: GroupId): unknown {
  if (id.kind === 'all') return null;
  if (id.kind === 'field') return fieldReference(id.path);
  return Object.fromEntries(id.parts.map((part) => [storedKey(part.name), expression(part)]));
}

function expression({ path, buckets, missingIsNull }: GroupPart): unknown {
  const value = buckets === undefined ? fieldReference(path) : bucketExpression(fieldReference(path), buckets);
  return missingIsNull ? { $ifNull: [value, null] } : value;
}

const toMongo = (accumulator: Accumulator): unknown =>
  accumulator.kind === 'count'
    ? { $sum: accumulator.step }
    : { [`$${accumulator.kind}`]: fieldReference(accumulator.path) };
