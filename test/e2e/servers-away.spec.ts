import { createServer, type AddressInfo } from 'node:net';
import { EventStoreDBClient, jsonEvent } from '@eventstore/db-client';
import { eventually } from '../support/eventually.js';
import { spawnEsdbDouble, type SpawnedEsdbDouble } from '../support/esdb/spawn-double.js';
import { RoleProcess, killProcesses } from '../support/servers/role-process.js';
import { describeService, freshFolder } from '../support/service/folders.js';
import { redress } from '../support/service/redress-command.js';

/** A port on which nothing listens now. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as AddressInfo;
  await new Promise((closed) => server.close(closed));
  return port;
}

describeService('servers that cannot be used', () => {
  const folder = freshFolder();
  let double: SpawnedEsdbDouble | undefined;

  afterEach(async () => {
    killProcesses();
    await double?.kill();
    double = undefined;
  });

  const on = (eventStore: string, more: Record<string, string> = {}) => ({
    environment: { REDRESS_EVENTSTORE: eventStore, REDRESS_START_SECONDS: '0', ...more },
  });

  /** One line that begins with the name of the command, without a stack and a password. */
  function oneLine({ code, said }: { readonly code: number | null; readonly said: string }): string {
    const lines = said.trim().split('\n');
    expect({ code, lines: lines.length, said }).toEqual({ code: 1, lines: 1, said });
    expect(said).toMatch(/^redress: (?!.*secret)/);
    return said;
  }

  const startService = (environment: Record<string, string>) =>
    RoleProcess.begin({ data: folder.inside('data'), environment }, 'all');

  test('are named in one line by every command and every entry', async () => {
    const nobody = `esdb://ops:secret@127.0.0.1:${String(await freePort())}?tls=false`;
    const nothing =
      /the event store at esdb:\/\/127\.0\.0\.1:\d+ \(REDRESS_EVENTSTORE\) .* nothing listens there: start/;
    for (const args of [['verify'], ['serve'], ['history', '0198c0de-0000-7000-8000-000000000000'], ['queue']])
      expect(oneLine(await redress(folder.inside('data'), args, on(nobody)))).toMatch(nothing);
    expect(oneLine(await startService(on(nobody).environment).end)).toMatch(nothing);
    const mongo = { REDRESS_READMODELS: `mongodb://ops:secret@127.0.0.1:${String(await freePort())}/redress` };
    const { environment } = on('', mongo);
    expect(oneLine(await startService(environment).end)).toMatch(
      /MongoDB at .*\(REDRESS_READMODELS\).* nothing listens/,
    );
  });

  test('are named when they deny access', async () => {
    double = await spawnEsdbDouble();
    const url = double.connectionString;
    const service = await startService(on(url).environment).listening();
    await service.stop();
    await double.faults.denyAll();
    for (const args of [['verify'], ['serve']])
      expect(oneLine(await redress(folder.inside('data'), args, on(url)))).toMatch(/right to read \$all/);
    await double.faults.rejectUser();
    for (const args of [['verify'], ['serve']])
      expect(oneLine(await redress(folder.inside('data'), args, on(url)))).toMatch(/user and the password/);
  });

  test('are waited for by a service that starts, with one line for each attempt', async () => {
    const port = await freePort();
    const { environment } = on(`esdb://127.0.0.1:${String(port)}?tls=false`, { REDRESS_START_SECONDS: '600' });
    const service = startService(environment);
    const attempts = () =>
      service.log.filter(({ msg }) => typeof msg === 'string' && /nothing listens there.*; trying again$/.test(msg));
    await eventually(() => {
      if (attempts().length === 0) throw new Error('it has not tried yet');
      return true;
    });
    double = await spawnEsdbDouble({ port });
    await service.listening();
    expect(attempts().length).toBeGreaterThan(0);
    expect(await service.stop()).toMatchObject({ code: 0 });
  });

  test('an event store without a store of Redress is named, and verify leaves it as it is', async () => {
    double = await spawnEsdbDouble();
    const client = EventStoreDBClient.connectionString(double.connectionString);
    await client.appendToStream('order-1', jsonEvent({ type: 'OrderPlaced', data: {} }));
    for (let time = 0; time < 2; time++)
      expect(oneLine(await redress(folder.inside('data'), ['verify'], on(double.connectionString)))).toMatch(
        /there is no Redress store at esdb:\/\/127\.0\.0\.1:\d+: correct the address/,
      );

    const service = await startService(on(double.connectionString).environment).listening();
    await service.stop();
    expect(await redress(folder.inside('data'), ['verify'], on(double.connectionString))).toMatchObject({
      code: 0,
      printed: expect.stringMatching(
        /is sound: 1 events in 1 streams .*\nit also holds 1 events of other programs: order\n$/,
      ) as string,
    });
    await client.appendToStream('complaint-1', jsonEvent({ type: 'OrderPlaced', data: {} }));
    await client.dispose();
    expect(await redress(folder.inside('data'), ['verify'], on(double.connectionString))).toMatchObject({
      code: 1,
      printed: expect.stringMatching(
        /NOT sound: stream complaint-1, revision 0, position [\d/]+: Redress did not write this OrderPlaced/,
      ) as string,
    });
  });
});
