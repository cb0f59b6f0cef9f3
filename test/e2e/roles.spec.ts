import { setTimeout as pause } from 'node:timers/promises';
import { v4 as uuid } from 'uuid';
import type { JsonObject } from '../../src/platform/json.js';
import { eventually } from '../support/eventually.js';
import { Chance } from '../support/service/chance.js';
import { seed } from '../support/service/extent.js';
import { describeService, freshFolder } from '../support/service/folders.js';
import { Ledger, type Answer, type CommandRequest } from '../support/service/ledger.js';
import { Load } from '../support/service/load.js';
import { redress } from '../support/service/redress-command.js';
import { send, type Address } from '../support/service/sender.js';
import { expectConsistentData, verify, configurationOf } from '../support/servers/audit.js';
import { testOnDouble } from '../support/servers/event-store-server.js';
import { RoleProcess } from '../support/servers/role-process.js';
import { Servers } from '../support/servers/servers.js';
import type { End } from '../support/service/service-process.js';

// personal data of all complaints of this file, which must not appear in a log
const NAME = '王芳-marked';
const PHONE = '+86 10 5555 0199';
const TEXT = 'The marked soup was cold';

const lodging = (more: JsonObject = {}): CommandRequest => ({
  key: uuid(),
  by: 'intake_officer',
  path: '/v1/complaints',
  body: {
    channel: 'phone',
    narrative: TEXT,
    parties: [{ role: 'complainant', name: NAME, contacts: [{ channel: 'phone', address: PHONE }] }],
    assignment: { handler: 'handler-1', orgUnit: 'care' },
    ...more,
  },
});
const note = (id: string, text: string): CommandRequest => ({
  key: uuid(),
  by: 'handler',
  path: `/v1/complaints/${id}/add-note`,
  body: { text },
});

/** The reply of a recorded command. @throws Error if the command was not recorded */
function replyOf(answer: Answer) {
  if (answer.kind !== 'recorded') throw new Error(`not recorded: ${JSON.stringify(answer)}`);
  return answer.reply;
}

