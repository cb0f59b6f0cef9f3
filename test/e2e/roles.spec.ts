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
import { allIsWell, verify, configurationOf } from '../support/servers/audit.js';
import { RoleProcess } from '../support/servers/role-process.js';
import { Servers } from '../support/servers/servers.js';
import { notBuilt, type End } from '../support/service/service-process.js';

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
const noting = (id: string, text: string): CommandRequest => ({
  key: uuid(),
  by: 'handler',
  path: `/v1/complaints/${id}/add-note`,
  body: { text },
});

function recorded(answer: Answer) {
  if (answer.kind !== 'recorded') throw new Error(`not recorded: ${JSON.stringify(answer)}`);
  return answer.reply;
}

(notBuilt === undefined ? describe : describe.skip)(
  `two processes that take commands and two that project${notBuilt === undefined ? '' : ` (skipped: ${notBuilt})`}`,
  () => {
    let servers: Servers;
    let first: RoleProcess;
    let second: RoleProcess;
    let runners: RoleProcess[];
    const ledger = new Ledger();

    beforeAll(async () => {
      servers = await Servers.start();
      const starting = (['api', 'api', 'projections', 'projections'] as const).map((role) =>
        RoleProcess.start(servers, role),
      );
      [first, second, ...runners] = (await Promise.all(starting)) as [RoleProcess, RoleProcess, ...RoleProcess[]];
    });
    afterAll(() => servers.stop());

    /** Sends it and enters what came of it, so that everything is held against the log at the end. */
    async function asked(address: Address, request: CommandRequest): Promise<Answer> {
      ledger.sent(request);
      const answer = await send(address, request);
      ledger.answered(request, answer);
      return answer;
    }

    /** Both at once; the one who recorded it is entered first. */
    async function bothAsked(request: CommandRequest) {
      ledger.sent(request);
      const answers = await Promise.all([send(first, request), send(second, request)]);
      const isLate = (answer: Answer) => answer.kind === 'recorded' && answer.reply.alreadyThere;
      for (const answer of answers.toSorted((a, b) => Number(isLate(a)) - Number(isLate(b))))
        ledger.answered(request, answer);
      return answers.map(recorded);
    }

    test('one command that is sent to both at once has one outcome, and both tell the same', async () => {
      for (let round = 0; round < 20; round++) {
        const [one, other] = await bothAsked(lodging());
        expect({ ...one, alreadyThere: null }).toEqual({ ...other, alreadyThere: null });
        expect([one?.alreadyThere, other?.alreadyThere].sort()).toEqual([false, true]);
        const notes = await bothAsked(noting(one?.id ?? '', 'both'));
        expect(new Set(notes.map((reply) => JSON.stringify({ ...reply, alreadyThere: null }))).size).toBe(1);
      }
      expect(await verify(configurationOf(servers))).toMatchObject({ ok: true });
    });

    test('what one has recorded the other knows before it decides', async () => {
      const { id, revision: begun } = recorded(await asked(first, lodging()));
      let revision = begun;
      for (let round = 0; round < 10; round++)
        for (const address of [second, first]) {
          const insisting = { ...noting(id, `note ${String(round)}`), ifMatch: revision };
          revision = recorded(await asked(address, insisting)).revision;
        }
      expect(revision).toBe(begun + 20);
      expect(await asked(first, { ...noting(id, 'late'), ifMatch: begun })).toMatchObject({
        kind: 'refused',
        code: 'precondition_failed',
      });
      const acknowledging: CommandRequest = {
        ...noting(id, ''),
        path: `/v1/complaints/${id}/acknowledge`,
        body: { channel: 'phone', to: 'a1' },
      };
      recorded(await asked(second, acknowledging));
      expect(await asked(first, { ...acknowledging, key: uuid() })).toMatchObject({ kind: 'refused', status: 409 });
    });

    test('what one has recorded can be read from the other at once, in every read model', async () => {
      const { id, reference, position } = recorded(await asked(first, lodging()));
      const noted = recorded(await asked(first, noting(id, 'seen')));
      for (const { at, path } of [
        { at: position, path: `/v1/complaints/${reference}` },
        { at: noted.position, path: `/v1/complaints/${id}` },
        { at: noted.position, path: '/v1/queue' },
        { at: noted.position, path: '/v1/trends?groupBy=channel' }, // which a note does not change
        { at: noted.position, path: '/v1/reconciliation' },
      ]) {
        const separator = path.includes('?') ? '&' : '?';
        const { status, body } = await second.call(`${path}${separator}minPosition=${encodeURIComponent(at)}`);
        expect({ path, status, code: body.code }).toEqual({ path, status: 200, code: undefined });
      }
      const unknown = await second.call(`/v1/queue?minPosition=${'9'.repeat(20)}/${'9'.repeat(20)}`);
      expect(unknown).toMatchObject({ status: 503, body: { code: 'not_yet_visible' } });
      expect(unknown.headers.get('retry-after')).toBe('1');
    });

    test('one of the two runners leads, and everybody says which', async () => {
      const leading = await eventually(async () => {
        const found = await Promise.all([first, second, ...runners].map((process) => process.leads()));
        expect(found.slice(0, 2)).toEqual([false, false]);
        expect(found.slice(2).sort()).toEqual([false, true]);
        return found;
      });
      const leader = runners[leading.indexOf(true) - 2];
      const { checks } = await first.ready();
      expect(checks.read_models.projectionsHeldBy).toMatch(new RegExp(` ${String(leader?.pid)}$`));
      const { status, body } = await first.call('/v1/projections/work_queue/pause', {
        method: 'POST',
        as: 'supervisor',
      });
      expect({ status, body }).toMatchObject({ status: 409, body: { code: 'projections_run_elsewhere' } });
      const other = await leader?.call('/v1/complaints/x');
      expect(other?.status).toBe(404);
    });

    test('the second runner takes over when the first is killed, and goes on where it stood', async () => {
      const [leader, standby] = (await runners[0]?.leads()) === true ? runners : [...runners].reverse();
      if (leader === undefined || standby === undefined) throw new Error('there are two runners');
      const load = new Load(ledger, new Chance(seed));
      load.begin(first, 4);
      await load.records(30);
      await leader.kill();
      await standby.leading();
      await load.end();
      await load.settle(first);
      await first.ready();
      runners = [await RoleProcess.start(servers, 'projections'), standby];
      expect(await runners[0]?.leads()).toBe(false);
    });

    test('a runner that is frozen past its term and goes on does nothing twice', async () => {
      const [leader, standby] = (await runners[0]?.leads()) === true ? runners : [...runners].reverse();
      if (leader === undefined || standby === undefined) throw new Error('there are two runners');
      const load = new Load(ledger, new Chance(seed + 1));
      load.begin(second, 4);
      await load.records(20);
      leader.signal('SIGSTOP');
      await standby.leading();
      await load.records(20);
      leader.signal('SIGCONT');
      while (await leader.leads()) await pause(20);
      await load.end();
      await load.settle(second);
      await standby.ready();
      expect(await standby.leads()).toBe(true);
    });

    test('under load a process that is told to stop answers what it took, and ends well', async () => {
      const load = new Load(ledger, new Chance(seed + 2));
      load.begin(first, 8);
      await load.records(30);
      expect(await first.stop()).toMatchObject({ code: 0, signal: null });
      await load.end();
      await load.settle(second);
      expect(ledger.faults).toEqual([]);
      first = await RoleProcess.start(servers, 'api');
      for (const runner of runners) expect(await runner.stop()).toMatchObject({ code: 0, signal: null });
    });

    test('a runner that is told to stop gives its lease back: the next one does not wait for its term', async () => {
      const anHour = { REDRESS_LEASE_SECONDS: '3600' };
      const holder = await (await RoleProcess.start(servers, 'projections', anHour)).leading();
      expect(await holder.stop()).toMatchObject({ code: 0, signal: null });
      runners = [await (await RoleProcess.start(servers, 'projections', anHour)).leading()];
    });

    test('a second signal does not wait for what is under way', async () => {
      const process = await RoleProcess.start(servers, 'api');
      const { faults } = servers.eventStore;
      await faults.hangAppends();
      const before = await faults.hung();
      const waiting = send(process, lodging()); // until the append is given up, after three seconds
      await eventually(async () => (await faults.hung()) > before);
      let end: End | undefined;
      void process.end.then((how) => (end = how));
      await eventually(() => {
        process.signal('SIGTERM'); // the first may not have been heard yet
        return end !== undefined;
      });
      expect(end).toMatchObject({ code: 1 });
      expect(await waiting).toMatchObject({ kind: 'unknown' });
      await servers.eventStore.faults.lift();
    });

    test('no log of any of them has a name, a number or a text of a complaint, and every line is JSON', async () => {
      const ends = await Promise.all([first.stop(), second.stop(), ...runners.map((runner) => runner.stop())]);
      for (const { said } of ends) {
        for (const line of said.trim().split('\n')) expect(() => JSON.parse(line) as unknown).not.toThrow();
        for (const marked of [NAME, PHONE, TEXT, '5555 0199', '55550199', '王']) expect(said).not.toContain(marked);
      }
      expect(ends[1].said).toMatch(/"correlationId":"[0-9a-f-]{36}".*"route":"\/v1\/complaints"/);
    });

    test('everything that was acknowledged is there once, and the read models are what it says', async () => {
      await allIsWell(servers, ledger);
      expect(ledger.recorded.size).toBeGreaterThan(100);
    });
  },
);

describeService('one process with a role of its own', () => {
  const folder = freshFolder();

  test.each(['api', 'projections'])(
    'as %s on embedded stores it is refused at the start, and told why',
    async (role) => {
      const { code, said } = await redress(folder.path, ['serve'], { environment: { REDRESS_ROLE: role } });
      expect({ code, said }).toEqual({
        code: 1,
        said:
          'redress: the configuration cannot be used:\n' +
          `  REDRESS_ROLE=${role} needs servers in REDRESS_EVENTSTORE and REDRESS_READMODELS\n`,
      });
    },
  );
});
