import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { intakeBatches } from '../../projections/intake-batches/projection.js';
import { loadConfiguration, type Configuration } from '../../src/platform/configuration.js';
import { redress } from '../support/service/redress-command.js';
import { registerFile } from '../support/service/register.js';
import { compareAll, configurationOf, verify } from '../support/servers/audit.js';
import { describeServers } from '../support/servers/servers.js';

const published = join(__dirname, '..', '..', '..', 'shared', 'data', 'cfpb-2013-2016.csv');
const which = existsSync(published) ? 'of 2013–2016' : 'of the same layout (the published file is not here)';

/** What an import came to: what the log and the read models hold, but for what belongs to the run. */
async function outcomeOf(configuration: Configuration) {
  const { ok, events, streams } = await verify(configuration);
  const reports = await compareAll(configuration);
  const models = reports.map(({ name, outcome, live }) => {
    // every sending is a batch with an id of its own, which is the id of its document
    const content = name === intakeBatches.name ? null : live?.contentDigest;
    return [name, outcome, live?.documents, content];
  });
  return { ok, events, streams, models };
}

describeServers('the register of consumer complaints', (servers) => {
  test(`the file ${which} leaves the same read models on embedded stores and on EventStoreDB with MongoDB`, async () => {
    const file = existsSync(published) ? published : registerFile(servers().inside('register.csv'));
    const importing = async (folder: string, environment: Record<string, string>) => {
      const rejects = servers().inside('rejects.csv');
      const args = ['import', 'cfpb', file, '--json', '--rejects', rejects];
      const { code, said } = await redress(folder, args, { environment });
      // the published file has rows that cannot be used: then the command says so by its code
      expect({ code, said }).toMatchObject({
        code: expect.any(Number) as number,
        said: expect.stringMatching(/"rows"/) as string,
      });
      return JSON.parse(said.slice(said.indexOf('{\n'))) as { readonly rows: number; readonly newEvents: number };
    };
    const embedded = servers().inside('embedded');
    const counted = await importing(embedded, {});
    expect(await importing(servers().data, servers().environment)).toEqual(counted);
    const onServers = await outcomeOf(configurationOf(servers()));
    expect(onServers).toEqual(await outcomeOf(loadConfiguration({ REDRESS_DATA: embedded })));
    expect(onServers.ok).toBe(true);
    expect(new Set(onServers.models.map(([, outcome]) => outcome))).toEqual(new Set(['equal']));
    expect(onServers.events).toBeGreaterThan(counted.rows);
    const again = await importing(servers().data, servers().environment);
    expect(again).toMatchObject({ rows: counted.rows, newEvents: 0 });
  });
});
