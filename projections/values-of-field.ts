import type { Json, JsonObject } from '../src/platform/json.js';
import { openModel, type Queryable } from '../src/readmodels/active-model.js';

/** The values that the documents of a read model have in a field, the most frequent first; without unknown values. */
export async function valuesOfField(readModels: Queryable, model: string, field: string): Promise<string[]> {
  const documents = await openModel(readModels, model);
  const groups = await documents.aggregate([
    { $group: { _id: { value: orNull(`$${field}`) }, documents: { $sum: 1 } } },
    { $sort: { documents: -1 } },
  ]);
  return groups.flatMap(({ _id }) => ((_id as JsonObject).value as string | null) ?? []);
}

/** Makes null of a missing value: both mean unknown, and an index does not distinguish them. */
export const orNull = (value: Json): Json => ({ $ifNull: [value, null] });
