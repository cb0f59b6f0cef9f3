import { readFileSync } from 'node:fs';
import { complaintFile } from '../../projections/complaint-file/projection.js';
import { timeline } from '../../projections/timeline/projection.js';
import { trends } from '../../projections/trends/projection.js';
import { complaints } from '../../projections/complaints/projection.js';
import { openReadOnlyEventStore } from '../../src/eventstore/sqlite/read-only-event-store.js';
import { BulkRequest, type BulkTarget, type BulkResponseLine } from '../support/bulk/bulk-request.js';
import { caseLines, STEPS, withCopies } from '../support/bulk/case-lines.js';
import { Chance } from '../support/service/chance.js';
import { isFullForm, seed } from '../support/service/extent.js';
import { describeService, freshFolder } from '../support/service/folders.js';
import { runCompare, runVerify } from '../support/service/redress-command.js';
import { ServiceProcess } from '../support/service/service-process.js';

/** The full form sends 84,000 lines and kills the service ten times. */
const COMPLAINTS = isFullForm ? 16_800 : 1680;
const LINES = COMPLAINTS * STEPS;
const KILLS = isFullForm ? 10 : 2;
const TIMEOUT_MS = isFullForm ? 3_600_000 : 900_000;

const MIB = 1024 * 1024;
/** Size of a memory page on Linux. */
const PAGE_BYTES = 4096;

