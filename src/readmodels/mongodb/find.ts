import type { Collection } from 'mongodb';
import { componentsOf, reach } from '../matching.js';
import { QueryRefused, type OrderKey, type ParsedFind } from '../query-language.js';
import type { Document } from '../read-models.js';
import { notDeleted, mongoFilter, pagesAfter, type MongoFilter } from './filter.js';
import { fromStored, storedKey, storedPath, type StoredDocument } from './stored-document.js';

/**
 * Runs a find: one query, or while paging one query per range, until the page is full. The server ends a query that
 * takes longer than `maxTimeMS`.
 */
export async function findDocuments(
  documents: Collection<StoredDocument>,
  query: ParsedFind,
  maxTimeMS: number,
): Promise<Document[]> {
  const { after, order, fields, limit = Infinity } = query;
  const condition = mongoFilter(query.condition);
  const found = new Map<string, Document>(); // returns a document that moves between two ranges only once
  for (const page of after === undefined ? [{}] : pagesAfter(order, after)) {
    if (found.size >= limit) break;
    const filter = notDeleted(condition, page);
    const some = await sorted(documents, filter, query, limit - found.size, maxTimeMS);
    for (const document of some) if (!found.has(document._id)) found.set(document._id, document);
  }
  const answer = [...found.values()];
  if (after !== undefined) for (const document of answer) refuseArrays(document, order);
  return fields === undefined ? answer : answer.map((document) => chosen(document, fields));
}

async function sorted(
  documents: Collection<StoredDocument>,
  filter: MongoFilter,
  { order, fields }: ParsedFind,
  limit: number,
  maxTimeMS: number,
): Promise<Document[]> {
  const cursor = documents.find(filter, {
    sort: new Map(order.map(({ path, direction }) => [storedPath(path), direction])),
    allowDiskUse: true,
    maxTimeMS,
    ...(limit !== Infinity && { limit }),
    ...(fields !== undefined && { projection: projection(fields, order) }),
  });
  return (await cursor.toArray()).map(fromStored);
}

/** The selected fields, and those that the sort needs. */
function projection(fields: readonly string[], order: readonly OrderKey[]): Record<string, 1> {
  const names = [...fields, ...order.map(({ path }) => componentsOf(path)[0] ?? path), '_id'];
  return Object.fromEntries(names.map((name) => [storedKey(name), 1]));
}

function chosen(document: Document, fields: readonly string[]): Document {
  const entries = Object.entries(document).filter(([name]) => name === '_id' || fields.includes(name));
  return Object.fromEntries(entries) as Document;
}

function refuseArrays(document: Document, order: readonly OrderKey[]): void {
  for (const { path } of order)
    if (reach(document, componentsOf(path)).throughArray)
      throw new QueryRefused('after', `${path} holds arrays, and paging by an array has no order`);
}
