import canonicalize from 'canonicalize';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import type { HistoryEntry } from '../../src/audit/history.js';
import type { JsonObject } from '../../src/platform/json.js';
import { Client } from '../support/client.js';
import { pretty, withoutSentences } from './canonical.js';
import { goldenComplaints, outcomes } from './complaints.js';
import { ANSWERS, isFile, isOfFile, NOW, sentRequests, type CommandOutcome, type FileOutcome } from './files.js';
import { startGoldenApp, verify, waitUntilCaughtUp, type GoldenApp, type Verified } from './golden-app.js';
import { labelOf, parseRow, recordedAtOpening, recordedRows } from './opening.js';
import { goldenQueries } from './questions.js';
import { rowsOf } from './rows.js';
import { GoldenSender } from './sender.js';

/*
 * The service must answer from a store of an earlier version as that version did (README.md). It opens a copy of the
 * events, builds its read models, and answers all queries. Then every request is sent again.
 */
const recording = process.env.REDRESS_GOLDEN === 'write';

let app: GoldenApp;
let verified: Verified;

beforeAll(async () => {
  if (recording) rmSync(ANSWERS, { recursive: true, force: true });
  app = await startGoldenApp({ now: () => NOW });
  await waitUntilOpened();
  verified = await verify(app);
  await waitUntilCaughtUp(app, verified.head);
});

afterAll(() => app.stop());

