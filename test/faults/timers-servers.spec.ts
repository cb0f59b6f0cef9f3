import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { openLogSource } from '../../src/app/engines.js';
import { eventually } from '../support/eventually.js';
import { Chance } from '../support/service/chance.js';
import { setClockFile } from '../support/service/clock-file.js';
import { HoldEnds, writeHolds, type HoldsPlan } from '../support/service/due-holds.js';
import { seed, shortOrFull } from '../support/service/extent.js';
import { eventsOf } from '../support/service/ledger-differences.js';
import { redress } from '../support/service/redress-command.js';
import { compareAll, configurationOf, verify } from '../support/servers/audit.js';
import { RoleProcess } from '../support/servers/role-process.js';
import { describeServers } from '../support/servers/servers.js';

const DAY_MS = 86_400_000;
/** In the full form 10,000 holds end within a minute. */
const COMPLAINTS = shortOrFull(5, 500);
const HOLDS_EACH = shortOrFull(10, 20);
const WITHIN_MS = shortOrFull(3000, 60_000);
const LIMIT_MS = shortOrFull(120_000, 900_000);
const repetitions = Array.from({ length: shortOrFull(1, 50) }, (_, index) => index);

const root = join(__dirname, '..', '..');
const entry = join(root, 'dist', 'src', 'main.js');
const clockPreload = join(root, 'test', 'support', 'service', 'preload', 'clock.cjs');

describeServers('two timers processes on servers, with holds that end by themselves', (servers) => {
  let plan: HoldsPlan;

  const setClockAfterFirst = (milliseconds: number): void => {
    setClockFile(servers().inside('clock'), plan.from + milliseconds - Date.now());
  };

  /** Starts a process with the role `timers`, whose clock the test sets. */
  const startTimers = (): Promise<RoleProcess> =>
    RoleProcess.begin(servers(), 'timers', { REDRESS_TEST_CLOCK: servers().inside('clock') }, [
      '--require',
      clockPreload,
      entry,
    ]).untilListening();

  const leads = async (process: RoleProcess): Promise<boolean> => (await process.metric('redress_timers_leader')) === 1;

  async function leaderOf(...processes: readonly RoleProcess[]): Promise<RoleProcess> {
    for (;;) {
      for (const process of processes) if (await leads(process)) return process;
      await pause(50);
    }
  }

  async function holdEnds(): Promise<HoldEnds> {
    const ends = new HoldEnds();
    const source = await openLogSource({ eventStore: configurationOf(servers()).eventStore });
    for await (const event of eventsOf(source, servers().eventStore.since)) ends.add(event);
    return ends;
  }

  const untilAllEnded = (): Promise<void> =>
    eventually(async () => {
      const { recorded, placed } = await holdEnds();
      if (recorded < placed) throw new Error(`${String(recorded)} of ${String(placed)} holds have ended`);
    }, LIMIT_MS);

  async function expectEnded(): Promise<void> {
    await untilAllEnded();
    await pause(2000); // a second process would now repeat what the first one has done
    const ends = await holdEnds();
    expect(ends.placed).toBe(COMPLAINTS * HOLDS_EACH);
    expect(ends.differences()).toEqual([]);
    expect(await verify(configurationOf(servers()))).toMatchObject({ ok: true });
  }

  beforeEach(async () => {
    plan = { complaints: COMPLAINTS, holdsEach: HOLDS_EACH, from: Date.now() + DAY_MS, within: WITHIN_MS };
    const file = servers().inside('holds.ndjson');
    writeHolds(file, plan);
    const importing = ['import', 'commands', file, '--json', '--rejects', servers().inside('rejects')];
    const { environment, data } = servers();
    expect(await redress(data, importing, { environment })).toMatchObject({ code: 0 });
    setClockAfterFirst(-5000);
  });

  test.each(repetitions)(
    'one stands by; the holds end once, although the leader is killed and frozen (%i)',
    async (index) => {
      const chance = new Chance(seed + index);
      const projections = await RoleProcess.start(servers(), 'projections');
      let [first, second] = await Promise.all([startTimers(), startTimers()]);
      const leader = await leaderOf(first, second);
      expect(await leads(leader === first ? second : first)).toBe(false);
      setClockAfterFirst(0);
      for (let fault = 0; fault < shortOrFull(2, 6); fault++) {
        await pause(chance.between(200, 1500));
        const current = await leaderOf(first, second);
        if (chance.percent(50)) {
          await current.kill();
          const started = await startTimers();
          [first, second] = [current === first ? second : first, started];
        } else {
          current.signal('SIGSTOP');
          await leaderOf(current === first ? second : first); // takes over after the term of the lease
          current.signal('SIGCONT');
        }
      }
      await expectEnded();
      await projections.ready();
      for (const process of [first, second, projections]) expect((await process.stop()).code).toBe(0);
      for (const report of await compareAll(configurationOf(servers())))
        expect(report).toMatchObject({ outcome: 'equal' });
    },
  );

  test('nothing is lost while the event store is away, and while no process runs the timers', async () => {
    const projections = await RoleProcess.start(servers(), 'projections');
    setClockAfterFirst(0);
    let timers = await startTimers();
    await leaderOf(timers);
    await pause(1000);
    await servers().eventStore.freeze();
    await pause(3000);
    await servers().eventStore.thaw();
    await timers.kill();
    setClockAfterFirst(WITHIN_MS + DAY_MS);
    timers = await startTimers();
    await expectEnded();
    for (const process of [timers, projections]) expect((await process.stop()).code).toBe(0);
  });
});
