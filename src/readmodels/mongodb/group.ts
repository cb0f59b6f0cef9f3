import type { Collection } from 'mongodb';
import type { JsonObject } from '../../platform/json.js';
import { bucketExpression } from '../buckets.js';
import type { Accumulator, Condition, GroupId, GroupPart, ParsedPipeline } from '../query-language.js';
import { notDeleted, mongoFilter } from './filter.js';
import { json, storedKey, storedPath, type StoredDocument } from './stored-document.js';

/** Runs a pipeline on the server: match, group, sort and limit, with the time limit `maxTimeMS`. */
export async function aggregate(
  documents: Collection<StoredDocument>,
  { match, id, accumulators, order, limit }: ParsedPipeline,
  maxTimeMS: number,
): Promise<JsonObject[]> {
  const group = Object.fromEntries(accumulators.map((one) => [storedKey(one.name), accumulator(one)]));
  const stages = [
    { $match: notDeleted(mongoFilter(match)) },
    { $group: { _id: groupId(id), ...group } },
    { $sort: new Map(order.map(({ path, direction }) => [storedPath(path), direction])) },
    ...(limit === undefined ? [] : [{ $limit: limit }]),
  ];
  const groups = await documents.aggregate(stages, { allowDiskUse: true, maxTimeMS }).toArray();
  return groups.map((group) => json(group) as JsonObject);
}

export const countDocuments = (
  documents: Collection<StoredDocument>,
  condition: Condition,
  maxTimeMS: number,
): Promise<number> => documents.countDocuments(notDeleted(mongoFilter(condition)), { maxTimeMS });

const reference = (path: string): string => `$${storedPath(path)}`;

function groupId(id: GroupId): unknown {
  if (id.kind === 'all') return null;
  if (id.kind === 'field') return reference(id.path);
  return Object.fromEntries(id.parts.map((part) => [storedKey(part.name), expression(part)]));
}

function expression({ path, buckets, missingIsNull }: GroupPart): unknown {
  const value = buckets === undefined ? reference(path) : bucketExpression(reference(path), buckets);
  return missingIsNull ? { $ifNull: [value, null] } : value;
}

const accumulator = (one: Accumulator): unknown =>
  one.kind === 'count' ? { $sum: one.step } : { [`$${one.kind}`]: reference(one.path) };
