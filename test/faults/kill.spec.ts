import { setTimeout as pause } from 'node:timers/promises';
import { MODEL_NAMES } from '../support/projections/model-names.js';
import { compareAll, verify } from '../support/service/audit.js';
import { Chance } from '../support/service/chance.js';
import { shortOrFull, seed } from '../support/service/extent.js';
import { describeService, freshFolder } from '../support/service/folders.js';
import { Ledger } from '../support/service/ledger.js';
import { Load } from '../support/service/load.js';
import { ledgerDifferences } from '../support/service/ledger-differences.js';
import { runCompare, runVerify } from '../support/service/redress-command.js';
import { ServiceProcess, STOPPED } from '../support/service/service-process.js';

const KILLS_PER_FOLDER = 5;
const folders = shortOrFull(2, 40);

describeService('a service that is killed with SIGKILL', () => {
  const folder = freshFolder();

  test.each(Array.from({ length: folders }, (_, index) => index))(
    `${String(KILLS_PER_FOLDER)} times under load has every acknowledged command exactly once (folder %i)`,
    async (index) => {
      const chance = new Chance(seed + index);
      const ledger = new Ledger();
      const load = new Load(ledger, chance);
      let acknowledgedUnderLoad = 0;
      for (let kill = 0; kill < KILLS_PER_FOLDER; kill++) {
        if (chance.percent(20)) await killDuringStart(chance);
        const service = await ServiceProcess.start(folder.path);
        await load.repeatUntilKnown(service);
        const before = ledger.recorded.size;
        load.begin(service, { senders: chance.between(1, 24) });
        const rebuilding = chance.percent(40)
          ? service.post(`/v1/projections/${chance.oneOf(MODEL_NAMES)}/rebuild`)
          : undefined;
        await load.untilRecorded(chance.between(10, 100));
        await pause(chance.between(0, 20)); // the kill comes at a random moment of the next commands
        await service.kill();
        await rebuilding;
        await load.end();
        acknowledgedUnderLoad += ledger.recorded.size - before;
      }
      const service = await ServiceProcess.start(folder.path);
      await load.repeatUntilKnown(service);
      await load.repeat(service);
      expect(await ledgerDifferences(folder.path, ledger)).toEqual([]);
      expect(await service.stop()).toEqual(STOPPED);

      expect(await ledgerDifferences(folder.path, ledger)).toEqual([]);
      expect(await verify(folder.path)).toMatchObject({ ok: true });
      for (const report of await compareAll(folder.path))
        expect(report).toMatchObject({ outcome: 'equal', differing: [] });
      expect(acknowledgedUnderLoad).toBeGreaterThanOrEqual(10 * KILLS_PER_FOLDER);
    },
  );

  test('leaves a log that `redress verify` accepts, and read models that equal a rebuild', async () => {
    const ledger = new Ledger();
    const load = new Load(ledger, new Chance(seed));
    const service = await ServiceProcess.start(folder.path);
    load.begin(service, { senders: 8 });
    await load.untilRecorded(50);
    await service.kill();
    await load.end();
    expect(await runVerify(folder.path)).toMatchObject({ ok: true });
    for (const name of MODEL_NAMES) expect(await runCompare(folder.path, name)).toMatchObject({ outcome: 'equal' });
  });

  async function killDuringStart(chance: Chance): Promise<void> {
    const service = ServiceProcess.begin(folder.path);
    await pause(chance.between(50, 900));
    await service.kill();
  }
});
