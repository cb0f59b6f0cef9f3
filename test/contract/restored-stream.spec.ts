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

/** A new store whose stream holds these notes. The id of the command that recorded a note is the text of the note. */
async function storeWith(...notes: readonly string[]): Promise<SqliteEventStore> {
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

const emptyFold = unfolded(complaintAggregate, COMPLAINT_ID);
/** Continues a fold with the later events of the stream in a store. */
const continueFold = async (store: SqliteEventStore, from: typeof emptyFold) => {
  const { revision, commands } = await foldSuffix(store, complaintAggregate, STREAM, from);
  return { revision, commands: [...commands.ids()] };
};
const foldOfThreeNotes = async () => foldSuffix(await storeWith('a', 'b', 'c'), complaintAggregate, STREAM, emptyFold);

test('a fold continues with the events after the last event that it has folded', async () => {
  expect(await continueFold(await storeWith('a', 'b', 'c', 'd'), await foldOfThreeNotes())).toEqual({
    revision: 3,
    commands: ['a', 'b', 'c', 'd'],
  });
});

test.each([
  { state: 'is shorter', notes: ['a', 'b'] },
  { state: 'has another event at the last revision', notes: ['a', 'b', 'x'] },
  { state: 'is longer and has other events', notes: ['a', 'x', 'y', 'z'] },
  { state: 'does not exist', notes: [] },
])('if the stream was restored and $state, it is folded from its first event', async ({ notes }) => {
  expect(await continueFold(await storeWith(...notes), await foldOfThreeNotes())).toEqual({
    revision: notes.length - 1,
    commands: notes,
  });
});
