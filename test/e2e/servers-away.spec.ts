import { EventStoreDBClient, jsonEvent } from '@eventstore/db-client';
import { eventually } from '../support/eventually.js';
import { spawnEsdbDouble, type SpawnedEsdbDouble } from '../support/esdb/spawn-double.js';
import { freePort } from '../support/network/ports.js';
import { RoleProcess, killProcesses } from '../support/servers/role-process.js';
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
        /is sound: 1 events in 1 streams .*\nit also holds 1 events of other programs: order\n$/,
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
