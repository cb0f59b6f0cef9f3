import Database from 'libsql';

interface Row {
  readonly position: number;
  readonly stream: string;
  readonly revision: number;
  readonly event_id: string;
  readonly type: string;
  readonly data: string;
  readonly metadata: string;
}

/**
 * The stored events as text, one line for each event, in order of position. Pass a copy of the file: opening a database
 * with a write-ahead log can create files beside it.
 */
export function rowsOf(file: string): string[] {
  const database = new Database(file);
  try {
    const rows = database
      .prepare('SELECT position, stream, revision, type, event_id, data, metadata FROM events ORDER BY position')
      .all() as Row[];
    return rows.map(({ event_id: id, data, metadata, ...place }) =>
      JSON.stringify({ ...place, id, data: JSON.parse(data) as unknown, metadata: JSON.parse(metadata) as unknown }),
    );
  } finally {
    database.close();
  }
}
