import { readFileSync } from 'node:fs';
import { complaintFile } from '../../projections/complaint-file/projection.js';
import { timeline } from '../../projections/timeline/projection.js';
import { trends } from '../../projections/trends/projection.js';
import { workQueue } from '../../projections/work-queue/projection.js';
import { openReadOnlyEventStore } from '../../src/eventstore/sqlite/read-only-event-store.js';
import { BulkRequest, type Served, type Told } from '../support/bulk/bulk-request.js';
import { caseLines, STEPS, duplicated } from '../support/bulk/case-lines.js';
import { Chance } from '../support/service/chance.js';
import { full, seed } from '../support/service/extent.js';
import { describeService, freshFolder } from '../support/service/folders.js';
import { compared, verified } from '../support/service/redress-command.js';
import { ServiceProcess } from '../support/service/service-process.js';

/** In full: a day of 84,000 lines, killed ten times on the way. */
const COMPLAINTS = full ? 16_800 : 1680;
const LINES = COMPLAINTS * STEPS;
const KILLS = full ? 10 : 2;
const PATIENCE = full ? 3_600_000 : 900_000;

const MIB = 1024 * 1024;

describeService(`${LINES.toLocaleString('en')} commands in one request`, () => {
  const folder = freshFolder();
  const lines = (): Iterable<string> => caseLines(COMPLAINTS, new Chance(seed));

  /** Sends lines as fast as they are taken; what is heard of each goes to `hear`. */
  async function send(
    service: ServiceProcess,
    all: Iterable<string | Buffer>,
    hear: (told: Told) => void = () => undefined,
    { ends = true } = {},
  ): Promise<Told> {
    const { keys } = service;
    const served: Served = { url: service.url, keyOf: (role) => keys.ofRole(role)?.key ?? '' };
    const bulk = BulkRequest.open(served, { path: '/v1/commands?source=day' });
    const sending = (async () => {
      let block: Buffer[] = [];
      for (const line of all) {
        block.push(Buffer.from(line), Buffer.from('\n'));
        if (block.length < 200) continue;
        await bulk.write(Buffer.concat(block));
        block = [];
      }
      await bulk.write(Buffer.concat(block));
      if (ends) bulk.end();
    })();
    for (;;) {
      const told = await bulk.next();
      if (told === undefined) throw new Error('there is no summary');
      if (told.sha256 !== undefined) {
        await sending;
        return told;
      }
      hear(told);
    }
  }

  async function contentOf(data: string): Promise<Record<string, string | undefined>> {
    expect(await verified(data)).toMatchObject({ ok: true });
    const digests: Record<string, string | undefined> = {};
    for (const { name } of [workQueue, complaintFile, timeline, trends]) {
      const { outcome, live } = await compared(data, name);
      expect([name, outcome]).toEqual([name, 'equal']);
      digests[name] = live?.contentDigest;
    }
    return digests;
  }

  async function complaintEvents(data: string): Promise<number> {
    const store = await openReadOnlyEventStore(`${data}/events.db`);
    try {
      let count = 0;
      for (let after: string | null = null; ;) {
        const page = await store.readAll({ after, prefixes: ['complaint-'], limit: 10_000 });
        if (page.length === 0) return count;
        count += page.length;
        after = page.at(-1)?.position ?? null;
      }
    } finally {
      await store.close();
    }
  }

  test(
    'go in with flat memory; again they are all there; doubled, damaged and killed they make the same complaints',
    async () => {
      const calm = folder.inside('calm');
      // a leak of memory for each line would fill this small heap long before the last line
      let service = await ServiceProcess.start(calm, { environment: { NODE_OPTIONS: '--max-old-space-size=256' } });
      const memory = new Memory(service.pid);
      const first = await send(service, lines(), ({ line = 0 }) => memory.at(line));
      expect(first).toMatchObject({ read: LINES, accepted: LINES, alreadyThere: 0, rejected: 0 });
      expect(memory.most).toBeLessThan(850 * MIB);
      const events = await complaintEvents(calm);

      const again = await send(service, lines(), ({ line = 0 }) => memory.at(line));
      expect(memory.most).toBeLessThan(850 * MIB);
      expect(again).toMatchObject({ read: LINES, accepted: 0, alreadyThere: LINES, rejected: 0, sha256: first.sha256 });
      expect(await complaintEvents(calm)).toBe(events);
      expect(await service.stop()).toMatchObject({ code: 0 });
      const content = await contentOf(calm);

      const doubled = folder.inside('doubled');
      service = await ServiceProcess.start(doubled);
      const damaged: number[] = [];
      const rejected: number[] = [];
      const bytes = function* (): Generator<Buffer> {
        let line = 0;
        for (const { bytes: one, valid } of duplicated(lines(), new Chance(seed + 1))) {
          line += 1;
          if (!valid) damaged.push(line);
          yield one;
        }
      };
      const summary = await send(service, bytes(), ({ line = 0, status, code }) => {
        if (status === 'rejected') rejected.push(line);
        if (status === 'rejected') expect(code).toMatch(/^[a-z_0-9]+$/);
      });
      expect(damaged).not.toEqual([]); // one in a hundred of thousands
      expect(rejected).toEqual(damaged);
      const { body } = await service.get(`/v1/reconciliation?source=day&minPosition=${await headOf(doubled)}`);
      expect(body).toMatchObject({
        totals: [{ read: 2 * LINES, accepted: LINES, alreadyThere: LINES - damaged.length, rejected: damaged.length }],
      });
      expect(await namedLines(service, summary.batch ?? '')).toEqual(damaged);
      await service.stop();
      expect(await contentOf(doubled)).toEqual(content);

      const killed = folder.inside('killed');
      const chance = new Chance(seed + 2);
      for (let kill = 0; kill < KILLS; kill++) {
        service = await ServiceProcess.start(killed);
        const moment = chance.between(1, Math.floor((LINES / KILLS) * (kill + 1)));
        const killing = ({ line }: Told): void => {
          if (line === moment) void service.kill();
        };
        const sending = send(service, lines(), killing, { ends: false }); // a kill at the last line is not too late
        await expect(sending).rejects.toThrow();
        await service.end;
      }
      service = await ServiceProcess.start(killed);
      expect(await send(service, lines())).toMatchObject({ read: LINES, rejected: 0, sha256: first.sha256 });
      expect(await complaintEvents(killed)).toBe(events);
      await service.stop();
      expect(await contentOf(killed)).toEqual(content);
    },
    PATIENCE,
  );

  async function headOf(data: string): Promise<string> {
    const store = await openReadOnlyEventStore(`${data}/events.db`);
    try {
      return (await store.head()) ?? '';
    } finally {
      await store.close();
    }
  }

  async function namedLines(service: ServiceProcess, batch: string): Promise<number[]> {
    const named: number[] = [];
    for (let after: number | null = -1; after !== null;) {
      const { body } = await service.get(
        `/v1/reconciliation/${batch}/rejected${after < 0 ? '' : `?after=${String(after)}`}`,
      );
      named.push(...(body.lines as unknown as { readonly line: number }[]).map(({ line }) => line));
      after = body.next as number | null;
    }
    return named.sort((one, other) => one - other);
  }
});

/** The resident memory of a process while lines are answered. */
class Memory {
  most = 0;

  constructor(private readonly pid: number) {}

  at(line: number): void {
    if (line % Math.floor(LINES / 20) !== 0) return;
    const [, pages = '0'] = readFileSync(`/proc/${String(this.pid)}/statm`, 'utf8').split(' ');
    this.most = Math.max(this.most, Number(pages) * 4096);
  }
}
