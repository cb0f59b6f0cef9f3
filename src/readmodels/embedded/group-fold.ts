import type { Json, JsonObject } from '../../platform/json.js';
import { toBucket } from '../buckets.js';
import { componentsOf, valueAt } from '../matching.js';
import type { Accumulator, GroupId, ParsedPipeline } from '../query-language.js';
import { orderKey } from '../value-order.js';

/** Reads a field of the current document. */
type ReadField = (path: string) => Json | undefined;

interface Group {
  readonly id: Json;
  readonly results: (Json | undefined)[];
}

/** `$group` over documents one at a time: memory grows with the groups, not with the documents. */
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
        group.results[index] = accumulated(accumulator, group.results[index], read);
    },
    groups: () =>
      [...groups.values()].map(({ id, results }) => ({
        _id: id,
        ...Object.fromEntries(accumulators.map(({ name }, index) => [name, results[index] ?? null])),
      })),
  };
}

/** `$sort` and `$limit` over groups; without a sort they are in the order of their ids. */
export function orderedGroups(groups: JsonObject[], { order, limit }: ParsedPipeline): JsonObject[] {
  const keyed = groups.map((group) => ({
    group,
    keys: order.map(({ path }) => orderKey(valueAt(group, componentsOf(path)))),
  }));
  keyed.sort((a, b) => {
    for (const [index, { direction }] of order.entries()) {
      const [one, other] = [a.keys[index], b.keys[index]];
      const compared = one === undefined || other === undefined ? 0 : Buffer.compare(one, other);
      if (compared !== 0) return compared * direction;
    }
    return 0;
  });
  return keyed.slice(0, limit).map(({ group }) => group);
}

/**
 * The id of the group of the current document. If the id is one field, a missing value is null. A compound id omits a
 * missing field, or has null for it with `$ifNull`.
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

/** Sums use numbers only; minimum and maximum skip null and missing. */
function accumulated(accumulator: Accumulator, before: Json | undefined, read: ReadField): Json | undefined {
  if (accumulator.kind === 'count') return Number(before ?? 0) + accumulator.step;
  const value = read(accumulator.path);
  if (accumulator.kind === 'sum') return Number(before ?? 0) + (typeof value === 'number' ? value : 0);
  if (value === undefined || value === null) return before;
  if (before === undefined || before === null) return value;
  const order = Buffer.compare(orderKey(value), orderKey(before));
  return (accumulator.kind === 'min' ? order < 0 : order > 0) ? value : before;
}
