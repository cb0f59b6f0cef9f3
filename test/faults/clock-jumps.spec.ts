import { writeFileSync } from 'node:fs';
import { compareAll, verify } from '../support/service/audit.js';
import { Chance } from '../support/service/chance.js';
import { shortOrFull, seed } from '../support/service/extent.js';
import { describeService, freshFolder } from '../support/service/folders.js';
import { Ledger } from '../support/service/ledger.js';
import { Load } from '../support/service/load.js';
import { eventsIn, ledgerDifferences } from '../support/service/ledger-differences.js';
import { ServiceProcess, type ProcessOptions, STOPPED } from '../support/service/service-process.js';

const SECOND_MS = 1000;
const DAY_MS = 86_400 * SECOND_MS;
/** Differences between the clock of the service and the true time, in milliseconds. Each is used, in random order. */
const OFFSETS_MS = [
  -400 * DAY_MS,
  -2 * DAY_MS,
  -3600 * SECOND_MS,
  -SECOND_MS,
  0,
  90 * SECOND_MS,
  3600 * SECOND_MS,
  40 * DAY_MS,
];

describeService('a service whose clock jumps, and which is killed and restarted', () => {
  const folder = freshFolder();

  test('never decreases recordedAt in a stream, refuses no command because of its time, and loses no event', async () => {
    const file = folder.inside('clock');
    const setClockOffset = (milliseconds: number) => {
      writeFileSync(file, String(milliseconds));
    };
    const options: ProcessOptions = { preload: ['clock'], environment: { REDRESS_TEST_CLOCK: file } };
    const chance = new Chance(seed);
    const ledger = new Ledger();
    const load = new Load(ledger, chance);
    setClockOffset(0);
    let service = await ServiceProcess.start(folder.path, options);
    for (const offset of Array.from({ length: shortOrFull(1, 5) }, () => chance.shuffled(OFFSETS_MS)).flat()) {
      load.begin(service, { senders: 8 });
      await load.untilRecorded(10);
      setClockOffset(offset);
      await load.untilRecorded(10);
      if (chance.percent(25)) {
        await service.kill();
        await load.end();
        service = await ServiceProcess.start(folder.path, options);
        await load.repeatUntilKnown(service);
      } else await load.end();
    }
    setClockOffset(-30 * DAY_MS);
    await load.repeatUntilKnown(service);
    await load.repeat(service);
    expect(await service.stop()).toEqual(STOPPED);

    expect(await ledgerDifferences(folder.path, ledger)).toEqual([]);
    expect(await verify(folder.path)).toMatchObject({ ok: true });
    expect([...ledger.refused.values()].filter((code) => /occurred|future|time|before/.test(code))).toEqual([]);
    for (const report of await compareAll(folder.path)) expect(report).toMatchObject({ outcome: 'equal' });
    expect(await recordedDays(folder.path)).toBeGreaterThan(30); // the clock of the service did jump
  });
});

/** The days between the earliest and the latest recordedAt of the log. */
async function recordedDays(folder: string): Promise<number> {
  let [earliest, latest] = [Infinity, -Infinity];
  for await (const { metadata } of eventsIn(folder)) {
    const recordedAt = Date.parse((JSON.parse(metadata) as { readonly recordedAt: string }).recordedAt);
    [earliest, latest] = [Math.min(earliest, recordedAt), Math.max(latest, recordedAt)];
  }
  return (latest - earliest) / DAY_MS;
}
