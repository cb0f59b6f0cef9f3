import { compareAll, verify } from '../support/service/audit.js';
import { Chance } from '../support/service/chance.js';
import { runs, seed } from '../support/service/extent.js';
import { describeService, freshFolder } from '../support/service/folders.js';
import { Ledger } from '../support/service/ledger.js';
import { Load } from '../support/service/load.js';
import { reckoned } from '../support/service/reckoning.js';
import { redress } from '../support/service/redress-command.js';
import { ServiceProcess, STOPPED } from '../support/service/service-process.js';

describeService('two services on one store', () => {
  const folder = freshFolder();

  test('the second ends at once and names the first, which goes on undisturbed', async () => {
    const ledger = new Ledger();
    const load = new Load(ledger, new Chance(seed));
    const first = await ServiceProcess.start(folder.path);
    load.begin(first, 8);
    for (let attempt = 0; attempt < runs(2, 10); attempt++) {
      const { code, said } = await redress(folder.path, ['serve']);
      expect({ code, said }).toEqual({
        code: 1,
        said: expect.stringMatching(/^redress: .* is in use by process \d+ on /),
      });
      expect(said).toContain(`process ${String(first.pid)} `);
      expect(said).toContain(` at ${first.url}, since `);
    }
    await load.end();
    await load.settle(first);
    await load.repeat(first);
    expect(await first.stop()).toEqual(STOPPED);
    await allIsWell(ledger);
  });

  test('of several that start at once one serves, and the others end', async () => {
    const ledger = new Ledger();
    const load = new Load(ledger, new Chance(seed));
    const services = Array.from({ length: 3 }, () => ServiceProcess.begin(folder.path));
    const one = await Promise.any(services.map((service) => service.answering()));
    const others = services.filter((service) => service !== one);
    for (const { code, said } of await Promise.all(others.map(({ end }) => end))) {
      expect(code).not.toBe(0);
      expect(said).toContain(`is in use by process ${String(one.pid)} on `);
    }
    load.begin(one, 4);
    await load.records(10);
    await load.end();
    await load.settle(one);
    expect(await one.stop()).toEqual(STOPPED);
    await allIsWell(ledger);
  });

  async function allIsWell(ledger: Ledger): Promise<void> {
    expect(await reckoned(folder.path, ledger)).toEqual([]);
    expect(await verify(folder.path)).toMatchObject({ ok: true });
    for (const report of await compareAll(folder.path)) expect(report).toMatchObject({ outcome: 'equal' });
  }
});