/** Compares an answer with the recorded one. With REDRESS_GOLDEN=write, records an answer that has no file yet. */
function expectRecorded(name: string, answer: unknown): void {
  const file = join(ANSWERS, `${name}.json`);
  const text = pretty(withoutSentences(answer));
  if (recording && !existsSync(file)) {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
  expect(text).toBe(existsSync(file) ? readFileSync(file, 'utf8') : `nothing is recorded in ${file}`);
}

const storedRows = (): string[] => rowsOf(join(app.data, 'events.db'));

/** Waits until the service has recorded what it records when it opens the store. @throws Error after 45 s */
async function waitUntilOpened(): Promise<void> {
  const count = recordedRows().length + recordedAtOpening().length;
  const deadline = Date.now() + 45_000;
  while (storedRows().length < count) {
    if (Date.now() > deadline) throw new Error('the service did not record all that an opening records');
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

describe('the golden store', () => {
  test('has the recorded rows, and after them only what an opening records', () => {
    const rows = storedRows();
    const recorded = recordedRows();
    expect(rows.slice(0, recorded.length).join('\n')).toBe(recorded.join('\n'));
    const added = rows.slice(recorded.length).map(parseRow);
    expect(added.map(labelOf).sort()).toEqual(recordedAtOpening());
  });

  test('has the recorded result of verification', () => {
    // the root covers the events of the opening, whose ids differ between runs
    const { root, ...result } = verified;
    expect(root).toMatch(/^[0-9a-f]{64}$/);
    expectRecorded('verification', result);
  });

  test.each(goldenQueries)('gives the recorded answer: $name', async ({ name, answer }) => {
    expectRecorded(name, await answer({ app, head: verified.head }));
  });

  test('has in the history of each complaint exactly the stored events', async () => {
    const rows = storedRows().map(parseRow);
    for (const { id, name } of goldenComplaints()) {
      const { body } = await new Client(app).get<{ events: JsonObject[] }>(`/v1/complaints/${id}/history`);
      const history = body.events.map(({ type, data, metadata }) => ({ type, data, metadata }));
      const stored = rows.filter(({ stream }) => stream === `complaint-${id}`);
      expect([name, history]).toEqual([name, stored.map(({ type, data, metadata }) => ({ type, data, metadata }))]);
    }
  });
});

test('an exported history verifies by itself, also with events of older forms', async () => {
  const forms = new Set<string>();
  for (const { id, name } of goldenComplaints()) {
    const headers = { accept: 'application/x-ndjson' };
    const { body } = await new Client(app).get<string>(`/v1/complaints/${id}/history`, { headers });
    let previous = '0'.repeat(64);
    for (const line of body.trimEnd().split('\n')) {
      const { stream, revision, type, data, metadata } = JSON.parse(line) as HistoryEntry;
      const { hash, ...hashed } = metadata;
      const computed = createHash('sha256').update(
        canonicalize({ stream, revision, type, data, metadata: hashed }) ?? '',
      );
      expect([name, revision, computed.digest('hex'), hashed.prevHash]).toEqual([name, revision, hash, previous]);
      previous = hash;
      forms.add(JSON.stringify(data).includes('thirdParty"') ? `${type} of an older form` : type);
    }
  }
  expect([...forms]).toContain('RemedyProposed of an older form');
});

describe('when every request is sent again', () => {
  const requests = sentRequests();
  const firstOutcomes = outcomes();

  test('single commands get their first outcome, and no event is recorded', async () => {
    const sender = new GoldenSender(app);
    const expected: CommandOutcome[] = [];
    const accepted: CommandOutcome[] = [];
    const refused: CommandOutcome[] = [];
    for (const [index, request] of requests.entries()) {
      const first = firstOutcomes[index];
      if (isFile(request) || first === undefined || isOfFile(first)) continue;
      const repeated = await sender.send(request);
      if (first.status >= 300) refused.push(repeated);
      else {
        accepted.push(repeated);
        expected.push({ ...first, status: 200, body: { ...first.body, alreadyThere: true } });
      }
    }
    expect(accepted).toEqual(expected);
    expect(await verify(app)).toEqual(verified);
    expectRecorded('sent-again/refused-commands', refused);
  });

  test('the accepted lines and rows of files are already there, and only batches are recorded', async () => {
    const before = storedRows();
    const sender = new GoldenSender(app);
    const answers: Record<string, unknown> = {};
    const fileRequests = requests.filter(isFile);
    for (const [index, first] of firstOutcomes.filter(isOfFile).entries()) {
      const request = fileRequests[index];
      if (request === undefined) break;
      const outcome = await sender.send(request);
      answers[`${String(index + 1)} ${request.file}`] = withoutBatch(outcome);
      expect(withoutSentences(outcome.results.filter(isAccepted))).toEqual(
        withoutSentences(first.results.filter(isAccepted).map(asAlreadyThere)),
      );
      for (const { line } of outcome.results.filter(({ status }) => status === 'unchanged'))
        expect(first.results.find((result) => result.line === line)).toMatchObject(NOTHING_TO_CHANGE);
      const { accepted, rejected, read, alreadyThere } = outcome.summary;
      expect([request.file, accepted]).toEqual([request.file, 0]);
      if (request.file === 'register.csv') expect([rejected, alreadyThere]).toEqual([0, read]);
    }
    expectRecorded('sent-again/files', answers);

    const rows = storedRows();
    expect(rows.slice(0, before.length).join('\n')).toBe(before.join('\n'));
    const streams = rows.slice(before.length).map((row) => parseRow(row).stream);
    expect(streams.filter((stream) => !stream.startsWith('batch-'))).toEqual([]);
    expect(new Set(streams).size).toBe(Object.keys(answers).length);

    verified = await verify(app);
    expect(verified).toMatchObject({ ok: true, events: rows.length });
    await waitUntilCaughtUp(app, verified.head);
  });

  test.each(goldenQueries)('the answer is still the recorded one: $name', async ({ name, answer }) => {
    expectRecorded(name, await answer({ app, head: verified.head }));
  });
});

test('every recorded answer belongs to a query of this test', () => {
  const names = [
    ...goldenQueries.map(({ name }) => name),
    'verification',
    'sent-again/refused-commands',
    'sent-again/files',
  ];
  const recordedFiles = readdirSync(ANSWERS, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(ANSWERS, join(entry.parentPath, entry.name)).split(sep).join('/'));
  expect(recordedFiles.sort()).toEqual(names.map((name) => `${name}.json`).sort());
});

const withoutBatch = ({ summary: { batch: _batch, ...summary }, ...outcome }: FileOutcome) => ({ ...outcome, summary });

type LineOutcome = FileOutcome['results'][number];

/** Other lines are left out, because they are decided again and may be rejected for another reason. */
const isAccepted = ({ status }: LineOutcome): boolean => status !== 'rejected' && status !== 'unchanged';

/** How earlier versions answered a line that is `unchanged` now. */
const NOTHING_TO_CHANGE = { status: 'rejected', code: 'nothing_to_change' };

/** The expected result of a row or line that is sent again. */
const asAlreadyThere = (first: LineOutcome): LineOutcome => ({
  ...first,
  status: 'already_there',
  ...('newEvents' in first && { newEvents: 0 }),
});
