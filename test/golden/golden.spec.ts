import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import type { JsonObject } from '../../src/platform/json.js';
import { Client } from '../support/client.js';
import { pretty, withoutSentences } from './canonical.js';
import { goldenComplaints, outcomes } from './complaints.js';
import { ANSWERS, isFile, isOfFile, NOW, ROWS, sentRequests, type CommandOutcome, type FileOutcome } from './files.js';
import { caughtUp, startGoldenApp, verify, type GoldenApp, type Verified } from './golden-app.js';
import { questions } from './questions.js';
import { rowsOf } from './rows.js';
import { GoldenSender } from './sender.js';

/*
 * A store that an earlier version wrote is answered as that version answered it: see README.md. The service of this
 * checkout opens a copy of the events, folds its read models anew, and is asked; then everything is sent to it again.
 */
const recording = process.env.REDRESS_GOLDEN === 'write';

let app: GoldenApp;
let verified: Verified;

beforeAll(async () => {
  if (recording) rmSync(ANSWERS, { recursive: true, force: true });
  app = await startGoldenApp({ now: () => NOW });
  verified = await verify(app);
  await caughtUp(app, verified.head);
});

afterAll(() => app.stop());

/** Compares an answer with the recorded one, line by line; with REDRESS_GOLDEN=write it is recorded instead. */
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
const recordedRows = (): string[] => readFileSync(ROWS, 'utf8').trimEnd().split('\n');

describe('the golden store', () => {
  test('holds the rows that were recorded', () => {
    expect(storedRows().join('\n')).toBe(recordedRows().join('\n'));
  });

  test('is sound, up to the same head', () => {
    expectRecorded('verification', verified);
  });

  test.each(questions)('answers as recorded: $name', async ({ name, ask }) => {
    expectRecorded(name, await ask({ app, head: verified.head }));
  });

  test('tells in each history what is stored', async () => {
    const rows = recordedRows().map((row) => JSON.parse(row) as JsonObject);
    for (const { id, name } of goldenComplaints()) {
      const { body } = await new Client(app).get<{ events: JsonObject[] }>(`/v1/complaints/${id}/history`);
      const told = body.events.map(({ type, data, metadata }) => ({ type, data, metadata }));
      const stored = rows.filter(({ stream }) => stream === `complaint-${id}`);
      expect([name, told]).toEqual([name, stored.map(({ type, data, metadata }) => ({ type, data, metadata }))]);
    }
  });
});

describe('when every request is sent again', () => {
  const sent = sentRequests();
  const first = outcomes();

  test('single commands have their first outcome, and nothing is recorded', async () => {
    const sender = new GoldenSender(app);
    const expected: CommandOutcome[] = [];
    const accepted: CommandOutcome[] = [];
    const refused: CommandOutcome[] = [];
    for (const [index, request] of sent.entries()) {
      const before = first[index];
      if (isFile(request) || before === undefined || isOfFile(before)) continue;
      const again = await sender.send(request);
      if (before.status >= 300) refused.push(again);
      else {
        accepted.push(again);
        expected.push({ ...before, status: 200, body: { ...before.body, alreadyThere: true } });
      }
    }
    expect(accepted).toEqual(expected);
    expect(await verify(app)).toEqual(verified);
    expectRecorded('sent-again/refused-commands', refused);
  });

  test('files have what they brought there already; only their batches are new', async () => {
    const sender = new GoldenSender(app);
    const again: Record<string, unknown> = {};
    for (const before of first.filter(isOfFile)) {
      const request = sent.filter(isFile)[Object.keys(again).length];
      if (request === undefined) break;
      const outcome = await sender.send(request);
      again[`${String(Object.keys(again).length + 1)} ${request.file}`] = withoutBatch(outcome);
      expect(withoutSentences(outcome.results.filter(isTaken))).toEqual(
        withoutSentences(before.results.filter(isTaken).map(asAlreadyThere)),
      );
      const { accepted, rejected, read, alreadyThere } = outcome.summary;
      expect([request.file, accepted]).toEqual([request.file, 0]);
      if (request.file === 'register.csv') expect([rejected, alreadyThere]).toEqual([0, read]);
    }
    expectRecorded('sent-again/files', again);

    const rows = storedRows();
    const recorded = recordedRows();
    expect(rows.slice(0, recorded.length).join('\n')).toBe(recorded.join('\n'));
    const streams = rows.slice(recorded.length).map((row) => (JSON.parse(row) as { stream: string }).stream);
    expect(streams.filter((stream) => !stream.startsWith('batch-'))).toEqual([]);
    expect(new Set(streams).size).toBe(Object.keys(again).length);

    verified = await verify(app);
    expect(verified).toMatchObject({ ok: true, events: rows.length });
    await caughtUp(app, verified.head);
  });

  test.each(questions)('answers are the same: $name', async ({ name, ask }) => {
    expectRecorded(name, await ask({ app, head: verified.head }));
  });
});

test('no other answers are recorded', () => {
  const names = [
    ...questions.map(({ name }) => name),
    'verification',
    'sent-again/refused-commands',
    'sent-again/files',
  ];
  const recorded = readdirSync(ANSWERS, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(ANSWERS, join(entry.parentPath, entry.name)).split(sep).join('/'));
  expect(recorded.sort()).toEqual(names.map((name) => `${name}.json`).sort());
});

const withoutBatch = ({ summary: { batch: _batch, ...summary }, ...outcome }: FileOutcome) => ({ ...outcome, summary });

type LineOutcome = FileOutcome['results'][number];

/** What was rejected is decided again, and may be rejected for another reason by now. */
const isTaken = ({ status }: LineOutcome): boolean => status !== 'rejected';

/** The result of a row or line that is sent again. */
const asAlreadyThere = (before: LineOutcome): LineOutcome => ({
  ...before,
  status: 'already_there',
  ...('newEvents' in before && { newEvents: 0 }),
});
