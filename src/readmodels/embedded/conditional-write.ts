import { sqliteCode, type SqlValue } from '../../platform/sqlite.js';
import type {
  Checkpoint,
  CollectionWrites,
  ConditionalWrite,
  Document,
  RejectedDocument,
  WriteBatch,
  WriteResult,
} from '../read-models.js';
import { duplicateOf, isSameCheckpoint, rejectionOf, type Rejection } from '../write-checks.js';
import { storable } from '../value-order.js';
import type { Catalogue } from './catalogue.js';
import { columnName, union, type Collection } from './collection.js';
import type { Statements } from './statements.js';

/** Carries a result other than `written` out of the transaction, which rolls back. */
export class NotWritten extends Error {
  constructor(readonly result: WriteResult) {
    super('the batch was not written');
  }
}

/** Writes a batch and moves its checkpoint inside a transaction. Throws {@link NotWritten}. */
export function writeBatch(statements: Statements, catalogue: Catalogue, batch: WriteBatch): WriteResult {
  catalogue.get(batch.checkpoint.collection);
  moveCheckpoint(statements, batch.checkpoint);
  const conflicts: string[] = [];
  const documents: RejectedDocument[] = [];
  for (const changes of batch.changes) {
    const written = writeDocuments(statements, catalogue, changes);
    conflicts.push(...written.conflicts);
    documents.push(...written.rejected);
  }
  if (conflicts.length > 0) throw new NotWritten({ outcome: 'conflict', ids: conflicts });
  if (documents.length > 0) throw new NotWritten({ outcome: 'rejected', documents });
  return { outcome: 'written' };
}

export function loadCheckpoint(statements: Statements, collection: string): Checkpoint | null {
  const row = statements
    .prepared<{ store_id: string; position: string; event_id: string }>(
      'SELECT store_id, position, event_id FROM checkpoints WHERE collection = ?',
    )
    .get(collection);
  return row === undefined ? null : { storeId: row.store_id, position: row.position, eventId: row.event_id };
}

function moveCheckpoint(statements: Statements, { collection, from, to }: WriteBatch['checkpoint']): void {
  const stored = loadCheckpoint(statements, collection);
  if (isSameCheckpoint(stored, to)) return; // an earlier attempt wrote this batch, and its response was lost
  if (!isSameCheckpoint(stored, from)) throw new NotWritten({ outcome: 'checkpoint_moved' });
  if (to === null) return;
  statements
    .prepared('INSERT OR REPLACE INTO checkpoints (collection, store_id, position, event_id) VALUES (?, ?, ?, ?)')
    .run(collection, to.storeId, to.position, to.eventId);
}

function writeDocuments(
  statements: Statements,
  catalogue: Catalogue,
  { collection: name, writes }: CollectionWrites,
): { readonly conflicts: readonly string[]; readonly rejected: readonly RejectedDocument[] } {
  const collection = catalogue.get(name);
  const writer = new DocumentWriter(statements, collection);
  const conflicts: string[] = [];
  const rejected: RejectedDocument[] = [];
  let left = writes;
  for (;;) {
    const duplicates: { readonly write: ConditionalWrite; readonly rejection: Rejection }[] = [];
    for (const write of left) {
      const result = writer.write(write);
      if (result === 'conflict') conflicts.push(write.id);
      else if (result === 'written') continue;
      else if (result.retryable) duplicates.push({ write, rejection: result.rejection });
      else rejected.push({ collection: name, id: write.id, ...result.rejection });
    }
    // a later write of the batch may free the unique values that an earlier one needs
    if (duplicates.length < left.length && duplicates.length > 0) {
      left = duplicates.map(({ write }) => write);
      continue;
    }
    for (const { write, rejection } of duplicates) rejected.push({ collection: name, id: write.id, ...rejection });
    catalogue.noteArrays(collection, writer.arrays);
    return { conflicts, rejected };
  }
}

/** `retryable`: the write may succeed after a later write of the batch. */
type Written = 'written' | 'conflict' | { readonly rejection: Rejection; readonly retryable: boolean };

/** Writes documents into the tables of a collection, one at a time. */
class DocumentWriter {
  /** Bits of the fields that hold, or have ever held, an array. */
  arrays: number;
  private readonly columns: readonly string[];
  private readonly insertion: string;
  private readonly selection: string;

