import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { v4 as uuid } from 'uuid';
import { compareAll, verify } from '../support/service/audit.js';
import { Chance } from '../support/service/chance.js';
import { runs, seed } from '../support/service/extent.js';
import { describeService } from '../support/service/folders.js';
import { Ledger, type Answer, type Sending } from '../support/service/ledger.js';
import { Load } from '../support/service/load.js';
import { reckoned } from '../support/service/reckoning.js';
import { send } from '../support/service/sender.js';
import { killRemaining, ServiceProcess } from '../support/service/service-process.js';
import { noSmallDisk, SmallDisk } from '../support/service/small-disk.js';

const place = mkdtempSync(join(tmpdir(), 'redress-disk-'));
const why = noSmallDisk(place);

describeService(`a disk that is full (seed ${String(seed)})${why === undefined ? '' : ` (skipped: ${why})`}`, () => {
  let disk: SmallDisk;
  beforeEach(() => {
    if (why === undefined) disk = SmallDisk.mount(place, 24);
  });
  afterEach(() => {
    killRemaining();
    if (why === undefined) disk.unmount();
  });
  afterAll(() => {
    rmSync(place, { recursive: true, force: true });
  });

  const chances = Array.from({ length: runs(2, 20) }, (_, index) => new Chance(seed + index));
  (why === undefined ? test.each(chances) : test.skip.each(chances))(
    'is told to the senders; nothing acknowledged is lost, and work goes on when there is room again ($seed)',
    async (chance) => {
      const ledger = new Ledger();
      const load = new Load(ledger, chance);
      let service = await ServiceProcess.start(disk.folder);
      load.begin(service, 8);
      await pause(400);
      await load.end();

      disk.fill(chance.between(4, 400));
      const refusals = await untilRefused(service, ledger);
      for (const answer of refusals) expect(answer).toMatchObject({ status: 503, code: 'event_store_unavailable' });
      const [one] = ledger.recorded.values();
      expect(await service.get(`/v1/complaints/${one?.id ?? ''}/history`)).toMatchObject({ status: 200 });
      expect(await service.get('/health/live')).toMatchObject({ status: 200 });
      if (chance.percent(30)) {
        await service.kill();
        disk.clear();
        service = await ServiceProcess.start(disk.folder);
      } else disk.clear();

      await load.settle(service, 30_000);
      await service.ready();
      load.begin(service, 4);
      await pause(300);
      await load.end();
      await load.settle(service);
      await load.repeat(service);
      expect(await service.stop()).toMatchObject({ code: 0, signal: null });

      expect(await reckoned(disk.folder, ledger)).toEqual([]);
      expect(await verify(disk.folder)).toMatchObject({ ok: true });
      for (const report of await compareAll(disk.folder)) expect(report).toMatchObject({ outcome: 'equal' });
    },
  );

  /** Lodges long complaints until some are not taken; answers how they were not. */
  async function untilRefused(service: ServiceProcess, ledger: Ledger): Promise<Answer[]> {
    for (let round = 0; round < 200; round++) {
      const answers = await Promise.all(
        Array.from({ length: 4 }, async () => {
          const body = { channel: 'email', narrative: '菜是凉的。'.repeat(1500) };
          const sending: Sending = { key: uuid(), by: 'intake_officer', path: '/v1/complaints', body };
          ledger.sent(sending);
          const answer = await send(service, sending);
          ledger.answered(sending, answer);
          return answer;
        }),
      );
      const refusals = answers.filter(({ kind }) => kind !== 'recorded');
      if (refusals.length > 0) return refusals;
    }
    throw new Error('the disk never was full');
  }
});
