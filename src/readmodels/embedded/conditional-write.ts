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
import { isStorableText } from '../value-order.js';
import type { Catalogue } from './catalogue.js';
import { columnName, combineMasks, type Collection, type Row } from './collection.js';
import { isSameColumn } from './column.js';
import { changedArrays, insertElements, replaceElements } from './elements.js';
import { parseBody, type BodyRow } from './find-sql.js';
import type { Statements } from './statements.js';

/** Thrown inside a transaction to roll it back. Carries the result, which is not `written`. */
export class NotWritten extends Error {
  constructor(readonly result: WriteResult) {
    super('the batch was not written');
  }
}

/** Writes a batch and moves its checkpoint. Call it inside a transaction. Throws {@link NotWritten}. */
export function writeBatch(statements: Statements, catalogue: Catalogue, batch: WriteBatch): WriteResult {
  catalogue.get(batch.checkpoint.collection); // throws UnknownCollection
  moveCheckpoint(statements, batch.checkpoint);
  const conflicts: string[] = [];
  const rejected: RejectedDocument[] = [];
  for (const changes of batch.changes) {
    const result = writeDocuments(statements, catalogue, changes);
    conflicts.push(...result.conflicts);
    rejected.push(...result.rejected);
  }
  if (conflicts.length > 0) throw new NotWritten({ outcome: 'conflict', ids: conflicts });
  if (rejected.length > 0) throw new NotWritten({ outcome: 'rejected', documents: rejected });
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
  if (isSameCheckpoint(stored, to)) return; // an earlier call wrote this batch, and its response was lost
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
  let remaining = writes;
  for (;;) {
    const duplicates: { readonly write: ConditionalWrite; readonly rejection: Rejection }[] = [];
    for (const write of remaining) {
      const result = writer.write(write);
      if (result === 'conflict') conflicts.push(write.id);
      else if (result === 'written') continue;
      else if (result.retryable) duplicates.push({ write, rejection: result.rejection });
      else rejected.push({ collection: name, id: write.id, ...result.rejection });
    }
    // a later write may have freed the unique values that an earlier one needs: repeat while any write succeeds
    if (duplicates.length < remaining.length && duplicates.length > 0) {
      remaining = duplicates.map(({ write }) => write);
      continue;
    }
    for (const { write, rejection } of duplicates) rejected.push({ collection: name, id: write.id, ...rejection });
    catalogue.saveArrays(collection, writer.arrays);
    return { conflicts, rejected };
  }
}

/** Result of one write. `retryable`: the write may succeed after a later write of the batch. */
type DocumentOutcome = 'written' | 'conflict' | { readonly rejection: Rejection; readonly retryable: boolean };

/** Writes documents into the tables of a collection, one at a time. */
class DocumentWriter {
  /** Bits of the fields that have ever held an array. */
  arrays: number;
  /** The columns that indexes may use. */
  private readonly indexedColumns: readonly string[];
  private readonly insertSql: string;
  private readonly selectSql: string;

  constructor(
    private readonly statements: Statements,
    private readonly collection: Collection,
  ) {
    const { arrays, paths, table } = collection;
    this.arrays = arrays;
    this.indexedColumns = ['deleted', ...paths.map((_, at) => columnName(at))];
    const names = ['id', 'position', 'present', 'body', ...this.indexedColumns];
    const placeholders = names.map(() => '?').join(', ');
    this.insertSql = `INSERT INTO ${table} (${names.join(', ')}) VALUES (${placeholders}) ON CONFLICT (id) DO NOTHING`;
    this.selectSql = `SELECT ${this.indexedColumns.join(', ')} FROM ${table} WHERE id = ? AND position = ?`;
  }

