import type { EventMetadata, Recorded } from './envelope.js';
import { KnownCommands } from './known-commands.js';

/** An event of a command at a revision. The command id is also the digest. */
const event = (commandId: string, revision: number, type = 'Noted'): Recorded => ({
  stream: 's',
  revision,
  position: String(revision + 100),
  eventId: `${commandId}-${String(revision)}`,
  type,
  data: {},
  metadata: { commandId, commandDigest: commandId } as EventMetadata,
});
const none = KnownCommands.none();
const ab = none.with([event('a', 0, 'Started'), event('b', 1)]);

test('a command is known with the types of all its events and the revision of the last', () => {
  const known = ab.with([event('c', 2, 'Paid'), event('c', 3, 'Closed')]);
  expect(known.get('c')).toMatchObject({ digest: 'c', revision: 3, position: '103', events: ['Paid', 'Closed'] });
  expect(known.first).toMatchObject({ digest: 'a', events: ['Started'] });
  expect([...known.ids()]).toEqual(['a', 'b', 'c']);
});

test('a stream without events has no commands', () => {
  expect(none.get('a')).toBeUndefined();
  expect(none.first).toBeUndefined();
  expect([...none.ids()]).toEqual([]);
});

test('an older version does not have commands that were added later', () => {
  const older = none.with([event('a', 0)]);
  older.with([event('b', 1)]).with([event('c', 2)]);
  expect([...older.ids()]).toEqual(['a']);
  expect(older.get('b')).toBeUndefined();
});

test('two histories that diverge after a revision do not have the commands of each other', () => {
  const base = none.with([event('a', 0)]);
  const one = base.with([event('b', 1)]);
  const other = base.with([event('x', 1)]).with([event('y', 2)]);
  expect([...one.with([event('c', 2)]).ids()]).toEqual(['a', 'b', 'c']);
  expect([...other.ids()]).toEqual(['a', 'x', 'y']);
});

test('a command whose events are added in two steps has only the first event before the second step', () => {
  const firstStep = ab.with([event('c', 2, 'Paid')]);
  const secondStep = firstStep.with([event('c', 3, 'Closed')]);
  expect(firstStep.get('c')).toMatchObject({ revision: 2, events: ['Paid'] });
  expect(secondStep.get('c')).toMatchObject({ revision: 3, events: ['Paid', 'Closed'] });
  expect(firstStep.with([event('d', 3)]).get('c')).toMatchObject({ revision: 2, events: ['Paid'] });
});

test('adding a command to 1,000 known commands writes one map entry', () => {
  let known = none;
  for (let revision = 0; revision < 1000; revision++) known = known.with([event(`c${String(revision)}`, revision)]);
  const set = jest.spyOn(Map.prototype, 'set');
  try {
    known.with([event('next', 1000)]);
    expect(set).toHaveBeenCalledTimes(1);
  } finally {
    set.mockRestore();
  }
});
