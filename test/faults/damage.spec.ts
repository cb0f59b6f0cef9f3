import { execFileSync } from 'node:child_process';
import { cpSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { catalogue } from '../../projections/catalogue.js';
import { SUBJECT_INDEX } from '../../src/subject-index/projection.js';
import { COMPLAINT_STREAMS } from '../../src/complaint/complaint-record.js';
import { compareAll } from '../support/service/audit.js';
import { Chance } from '../support/service/chance.js';
import { shortOrFull, seed } from '../support/service/extent.js';
import { describeService, freshFolder } from '../support/service/folders.js';
import { Ledger } from '../support/service/ledger.js';
import { Load } from '../support/service/load.js';
import { eventsIn } from '../support/service/ledger-differences.js';
import { redress, runVerify } from '../support/service/redress-command.js';
import { ServiceStartFailed, ServiceProcess, type End } from '../support/service/service-process.js';

/** The read models that fold events of complaints. */
const complaintModels = [
  ...catalogue.filter(({ streams }) => streams.includes(COMPLAINT_STREAMS)).map(({ name }) => name),
  SUBJECT_INDEX,
];

/** Size of a page in the database file. */
const PAGE_BYTES = 4096;

describeService('damaged files', () => {
  const folder = freshFolder();
  const chance = new Chance(seed);

  /** A data folder with at least 150 commands, all of them in the read models. `end` tells how its service ended. */
  async function createHistory(end: 'stopped' | 'killed'): Promise<string> {
    const data = folder.inside('data');
    const service = await ServiceProcess.start(data);
    const load = new Load(new Ledger(), chance);
    load.begin(service, { senders: 8 });
    await load.untilRecorded(150);
    await load.end();
    await service.ready();
    await (end === 'killed' ? service.kill() : service.stop());
    return data;
  }

  test('if the write-ahead log lost its end, the remaining events verify, and the read models halt until rebuilt', async () => {
    const data = await createHistory('killed');
    const log = `${data}/events.db-wal`;
    const { events: before } = await runVerify(data);
    truncateSync(log, Math.floor(statSync(log).size * (0.3 + 0.5 * chance.next())));

    const service = await ServiceProcess.start(data);
    const { status, body } = await service.get('/health/ready');
    expect(status).toBe(503);
    const halted = { state: 'halted', reason: 'history_changed' };
    expect(body).toMatchObject({
      checks: {
        projections: {
          up: false,
          states: Object.fromEntries(complaintModels.map((name) => [name, expect.objectContaining(halted)])),
        },
      },
    });
    await service.stop();
    const after = await runVerify(data);
    expect(after).toMatchObject({ ok: true });
    expect(after.events).toBeLessThan(before);

    for (const name of complaintModels)
      expect(await redress(data, ['projections', 'rebuild', name])).toMatchObject({ code: 0 });
    for (const report of await compareAll(data)) expect(report).toMatchObject({ outcome: 'equal' });
    const restarted = await ServiceProcess.start(data);
    await restarted.ready();
    await restarted.stop();
  });

  test('if events.db was truncated, verification and a start of the service report the damage', async () => {
    const intact = await createHistory('stopped');
    const size = statSync(`${intact}/events.db`).size;
    for (let cut = 0; cut < shortOrFull(3, 30); cut++) {
      const data = copyOf(intact);
      const length = cut === 0 ? 0 : cut === 1 ? chance.between(1, PAGE_BYTES) : chance.between(PAGE_BYTES, size - 1);
      truncateSync(`${data}/events.db`, length);
      await expectDamageReported(data, `truncated to ${String(length)} of ${String(size)} bytes`);
    }
  });

  test('if bytes of events.db were overwritten, verification reports the damage or the log is unchanged', async () => {
    const intact = await createHistory('stopped');
    const original = await logOf(intact);
    const bytes = readFileSync(`${intact}/events.db`);
    let reported = 0;
    const repetitions = shortOrFull(6, 150);
    for (let repetition = 0; repetition < repetitions; repetition++) {
      const data = copyOf(intact);
      const damaged = Buffer.from(bytes);
      // the file also has unused bytes, so the first repetition damages the text of an event
      const damage =
        repetition === 0 ? flipBit(damaged, damaged.indexOf('Dish arrived cold'), 1) : damageAtRandom(damaged, chance);
      writeFileSync(`${data}/events.db`, damaged);
      const verification = await redress(data, ['verify']);
      if (verification.code === 0) expect({ damage, log: await logOf(data) }).toEqual({ damage, log: original });
      else {
        reported += 1;
        expect({ damage, output: verification.output }).toEqual({ damage, output: damageMessage });
      }
    }
    expect(reported).toBeGreaterThan(0);
  });

  test.each(['views.db', 'subjects.db'])(
    'a damaged %s is reported; after it is deleted, the service rebuilds equal read models',
    async (file) => {
      const intact = await createHistory('stopped');
      const digests = await outcomesAndDigests(intact);
      const truncated = copyOf(intact);
      checkpointWriteAheadLog(`${truncated}/${file}`);
      truncateSync(`${truncated}/${file}`, Math.floor(statSync(`${truncated}/${file}`).size / 2));
      expect(await errorOrReadiness(truncated)).toMatch(new RegExp(`${file}.* is damaged|"storage_failed"`));

      for (const end of ['', '-wal', '-shm']) rmSync(`${truncated}/${file}${end}`, { force: true });
      const service = await ServiceProcess.start(truncated);
      await service.ready();
      await service.stop();
      expect(await outcomesAndDigests(truncated)).toEqual(digests);
    },
  );

  test('if the write-ahead log of the read models lost its end, the read models catch up', async () => {
    const data = await createHistory('killed');
    const log = `${data}/views.db-wal`;
    truncateSync(log, Math.floor(statSync(log).size * (0.3 + 0.5 * chance.next())));
    const service = await ServiceProcess.start(data);
    await service.ready();
    await service.stop();
    for (const report of await compareAll(data)) expect(report).toMatchObject({ outcome: 'equal' });
  });

  function copyOf(data: string): string {
    const copy = folder.inside('copy');
    rmSync(copy, { recursive: true, force: true });
    cpSync(data, copy, { recursive: true });
    return copy;
  }
});

/** Moves the write-ahead log into the database file, in another process: this one must not keep the file open. */
function checkpointWriteAheadLog(file: string): void {
  const program = `const Database = require('libsql');
    const database = new Database(process.argv[1]);
    database.pragma('wal_checkpoint(TRUNCATE)');
    database.close();`;
  execFileSync(process.execPath, ['-e', program, file], { cwd: __dirname });
}

/** The output of `redress verify` for a damaged file. */
const damageMessage: unknown = expect.stringMatching(
  /^redress: the database .*events\.db is damaged: |events\.db is NOT sound: |events\.db is not an event store of Redress/,
);

/** Expects that verification reports the damage, and that the service does not start or halts its read models. */
async function expectDamageReported(data: string, damage: string): Promise<void> {
  const { code, output } = await redress(data, ['verify']);
  expect({ damage, code, output }).toEqual({ damage, code: 1, output: damageMessage });
  const readiness = await errorOrReadiness(data);
  expect({ damage, readiness }).toEqual({
    damage,
    readiness: expect.stringMatching(/events\.db.*(is damaged|not an event store)|"history_changed"|"storage_failed"/),
  });
}

/** The output of a service that does not start; otherwise the body of its /health/ready. */
async function errorOrReadiness(data: string): Promise<string> {
  let service: ServiceProcess;
  try {
    service = await ServiceProcess.start(data);
  } catch (error) {
    if (!(error instanceof ServiceStartFailed)) throw error;
    expect(error.end).toMatchObject<Partial<End>>({ code: 1, signal: null });
    return error.end.output;
  }
  const { body } = await service.get('/health/ready');
  await service.stop();
  return JSON.stringify(body);
}

/** Flips a random bit or overwrites a random page. Returns a description of the damage. */
function damageAtRandom(bytes: Buffer, chance: Chance): string {
  if (chance.percent(30)) {
    const page = chance.between(0, Math.floor(bytes.length / PAGE_BYTES) - 1);
    bytes.fill(chance.oneOf([0x00, 0xff, 0x41]), page * PAGE_BYTES, (page + 1) * PAGE_BYTES);
    return `page ${String(page)} overwritten`;
  }
  return flipBit(bytes, chance.between(0, bytes.length - 1), chance.between(0, 7));
}

function flipBit(bytes: Buffer, index: number, bit: number): string {
  bytes[index] = (bytes[index] ?? 0) ^ (1 << bit);
  return `bit ${String(bit)} of byte ${String(index)} flipped`;
}

/** All events of the log as text, one per line. */
async function logOf(data: string): Promise<string> {
  const lines: string[] = [];
  for await (const event of eventsIn(data)) lines.push(JSON.stringify(event));
  return lines.join('\n');
}

const outcomesAndDigests = async (data: string) =>
  (await compareAll(data)).map(({ name, outcome, live }) => [name, outcome, live?.digest]);
