import { writeFileSync } from 'node:fs';
import { compareAll, verify } from '../support/service/audit.js';
import { Chance } from '../support/service/chance.js';
import { runs, seed } from '../support/service/extent.js';
import { describeService, freshFolder } from '../support/service/folders.js';
import { Ledger } from '../support/service/ledger.js';
import { Load } from '../support/service/load.js';
import { eventsIn, reckoned } from '../support/service/reckoning.js';
import { ServiceProcess, type ProcessOptions, STOPPED } from '../support/service/service-process.js';

const SECOND = 1000;
const DAY = 86_400 * SECOND;
/** Milliseconds ahead of the true time. Each is met; the order is drawn. */
const JUMPS = [-400 * DAY, -2 * DAY, -3600 * SECOND, -SECOND, 0, 90 * SECOND, 3600 * SECOND, 40 * DAY];

describeService('a clock that jumps', () => {
  const folder = freshFolder();

  test('never takes recordedAt back, refuses nobody for it, and loses nothing over kills and restarts', async () => {
    const file = folder.inside('clock');
    const ahead = (milliseconds: number) => {
      writeFileSync(file, String(milliseconds));
    };
    const options: ProcessOptions = { preload: ['clock'], environment: { REDRESS_TEST_CLOCK: file } };
    const chance = new Chance(seed);
    const ledger = new Ledger();
    const load = new Load(ledger, chance);
    ahead(0);
    let service = await ServiceProcess.start(folder.path, options);
    for (const jump of Array.from({ length: runs(1, 5) }, () => chance.shuffled(JUMPS)).flat()) {
      load.begin(service, 8);
      await load.records(10);
      ahead(jump);
      await load.records(10);
      if (chance.percent(25)) {
        await service.kill();
        await load.end();
        service = await ServiceProcess.start(folder.path, options);
        await load.settle(service);
      } else await load.end();
    }
    ahead(-30 * DAY);
    await load.settle(service);
    await load.repeat(service);
    expect(await service.stop()).toEqual(STOPPED);

    expect(await reckoned(folder.path, ledger)).toEqual([]);
    expect(await verify(folder.path)).toMatchObject({ ok: true });
    expect([...ledger.refused.values()].filter((code) => /occurred|future|time|before/.test(code))).toEqual([]);
    for (const report of await compareAll(folder.path)) expect(report).toMatchObject({ outcome: 'equal' });
    expect(await spanOfDays(folder.path)).toBeGreaterThan(30); // it did jump
  });
});

async function spanOfDays(folder: string): Promise<number> {
  let [least, most] = [Infinity, -Infinity];
  for await (const { metadata } of eventsIn(folder)) {
    const recordedAt = Date.parse((JSON.parse(metadata) as { readonly recordedAt: string }).recordedAt);
    [least, most] = [Math.min(least, recordedAt), Math.max(most, recordedAt)];
  }
  return (most - least) / DAY;
}
