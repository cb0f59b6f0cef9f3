import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { History, type FileAsOf } from '../../src/audit/history.js';
import { complaintDecoder } from '../../src/complaint/command-service.js';
import { COMPLAINT_STREAMS } from '../../src/complaint/complaint-record.js';
import { complaintIdOf } from '../../src/complaint/identity.js';
import { startApp, type RunningApp } from '../support/app.js';
import { sendLines, type BulkResponseLine } from '../support/bulk/bulk-request.js';
import { Client } from '../support/client.js';
import { snippetsOf } from '../support/doc-snippets.js';
import { examples } from '../support/examples.js';
import { ticketAfter, type TicketState } from '../support/helpdesk/fold.js';
import { helpdeskRows, type HelpdeskRow } from '../support/helpdesk/rows.js';
import { seed } from '../support/service/extent.js';

/** REDRESS_TEST_EXAMPLES=25 takes 5,000 tickets with about 60,000 events. */
const TICKETS = examples(200).numRuns;

const INSTANTS = ['2024-06-01T00:00:00.000Z', '2025-01-15T06:30:00.000Z', '2026-06-30T00:00:00.000Z'];
const COMPARED_OVER_HTTP = 20;

/** Codes of the lines that our rules refuse: a second owner after the end, a reopening after the window. */
const REFUSED: Readonly<Partial<Record<HelpdeskRow['event'], string>>> = {
  assigned: 'not_open',
  reopened: 'reopen_window_over',
};

