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
import { shortOrFull, seed } from '../support/service/extent.js';
import { describeService } from '../support/service/folders.js';
import { Ledger, type Answer, type CommandRequest } from '../support/service/ledger.js';
import { Load } from '../support/service/load.js';
import { ledgerDifferences } from '../support/service/ledger-differences.js';
import { send } from '../support/service/sender.js';
import { killRemaining, ServiceProcess } from '../support/service/service-process.js';
import { noSmallDisk, SmallDisk } from '../support/service/small-disk.js';

/** Bytes of a page in the write-ahead log, with its header. */
const FRAME_BYTES = 4120;
/** Number of pages of the write-ahead log that fit into its index (the -shm file) before the index must grow. */
const INDEXED_FRAMES = 4062;
const DISK_MEGABYTES = 24;

const mountFolder = mkdtempSync(join(tmpdir(), 'redress-disk-'));
const skipReason = noSmallDisk(mountFolder);

describeService(`a full disk${skipReason === undefined ? '' : ` (skipped: ${skipReason})`}`, () => {
  let disk: SmallDisk;
  beforeEach(() => {
    if (skipReason === undefined) disk = SmallDisk.mount(mountFolder, DISK_MEGABYTES);
  });
  afterEach(() => {
    killRemaining();
    if (skipReason === undefined) disk.unmount();
  });
  afterAll(() => {
    rmSync(mountFolder, { recursive: true, force: true });
  });

  const repetitions = Array.from({ length: shortOrFull(2, 20) }, (_, index) => index);
  (skipReason === undefined ? test.each(repetitions) : test.skip.each(repetitions))(
    'is reported to senders; no acknowledged command is lost, and the service continues once there is room (repetition %i)',
    async (repetition) => {
      const chance = new Chance(seed + repetition);
      const ledger = new Ledger();
      const load = new Load(ledger, chance);
      let service = await ServiceProcess.start(disk.folder);
      load.begin(service, { senders: 8 });
      await load.untilRecorded(20);
      await load.end();

      const freeKilobytes = chance.between(4, 400);
      disk.fill(freeKilobytes);
      const refusals = await untilRefused(service, ledger);
      for (const answer of refusals) expect(answer).toMatchObject({ status: 503, code: 'event_store_unavailable' });
      const [firstReply] = ledger.recorded.values();
      expect(await service.get(`/v1/complaints/${firstReply?.id ?? ''}/history`)).toMatchObject({ status: 200 });
      expect(await service.get('/health/live')).toMatchObject({ status: 200 });
      if (chance.percent(30)) {
        await service.kill();
        disk.clear();
        service = await ServiceProcess.start(disk.folder);
      } else disk.clear();

      await load.repeatUntilKnown(service);
      await service.ready();
      load.begin(service, { senders: 4 });
      await load.untilRecorded(10);
      await load.end();
      await load.repeatUntilKnown(service);
      await load.repeat(service);
      expect(await service.stop()).toMatchObject({ code: 0, signal: null });

      expect(await ledgerDifferences(disk.folder, ledger)).toEqual([]);
      expect(await verify(disk.folder)).toMatchObject({ ok: true });
      for (const report of await compareAll(disk.folder)) expect(report).toMatchObject({ outcome: 'equal' });
    },
  );

  (skipReason === undefined ? test : test.skip)(
    'that only lacks room for the index of a long write-ahead log makes appends fail until there is room',
    async () => {
      const path = join(disk.folder, 'events.db');
      const fatal: unknown[] = [];
      const store = await openSqliteEventStore(path, { onFatal: (error) => fatal.push(error) });
      // an open read transaction prevents SQLite from moving the write-ahead log into the file
      const reader = openDatabase(path, { readonly: true });
      reader.exec('BEGIN');
      reader.prepare('SELECT count(*) FROM events').get();
      let streams = 0;
      const appendNote = async (characters: number): Promise<unknown> => {
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
      const frames = (): number => Math.floor(statSync(`${path}-wal`).size / FRAME_BYTES);
      // large notes (more than 100 frames each) until shortly before the limit, then small ones
      while (frames() < INDEXED_FRAMES - 260) await appendNote(500_000);
      while (frames() < INDEXED_FRAMES - 20) await appendNote(10_000);

      const bytesOfRemainingFrames = (INDEXED_FRAMES - frames()) * FRAME_BYTES;
      // leaves room for the remaining frames and 12 kilobytes, but not for a larger index
      disk.fill(bytesOfRemainingFrames / 1024 + 12);
      const appendUntilError = async (): Promise<unknown> => {
        for (;;)
          try {
            await appendNote(100);
          } catch (error) {
            return error;
          }
      };
      expect(await appendUntilError()).toMatchObject({ cause: { code: 'SQLITE_IOERR_SHMSIZE' } });
      disk.clear();
      await expect(appendNote(100)).resolves.toMatch(/^[0-9]{20}$/);
      expect(fatal).toEqual([]);
      reader.close();
      await store.close();
    },
  );

  /** Lodges long complaints, four at a time, until some of the four are not recorded. Returns the answers to those. */
  async function untilRefused(service: ServiceProcess, ledger: Ledger): Promise<Answer[]> {
    for (let attempt = 0; attempt < 200; attempt++) {
      const answers = await Promise.all(
        Array.from({ length: 4 }, async () => {
          const body = { channel: 'email', narrative: '菜是凉的。'.repeat(1500) };
          const request: CommandRequest = { key: uuid(), by: 'intake_officer', path: '/v1/complaints', body };
          ledger.addSent(request);
          const answer = await send(service, request);
          ledger.addOutcome(request, answer);
          return answer;
        }),
      );
      const refusals = answers.filter(({ kind }) => kind !== 'recorded');
      if (refusals.length > 0) return refusals;
    }
    throw new Error('the disk did not fill up');
  }
});
