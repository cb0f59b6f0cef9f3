import { v4 as uuid } from 'uuid';
import { verify } from '../support/service/audit.js';
import { describeService, freshFolder } from '../support/service/folders.js';
import type { Answer, CommandRequest } from '../support/service/ledger.js';
import { eventsIn } from '../support/service/ledger-differences.js';
import { send } from '../support/service/sender.js';
import { ServiceProcess } from '../support/service/service-process.js';

const COMMANDS = 200;

/** The event types of a complaint in the log, by revision. Expects that no revision is missing or repeated. */
async function eventTypesOf(folder: string, id: string): Promise<string[]> {
  const types: string[] = [];
  for await (const { stream, revision, type } of eventsIn(folder)) {
    if (stream !== `complaint-${id}`) continue;
    expect(revision).toBe(types.length);
    types.push(type);
  }
  return types;
}

describeService('concurrent commands for one complaint', () => {
  const folder = freshFolder(async () => {
    expect(await service.stop()).toMatchObject({ code: 0 });
    expect(await verify(folder.path)).toMatchObject({ ok: true });
  });
  let service: ServiceProcess;
  let id: string;
  const recordedReplies = (answers: readonly Answer[]) =>
    answers.flatMap((answer) => (answer.kind === 'recorded' ? [answer.reply] : []));
  const statuses = (answers: readonly Answer[]) => answers.map(({ status }) => status);

  beforeEach(async () => {
    service = await ServiceProcess.start(folder.path);
    const body = {
      channel: 'phone',
      narrative: 'Dish arrived cold',
      parties: [{ role: 'complainant', name: '王芳', contacts: [{ channel: 'phone', address: '+86 10 5555 0100' }] }],
    };
    const lodged = await send(service, { key: uuid(), by: 'intake_officer', path: '/v1/complaints', body });
    id = recordedReplies([lodged])[0]?.id ?? '';
  });

  const requestOf = (
    command: string,
    body: CommandRequest['body'],
    changes: Partial<CommandRequest> = {},
  ): CommandRequest => ({
    key: uuid(),
    by: 'handler',
    path: `/v1/complaints/${id}/${command}`,
    body,
    ...changes,
  });
  const sendAll = (requests: readonly CommandRequest[]) =>
    Promise.all(requests.map((request) => send(service, request)));
  const requests = (count: number, create: (index: number) => CommandRequest) =>
    Array.from({ length: count }, (_, index) => create(index));

  test('200 commands end in one consistent stream, and each answer agrees with the stream', async () => {
    const answers = await sendAll(
      requests(COMMANDS, (index) => {
        if (index % 10 === 0) return requestOf('acknowledge', { channel: 'phone', to: 'a1' });
        if (index % 10 === 5) return requestOf('assign', { handler: 'handler-1', orgUnit: `desk ${String(index)}` });
        return requestOf('add-note', { text: `note ${String(index)}` });
      }),
    );
    const stream = await eventTypesOf(folder.path, id);
    const replies = recordedReplies(answers);
    for (const { revision, events } of replies)
      expect(stream.slice(revision - events.length + 1, revision + 1)).toEqual(events);
    // after the events of the lodging, every event belongs to exactly one reply
    const revisions = replies
      .flatMap(({ revision, events }) => events.map((_, index) => revision - index))
      .sort((a, b) => a - b);
    const lodgingEvents = stream.length - revisions.length;
    expect(revisions).toEqual(revisions.map((_, index) => index + lodgingEvents));
    expect(new Set(replies.map(({ position }) => position)).size).toBe(replies.length);
    expect(stream.filter((type) => type === 'ComplaintAcknowledged')).toHaveLength(1);
    expect(stream.filter((type) => type === 'NoteAdded')).toHaveLength(160);
    expect(new Set(statuses(answers))).toEqual(new Set([200, 409]));
  });

  test('of 20 commands with the same If-Match exactly one is accepted; this holds for ten revisions in turn', async () => {
    let revision = (await eventTypesOf(folder.path, id)).length - 1;
    for (let repetition = 0; repetition < 10; repetition++) {
      const answers = await sendAll(
        requests(20, (index) =>
          requestOf('add-note', { text: `${String(repetition)}.${String(index)}` }, { ifMatch: revision }),
        ),
      );
      expect(statuses(answers).sort()).toEqual([200, ...Array.from({ length: 19 }, () => 412)]);
      expect(recordedReplies(answers)).toMatchObject([{ revision: revision + 1, events: ['NoteAdded'] }]);
      revision += 1;
    }
    expect(await eventTypesOf(folder.path, id)).toHaveLength(revision + 1);
  });

  test('a command that is sent 20 times at once is recorded once, and all replies are equal', async () => {
    const before = (await eventTypesOf(folder.path, id)).length;
    const request = requestOf('add-note', { text: 'once' });
    const replies = recordedReplies(await sendAll(requests(20, () => request)));
    expect(replies).toHaveLength(20);
    // only `alreadyThere` differs between the replies
    expect(new Set(replies.map((reply) => JSON.stringify({ ...reply, alreadyThere: true }))).size).toBe(1);
    expect(replies.filter(({ alreadyThere }) => !alreadyThere)).toHaveLength(1);
    expect((await eventTypesOf(folder.path, id)).length).toBe(before + 1);
  });

  test('20 lodgings at once with the same key, or only the same source, create one complaint', async () => {
    const body = { channel: 'email', narrative: 'cold', sources: [{ system: 'crm', ref: 'T-4711' }] };
    const lodging = (key: string): CommandRequest => ({ key, by: 'intake_officer', path: '/v1/complaints', body });
    const answers = await sendAll(requests(20, (index) => lodging(index < 10 ? 'same-key' : uuid())));
    expect(statuses(answers).sort()).toEqual([...Array.from({ length: 19 }, () => 200), 201]);
    expect(
      new Set(recordedReplies(answers).map((reply) => JSON.stringify({ ...reply, alreadyThere: true }))).size,
    ).toBe(1);
  });

  test('of two commands at once with the same key and different bodies, one is recorded and one is refused', async () => {
    const key = uuid();
    const answers = await sendAll([
      requestOf('add-note', { text: 'this' }, { key }),
      requestOf('add-note', { text: 'that' }, { key }),
    ]);
    expect(answers.map(({ kind }) => kind).sort()).toEqual(['recorded', 'refused']);
    expect(answers).toContainEqual({ kind: 'refused', status: 409, code: 'idempotency_key_reused' });
  });
});
