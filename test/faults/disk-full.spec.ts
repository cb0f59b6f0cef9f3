import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { v4 as uuid } from 'uuid';
import { GENESIS_HASH } from '../../src/eventstore/chain.js';
import { encodeBatch } from '../../src/eventstore/codec.js';
import { openSqliteEventStore } from '../../src/eventstore/sqlite/sqlite-event-store.js';
import { instant } from '../../src/platform/moment.js';
import { openDatabase } from '../../src/platform/sqlite.js';
import { HANDLER, NOON } from '../support/given.js';
import { compareAll, verify } from '../support/service/audit.js';
import { Chance } from '../support/service/chance.js';
import { runs, seed } from '../support/service/extent.js';
import { describeService } from '../support/service/folders.js';
import { Ledger, type Answer, type CommandRequest } from '../support/service/ledger.js';
import { Load } from '../support/service/load.js';
import { reckoned } from '../support/service/reckoning.js';
import { send } from '../support/service/sender.js';
import { killRemaining, ServiceProcess } from '../support/service/service-process.js';
import { noSmallDisk, SmallDisk } from '../support/service/small-disk.js';

/** Bytes of a page in the write-ahead log, and how many pages its index has room for before it must grow. */
const FRAME = 4120;
const INDEXED = 4062;

const place = mkdtempSync(join(tmpdir(), 'redress-disk-'));
const why = noSmallDisk(place);

describeService(`a disk that is full${why === undefined ? '' : ` (skipped: ${why})`}`, () => {
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

  const rounds = Array.from({ length: runs(2, 20) }, (_, index) => index);
  (why === undefined ? test.each(rounds) : test.skip.each(rounds))(
    'is told to the senders; nothing acknowledged is lost, and work goes on when there is room again (round %i)',
    async (round) => {
      const chance = new Chance(seed + round);
      const ledger = new Ledger();
      const load = new Load(ledger, chance);
      let service = await ServiceProcess.start(disk.folder);
      load.begin(service, 8);
      await load.records(20);
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

      await load.settle(service);
      await service.ready();
      load.begin(service, 4);
      await load.records(10);
      await load.end();
      await load.settle(service);
      await load.repeat(service);
      expect(await service.stop()).toMatchObject({ code: 0, signal: null });

      expect(await reckoned(disk.folder, ledger)).toEqual([]);
      expect(await verify(disk.folder)).toMatchObject({ ok: true });
      for (const report of await compareAll(disk.folder)) expect(report).toMatchObject({ outcome: 'equal' });
    },
  );

  (why === undefined ? test : test.skip)(
    'is waited for where it has no room for the index of a long write-ahead log alone',
    async () => {
      const path = join(disk.folder, 'events.db');
      const fatal: unknown[] = [];
      const store = await openSqliteEventStore(path, { onFatal: (error) => fatal.push(error) });
      // a reader of an older state keeps the log from being moved into the file
      const reader = openDatabase(path, { readonly: true });
      reader.exec('BEGIN');
      reader.prepare('SELECT count(*) FROM events').get();
      let streams = 0;
      const add = async (characters: number): Promise<unknown> => {
        const stream = `case-${String(++streams)}`;
        const note = { type: 'Noted', version: 1, data: { text: 'a'.repeat(characters) } };
        const batch = encodeBatch(stream, 0, GENESIS_HASH, [note], {
          occurredAt: instant(NOON),
          recordedAt: NOON,
          actor: HANDLER,
          commandId: stream,
          commandDigest: '',
          $correlationId: stream,
          $causationId: stream,
        });
        return (await store.append(stream, 'none', batch)).position;
      };
      const frames = (): number => Math.floor(statSync(`${path}-wal`).size / FRAME);
      while (frames() < INDEXED - 260) await add(500_000);
      while (frames() < INDEXED - 20) await add(10_000);

      disk.fill(((INDEXED - frames()) * FRAME) / 1024 + 12);
      const refused = async (): Promise<unknown> => {
        for (;;)
          try {
            await add(100);
          } catch (error) {
            return error;
          }
      };
      expect(await refused()).toMatchObject({ cause: { code: 'SQLITE_IOERR_SHMSIZE' } });
      disk.clear();
      await expect(add(100)).resolves.toMatch(/^[0-9]{20}$/);
      expect(fatal).toEqual([]);
      reader.close();
      await store.close();
    },
  );

  /** Lodges long complaints until some are not taken; answers how they were not. */
  async function untilRefused(service: ServiceProcess, ledger: Ledger): Promise<Answer[]> {
    for (let round = 0; round < 200; round++) {
      const answers = await Promise.all(
        Array.from({ length: 4 }, async () => {
          const body = { channel: 'email', narrative: '菜是凉的。'.repeat(1500) };
          const request: CommandRequest = { key: uuid(), by: 'intake_officer', path: '/v1/complaints', body };
          ledger.sent(request);
          const answer = await send(service, request);
          ledger.answered(request, answer);
          return answer;
        }),
      );
      const refusals = answers.filter(({ kind }) => kind !== 'recorded');
      if (refusals.length > 0) return refusals;
    }
    throw new Error('the disk never was full');
  }
});