describeService('two processes with the role api and two with the role projections', () => {
  let servers: Servers;
  /** The two processes with the role `api`. */
  let first: RoleProcess;
  let second: RoleProcess;
  /** The two processes with the role `projections`. */
  let runners: RoleProcess[];
  const ledger = new Ledger();

  beforeAll(async () => {
    servers = await Servers.start('address');
    const starting = (['api', 'api', 'projections', 'projections'] as const).map((role) =>
      RoleProcess.start(servers, role),
    );
    [first, second, ...runners] = (await Promise.all(starting)) as [RoleProcess, RoleProcess, ...RoleProcess[]];
  });
  afterAll(() => servers.stop());

  /** Sends a command and records the answer in the ledger, which the last test compares with the log. */
  async function sendTo(address: Address, request: CommandRequest): Promise<Answer> {
    ledger.addSent(request);
    const answer = await send(address, request);
    ledger.addOutcome(request, answer);
    return answer;
  }

  /**
   * Sends a command to both api processes at once. Enters both answers into the ledger, the one of the process that
   * recorded the command first.
   */
  async function sendToBoth(request: CommandRequest) {
    ledger.addSent(request);
    const answers = await Promise.all([send(first, request), send(second, request)]);
    const isRepetition = (answer: Answer) => answer.kind === 'recorded' && answer.reply.alreadyThere;
    for (const answer of answers.toSorted((a, b) => Number(isRepetition(a)) - Number(isRepetition(b))))
      ledger.addOutcome(request, answer);
    return answers.map(replyOf);
  }

  test('a command that is sent to both api processes at once is recorded once, and both give the same reply', async () => {
    for (let repetition = 0; repetition < 20; repetition++) {
      const [ofFirst, ofSecond] = await sendToBoth(lodging());
      expect({ ...ofFirst, alreadyThere: null }).toEqual({ ...ofSecond, alreadyThere: null });
      expect([ofFirst?.alreadyThere, ofSecond?.alreadyThere].sort()).toEqual([false, true]);
      const replies = await sendToBoth(note(ofFirst?.id ?? '', 'to both'));
      expect(new Set(replies.map((reply) => JSON.stringify({ ...reply, alreadyThere: null }))).size).toBe(1);
    }
    expect(await verify(configurationOf(servers))).toMatchObject({ ok: true });
  });

  test('an api process decides on the events that the other one has recorded', async () => {
    const { id, revision: firstRevision } = replyOf(await sendTo(first, lodging()));
    let revision = firstRevision;
    for (let repetition = 0; repetition < 10; repetition++)
      for (const address of [second, first]) {
        const conditional = { ...note(id, `note ${String(repetition)}`), ifMatch: revision };
        revision = replyOf(await sendTo(address, conditional)).revision;
      }
    expect(revision).toBe(firstRevision + 20);
    expect(await sendTo(first, { ...note(id, 'late'), ifMatch: firstRevision })).toMatchObject({
      kind: 'refused',
      code: 'precondition_failed',
    });
    const acknowledgement: CommandRequest = {
      ...note(id, ''),
      path: `/v1/complaints/${id}/acknowledge`,
      body: { channel: 'phone', to: 'a1' },
    };
    replyOf(await sendTo(second, acknowledgement));
    expect(await sendTo(first, { ...acknowledgement, key: uuid() })).toMatchObject({ kind: 'refused', status: 409 });
  });

  test('with minPosition, an api process shows the events that the other one has recorded, in every query', async () => {
    const { id, reference, position } = replyOf(await sendTo(first, lodging()));
    const noted = replyOf(await sendTo(first, note(id, 'seen')));
    for (const { minPosition, path } of [
      { minPosition: position, path: `/v1/complaints/${reference}` },
      { minPosition: noted.position, path: `/v1/complaints/${id}` },
      { minPosition: noted.position, path: '/v1/queue' },
      { minPosition: noted.position, path: '/v1/trends?groupBy=channel' }, // a note does not change this model
      { minPosition: noted.position, path: '/v1/reconciliation' },
    ]) {
      const separator = path.includes('?') ? '&' : '?';
      const { status, body } = await second.call(`${path}${separator}minPosition=${encodeURIComponent(minPosition)}`);
      expect({ path, status, code: body.code }).toEqual({ path, status: 200, code: undefined });
    }
    const unknown = await second.call(`/v1/queue?minPosition=${'9'.repeat(20)}/${'9'.repeat(20)}`);
    expect(unknown).toMatchObject({ status: 400, body: { code: 'position_after_end' } });
  });

  test('exactly one projections process is the leader, and an api process names it', async () => {
    const leading = await eventually(async () => {
      const states = await Promise.all([first, second, ...runners].map((process) => process.isLeader()));
      expect(states.slice(0, 2)).toEqual([false, false]);
      expect(states.slice(2).sort()).toEqual([false, true]);
      return states;
    });
    const leader = runners[leading.slice(2).indexOf(true)];
    const { checks } = await first.ready();
    expect(checks.read_models.projectionsHeldBy).toMatch(new RegExp(` ${String(leader?.pid)}$`));
    const { status, body } = await first.call('/v1/projections/complaints/pause', {
      method: 'POST',
      as: 'supervisor',
    });
    expect({ status, body }).toMatchObject({ status: 409, body: { code: 'projections_run_elsewhere' } });
    const fileFromLeader = await leader?.call('/v1/complaints/x');
    expect(fileFromLeader?.status).toBe(404); // a projections process does not serve complaints
  });

  test('the second projections process takes over when the leader is killed, and catches up', async () => {
    const [leader, standby] = (await runners[0]?.isLeader()) === true ? runners : [...runners].reverse();
    if (leader === undefined || standby === undefined) throw new Error('there are two runners');
    const load = new Load(ledger, new Chance(seed));
    load.begin(first, { senders: 4 });
    await load.untilRecorded(30);
    await leader.kill();
    await standby.untilLeading();
    await load.end();
    await load.repeatUntilKnown(first);
    await first.ready();
    runners = [await RoleProcess.start(servers, 'projections'), standby];
    expect(await runners[0]?.isLeader()).toBe(false);
  });

  test('a leader that is frozen until its lease expires gives up the lead when it continues', async () => {
    const [leader, standby] = (await runners[0]?.isLeader()) === true ? runners : [...runners].reverse();
    if (leader === undefined || standby === undefined) throw new Error('there are two runners');
    const load = new Load(ledger, new Chance(seed + 1));
    load.begin(second, { senders: 4 });
    await load.untilRecorded(20);
    leader.signal('SIGSTOP');
    await standby.untilLeading();
    await load.untilRecorded(20);
    leader.signal('SIGCONT');
    while (await leader.isLeader()) await pause(20);
    await load.end();
    await load.repeatUntilKnown(second);
    await standby.ready();
    expect(await standby.isLeader()).toBe(true);
  });

  test('under load, a process that is stopped answers the requests it has received and exits with code 0', async () => {
    const load = new Load(ledger, new Chance(seed + 2));
    load.begin(first, { senders: 8 });
    await load.untilRecorded(30);
    expect(await first.stop()).toMatchObject({ code: 0, signal: null });
    await load.end();
    await load.repeatUntilKnown(second);
    expect(ledger.faults).toEqual([]);
    first = await RoleProcess.start(servers, 'api');
    for (const runner of runners) expect(await runner.stop()).toMatchObject({ code: 0, signal: null });
  });

  test('a leader that is stopped releases its lease of an hour, and the next process leads without waiting', async () => {
    const leaseOfAnHour = { REDRESS_LEASE_SECONDS: '3600' };
    const leader = await (await RoleProcess.start(servers, 'projections', leaseOfAnHour)).untilLeading();
    expect(await leader.stop()).toMatchObject({ code: 0, signal: null });
    runners = [await (await RoleProcess.start(servers, 'projections', leaseOfAnHour)).untilLeading()];
  });

  testOnDouble('address')(
    'a second signal ends a process with code 1, without waiting for an append in progress',
    async () => {
      const process = await RoleProcess.start(servers, 'api');
      const { faults } = servers.eventStore;
      await faults.hangAppends();
      const before = await faults.hung();
      const waiting = send(process, lodging()); // the append would time out after three seconds
      await eventually(async () => (await faults.hung()) > before);
      let end: End | undefined;
      void process.end.then((result) => (end = result));
      await eventually(() => {
        process.signal('SIGTERM'); // repeated, because the process may not have handled the first signal yet
        return end !== undefined;
      });
      expect(end).toMatchObject({ code: 1 });
      expect(await waiting).toMatchObject({ kind: 'unknown' });
      await servers.eventStore.faults.lift();
    },
  );

  test('no log has personal data of a complaint, and every line of a log is JSON', async () => {
    const ends = await Promise.all([first.stop(), second.stop(), ...runners.map((runner) => runner.stop())]);
    for (const { output: log } of ends) {
      for (const line of log.trim().split('\n')) expect(() => JSON.parse(line) as unknown).not.toThrow();
      for (const personal of [NAME, PHONE, TEXT, '5555 0199', '55550199', '王']) expect(log).not.toContain(personal);
    }
    expect(ends[1].output).toMatch(/"correlationId":"[0-9a-f-]{36}".*"route":"\/v1\/complaints"/);
  });

  test('every acknowledged command is recorded exactly once, and the read models equal a rebuild', async () => {
    await expectConsistentData(servers, ledger);
    expect(ledger.recorded.size).toBeGreaterThan(100);
  });
});

describeService('one process with a role', () => {
  const folder = freshFolder();

  test.each(['api', 'projections', 'timers'])(
    'with the role %s and embedded stores does not start, and prints the reason',
    async (role) => {
      const { code, output } = await redress(folder.path, ['serve'], { environment: { REDRESS_ROLE: role } });
      expect({ code, output }).toEqual({
        code: 1,
        output:
          'redress: the configuration cannot be used:\n' +
          `  REDRESS_ROLE=${role} needs servers in REDRESS_EVENTSTORE and REDRESS_READMODELS\n`,
      });
    },
  );
});
