import { compareAll, verify } from '../support/service/audit.js';
import { Chance } from '../support/service/chance.js';
import { shortOrFull, seed } from '../support/service/extent.js';
import { describeService, freshFolder } from '../support/service/folders.js';
import { Ledger } from '../support/service/ledger.js';
import { Load } from '../support/service/load.js';
import { ledgerDifferences } from '../support/service/ledger-differences.js';
import { redress } from '../support/service/redress-command.js';
import { ServiceProcess, STOPPED } from '../support/service/service-process.js';

describeService('several services on one data folder', () => {
  const folder = freshFolder();

  test('a second service exits at once and names the first one, which continues undisturbed', async () => {
    const ledger = new Ledger();
    const load = new Load(ledger, new Chance(seed));
    const first = await ServiceProcess.start(folder.path);
    load.begin(first, { senders: 8 });
    for (let attempt = 0; attempt < shortOrFull(2, 10); attempt++) {
      const { code, output } = await redress(folder.path, ['serve']);
      expect({ code, output }).toEqual({
        code: 1,
        output: expect.stringMatching(/^redress: .* is in use by process \d+ on /),
      });
      expect(output).toContain(`process ${String(first.pid)} `);
      expect(output).toContain(` at ${first.url}, since `);
    }
    await load.end();
    await load.repeatUntilKnown(first);
    await load.repeat(first);
    expect(await first.stop()).toEqual(STOPPED);
    await expectConsistentStores(ledger);
  });

  test('of three services that start at the same time one serves, and the others exit', async () => {
    const ledger = new Ledger();
    const load = new Load(ledger, new Chance(seed));
    const services = Array.from({ length: 3 }, () => ServiceProcess.begin(folder.path));
    const serving = await Promise.any(services.map((service) => service.untilListening()));
    const others = services.filter((service) => service !== serving);
    for (const { code, output } of await Promise.all(others.map(({ end }) => end))) {
      expect(code).not.toBe(0);
      expect(output).toContain(`is in use by process ${String(serving.pid)} on `);
    }
    load.begin(serving, { senders: 4 });
    await load.untilRecorded(10);
    await load.end();
    await load.repeatUntilKnown(serving);
    expect(await serving.stop()).toEqual(STOPPED);
    await expectConsistentStores(ledger);
  });

  /** Expects that the log agrees with the ledger and verifies, and that every read model equals its rebuild. */
  async function expectConsistentStores(ledger: Ledger): Promise<void> {
    expect(await ledgerDifferences(folder.path, ledger)).toEqual([]);
    expect(await verify(folder.path)).toMatchObject({ ok: true });
    for (const report of await compareAll(folder.path)) expect(report).toMatchObject({ outcome: 'equal' });
  }
});
