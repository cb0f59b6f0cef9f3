import type { Json, JsonObject } from '../../platform/json.js';
import { toBucket } from '../buckets.js';
import { componentsOf, valueAt } from '../matching.js';
import type { Accumulator, GroupId, ParsedPipeline } from '../query-language.js';
import { orderKey } from '../value-order.js';

/** Reads a field of the current document. */
type ReadField = (path: string) => Json | undefined;

interface Group {
  readonly id: Json;
  /** One result for each accumulator. */
  readonly results: (Json | undefined)[];
}

/**
 * Computes `$group` from documents that are added one at a time. Memory grows with the number of groups, not with the
 * number of documents.
 */
export function groupFold(pipeline: ParsedPipeline): { add(read: ReadField): void; groups(): JsonObject[] } {
  const { accumulators } = pipeline;
  const groups = new Map<string, Group>();
  return {
    add(read) {
      const id = groupId(pipeline.id, read);
      const key = JSON.stringify(id);
      let group = groups.get(key);
      if (group === undefined) groups.set(key, (group = { id, results: [] }));
      for (const [index, accumulator] of accumulators.entries())
        group.results[index] = accumulate(accumulator, group.results[index], read);
    },
    groups: () =>
      [...groups.values()].map(({ id, results }) => ({
        _id: id,
        ...Object.fromEntries(accumulators.map(({ name }, index) => [name, results[index] ?? null])),
      })),
  };
}

/** Applies `$sort` and `$limit` to groups. Without a `$sort`, groups are in the order of their ids. */
export function sortGroups(groups: JsonObject[], { order, limit }: ParsedPipeline): JsonObject[] {
  const groupsWithKeys = groups.map((group) => ({
    group,
    keys: order.map(({ path }) => orderKey(valueAt(group, componentsOf(path)))),
  }));
  groupsWithKeys.sort((a, b) => {
    for (const [index, { direction }] of order.entries()) {
      const [keyA, keyB] = [a.keys[index], b.keys[index]];
      const comparison = keyA === undefined || keyB === undefined ? 0 : Buffer.compare(keyA, keyB);
      if (comparison !== 0) return comparison * direction;
    }
    return 0;
  });
  return groupsWithKeys.slice(0, limit).map(({ group }) => group);
}

/**
 * The id of the group to which the current document belongs. If the id is a single field, a missing value becomes null.
 * A compound id omits a missing field, unless `$ifNull` replaces it by null.
 */
function groupId(id: GroupId, read: ReadField): Json {
  if (id.kind === 'all') return null;
  if (id.kind === 'field') return read(id.path) ?? null;
  const parts: [string, Json][] = [];
  for (const { name, path, buckets, missingIsNull } of id.parts) {
    const value = buckets === undefined ? read(path) : toBucket(buckets, read(path));
    if (value !== undefined) parts.push([name, value]);
    else if (missingIsNull) parts.push([name, null]);
  }
  return Object.fromEntries(parts);
}

/**
 * The next result of an accumulator. A sum ignores values that are not numbers; min and max ignore null and missing.
 */
function accumulate(accumulator: Accumulator, before: Json | undefined, read: ReadField): Json | undefined {
  if (accumulator.kind === 'count') return Number(before ?? 0) + accumulator.step;
  const value = read(accumulator.path);
  if (accumulator.kind === 'sum') return Number(before ?? 0) + (typeof value === 'number' ? value : 0);
  if (value === undefined || value === null) return before;
  if (before === undefined || before === null) return value;
  const order = Buffer.compare(orderKey(value), orderKey(before));
  return (accumulator.kind === 'min' ? order < 0 : order > 0) ? value : before;
}
