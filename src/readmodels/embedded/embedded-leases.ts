import { openDatabase, type SqliteDatabase } from '../../platform/sqlite.js';
import { CountedLeases, type LeaseRegister, type RegisteredLease } from '../counted-leases.js';
import type { Leases } from '../lease.js';

/**
 * Leases beside embedded read models, in their file. Only the process that has the lock of the store opens them, so
 * whoever had a lease before is gone: all are free at the start, and epochs go on growing.
 */
export function openEmbeddedLeases(
  file: string,
  monotonic?: () => number,
): { readonly leases: Leases; close(): Promise<void> } {
  const database = openDatabase(file, { synchronous: 'FULL' }); // an epoch that was given out is never given out again
  try {
    database.exec(`
      CREATE TABLE IF NOT EXISTS leases (
        name TEXT PRIMARY KEY, holder TEXT, epoch INTEGER NOT NULL, counter INTEGER NOT NULL, term_ms REAL NOT NULL,
        released INTEGER NOT NULL, changed_at TEXT NOT NULL);
      UPDATE leases SET released = 1;`);
  } catch (error) {
    database.close();
    throw error;
  }
  const leases = new CountedLeases(new SqliteLeaseRegister(database), monotonic);
  return { leases, close: async () => database.close() };
}

interface Row {
  readonly holder: string | null;
  readonly epoch: number;
  readonly counter: number;
  readonly term_ms: number;
  readonly released: number;
  readonly changed_at: string;
}

class SqliteLeaseRegister implements LeaseRegister {
  constructor(private readonly database: SqliteDatabase) {}

  async load(name: string): Promise<(RegisteredLease & { readonly changedAt: string }) | null> {
    const row = this.row(name);
    if (row === undefined) return null;
    const { holder, epoch, counter, term_ms: termMs, released, changed_at: changedAt } = row;
    return { holder, epoch, counter, termMs, released: released === 1, changedAt };
  }

  async change(name: string, from: RegisteredLease | null, to: RegisteredLease): Promise<boolean> {
    return this.database.transaction(() => {
      const stored = this.row(name);
      if (stored?.epoch !== from?.epoch || stored?.counter !== from?.counter) return false;
      this.database
        .prepare(
          `INSERT OR REPLACE INTO leases (name, holder, epoch, counter, term_ms, released, changed_at)
            VALUES (?, ?, ?, ?, ?, ?, strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))`,
        )
        .run(name, to.holder, to.epoch, to.counter, to.termMs, to.released ? 1 : 0);
      return true;
    });
  }

  private row(name: string): Row | undefined {
    return this.database.prepare<Row>('SELECT * FROM leases WHERE name = ?').get(name);
  }
}
