import { setTimeout as pause } from 'node:timers/promises';
import { eventually } from '../support/eventually.js';
import { compareAll, verify } from '../support/service/audit.js';
import { Chance } from '../support/service/chance.js';
import { setClockFile } from '../support/service/clock-file.js';
import { HoldEnds, writeHolds, type HoldsPlan } from '../support/service/due-holds.js';
import { isFullForm, seed, shortOrFull } from '../support/service/extent.js';
import { describeService, freshFolder } from '../support/service/folders.js';
import { eventsIn } from '../support/service/ledger-differences.js';
import { redress } from '../support/service/redress-command.js';
import { ServiceProcess, STOPPED, type ProcessOptions } from '../support/service/service-process.js';

const DAY_MS = 86_400_000;
/** In the full form 10,000 holds end within a minute. */
const COMPLAINTS = shortOrFull(10, 500);
const HOLDS_EACH = shortOrFull(10, 20);
const WITHIN_MS = shortOrFull(3000, 60_000);
const repetitions = Array.from({ length: shortOrFull(1, 50) }, (_, index) => index);
/** Enough for all commands on a busy machine. */
const LIMIT_MS = shortOrFull(120_000, 600_000);

describeService('holds that end by themselves, thousands within a minute', () => {
  const folder = freshFolder();
  let plan: HoldsPlan;
  let options: ProcessOptions;

  const setClockOffset = (milliseconds: number): void => {
    setClockFile(folder.inside('clock'), milliseconds);
  };
  /** Sets the clock of the service to a number of milliseconds after the first expected end. */
  const setClockAfterFirst = (milliseconds: number): void => {
    setClockOffset(plan.from + milliseconds - Date.now());
  };

  beforeEach(async () => {
    plan = { complaints: COMPLAINTS, holdsEach: HOLDS_EACH, from: Date.now() + DAY_MS, within: WITHIN_MS };
    options = { preload: ['clock'], environment: { REDRESS_TEST_CLOCK: folder.inside('clock') } };
    writeHolds(folder.inside('holds.ndjson'), plan);
    const importing = [
      'import',
      'commands',
      folder.inside('holds.ndjson'),
      '--json',
      '--rejects',
      folder.inside('rejects'),
    ];
    expect(await redress(folder.path, importing)).toMatchObject({ code: 0 });
  });

  async function holdEnds(): Promise<HoldEnds> {
    const ends = new HoldEnds();
    for await (const event of eventsIn(folder.path)) ends.add(event);
    return ends;
  }

  const untilAllEnded = (service: ServiceProcess): Promise<void> =>
    eventually(async () => {
      const { status, body } = await service.get('/health/ready');
      const { timers } = body.checks as { readonly timers?: { readonly due?: number } };
      if (status !== 200 || timers?.due !== 0) throw new Error(JSON.stringify(body));
      const { recorded, placed } = await holdEnds();
      if (recorded < placed) throw new Error(`${String(recorded)} of ${String(placed)} holds have ended`);
    }, LIMIT_MS);

  /** Expects that every hold ended once and not early, and that log and read models are sound. Returns the delay. */
  async function expectEnded(service: ServiceProcess): Promise<number> {
    await untilAllEnded(service);
    expect(await service.stop()).toEqual(STOPPED);
    const ends = await holdEnds();
    expect(ends.placed).toBe(COMPLAINTS * HOLDS_EACH);
    expect(ends.differences()).toEqual([]);
    expect(await verify(folder.path)).toMatchObject({ ok: true });
    for (const report of await compareAll(folder.path)) expect(report).toMatchObject({ outcome: 'equal' });
    return ends.maxDelayMs;
  }

  test('are each recorded once, not early, and soon', async () => {
    setClockAfterFirst(-2000);
    const service = await ServiceProcess.start(folder.path, options);
    await pause(WITHIN_MS + 2000);
    const delay = await expectEnded(service);
    expect(delay).toBeLessThan(isFullForm ? 120_000 : 60_000);
  });

  test.each(repetitions)(
    'are each recorded once, although the service is killed again and again (%i)',
    async (index) => {
      const chance = new Chance(seed + index);
      setClockAfterFirst(-1000);
      for (let kill = 0; kill < shortOrFull(2, 4); kill++) {
        const service = await ServiceProcess.start(folder.path, options);
        await pause(chance.between(200, shortOrFull(1500, WITHIN_MS / 4)));
        await service.kill();
      }
      const service = await ServiceProcess.start(folder.path, options);
      await expectEnded(service);
    },
  );

  test.each(repetitions)('are each recorded once, although the clock steps back and forth (%i)', async (index) => {
    const chance = new Chance(seed + index);
    setClockAfterFirst(-1000);
    const service = await ServiceProcess.start(folder.path, options);
    for (let step = 0; step < shortOrFull(4, 20); step++) {
      await pause(chance.between(100, 1000));
      setClockAfterFirst(chance.between(-WITHIN_MS / 2, WITHIN_MS));
    }
    setClockAfterFirst(-60_000);
    await pause(2000);
    setClockAfterFirst(WITHIN_MS);
    await expectEnded(service);
  });

  test('are all recorded after a long time without the service', async () => {
    setClockAfterFirst(WITHIN_MS + 30 * DAY_MS);
    const service = await ServiceProcess.start(folder.path, options);
    await expectEnded(service);
  });
});
