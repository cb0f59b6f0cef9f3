import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { intakeBatches } from '../../projections/intake-batches/projection.js';
import { loadConfiguration, type Configuration } from '../../src/platform/configuration.js';
import { redress } from '../support/service/redress-command.js';
import { registerFile } from '../support/service/register.js';
import { compareAll, configurationOf, verify } from '../support/servers/audit.js';
import { describeServers } from '../support/servers/servers.js';

/** An extract of the public register, which is not in this repository; without it, the test generates a file. */
const extract = join(__dirname, '..', '..', '..', 'shared', 'data', 'cfpb-2013-2016.csv');
const fileName = existsSync(extract)
  ? 'the extract of 2013–2016'
  : 'a generated file (the extract of 2013–2016 is missing)';

/** The contents of the log and the read models after an import, without values that differ for every import. */
async function contentsOf(configuration: Configuration) {
  const { ok, events, streams } = await verify(configuration);
  const reports = await compareAll(configuration);
  const models = reports.map(({ name, outcome, live }) => {
    // each import is a batch with a random id, so the content of this model differs
    const content = name === intakeBatches.name ? null : live?.contentDigest;
    return [name, outcome, live?.documents, content];
  });
  return { ok, events, streams, models };
}

describeServers('the import of the CFPB register', (servers) => {
  test(`${fileName} gives the same log and read models on embedded stores and on EventStoreDB with MongoDB`, async () => {
    const file = existsSync(extract) ? extract : registerFile(servers().inside('register.csv'));
    const importInto = async (folder: string, environment: Record<string, string>) => {
      const rejects = servers().inside('rejects.csv');
      const args = ['import', 'cfpb', file, '--json', '--rejects', rejects];
      const { code, output } = await redress(folder, args, { environment });
      // the exit code may be 1, because the extract has invalid rows
      expect({ code, output }).toMatchObject({
        code: expect.any(Number) as number,
        output: expect.stringMatching(/"rows"/) as string,
      });
      return JSON.parse(output.slice(output.indexOf('{\n'))) as { readonly rows: number; readonly newEvents: number };
    };
    const embedded = servers().inside('embedded');
    const report = await importInto(embedded, {});
    expect(await importInto(servers().data, servers().environment)).toEqual(report);
    const onServers = await contentsOf(configurationOf(servers()));
    expect(onServers).toEqual(await contentsOf(loadConfiguration({ REDRESS_DATA: embedded })));
    expect(onServers.ok).toBe(true);
    expect(new Set(onServers.models.map(([, outcome]) => outcome))).toEqual(new Set(['equal']));
    expect(onServers.events).toBeGreaterThan(report.rows);
    const again = await importInto(servers().data, servers().environment);
    expect(again).toMatchObject({ rows: report.rows, newEvents: 0 });
  });
});
