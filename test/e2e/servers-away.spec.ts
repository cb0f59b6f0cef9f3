import { EventStoreDBClient, jsonEvent } from '@eventstore/db-client';
import { eventually } from '../support/eventually.js';
import { spawnEsdbDouble, type SpawnedEsdbDouble } from '../support/esdb/spawn-double.js';
import { freePort } from '../support/network/ports.js';
import { RoleProcess, killProcesses } from '../support/servers/role-process.js';
import { send } from '../support/service/sender.js';
import type { End } from '../support/service/service-process.js';
import { describeService, freshFolder } from '../support/service/folders.js';
import { redress } from '../support/service/redress-command.js';

describeService('if a server cannot be used', () => {
  const folder = freshFolder();
  let double: SpawnedEsdbDouble | undefined;

  afterEach(async () => {
    killProcesses();
    await double?.kill();
    double = undefined;
  });

  /** Options of a process that uses this event store; it does not wait for servers unless `variables` says so. */
  const optionsFor = (eventStore: string, variables: Record<string, string> = {}) => ({
    environment: { REDRESS_EVENTSTORE: eventStore, REDRESS_START_SECONDS: '0', ...variables },
  });

  /** The output of a failed process. Expects exit code 1 and one line with `redress:`, no stack and no password. */
  function singleErrorLine({ code, output }: Pick<End, 'code' | 'output'>): string {
    const lines = output.trim().split('\n');
    expect({ code, lines: lines.length, output }).toEqual({ code: 1, lines: 1, output });
    expect(output).toMatch(/^redress: (?!.*secret)/);
    return output;
  }

  const startService = (environment: Record<string, string>) =>
    RoleProcess.begin({ data: folder.inside('data'), environment }, 'all');

  test('every command and the service name its address in one line', async () => {
    const unreachable = `esdb://ops:secret@127.0.0.1:${String(await freePort())}?tls=false`;
    const nothingListens =
      /the event store at esdb:\/\/127\.0\.0\.1:\d+ \(REDRESS_EVENTSTORE\) .* nothing listens there: start/;
    for (const args of [['verify'], ['serve'], ['history', '0198c0de-0000-7000-8000-000000000000'], ['queue']])
      expect(singleErrorLine(await redress(folder.inside('data'), args, optionsFor(unreachable)))).toMatch(
        nothingListens,
      );
    expect(singleErrorLine(await startService(optionsFor(unreachable).environment).end)).toMatch(nothingListens);
    const mongo = { REDRESS_READMODELS: `mongodb://ops:secret@127.0.0.1:${String(await freePort())}/redress` };
    const { environment } = optionsFor('', mongo);
    expect(singleErrorLine(await startService(environment).end)).toMatch(
      /MongoDB at .*\(REDRESS_READMODELS\).* nothing listens/,
    );
  });

  test('a missing right or a wrong password is named in one line', async () => {
    double = await spawnEsdbDouble();
    const url = double.connectionString;
    const service = await startService(optionsFor(url).environment).untilListening();
    await service.stop();
    await double.faults.denyAll(); // denies only to read $all
    for (const args of [['verify'], ['serve']])
      expect(singleErrorLine(await redress(folder.inside('data'), args, optionsFor(url)))).toMatch(
        /right to read \$all/,
      );
    await double.faults.rejectUser();
    for (const args of [['verify'], ['serve']])
      expect(singleErrorLine(await redress(folder.inside('data'), args, optionsFor(url)))).toMatch(
        /user and the password/,
      );
  });

  test('a starting service waits for it, and logs one line for each attempt', async () => {
    const port = await freePort();
    const { environment } = optionsFor(`esdb://127.0.0.1:${String(port)}?tls=false`, { REDRESS_START_SECONDS: '600' });
    const service = startService(environment);
    const attempts = () =>
      service.log.filter(({ msg }) => typeof msg === 'string' && /nothing listens there.*; trying again$/.test(msg));
    await eventually(() => {
      if (attempts().length === 0) throw new Error('the service has not tried yet');
      return true;
    });
    double = await spawnEsdbDouble({ port });
    await service.untilListening();
    expect(attempts().length).toBeGreaterThan(0);
    expect(await service.stop()).toMatchObject({ code: 0 });
  });

  test('a running service logs why it cannot be used, once for each cause, and reports it to callers with a key', async () => {
    double = await spawnEsdbDouble();
    const url = double.connectionString.replace('//', '//ops:secret@');
    const service = await startService(optionsFor(url).environment).untilListening();
    await service.ready();
    await double.faults.rejectUser();
    await double.faults.reset();
    const cause =
      `the event store at esdb://127.0.0.1:${String(double.port)} (REDRESS_EVENTSTORE) cannot be used because it does ` +
      'not accept the user and the password: correct both in the address; without TLS none are sent';
    const { checks } = await service.until((health) => health.checks.event_store.cause === cause);
    expect(checks.event_store.up).toBe(false);
    const withoutKey = (await (await fetch(`${service.url}/health/ready`)).json()) as typeof checks;
    expect(withoutKey).toMatchObject({ status: 'down', checks: { event_store: { up: false } } });
    expect(JSON.stringify(withoutKey)).not.toMatch(/cause|password/);

    const body = { channel: 'phone', narrative: 'The parcel never came.' };
    const answer = await send(service, { key: 'away-1', by: 'intake_officer', path: '/v1/complaints', body });
    expect(answer).toMatchObject({ code: 'event_store_unavailable' });
    const linesOf = (msg: string) => service.log.filter((line) => line.msg === msg && line.cause === cause);
    const alarms = [
      'the event store does not answer',
      'the event store rejects appends',
      'a projection fails and retries',
    ];
    await eventually(() => alarms.every((msg) => linesOf(msg).length > 0));

    await double.faults.lift();
    await service.until((health) => health.checks.event_store.up);
    expect(linesOf('the event store does not answer')).toHaveLength(1);
    expect((await service.stop()).output).not.toContain('secret');
  });

  test('verify reports that a server has no Redress store and writes nothing; with a store, it counts foreign events', async () => {
    double = await spawnEsdbDouble({ withoutForeignStreams: true });
    const client = EventStoreDBClient.connectionString(double.connectionString);
    await client.appendToStream('order-1', jsonEvent({ type: 'OrderPlaced', data: {} }));
    for (let repetition = 0; repetition < 2; repetition++)
      expect(
        singleErrorLine(await redress(folder.inside('data'), ['verify'], optionsFor(double.connectionString))),
      ).toMatch(/there is no Redress store at esdb:\/\/127\.0\.0\.1:\d+: correct the address/);

    const service = await startService(optionsFor(double.connectionString).environment).untilListening();
    await service.stop();
    expect(await redress(folder.inside('data'), ['verify'], optionsFor(double.connectionString))).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(
        /is sound: 9 events in 9 streams .*\nit also holds 1 events of other programs: order\n$/,
      ) as string,
    });
    await client.appendToStream('complaint-1', jsonEvent({ type: 'OrderPlaced', data: {} }));
    await client.dispose();
    expect(await redress(folder.inside('data'), ['verify'], optionsFor(double.connectionString))).toMatchObject({
      code: 1,
      stdout: expect.stringMatching(
        /NOT sound: stream complaint-1, revision 0, position [\d/]+: Redress did not write this OrderPlaced/,
      ) as string,
    });
  });
});
