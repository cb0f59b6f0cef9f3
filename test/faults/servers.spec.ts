import { setTimeout as pause } from 'node:timers/promises';
import { v4 as uuid } from 'uuid';
import type { JsonObject } from '../../src/platform/json.js';
import { Chance } from '../support/service/chance.js';
import { isFullForm, shortOrFull, seed } from '../support/service/extent.js';
import { Ledger, type CommandRequest } from '../support/service/ledger.js';
import { Load } from '../support/service/load.js';
import { describeService } from '../support/service/folders.js';
import { configurationOf, ledgerDifferencesOn, verify } from '../support/servers/audit.js';
import { testOnDouble } from '../support/servers/event-store-server.js';
import { expectModelsEqualRebuild } from '../support/servers/jobs.js';
import { RoleProcess } from '../support/servers/role-process.js';
import { Servers } from '../support/servers/servers.js';

/** A test that injects faults into the double; skipped if the suite runs on a real server. */
const testWithFaults = testOnDouble('control');

describeService('an api process and a projections process on servers that fail', () => {
  const chance = new Chance(seed);
  const ledger = new Ledger();
  const load = new Load(ledger, chance);
  let servers: Servers;
  let api: RoleProcess;
  let runner: RoleProcess;

  beforeAll(async () => {
    servers = await Servers.start();
    [api, runner] = await Promise.all([RoleProcess.start(servers, 'api'), RoleProcess.start(servers, 'projections')]);
    await runner.untilLeading();
  });
  afterAll(() => servers.stop());

  /** After each test: the log has every acknowledged command once and verifies, and the read models equal a rebuild. */
  afterEach(async () => {
    await load.repeatUntilKnown(api);
    await load.repeat(api, { percent: 20 });
    expect(await ledgerDifferencesOn(servers, ledger)).toEqual([]);
    expect(await verify(configurationOf(servers))).toMatchObject({ ok: true });
    await runner.ready();
    await api.ready();
    await expectModelsEqualRebuild(runner);
  });

  testWithFaults(
    'survive dropped subscriptions, with and without an error, and reset connections of the event store',
    async () => {
      load.begin(api, { senders: 8 });
      for (let repetition = 0; repetition < shortOrFull(2, 20); repetition++) {
        await pause(chance.between(50, 300));
        await servers.eventStore.faults.endSubscriptions();
        await pause(chance.between(50, 300));
        await servers.eventStore.faults.dropAsTooSlow();
        await pause(chance.between(50, 300));
        await servers.eventStore.faults.reset();
      }
      await load.end();
    },
  );

  testWithFaults('survive an event store that stores appends without an answer', async () => {
    for (let repetition = 0; repetition < shortOrFull(1, 10); repetition++) {
      load.begin(api, { senders: 8 });
      await pause(200);
      await servers.eventStore.faults.hangAppends({ store: true, next: 4 });
      await pause(500);
      await load.end();
    }
    await servers.eventStore.faults.lift();
  });

  testWithFaults(
    'while the event store does not answer, commands get 503 with Retry-After, however many wait, and are accepted later',
    async () => {
      const faults = isFullForm ? (['hangAppends', 'freeze'] as const) : (['freeze'] as const);
      for (const fault of faults) {
        await servers.eventStore.faults[fault]();
        const request = lodging();
        // one after the other, each with a time limit of its own, they would take longer than this test may
        const replies = await Promise.all(Array.from({ length: 200 }, () => sendOnce(api, request)));
        for (const reply of replies)
          expect(reply).toMatchObject({ status: 503, code: 'event_store_unavailable', retryAfter: '5' });
        await servers.eventStore.faults.lift();
        // afterEach sends both until they are accepted; the health is degraded until an append succeeds, and the append of
        // the first may have been stored after its time limit
        for (const sent of [request, lodging()]) ledger.addSent(sent);
      }
    },
  );

  test('while the event store is down, commands get 503 and record nothing, and queries state the age of their data', async () => {
    load.begin(api, { senders: 4 });
    await load.untilRecorded(10);
    await load.end();
    await load.repeatUntilKnown(api);
    await api.ready();
    const before = await countEvents();
    await servers.eventStore.kill();
    const request = lodging();
    ledger.addSent(request);
    expect(await sendOnce(api, request)).toMatchObject({
      status: 503,
      code: 'event_store_unavailable',
      retryAfter: '5',
    });

    const health = await api.until(({ checks }) => !checks.event_store.up && !checks.projections.up);
    const outageNoticedAt = Date.now();
    expect(health.checks.event_store.since).toMatch(/^\d{4}-/);
    expect(health.checks.read_models.up).toBe(true);
    expect(health.checks.projections.states.complaints).toMatchObject({ state: 'backing-off' });
    expect(await api.metric('redress_event_store_up')).toBe(0);
    expect(await api.metric('redress_read_models_up')).toBe(1);
    const { status, body } = await api.call('/v1/queue');
    expect(status).toBe(200);
    const view = body.view as { readonly currentAt: string };
    expect(Date.parse(view.currentAt)).toBeLessThanOrEqual(outageNoticedAt);
    await pause(1100);
    expect((await api.call('/v1/queue')).body.view).toEqual(body.view);
    const history = await api.call(`/v1/complaints/${uuid()}/history`);
    expect(history).toMatchObject({ status: 503, body: { code: 'event_store_unavailable' } });

    await servers.eventStore.restart();
    expect(await countEvents()).toBe(before);
    await load.repeatUntilKnown(api); // the health is degraded until an append succeeds
    await api.ready();
    expect(await api.metric('redress_event_store_up')).toBe(1);
    const logIndexOf = (msg: string, what?: string): number =>
      api.log.findIndex((line) => line.msg === msg && (what === undefined || line.what === what));
    expect(logIndexOf('the event store does not answer')).toBeGreaterThan(-1);
    expect(logIndexOf('recovered', 'event store')).toBeGreaterThan(logIndexOf('the event store does not answer'));
  });

  const MONGO_KILLS = shortOrFull(2, 20);
  test(`survive ${String(MONGO_KILLS)} kills of MongoDB under load; queries get 503, and commands continue`, async () => {
    for (let kill = 0; kill < MONGO_KILLS; kill++) {
      load.begin(api, { senders: 8 });
      await load.untilRecorded(chance.between(10, 60));
      await pause(chance.between(0, 50));
      await servers.documents.kill();
      const { status, headers, body } = await api.call('/v1/queue');
      // with another status, the logged error of the request appears in the message of the failed test
      const loggedError =
        status === 503 ? null : api.log.find((line) => line.correlationId === body.correlationId && 'err' in line);
      expect({ status, code: body.code, loggedError }).toEqual({
        status: 503,
        code: 'read_models_unavailable',
        loggedError: null,
      });
      expect(headers.get('retry-after')).toBe('5');
      const before = ledger.recorded.size;
      await load.untilRecorded(1);
      expect(ledger.recorded.size).toBeGreaterThan(before);
      if (kill === 0) {
        const { checks } = await api.health();
        expect(checks.read_models).toMatchObject({ up: false, since: expect.stringMatching(/^\d{4}-/) as string });
      }
      await servers.documents.restart();
      await load.end();
    }
  });

  const RUNNER_KILLS = shortOrFull(3, 50);
  test(`survive ${String(RUNNER_KILLS)} kills of the projections process under load`, async () => {
    for (let kill = 0; kill < RUNNER_KILLS; kill++) {
      load.begin(api, { senders: 8 });
      await load.untilRecorded(chance.between(5, 60));
      await runner.kill();
      await load.untilRecorded(20); // so that the next batch is larger than those of a running process
      await load.end();
      runner = await RoleProcess.start(servers, 'projections');
      await runner.untilLeading();
    }
  });

  const OVERLAPS = shortOrFull(1, 20);
  test(`survive ${String(OVERLAPS)} overlaps of two projections processes that both believe that they hold the lease`, async () => {
    let standby = await RoleProcess.start(servers, 'projections');
    for (let repetition = 0; repetition < OVERLAPS; repetition++) {
      load.begin(api, { senders: 8 });
      await pause(chance.between(50, 300));
      runner.signal('SIGSTOP'); // when it continues, it believes at first that it still holds the lease
      await standby.untilLeading();
      if (chance.percent(50)) await pause(chance.between(0, 200));
      runner.signal('SIGCONT');
      await pause(chance.between(100, 400));
      await load.end();
      while (await runner.isLeader()) await pause(20);
      [runner, standby] = [standby, runner];
    }
    expect(await standby.stop()).toMatchObject({ code: 0 });
  });

  /** The number of events in a log that verifies. */
  async function countEvents(): Promise<number> {
    return (await verify(configurationOf(servers))).events;
  }
});

const lodging = (): CommandRequest => ({
  key: uuid(),
  by: 'intake_officer',
  path: '/v1/complaints',
  body: { channel: 'email', narrative: 'It was cold.' },
});

/** Sends a command once. Returns status, code and Retry-After of the answer. */
async function sendOnce(api: RoleProcess, { key, by, path, body }: CommandRequest) {
  const response = await fetch(api.url + path, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${api.keys.ofRole(by)?.key ?? ''}`,
      'content-type': 'application/json',
      'idempotency-key': key,
    },
    body: JSON.stringify(body),
  });
  const { code } = (await response.json()) as JsonObject;
  return { status: response.status, code, retryAfter: response.headers.get('retry-after') };
}
