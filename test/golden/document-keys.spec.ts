import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { catalogue, decoder } from '../../projections/catalogue.js';
import type { Recorded } from '../../src/eventstore/envelope.js';
import type { Projection } from '../../src/projection/projection.js';
import { RECORDED, ROWS } from './files.js';

/*
 * The keys of the documents of each read model, folded from the golden store, with the version that has them. A document
 * with other keys needs a new version: the code would otherwise meet stored documents that lack the new ones.
 */
const FILE = join(RECORDED, 'document-keys.json');

interface Shape {
  readonly version: number;
  readonly keys: readonly string[];
}

const recorded = JSON.parse(readFileSync(FILE, 'utf8')) as Readonly<Record<string, Shape>>;
const history = readFileSync(ROWS, 'utf8').trimEnd().split('\n').map(eventOf);

test.each(catalogue.map((projection) => ({ name: projection.name, projection })))(
  'the documents of $name have the keys of their version',
  ({ name, projection }) => {
    const shape: Shape = { version: projection.version, keys: keysOf(projection) };
    const before = recorded[name];
    if (process.env.REDRESS_GOLDEN === 'write' && before?.version !== shape.version)
      writeFileSync(FILE, `${JSON.stringify({ ...current(), [name]: shape }, undefined, 2)}\n`);
    else
      expect(shape).toEqual(
        before ??
          'nothing is recorded: run this test once with REDRESS_GOLDEN=write, after a change with a new version',
      );
  },
);

const current = (): object => JSON.parse(readFileSync(FILE, 'utf8')) as object;

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

/** Paths of all keys; the elements of a list are one path, `*`. */
function addKeys(value: unknown, path: string, keys: Set<string>): void {
  if (typeof value !== 'object' || value === null) return;
  for (const [key, member] of Object.entries(value)) {
    const at = `${path}${Array.isArray(value) ? '*' : key}`;
    if (!Array.isArray(value)) keys.add(at);
    addKeys(member, `${at}.`, keys);
  }
}

function eventOf(row: string): Recorded {
  const { id, position, data, metadata, ...event } = JSON.parse(row) as Omit<Recorded, 'position' | 'eventId'> & {
    readonly id: string;
    readonly position: number;
  };
  const stored = { ...event, eventId: id, position: String(position).padStart(16, '0') };
  if (!decoder.knows(event.type)) return { ...stored, data, metadata };
  return decoder.decode({ ...stored, data: JSON.stringify(data), metadata: JSON.stringify(metadata) });
}
