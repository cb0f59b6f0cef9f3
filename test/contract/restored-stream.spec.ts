import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { complaintAggregate } from '../../src/complaint/command-service.js';
import { NoteAdded } from '../../src/complaint/events.js';
import { GENESIS_HASH } from '../../src/eventstore/chain.js';
import { encodeBatch } from '../../src/eventstore/codec.js';
import { foldSuffix, unfolded } from '../../src/eventstore/fold.js';
import { openSqliteEventStore, type SqliteEventStore } from '../../src/eventstore/sqlite/sqlite-event-store.js';
import { instant } from '../../src/platform/moment.js';
import { COMPLAINT_ID } from '../support/given.js';

const STREAM = `complaint-${COMPLAINT_ID}`;
const AT = '2026-01-05T09:00:00.000Z';

let folder: string;
const open: SqliteEventStore[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'redress-restored-'));
});
afterEach(async () => {
  for (const store of open.splice(0)) await store.close();
  rmSync(folder, { recursive: true });
});

/** A store that holds these notes, each recorded by a command of the same name. */
async function holding(...notes: readonly string[]): Promise<SqliteEventStore> {
  const store = await openSqliteEventStore(join(folder, `${String(open.length)}.db`));
  open.push(store);
  let hash = GENESIS_HASH;
  for (const [revision, text] of notes.entries()) {
    const batch = encodeBatch(STREAM, revision, hash, [{ ...NoteAdded({ noteId: text, text }), version: 1 }], {
      occurredAt: instant(AT),
      recordedAt: AT,
      actor: { type: 'person', id: 'amy', role: 'handler' },
      commandId: text,
      commandDigest: '0',
      $correlationId: text,
      $causationId: text,
    });
    await store.append(STREAM, revision === 0 ? 'none' : revision - 1, batch);
    hash = (JSON.parse(batch[0]?.metadata ?? '{}') as { readonly hash: string }).hash;
  }
  return store;
}

const fresh = unfolded(complaintAggregate, COMPLAINT_ID);
const foldOf = async (store: SqliteEventStore, from = fresh) => {
  const { revision, commands } = await foldSuffix(store, complaintAggregate, STREAM, from);
  return { revision, commands: [...commands.ids()] };
};
const remembered = async () => foldSuffix(await holding('a', 'b', 'c'), complaintAggregate, STREAM, fresh);

test('events after the known ones are folded onto them', async () => {
  expect(await foldOf(await holding('a', 'b', 'c', 'd'), await remembered())).toEqual({
    revision: 3,
    commands: ['a', 'b', 'c', 'd'],
  });
});

test.each([
  { what: 'is shorter', holds: ['a', 'b'] },
  { what: 'has other events at the same place', holds: ['a', 'b', 'x'] },
  { what: 'has grown past them with others', holds: ['a', 'x', 'y', 'z'] },
  { what: 'is gone', holds: [] },
])('a stream that was restored and $what is read again: no other command is known', async ({ holds }) => {
  expect(await foldOf(await holding(...holds), await remembered())).toEqual({
    revision: holds.length - 1,
    commands: holds,
  });
});
