import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { catalogue, decoder } from '../../projections/catalogue.js';
import type { Recorded } from '../../src/eventstore/envelope.js';
import type { Projection } from '../../src/projection/projection.js';
import { RECORDED, ROWS } from './files.js';

/*
 * Compares the keys of the documents of each read model, folded from the golden store, with the recorded keys of its
 * version. A change of the keys needs a new version: without it, stored documents would lack the new keys.
 */
const FILE = join(RECORDED, 'document-keys.json');

interface DocumentKeys {
  readonly version: number;
  readonly keys: readonly string[];
}

/** The recorded keys by name of the read model. */
const recorded = JSON.parse(readFileSync(FILE, 'utf8')) as Readonly<Record<string, DocumentKeys>>;
const history = readFileSync(ROWS, 'utf8').trimEnd().split('\n').map(eventOf);

test.each(catalogue.map((projection) => ({ name: projection.name, projection })))(
  'the documents of $name have the recorded keys of their version',
  ({ name, projection }) => {
    const found: DocumentKeys = { version: projection.version, keys: keysOf(projection) };
    const expected = recorded[name];
    if (process.env.REDRESS_GOLDEN === 'write' && expected?.version !== found.version)
      writeFileSync(FILE, `${JSON.stringify({ ...readRecorded(), [name]: found }, undefined, 2)}\n`);
    else
      expect(found).toEqual(
        expected ??
          'nothing is recorded: run this test once with REDRESS_GOLDEN=write, after a change with a new version',
      );
  },
);

/** Reads the file again, because an earlier test of this run may have changed it. */
const readRecorded = (): object => JSON.parse(readFileSync(FILE, 'utf8')) as object;

/** The sorted paths of all keys in the documents that the golden store folds to. */
function keysOf(projection: Projection): string[] {
  const documents = new Map<string, object | null>();
  for (const event of history) {
    if (!projection.streams.some((prefix) => event.stream.startsWith(prefix))) continue;
    for (const id of projection.keys(event)) documents.set(id, projection.evolve(documents.get(id) ?? null, event, id));
  }
  const keys = new Set<string>();
  for (const document of documents.values()) addKeys(document, '', keys);
  return [...keys].sort();
}

/** Adds the paths of all keys of a value. All elements of an array have the path element `*`. */
function addKeys(value: unknown, prefix: string, keys: Set<string>): void {
  if (typeof value !== 'object' || value === null) return;
  for (const [key, member] of Object.entries(value)) {
    const path = `${prefix}${Array.isArray(value) ? '*' : key}`;
    if (!Array.isArray(value)) keys.add(path);
    addKeys(member, `${path}.`, keys);
  }
}

/** The event of a line of rows.ndjson, decoded if it is an event of a read model. */
function eventOf(row: string): Recorded {
  const { id, position, data, metadata, ...event } = JSON.parse(row) as Omit<Recorded, 'position' | 'eventId'> & {
    readonly id: string;
    readonly position: number;
  };
  const stored = { ...event, eventId: id, position: String(position).padStart(16, '0') };
  if (!decoder.knows(event.type)) return { ...stored, data, metadata };
  return decoder.decode({ ...stored, data: JSON.stringify(data), metadata: JSON.stringify(metadata) });
}