  constructor(
    private readonly statements: Statements,
    private readonly collection: Collection,
  ) {
    const { arrays, paths, table } = collection;
    this.arrays = arrays;
    this.columns = ['deleted', ...paths.map((_, at) => columnName(at))];
    const names = ['id', 'position', 'present', 'body', ...this.columns];
    const placeholders = names.map(() => '?').join(', ');
    this.insertion = `INSERT INTO ${table} (${names.join(', ')}) VALUES (${placeholders}) ON CONFLICT (id) DO NOTHING`;
    this.selection = `SELECT ${this.columns.join(', ')} FROM ${table} WHERE id = ? AND position = ?`;
  }

  write({ id, loaded, document }: ConditionalWrite): Written {
    const body = JSON.stringify(document);
    const rejection = rejectionOf(document, body, this.collection.indexes, () => Buffer.byteLength(body));
    if (rejection !== undefined) return this.storedOutcome(id, loaded, document) ?? { rejection, retryable: false };
    const row = this.collection.row(document);
    const fixed = [document._position, row.present, body];
    const indexed = [document._deleted === true ? 1 : 0, ...row.columns];
    try {
      if (!(loaded === null ? this.insert(id, fixed, indexed) : this.replace(id, loaded, fixed, indexed)))
        return this.storedOutcome(id, loaded, document) ?? 'conflict';
    } catch (error) {
      const index = violatedIndex(this.collection, error);
      if (index === undefined) throw error;
      return this.storedOutcome(id, loaded, document) ?? { rejection: duplicateOf(index), retryable: true };
    }
    const { elements, arrays } = this.collection;
    if (loaded !== null && arrays !== 0) this.statements.prepared(`DELETE FROM ${elements} WHERE doc = ?`).run(id);
    if (row.elements.length > 0) {
      const insert = this.statements.prepared(`INSERT INTO ${elements} (doc, field, value) VALUES (?, ?, ?)`);
      for (const [ordinal, value] of row.elements) insert.run(id, ordinal, value);
    }
    this.arrays = union(this.arrays, row.arrays);
    return 'written';
  }

  private insert(id: string, fixed: readonly SqlValue[], indexed: readonly SqlValue[]): boolean {
    return this.statements.prepared(this.insertion).run(id, ...fixed, ...indexed).changes === 1;
  }

  private replace(id: string, loaded: string, fixed: readonly SqlValue[], indexed: readonly SqlValue[]): boolean {
    const { table } = this.collection;
    const { columns } = this;
    const old = this.statements.prepared(this.selection).get(id, loaded);
    if (old === undefined) return false;
    // SQLite rewrites an index if a statement sets one of its columns, even to the same value
    const changed = columns.map((_, at) => at).filter((at) => !same(old[columns[at] ?? ''], indexed[at]));
    const set = ['position', 'present', 'body', ...changed.map((at) => columns[at] ?? '')];
    const text = `UPDATE ${table} SET ${set.map((name) => `${name} = ?`).join(', ')} WHERE id = ?`;
    this.statements.prepared(text).run(...fixed, ...changed.map((at) => indexed[at] ?? null), id);
    return true;
  }

  /**
   * Result of a write whose condition failed: `written` by an earlier request whose response was lost, or a `conflict`;
   * undefined when the document is the one that was loaded.
   */
  private storedOutcome(id: string, loaded: string | null, document: Document): 'written' | 'conflict' | undefined {
    const text = `SELECT position FROM ${this.collection.table} WHERE id = ?`;
    const row = storable(id) ? this.statements.prepared<{ position: string }>(text).get(id) : undefined;
    const position = row?.position ?? null;
    if (position === document._position) return 'written';
    return position === loaded ? undefined : 'conflict';
  }
}

/** The fields of the unique index that an error reports; undefined for every other error. */
function violatedIndex(collection: Collection, error: unknown): string | undefined {
  if (sqliteCode(error) !== 'SQLITE_CONSTRAINT_UNIQUE' || !(error instanceof Error)) return undefined;
  // the catalogue names an index c<collection>_u<place of the index in the declaration>
  const place = /index 'c\d+_u(\d+)'/.exec(error.message)?.[1];
  const index = place === undefined ? undefined : collection.indexes[Number(place)];
  return index === undefined ? undefined : Object.keys(index.fields).join(', ');
}

function same(a: SqlValue | undefined, b: SqlValue | undefined): boolean {
  if (a instanceof Uint8Array && b instanceof Uint8Array) return Buffer.compare(a, b) === 0;
  return a === b;
}