  write({ id, loaded, document }: ConditionalWrite): DocumentOutcome {
    const body = JSON.stringify(document);
    const rejection = rejectionOf(document, body, this.collection.indexes, () => Buffer.byteLength(body));
    if (rejection !== undefined) return this.storedOutcome(id, loaded, document) ?? { rejection, retryable: false };
    const row = this.collection.rowOf(document);
    const otherValues = [document._position, row.present, body];
    const deleted = document._deleted === true ? 1 : 0;
    try {
      const isWritten =
        loaded === null
          ? this.insert(document, otherValues, deleted, row)
          : this.replace(document, loaded, otherValues, deleted, row);
      if (!isWritten) return this.storedOutcome(id, loaded, document) ?? 'conflict';
    } catch (error) {
      const violated = violatedIndex(this.collection, error);
      if (violated === undefined) throw error;
      return this.storedOutcome(id, loaded, document) ?? { rejection: duplicateOf(violated), retryable: true };
    }
    this.arrays = combineMasks(this.arrays, row.arrays);
    return 'written';
  }

  /** False when a document with this id exists already. */
  private insert(
    document: Document,
    otherValues: readonly SqlValue[],
    deleted: 0 | 1,
    { columns, arrays }: Row,
  ): boolean {
    const { changes } = this.statements.prepared(this.insertSql).run(document._id, ...otherValues, deleted, ...columns);
    if (changes === 1 && arrays !== 0) insertElements(this.statements, this.collection, { document, columns });
    return changes === 1;
  }

  /** False when the stored document is not the loaded one. */
  private replace(
    document: Document,
    loaded: string,
    otherValues: readonly SqlValue[],
    deleted: 0 | 1,
    { columns }: Row,
  ): boolean {
    const { _id: id } = document;
    const stored = this.statements.preparedRaw(this.selectSql).get(id, loaded);
    if (stored === undefined) return false;
    const [, ...storedColumns] = stored;
    // sets only changed columns: SQLite updates the indexes of every column that a statement sets, changed or not
    const changed = [deleted, ...columns].flatMap((value, at) =>
      isSameColumn(stored[at], value) ? [] : [{ column: this.indexedColumns[at] ?? '', value }],
    );
    const names = ['position', 'present', 'body', ...changed.map(({ column }) => column)];
    const assignments = names.map((name) => `${name} = ?`).join(', ');
    const { table } = this.collection;
    const arrays = changedArrays(this.collection, storedColumns, columns);
    const before = arrays.length === 0 ? undefined : this.load(id);
    const text = `UPDATE ${table} SET ${assignments} WHERE id = ?`;
    this.statements.prepared(text).run(...otherValues, ...changed.map(({ value }) => value), id);
    if (before !== undefined)
      replaceElements(
        this.statements,
        this.collection,
        arrays,
        { document: before, columns: storedColumns },
        { document, columns },
      );
    return true;
  }

  private load(id: string): Document | undefined {
    const row = this.statements.prepared<BodyRow>(`SELECT body FROM ${this.collection.table} WHERE id = ?`).get(id);
    return row && parseBody(row);
  }

  /**
   * The result of a write that changed nothing, from the stored document: `written` if an earlier call wrote the new
   * document and its response was lost; undefined if the stored document is the loaded one; otherwise `conflict`.
   */
  private storedOutcome(id: string, loaded: string | null, document: Document): 'written' | 'conflict' | undefined {
    const text = `SELECT position FROM ${this.collection.table} WHERE id = ?`;
    const row = isStorableText(id) ? this.statements.prepared<{ position: string }>(text).get(id) : undefined;
    const position = row?.position ?? null;
    if (position === document._position) return 'written';
    return position === loaded ? undefined : 'conflict';
  }
}

/** The fields of the unique index that the error says is violated; undefined for every other error. */
function violatedIndex(collection: Collection, error: unknown): string | undefined {
  if (sqliteCode(error) !== 'SQLITE_CONSTRAINT_UNIQUE' || !(error instanceof Error)) return undefined;
  // the catalogue names a unique index c<number of the collection>_u<ordinal of the index>
  const ordinal = /index 'c\d+_u(\d+)'/.exec(error.message)?.[1];
  const index = ordinal === undefined ? undefined : collection.indexes[Number(ordinal)];
  return index === undefined ? undefined : Object.keys(index.fields).join(', ');
}