/** The program of docs/upstream.md, which converts the export of a helpdesk to lines. */
function convert(rows: readonly HelpdeskRow[]): {
  readonly lines: string[];
  readonly leftOut: { readonly id: number }[];
} {
  const program = snippetsOf('docs/upstream.md').find(({ marks }) => marks.includes('file=helpdesk.mjs'));
  if (program === undefined) throw new Error('docs/upstream.md has no program helpdesk.mjs');
  const folder = mkdtempSync(join(tmpdir(), 'redress-helpdesk-'));
  const inFolder = (name: string): string => join(folder, name);
  try {
    writeFileSync(inFolder('helpdesk.mjs'), program.text);
    writeFileSync(inFolder('rows'), rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
    const command = `"${process.execPath}" helpdesk.mjs < rows > lines 2> left-out; cat lines; echo; cat left-out`;
    const output = execFileSync('sh', ['-c', command], { cwd: folder, encoding: 'utf8', maxBuffer: 2 ** 30 });
    const [lines = '', leftOut = ''] = output.split('\n\n');
    const itemsOf = (text: string): string[] => text.split('\n').filter((line) => line !== '');
    return { lines: itemsOf(lines), leftOut: itemsOf(leftOut).map((line) => JSON.parse(line) as { id: number }) };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const stateOf = (file: FileAsOf | undefined): TicketState | undefined =>
  file && {
    stage: file.stage as TicketState['stage'],
    episode: file.episode,
    ownership: file.ownership.status,
    handler: file.ownership.handler?.toLowerCase() ?? null,
    unit: file.ownership.orgUnit ?? null,
    waits: file.holds.filter(({ ended }) => ended === undefined).length,
    contacts: file.contacts.length,
    chasers: file.chasers,
    notes: file.notes.length,
    rated: file.afterCare.status === 'Answered',
    category: file.points[0]?.category ?? null,
    closedAs: file.external?.response ?? null,
  };

describe(`the helpdesk of ${String(TICKETS)} tickets, by the recipe of docs/upstream.md`, () => {
  let app: RunningApp;
  const rows = helpdeskRows(TICKETS, seed);
  const unique = [...new Map(rows.map((row) => [row.id, row])).values()];
  const rowOfKey = new Map(unique.map((row) => [`${row.ticket}/${String(row.id)}`, row]));
  let lines: string[];
  let leftOut: readonly { readonly id: number }[];
  let results: readonly BulkResponseLine[];
  let summary: BulkResponseLine;
  /** Before the first line was recorded. */
  let before: string;
  /** The rows of each ticket that the service did not refuse. */
  let told: Map<string, HelpdeskRow[]>;

  beforeAll(async () => {
    ({ lines, leftOut } = convert(rows));
    app = await startApp({ startTimers: false }); // the timers would end holds whose time is over
    before = new Date(Date.now() - 1).toISOString();
    const started = performance.now();
    const path = '/v1/commands?source=helpdesk';
    ({ results, summary } = await sendLines(
      app,
      lines.map((line) => `${line}\n`),
      { path },
    ));
    const seconds = (performance.now() - started) / 1000;
    const counts = `${String(unique.length)} events, ${String(leftOut.length)} left out, ${String(lines.length)} lines`;
    process.stderr.write(`helpdesk: ${counts} in ${seconds.toFixed(1)} s: ${JSON.stringify(summary)}\n`);
    const refused = new Set(results.flatMap(({ key = '', status }) => (status === 'rejected' ? key : [])));
    told = new Map();
    for (const row of unique) {
      if (!told.has(row.ticket)) told.set(row.ticket, []);
      if (!refused.has(`${row.ticket}/${String(row.id)}`)) told.get(row.ticket)?.push(row);
    }
  });
  afterAll(() => app.stop());

  test('each event is a line or reported by the program', () => {
    expect(lines.length + leftOut.length).toBe(unique.length);
    expect(new Set(leftOut.map(({ id }) => unique[id - 1]?.event))).toEqual(new Set(['viewed']));
    expect(unique.length).toBeGreaterThan(TICKETS * 9);
  });

  test('each line is accepted, unchanged or refused for a reason that the recipe names', () => {
    expect(results).toHaveLength(lines.length);
    expect(results.length).toBe(summary.read);
    for (const { key = '', status, code, message, errors } of results) {
      const row = rowOfKey.get(key);
      if (status === 'rejected')
        expect([key, row?.event, code, errors]).toEqual([key, row?.event, REFUSED[row?.event ?? 'viewed'], errors]);
      else if (status === 'unchanged')
        expect([key, row?.event, message]).toEqual([
          key,
          expect.stringMatching(/^(assigned|accepted)$/),
          expect.stringMatching(/already (assigned|been accepted)/),
        ]);
      else expect(status).toBe('accepted');
    }
    expect(summary.unchanged).toBeGreaterThan(0);
  });

  test.each(INSTANTS)('the look-back at %s equals a fold of the rows', async (asOf) => {
    const history = new History(app.service.stores.eventStore, complaintDecoder, COMPLAINT_STREAMS);
    const expected: [string, TicketState | undefined][] = [];
    const found: typeof expected = [];
    for (const [ticket, ofTicket] of told) {
      expected.push([ticket, ticketAfter(ofTicket.filter(({ at }) => Date.parse(at) <= Date.parse(asOf)))]);
      found.push([ticket, stateOf(await history.file(idOf(ticket), { asOf }))]);
    }
    expect(found).toEqual(expected);
  });

  test('the service answers the same look-backs, and knew nothing before the import', async () => {
    const client = new Client(app);
    for (const [ticket, ofTicket] of [...told].slice(0, COMPARED_OVER_HTTP))
      for (const asOf of INSTANTS) {
        const state = ticketAfter(ofTicket.filter(({ at }) => Date.parse(at) <= Date.parse(asOf)));
        const { status, body } = await client.get<FileAsOf>(`/v1/complaints/${idOf(ticket)}?asOf=${asOf}`);
        expect([ticket, status, status === 200 ? stateOf(body) : undefined]).toEqual([
          ticket,
          state ? 200 : 404,
          state,
        ]);
        const earlier = await client.get(`/v1/complaints/${idOf(ticket)}?asOf=${asOf}&knownAt=${before}`);
        expect(earlier.status).toBe(404);
      }
  });

  test('sent again, every recorded line is already there', async () => {
    const again = await sendLines(
      app,
      lines.map((line) => `${line}\n`),
      { path: '/v1/commands?source=helpdesk' },
    );
    const statuses = new Map(again.results.map(({ key = '', status }) => [key, status]));
    const recorded = results.flatMap(({ key = '', status }) => (status === 'accepted' ? key : []));
    expect(recorded.filter((key) => statuses.get(key) !== 'already_there')).toEqual([]);
  });

  test('the people whom the export names are staff without a role', async () => {
    const named = new Set(unique.flatMap(({ agent, to }) => [agent, to].flatMap((id) => id?.toLowerCase() ?? [])));
    const { body } = await new Client(app).get<{ items: { id: string; source: string; roles: string[] }[] }>(
      '/v1/staff',
    );
    const imported = body.items.filter(({ source }) => source === 'import');
    expect(new Set(imported.map(({ id }) => id.toLowerCase()))).toEqual(named);
    expect(imported.every(({ roles }) => roles.length === 0)).toBe(true);
  });
});

const idOf = (ticket: string): string => complaintIdOf({ sources: [{ system: 'helpdesk', ref: ticket }] }, '');
