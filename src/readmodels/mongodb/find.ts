import type { Collection } from 'mongodb';
import { componentsOf, valuesAtPath } from '../matching.js';
import { QueryRefused, type OrderKey, type ParsedFind } from '../query-language.js';
import type { Document } from '../read-models.js';
import { notDeleted, mongoFilter, rangesAfter, type MongoFilter } from './filter.js';
import { countMatching } from './group.js';
import { withHint } from './indexes.js';
import { fromStored, storedKey, storedPath, type StoredDocument } from './stored-document.js';

/**
 * Finds documents with one query to the server. With `after`, sends one query for each range until the page is full.
 * The server ends a query after `maxTimeMS` milliseconds.
 */
export async function findDocuments(
  documents: Collection<StoredDocument>,
  query: ParsedFind,
  maxTimeMS: number,
): Promise<Document[]> {
  const { after, order, fields, index, limit = Infinity } = query;
  const condition = mongoFilter(query.condition);
  const found = new Map<string, Document>(); // by id, because a document may move to a later range between two queries
  let { skip } = query;
  for (const range of after === undefined ? [{}] : rangesAfter(order, after)) {
    if (found.size >= limit) break;
    const filter = notDeleted(condition, range);
    if (skip > 0 && after !== undefined) {
      const inRange = await countMatching(documents, filter, { limit: skip, index }, maxTimeMS);
      if (inRange < skip) {
        skip -= inRange;
        continue;
      }
    }
    const inRange = await findSorted(documents, filter, { ...query, skip }, limit - found.size, maxTimeMS);
    skip = 0;
    for (const document of inRange) if (!found.has(document._id)) found.set(document._id, document);
  }
  const result = [...found.values()];
  if (after !== undefined) for (const document of result) refuseArrays(document, order);
  return fields === undefined ? result : result.map((document) => selectFields(document, fields));
}

async function findSorted(
  documents: Collection<StoredDocument>,
  filter: MongoFilter,
  { order, fields, skip, index }: ParsedFind,
  limit: number,
  maxTimeMS: number,
): Promise<Document[]> {
  const found = await withHint(index, (hint) =>
    documents
      .find(filter, {
        sort: new Map(order.map(({ path, direction }) => [storedPath(path), direction])),
        allowDiskUse: true,
        maxTimeMS,
        skip,
        ...hint,
        ...(limit !== Infinity && { limit }),
        ...(fields !== undefined && { projection: projection(fields, order) }),
      })
      .toArray(),
  );
  return found.map(fromStored);
}

/** The selected fields and the sort fields, which {@link refuseArrays} checks. */
function projection(fields: readonly string[], order: readonly OrderKey[]): Record<string, 1> {
  const names = [...fields, ...order.map(({ path }) => componentsOf(path)[0] ?? path), '_id'];
  return Object.fromEntries(names.map((name) => [storedKey(name), 1]));
}

function selectFields(document: Document, fields: readonly string[]): Document {
  const entries = Object.entries(document).filter(([name]) => name === '_id' || fields.includes(name));
  return Object.fromEntries(entries) as Document;
}

/** Throws {@link QueryRefused} if a sort field of the document contains an array. */
function refuseArrays(document: Document, order: readonly OrderKey[]): void {
  for (const { path } of order)
    if (valuesAtPath(document, componentsOf(path)).throughArray)
      throw new QueryRefused('after', `${path} contains arrays, which have no order for paging`);
}
