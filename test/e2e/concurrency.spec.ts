import { v4 as uuid } from 'uuid';
import { verify } from '../support/service/audit.js';
import { describeService, freshFolder } from '../support/service/folders.js';
import type { Answer, CommandRequest } from '../support/service/ledger.js';
import { eventsIn } from '../support/service/reckoning.js';
import { send } from '../support/service/sender.js';
import { ServiceProcess } from '../support/service/service-process.js';

const COMMANDS = 200;

/** What happened to a complaint, as the log has it: the event type at each revision. */
async function streamOf(folder: string, id: string): Promise<string[]> {
  const types: string[] = [];
  for await (const { stream, revision, type } of eventsIn(folder)) {
    if (stream !== `complaint-${id}`) continue;
    expect(revision).toBe(types.length); // no gap, nothing twice
    types.push(type);
  }
  return types;
}

describeService('many who work on one complaint at once', () => {
  const folder = freshFolder(async () => {
    expect(await service.stop()).toMatchObject({ code: 0 });
    expect(await verify(folder.path)).toMatchObject({ ok: true });
  });
  let service: ServiceProcess;
  let id: string;
  const recorded = (answers: readonly Answer[]) =>
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
    id = recorded([lodged])[0]?.id ?? '';
  });

  const asking = (
    command: string,
    body: CommandRequest['body'],
    more: Partial<CommandRequest> = {},
  ): CommandRequest => ({
    key: uuid(),
    by: 'handler',
    path: `/v1/complaints/${id}/${command}`,
    body,
    ...more,
  });
  const all = (requests: readonly CommandRequest[]) => Promise.all(requests.map((request) => send(service, request)));
  const many = (count: number, one: (index: number) => CommandRequest) =>
    Array.from({ length: count }, (_, index) => one(index));

  test('two hundred commands end in one consistent stream, and each answer is true of it', async () => {
    const answers = await all(
      many(COMMANDS, (index) => {
        if (index % 10 === 0) return asking('acknowledge', { channel: 'phone', to: 'a1' });
        if (index % 10 === 5) return asking('assign', { handler: 'handler-1', orgUnit: `desk ${String(index)}` });
        return asking('add-note', { text: `note ${String(index)}` });
      }),
    );
    const stream = await streamOf(folder.path, id);
    const taken = recorded(answers);
    for (const { revision, events } of taken)
      expect(stream.slice(revision - events.length + 1, revision + 1)).toEqual(events);
    // every event of the stream belongs to exactly one answer, but for those of the lodging
    const told = taken
      .flatMap(({ revision, events }) => events.map((_, back) => revision - back))
      .sort((a, b) => a - b);
    const lodging = stream.length - told.length;
    expect(told).toEqual(told.map((_, index) => index + lodging));
    expect(new Set(taken.map(({ position }) => position)).size).toBe(taken.length);
    expect(stream.filter((type) => type === 'ComplaintAcknowledged')).toHaveLength(1);
    expect(stream.filter((type) => type === 'NoteAdded')).toHaveLength(160);
    expect(new Set(statuses(answers))).toEqual(new Set([200, 409]));
  });

  test('of those who insist on the same revision exactly one wins, revision by revision', async () => {
    let [{ length: revision }] = [await streamOf(folder.path, id)];
    revision -= 1;
    for (let round = 0; round < 10; round++) {
      const answers = await all(
        many(20, (index) => asking('add-note', { text: `${String(round)}.${String(index)}` }, { ifMatch: revision })),
      );
      expect(statuses(answers).sort()).toEqual([200, ...Array.from({ length: 19 }, () => 412)]);
      expect(recorded(answers)).toMatchObject([{ revision: revision + 1, events: ['NoteAdded'] }]);
      revision += 1;
    }
    expect(await streamOf(folder.path, id)).toHaveLength(revision + 1);
  });

  test('a key that is sent twenty times at once has one outcome, and everybody is told the same', async () => {
    const before = (await streamOf(folder.path, id)).length;
    const one = asking('add-note', { text: 'once' });
    const replies = recorded(await all(many(20, () => one)));
    expect(replies).toHaveLength(20);
    expect(new Set(replies.map((reply) => JSON.stringify({ ...reply, alreadyThere: true }))).size).toBe(1);
    expect(replies.filter(({ alreadyThere }) => !alreadyThere)).toHaveLength(1);
    expect((await streamOf(folder.path, id)).length).toBe(before + 1);
  });

  test('a lodging that is sent twenty times at once is one complaint, by its key and by its source', async () => {
    const body = { channel: 'email', narrative: 'cold', sources: [{ system: 'crm', ref: 'T-4711' }] };
    const lodging = (key: string): CommandRequest => ({ key, by: 'intake_officer', path: '/v1/complaints', body });
    const answers = await all(many(20, (index) => lodging(index < 10 ? 'the-same' : uuid())));
    expect(statuses(answers).sort()).toEqual([...Array.from({ length: 19 }, () => 200), 201]);
    expect(new Set(recorded(answers).map((reply) => JSON.stringify({ ...reply, alreadyThere: true }))).size).toBe(1);
  });

  test('one key with two bodies at once is one command and one refusal', async () => {
    const key = uuid();
    const answers = await all([
      asking('add-note', { text: 'this' }, { key }),
      asking('add-note', { text: 'that' }, { key }),
    ]);
    expect(answers.map(({ kind }) => kind).sort()).toEqual(['recorded', 'refused']);
    expect(answers).toContainEqual({ kind: 'refused', status: 409, code: 'idempotency_key_reused' });
  });
});
