import type { ModelChange, ModelRecord } from '../read-models.js';
import type { Statements } from './statements.js';

interface Row {
  readonly name: string;
  readonly revision: number;
  /** All other fields of the record as JSON text. */
  readonly body: string;
}

/** Reads and writes the model records: the table `models` has one row for each. */
export class ModelRecords {
  constructor(private readonly statements: Statements) {}

  load(name: string): ModelRecord | null {
    const row = this.statements.prepared<Row>('SELECT name, revision, body FROM models WHERE name = ?').get(name);
    return row === undefined ? null : recordOf(row);
  }

  list(): ModelRecord[] {
    return this.statements.prepared<Row>('SELECT name, revision, body FROM models ORDER BY name').all().map(recordOf);
  }

  save({ name, revision, ...change }: ModelRecord): void {
    this.statements
      .prepared('INSERT OR REPLACE INTO models (name, revision, body) VALUES (?, ?, ?)')
      .run(name, revision, JSON.stringify(change));
  }
}

const recordOf = ({ name, revision, body }: Row): ModelRecord => ({
  name,
  revision,
  ...(JSON.parse(body) as ModelChange),
});
