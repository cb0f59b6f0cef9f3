import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { REFERENCE } from '../../test/support/directory.js';
import { command, HANDLER, NOON } from '../../test/support/given.js';
import { AppendAmbiguous, type EventStore } from '../eventstore/event-store.js';
import { openSqliteEventStore, type SqliteEventStore } from '../eventstore/sqlite/sqlite-event-store.js';
import { fixedReference } from '../reference/reference-source.js';
import { CommandService, complaintDecoder } from './command-service.js';
import { LodgeComplaint } from './commands/intake.js';
import { FinishSplitOff, SplitOff } from './commands/parties.js';
import type { ComplaintCommand } from './commands/parts.js';
import { COMPLAINT_STREAMS } from './complaint-record.js';
import { commandIdOf } from '../command/command-id.js';
import { splitOffIdOf } from './identity.js';
import type { Outcome } from './submission.js';

let folder: string;
let store: SqliteEventStore;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'redress-'));
  store = await openSqliteEventStore(join(folder, 'events.db'));
});
afterEach(async () => {
  await store.close();
  rmSync(folder, { recursive: true });
});

/** A service over the store; after this number of appends the store records nothing, as after a kill. */
function serviceThatAppends(appends: number): CommandService {
  let left = appends;
  const failing: Pick<EventStore, 'append'> = {
    append: (...call) => {
      left -= 1;
      return left < 0 ? Promise.reject(new AppendAmbiguous('killed')) : store.append(...call);
    },
  };
  const killed = new Proxy(store, {
    get: (target, name: keyof EventStore) => {
      const member: unknown = name === 'append' ? failing.append : target[name];
      return typeof member === 'function' ? (member.bind(target) as unknown) : member;
    },
  });
  const findNothing = () => Promise.resolve(undefined);
  return new CommandService(
    killed,
    { now: () => NOON },
    {
      onlyWriter: true,
      timeLimitMs: 200,
      reference: fixedReference(REFERENCE),
      findByReference: findNothing,
      findByLodgingCommand: findNothing,
      findOtherLodgings: () => Promise.resolve(new Map()),
    },
  );
}

const submit = (service: CommandService, sent: ComplaintCommand, key: string, complaint?: string): Promise<Outcome> =>
  service.submit({
    command: sent,
    commandId: commandIdOf('handler', key),
    commandDigest: 'd'.repeat(64),
    actor: HANDLER,
    ...(complaint !== undefined && { complaint }),
  });

const typesOf = async (complaint: string): Promise<string[]> =>
  (await store.read(`${COMPLAINT_STREAMS}${complaint}`, { from: 0, limit: 20 })).map(
    (event) => complaintDecoder.decode(event).type,
  );

async function lodged(): Promise<string> {
  const lodging = command(LodgeComplaint, {
    channel: 'phone',
    points: [
      { id: 'p1', issue: 'The dish was cold' },
      { id: 'p2', issue: 'The cook asked for money' },
    ],
  });
  const outcome = await submit(serviceThatAppends(1), lodging, 'k1');
  if (!outcome.accepted) throw new Error(JSON.stringify(outcome));
  return outcome.id;
}

const splitOff = command(SplitOff, { pointIds: ['p2'], nature: 'report' });
const ORIGIN = ['ComplaintReceived', 'PointsSplitOff', 'RelatedComplaintLinked'];
const SECOND = ['ComplaintReceived', 'ComplaintAdmitted', 'ComplaintClassified', 'RelatedComplaintLinked'];

test('T27: a split-off opens the second file and links both before the reply', async () => {
  const origin = await lodged();
  const outcome = await submit(serviceThatAppends(3), splitOff, 'k2', origin);
  expect(outcome).toMatchObject({ accepted: true, events: ['PointsSplitOff'] });
  expect([await typesOf(origin), await typesOf(splitOffIdOf(origin, ['p2']))]).toEqual([ORIGIN, SECOND]);
});

test.each([
  ['decision', 1, ORIGIN.slice(0, 2), []],
  ['opening of the second file', 2, ORIGIN.slice(0, 2), SECOND],
])(
  'T27: a split-off killed after the %s is finished later, and nothing twice',
  async (_step, appends, left, second) => {
    const origin = await lodged();
    const complaintId = splitOffIdOf(origin, ['p2']);
    const outcome = await submit(serviceThatAppends(appends), splitOff, 'k2', origin);
    expect(outcome.accepted).toBe(true);
    expect([await typesOf(origin), await typesOf(complaintId)]).toEqual([left, second]);

    const finish = command(FinishSplitOff, { complaintId });
    expect(await submit(serviceThatAppends(9), finish, 'k3', origin)).toMatchObject({ accepted: true });
    expect([await typesOf(origin), await typesOf(complaintId)]).toEqual([ORIGIN, SECOND]);
    expect(await submit(serviceThatAppends(9), finish, 'k4', origin)).toMatchObject({ code: 'no_split_off' });
    expect([await typesOf(origin), await typesOf(complaintId)]).toEqual([ORIGIN, SECOND]);
  },
);

test('T27: the link is not recorded before the second file exists', async () => {
  const origin = await lodged();
  await submit(serviceThatAppends(1), splitOff, 'k2', origin);
  const finish = command(FinishSplitOff, { complaintId: splitOffIdOf(origin, ['p2']) });
  expect(await submit(serviceThatAppends(0), finish, 'k3', origin)).toMatchObject({ kind: 'unavailable' });
  expect(await typesOf(origin)).toEqual(ORIGIN.slice(0, 2));
});

test('T27: the same split-off sent again records nothing', async () => {
  const origin = await lodged();
  await submit(serviceThatAppends(9), splitOff, 'k2', origin);
  expect(await submit(serviceThatAppends(0), splitOff, 'k2', origin)).toMatchObject({
    accepted: true,
    alreadyThere: true,
  });
});
