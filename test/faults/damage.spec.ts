import { execFileSync } from 'node:child_process';
import { cpSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { catalogue } from '../../projections/catalogue.js';
import { COMPLAINT_STREAMS } from '../../src/complaint/complaint-record.js';
import { compareAll } from '../support/service/audit.js';
import { Chance } from '../support/service/chance.js';
import { runs, seed } from '../support/service/extent.js';
import { describeService, freshFolder } from '../support/service/folders.js';
import { Ledger } from '../support/service/ledger.js';
import { Load } from '../support/service/load.js';
import { eventsIn } from '../support/service/reckoning.js';
import { redress, verified } from '../support/service/redress-command.js';
import { NeverStarted, ServiceProcess, type End } from '../support/service/service-process.js';

/** The read models that have something to say of what was lost. */
const ofComplaints = catalogue.filter(({ streams }) => streams.includes(COMPLAINT_STREAMS));

describeService('files that are damaged', () => {
  const folder = freshFolder();
  const chance = new Chance(seed);

  /** A folder with a history that its read models have followed to the end. */
  async function history(how: 'stopped' | 'killed'): Promise<string> {
    const data = folder.inside('data');
    const service = await ServiceProcess.start(data);
    const load = new Load(new Ledger(), chance);
    load.begin(service, 8);
    await load.records(150);
    await load.end();
    await service.ready();
    await (how === 'killed' ? service.kill() : service.stop());
    return data;
  }

  test('a write-ahead log that lost its end: what remains verifies, and the read models halt until they are rebuilt', async () => {
    const data = await history('killed');
    const log = `${data}/events.db-wal`;
    const { events: before } = await verified(data);
    truncateSync(log, Math.floor(statSync(log).size * (0.3 + 0.5 * chance.next())));

    const service = await ServiceProcess.start(data);
    const { status, body } = await service.get('/health/ready');
    expect(status).toBe(503);
    const halted = { state: 'halted', reason: 'history_changed' };
    expect(body).toMatchObject({
      checks: {
        projections: {
          up: false,
          states: Object.fromEntries(ofComplaints.map(({ name }) => [name, expect.objectContaining(halted)])),
        },
      },
    });
    await service.stop();
    const after = await verified(data);
    expect(after).toMatchObject({ ok: true });
    expect(after.events).toBeLessThan(before);

    for (const { name } of ofComplaints)
      expect(await redress(data, ['projections', 'rebuild', name])).toMatchObject({ code: 0 });
    for (const report of await compareAll(data)) expect(report).toMatchObject({ outcome: 'equal' });
    const mended = await ServiceProcess.start(data);
    await mended.ready();
    await mended.stop();
  });

  test('a database file that was cut: verification names the damage, and no start hides it', async () => {
    const whole = await history('stopped');
    const size = statSync(`${whole}/events.db`).size;
    for (let cut = 0; cut < runs(3, 30); cut++) {
      const data = copyOf(whole);
      const length = cut === 0 ? 0 : cut === 1 ? chance.between(1, 4096) : chance.between(4096, size - 1);
      truncateSync(`${data}/events.db`, length);
      await damageIsNamed(data, `cut to ${String(length)} of ${String(size)} bytes`);
    }
  });

  test('pages that were overwritten: what verifies is what was written', async () => {
    const whole = await history('stopped');
    const original = await logOf(whole);
    const bytes = readFileSync(`${whole}/events.db`);
    let found = 0;
    const rounds = runs(6, 150);
    for (let round = 0; round < rounds; round++) {
      const data = copyOf(whole);
      const damaged = Buffer.from(bytes);
      // some bytes mean nothing: the first damage is to a text that an event holds
      const what = round === 0 ? flipBit(damaged, damaged.indexOf('Dish arrived cold'), 1) : spoil(damaged, chance);
      writeFileSync(`${data}/events.db`, damaged);
      const verdict = await redress(data, ['verify']);
      if (verdict.code === 0) expect({ what, log: await logOf(data) }).toEqual({ what, log: original });
      else {
        found += 1;
        expect({ what, said: verdict.said }).toEqual({ what, said: namesTheDamage });
      }
    }
    expect(found).toBeGreaterThan(0);
  });

  test('read models that are damaged or gone are made again from the history', async () => {
    const whole = await history('stopped');
    const digests = await outcomesAndDigests(whole);
    const cut = copyOf(whole);
    withoutLog(`${cut}/views.db`);
    truncateSync(`${cut}/views.db`, Math.floor(statSync(`${cut}/views.db`).size / 2));
    expect(await endOrReadiness(cut)).toMatch(/views\.db.* is damaged|"storage_failed"/);

    for (const name of ['views.db', 'views.db-wal', 'views.db-shm']) rmSync(`${cut}/${name}`, { force: true });
    const service = await ServiceProcess.start(cut);
    await service.ready();
    await service.stop();
    expect(await outcomesAndDigests(cut)).toEqual(digests);
  });

  test('a write-ahead log of the read models that lost its end is caught up with', async () => {
    const data = await history('killed');
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

/** Moves the write-ahead log into the file, in a process of its own: this one must not keep the file open. */
function withoutLog(file: string): void {
  const program = `const Database = require('libsql');
    const database = new Database(process.argv[1]);
    database.pragma('wal_checkpoint(TRUNCATE)');
    database.close();`;
  execFileSync(process.execPath, ['-e', program, file], { cwd: __dirname });
}

/** One line for a person: which file, or which event, and what is wrong with it. */
const namesTheDamage: unknown = expect.stringMatching(
  /^redress: the database .*events\.db is damaged: |events\.db is NOT sound: |events\.db is not an event store of Redress/,
);

/** Verification finds it; and a start is refused naming the file, or halts the read models, or answers truly. */
async function damageIsNamed(data: string, what: string): Promise<void> {
  const verdict = await redress(data, ['verify']);
  expect({ what, code: verdict.code, said: verdict.said }).toEqual({ what, code: 1, said: namesTheDamage });
  const readiness = await endOrReadiness(data);
  expect({ what, readiness }).toEqual({
    what,
    readiness: expect.stringMatching(/events\.db.*(is damaged|not an event store)|"history_changed"|"storage_failed"/),
  });
}

/** What the service said when it could not start; else what it says of its readiness. */
async function endOrReadiness(data: string): Promise<string> {
  let service: ServiceProcess;
  try {
    service = await ServiceProcess.start(data);
  } catch (error) {
    if (!(error instanceof NeverStarted)) throw error;
    expect(error.end).toMatchObject<Partial<End>>({ code: 1, signal: null });
    return error.end.said;
  }
  const { body } = await service.get('/health/ready');
  await service.stop();
  return JSON.stringify(body);
}

/** Overwrites some bytes or a whole page, anywhere; answers what. */
function spoil(bytes: Buffer, chance: Chance): string {
  if (chance.percent(30)) {
    const page = chance.between(0, Math.floor(bytes.length / 4096) - 1);
    bytes.fill(chance.oneOf([0x00, 0xff, 0x41]), page * 4096, (page + 1) * 4096);
    return `page ${String(page)} overwritten`;
  }
  return flipBit(bytes, chance.between(0, bytes.length - 1), chance.between(0, 7));
}

function flipBit(bytes: Buffer, at: number, bit: number): string {
  bytes[at] = (bytes[at] ?? 0) ^ (1 << bit);
  return `bit ${String(bit)} of byte ${String(at)} flipped`;
}

async function logOf(data: string): Promise<string> {
  const lines: string[] = [];
  for await (const event of eventsIn(data)) lines.push(JSON.stringify(event));
  return lines.join('\n');
}

const outcomesAndDigests = async (data: string) =>
  (await compareAll(data)).map(({ name, outcome, live }) => [name, outcome, live?.digest]);
