import { setTimeout as pause } from 'node:timers/promises';
import { v4 as uuid } from 'uuid';
import type { Role } from '../../src/access/actor.js';
import type { CommandReply } from '../../src/demo/caller.js';
import type { JsonObject } from '../../src/platform/json.js';
import { MODEL_NAMES } from '../support/projections/model-names.js';
import { eventually } from '../support/eventually.js';
import { configurationOf, ledgerDifferencesOn, verify } from '../support/servers/audit.js';
import { testOnDouble } from '../support/servers/event-store-server.js';
import { expectModelsEqualRebuild, runJob } from '../support/servers/jobs.js';
import { RoleProcess } from '../support/servers/role-process.js';
import { Servers } from '../support/servers/servers.js';
import { Chance } from '../support/service/chance.js';
import { seed } from '../support/service/extent.js';
import { Ledger, type CommandRequest } from '../support/service/ledger.js';
import { Load } from '../support/service/load.js';
import { send } from '../support/service/sender.js';
import { describeService } from '../support/service/folders.js';

describeService('after a restore from an older copy', () => {
  let ledger: Ledger;
  let load: Load;
  let servers: Servers;
  let api: RoleProcess;
  let runner: RoleProcess;

  beforeEach(async () => {
    servers = await Servers.start();
    ledger = new Ledger();
    load = new Load(ledger, new Chance(seed));
    await startBoth();
  });
  afterEach(() => servers.stop());

  async function startBoth(): Promise<void> {
    [api, runner] = await Promise.all([RoleProcess.start(servers, 'api'), RoleProcess.start(servers, 'projections')]);
    await runner.untilLeading();
  }

  /** Records at least this many commands. */
  async function recordCommands(commands: number): Promise<void> {
    const wanted = ledger.recorded.size + commands;
    load.begin(api, { senders: 4 });
    while (ledger.recorded.size < wanted) await pause(20);
    await load.end();
    await load.repeatUntilKnown(api);
  }

  test('of the read models, they catch up automatically', async () => {
    await recordCommands(30);
    await runner.ready();
    await servers.documents.backUp(servers.inside('documents'));
    await recordCommands(30);
    await runner.ready();
    await servers.documents.restore(servers.inside('documents'));
    await recordCommands(20);
    await runner.ready();
    await api.ready();
    expect(await ledgerDifferencesOn(servers, ledger)).toEqual([]);
    await expectModelsEqualRebuild(runner);
  });

  testOnDouble('control')(
    'of the event store, a process that sent nothing since neither answers from what is lost nor builds on it',
    async () => {
      const otherApi = await RoleProcess.start(servers, 'api');
      const request = (by: Role, path: string, body: JsonObject): CommandRequest => ({ key: uuid(), by, path, body });
      const lodging = () =>
        request('intake_officer', '/v1/complaints', { channel: 'phone', narrative: 'The parcel never came.' });
      const record = (process: RoleProcess, sent: CommandRequest): Promise<CommandReply> =>
        eventually(async () => {
          const answer = await send(process, sent);
          if (answer.kind !== 'recorded') throw new Error(`not recorded: ${JSON.stringify(answer)}`);
          return answer.reply;
        });
      const { id, revision } = await record(api, lodging());
      const note = () => request('handler', `/v1/complaints/${id}/add-note`, { text: 'Asked the depot.' });
      servers.eventStore.backUp(servers.inside('events'));
      const [lostNote, lostLodging] = [note(), lodging()];
      for (const lost of [lostNote, lostLodging]) await record(api, lost);
      await servers.eventStore.restore(servers.inside('events'));

      expect(await record(otherApi, note())).toMatchObject({ revision: revision + 1 });
      expect(await record(api, note())).toMatchObject({ revision: revision + 2 });
      expect(await record(api, lostNote)).toMatchObject({ revision: revision + 3, alreadyThere: false });
      expect(await record(api, lostLodging)).toMatchObject({ revision, alreadyThere: false });
      expect(await verify(configurationOf(servers))).toMatchObject({ ok: true });
    },
  );

  testOnDouble('control').each([
    { log: 'shorter than before', grows: false },
    { log: 'that then grows longer than before', grows: true },
  ])('of the event store, with a log $log, the read models halt until they are rebuilt', async ({ grows }) => {
    await recordCommands(30);
    await runner.ready();
    servers.eventStore.backUp(servers.inside('events'));
    await recordCommands(30);
    const { checks } = await runner.ready();
    const { position } = checks.projections.states.complaints ?? { position: null };
    if (grows) expect(await runner.stop()).toMatchObject({ code: 0 });
    await servers.eventStore.restore(servers.inside('events'));
    if (grows) {
      // the cache of the api process has the lost events, and new commands must not be decided on them
      const newLedger = new Ledger();
      const newLoad = new Load(newLedger, new Chance(seed + 1));
      for (let lastPosition = ''; lastPosition <= (position ?? '');) {
        newLoad.begin(api, { senders: 8 });
        await newLoad.untilRecorded(20);
        await newLoad.end();
        await newLoad.repeatUntilKnown(api);
        const positions = [...newLedger.recorded.values()].map((reply) => reply.position);
        lastPosition = positions.reduce((max, recorded) => (recorded > max ? recorded : max), '');
      }
      runner = await RoleProcess.start(servers, 'projections');
    }
    const halted = await runner.until(({ checks: current }) =>
      Object.values(current.projections.states).every(({ reason }) => reason === 'history_changed'),
    );
    expect(halted.status).toBe('down');
    if (!grows) expect(halted.checks.projections.states.complaints).toMatchObject({ beyondHead: true });
    await api.until(
      ({ status, checks: current }) =>
        status === 'down' && current.projections.states.trends?.reason === 'history_changed',
    );
    const alarm = { level: 'error', msg: 'a projection needs operator action', reason: 'history_changed' };
    for (const process of [api, runner])
      await eventually(() => {
        expect(process.log).toContainEqual(expect.objectContaining(alarm));
      });

    await runner.call('/v1/projections/complaints/resume', { method: 'POST', as: 'supervisor' });
    await pause(500);
    expect((await runner.health()).checks.projections.states.complaints).toMatchObject({ reason: 'history_changed' });
    expect(await runner.stop()).toMatchObject({ code: 0 });
    runner = await (await RoleProcess.start(servers, 'projections')).untilLeading();
    expect((await runner.health()).checks.projections.up).toBe(false);

    for (const name of MODEL_NAMES)
      expect(await runJob(runner, `/v1/projections/${name}/rebuild`)).toMatchObject({
        state: 'done',
        result: { swapped: true },
      });
    await runner.ready();
    await api.ready();
    await expectModelsEqualRebuild(runner);
    expect(await verify(configurationOf(servers))).toMatchObject({ ok: true });
  });
});