describeService(`${LINES.toLocaleString('en')} commands in one request`, () => {
  const folder = freshFolder();
  const lines = (): Iterable<string> => caseLines(COMPLAINTS, new Chance(seed));

  /**
   * Sends lines as fast as the service reads them, and passes each result to `onResult`. Without `ends`, the request
   * stays open after the last line. Returns the summary. @throws Error if the answer ends without a summary
   */
  async function send(
    service: ServiceProcess,
    all: Iterable<string | Buffer>,
    onResult: (result: BulkResponseLine) => void = () => undefined,
    { ends = true } = {},
  ): Promise<BulkResponseLine> {
    const { keys } = service;
    const served: BulkTarget = { url: service.url, keyOf: (role) => keys.ofRole(role)?.key ?? '' };
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
      const result = await bulk.next();
      if (result === undefined) throw new Error('the answer has no summary');
      if (result.sha256 !== undefined) {
        await sending;
        return result;
      }
      onResult(result);
    }
  }

  /**
   * The content digests of the read models of complaints. Expects that the log verifies and that each read model equals
   * a rebuild.
   */
  async function contentDigests(data: string): Promise<Record<string, string | undefined>> {
    expect(await runVerify(data)).toMatchObject({ ok: true });
    const digests: Record<string, string | undefined> = {};
    for (const { name } of [complaints, complaintFile, timeline, trends]) {
      const { outcome, live } = await runCompare(data, name);
      expect([name, outcome]).toEqual([name, 'equal']);
      digests[name] = live?.contentDigest;
    }
    return digests;
  }

  async function countComplaintEvents(data: string): Promise<number> {
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
    'use bounded memory and are recognised when repeated; copies, damaged copies and kills lead to the same complaints',
    async () => {
      const undisturbed = folder.inside('undisturbed');
      // a memory leak per line would fill this small heap long before the last line
      let service = await ServiceProcess.start(undisturbed, {
        environment: { NODE_OPTIONS: '--max-old-space-size=256' },
      });
      const memory = new PeakMemory(service.pid);
      const first = await send(service, lines(), ({ line = 0 }) => memory.sample(line));
      expect(first).toMatchObject({ read: LINES, accepted: LINES, alreadyThere: 0, rejected: 0 });
      expect(memory.maxBytes).toBeLessThan(850 * MIB);
      const events = await countComplaintEvents(undisturbed);

      const again = await send(service, lines(), ({ line = 0 }) => memory.sample(line));
      expect(memory.maxBytes).toBeLessThan(850 * MIB);
      expect(again).toMatchObject({ read: LINES, accepted: 0, alreadyThere: LINES, rejected: 0, sha256: first.sha256 });
      expect(await countComplaintEvents(undisturbed)).toBe(events);
      expect(await service.stop()).toMatchObject({ code: 0 });
      const content = await contentDigests(undisturbed);

      const withDuplicates = folder.inside('duplicates');
      service = await ServiceProcess.start(withDuplicates);
      const damaged: number[] = [];
      const rejected: number[] = [];
      const duplicatedLines = function* (): Generator<Buffer> {
        let line = 0;
        for (const { bytes, valid } of withCopies(lines(), new Chance(seed + 1))) {
          line += 1;
          if (!valid) damaged.push(line);
          yield bytes;
        }
      };
      const summary = await send(service, duplicatedLines(), ({ line = 0, status, code }) => {
        if (status === 'rejected') rejected.push(line);
        if (status === 'rejected') expect(code).toMatch(/^[a-z_0-9]+$/);
      });
      expect(damaged).not.toEqual([]); // one percent of thousands of copies is damaged
      expect(rejected).toEqual(damaged);
      const { body } = await service.get(`/v1/reconciliation?source=day&minPosition=${await headOf(withDuplicates)}`);
      expect(body).toMatchObject({
        totals: [{ read: 2 * LINES, accepted: LINES, alreadyThere: LINES - damaged.length, rejected: damaged.length }],
      });
      expect(await rejectedLines(service, summary.batch ?? '')).toEqual(damaged);
      await service.stop();
      expect(await contentDigests(withDuplicates)).toEqual(content);

      const killed = folder.inside('killed');
      const chance = new Chance(seed + 2);
      for (let kill = 0; kill < KILLS; kill++) {
        service = await ServiceProcess.start(killed);
        const killAtLine = chance.between(1, Math.floor((LINES / KILLS) * (kill + 1)));
        const killService = ({ line }: BulkResponseLine): void => {
          if (line === killAtLine) void service.kill();
        };
        // the request stays open, so that even a kill at the last line interrupts it
        const sending = send(service, lines(), killService, { ends: false });
        await expect(sending).rejects.toThrow();
        await service.end;
      }
      service = await ServiceProcess.start(killed);
      expect(await send(service, lines())).toMatchObject({ read: LINES, rejected: 0, sha256: first.sha256 });
      expect(await countComplaintEvents(killed)).toBe(events);
      await service.stop();
      expect(await contentDigests(killed)).toEqual(content);
    },
    TIMEOUT_MS,
  );

  async function headOf(data: string): Promise<string> {
    const store = await openReadOnlyEventStore(`${data}/events.db`);
    try {
      return (await store.head()) ?? '';
    } finally {
      await store.close();
    }
  }

  /** The line numbers of all rejected lines that the service lists for a batch, ascending. */
  async function rejectedLines(service: ServiceProcess, batch: string): Promise<number[]> {
    const numbers: number[] = [];
    for (let after: number | null = -1; after !== null;) {
      const { body } = await service.get(
        `/v1/reconciliation/${batch}/rejected${after < 0 ? '' : `?after=${String(after)}`}`,
      );
      numbers.push(...(body.lines as unknown as { readonly line: number }[]).map(({ line }) => line));
      after = body.next as number | null;
    }
    return numbers.sort((a, b) => a - b);
  }
});

/** Samples the resident memory of a process at every twentieth part of the lines. */
class PeakMemory {
  maxBytes = 0;

  constructor(private readonly pid: number) {}

  sample(line: number): void {
    if (line % Math.floor(LINES / 20) !== 0) return;
    const [, residentPages = '0'] = readFileSync(`/proc/${String(this.pid)}/statm`, 'utf8').split(' ');
    this.maxBytes = Math.max(this.maxBytes, Number(residentPages) * PAGE_BYTES);
  }
}
