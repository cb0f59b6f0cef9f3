import type { SqliteDatabase, SqlValue } from '../../platform/sqlite.js';
import { checkWrites, mayMove } from '../guarded-batch.js';
import type { Checkpoint, GuardedBatch, GuardedWrite, WriteResult } from '../read-models.js';
import type { Catalogue } from './catalogue.js';
import { columnName, union, type Collection } from './collection.js';
import type { Statements } from './statements.js';

/** Rolls back what the batch has written so far and carries the answer out of the transaction. */
class Refusal extends Error {
  constructor(readonly result: WriteResult) {
    super('the batch was refused');
  }
}

/** Writes a batch and moves its checkpoint in one transaction; a refusal leaves nothing of it. */
export function writeBatch(
  database: SqliteDatabase,
  statements: Statements,
  catalogue: Catalogue,
  batch: GuardedBatch,
): WriteResult {
  checkWrites(batch.writes);
  try {
    return database.transaction((): WriteResult => {
      moveCheckpoint(statements, batch.checkpoint);
      const collection = catalogue.get(batch.collection);
      const refused = writeDocuments(statements, catalogue, collection, batch.writes);
      if (refused.length > 0) throw new Refusal({ ok: false, refused });
      return { ok: true };
    });
  } catch (error) {
    if (error instanceof Refusal) return error.result;
    throw error;
  }
}

export function loadCheckpoint(statements: Statements, id: string): Checkpoint | null {
  const text = 'SELECT store_id, position, event_id, epoch FROM checkpoints WHERE id = ?';
  const row = statements
    .prepared<{ store_id: string; position: string; event_id: string; epoch: number }>(text)
    .get(id);
  if (row === undefined) return null;
  return { storeId: row.store_id, position: row.position, eventId: row.event_id, epoch: row.epoch };
}

function moveCheckpoint(statements: Statements, { id, from, to }: GuardedBatch['checkpoint']): void {
  if (!mayMove(loadCheckpoint(statements, id), from, to)) throw new Refusal({ ok: false, checkpointLost: true });
  statements
    .prepared('INSERT OR REPLACE INTO checkpoints (id, store_id, position, event_id, epoch) VALUES (?, ?, ?, ?, ?)')
    .run(id, to.storeId, to.position, to.eventId, to.epoch);
}

function writeDocuments(
  statements: Statements,
  catalogue: Catalogue,
  collection: Collection,
  writes: readonly GuardedWrite[],
): string[] {
  const { table, elements } = collection;
  const columns = ['deleted', ...collection.paths.map((_, at) => columnName(at))];
  const names = ['position', 'present', 'body', ...columns];
  const insert = statements.prepared(
    `INSERT INTO ${table} (id, ${names.join(', ')}) VALUES (?, ${names.map(() => '?').join(', ')}) ON CONFLICT (id) DO NOTHING`,
  );
  const before = statements.prepared(`SELECT ${columns.join(', ')} FROM ${table} WHERE id = ? AND position = ?`);
  const clear = statements.prepared(`DELETE FROM ${elements} WHERE doc = ?`);
  const element = statements.prepared(`INSERT INTO ${elements} (doc, field, value) VALUES (?, ?, ?)`);

  const replace = (id: string, loaded: string, own: readonly SqlValue[], indexed: readonly SqlValue[]): boolean => {
    const old = before.get(id, loaded);
    if (old === undefined) return false;
    // an index is rewritten whenever one of its columns is set, changed or not
    const changed = columns.map((_, at) => at).filter((at) => !same(old[columns[at] ?? ''], indexed[at]));
    const set = ['position', 'present', 'body', ...changed.map((at) => columns[at] ?? '')];
    const update = statements.prepared(
      `UPDATE ${table} SET ${set.map((name) => `${name} = ?`).join(', ')} WHERE id = ?`,
    );
    update.run(...own, ...changed.map((at) => indexed[at] ?? null), id);
    return true;
  };

  const refused: string[] = [];
  let { arrays } = collection;
  for (const { id, loaded, document } of writes) {
    const row = collection.row(document);
    const own = [document._position, row.present, JSON.stringify(document)];
    const indexed = [document._deleted === true ? 1 : 0, ...row.columns];
    const written =
      loaded === null ? insert.run(id, ...own, ...indexed).changes === 1 : replace(id, loaded, own, indexed);
    if (!written) {
      refused.push(id);
      continue;
    }
    if (loaded !== null && arrays !== 0) clear.run(id);
    for (const [ordinal, value] of row.elements) element.run(id, ordinal, value);
    arrays = union(arrays, row.arrays);
  }
  catalogue.noteArrays(collection, arrays);
  return refused;
}

function same(a: SqlValue | undefined, b: SqlValue | undefined): boolean {
  if (a instanceof Uint8Array && b instanceof Uint8Array) return Buffer.compare(a, b) === 0;
  return a === b;
}
