import { setTimeout as pause } from 'node:timers/promises';
import type { ComplaintCommands, Outcome, Submission } from '../complaint/submission.js';
import { commandIdOf, complaintIdOf } from '../complaint/identity.js';
import { LodgeComplaint } from '../complaint/commands/intake.js';
import { referenceOf } from '../complaint/reference.js';
import { StoreUnavailable } from '../eventstore/event-store.js';
import { OpenBatch, type BatchSummary } from '../intake-batch/batch-recorder.js';
import type { IntakeBatchEvent } from '../intake-batch/events.js';
import { NotYetVisible, ReadModelsUnavailable } from '../readmodels/read-models.js';
import { decideLines, type BulkOptions, type LineResult } from './bulk-intake.js';
import { BulkCommandSender } from './bulk-command-sender.js';

/** Takes its time, longer for some commands than for others, and records the order in which they began. */
class SlowCommands implements ComplaintCommands {
  readonly begun: string[] = [];
  underWay = 0;
  most = 0;

  constructor(private readonly outcome: (submission: Submission) => Partial<Outcome> | Error = () => ({})) {}

  async submit(submission: Submission): Promise<Outcome> {
    const { command, commandId } = submission;
    const id = command instanceof LodgeComplaint ? complaintIdOf(command, commandId) : (submission.complaint ?? '');
    this.begun.push(`${command.constructor.name} ${'text' in command ? String(command.text) : ''}`.trim());
    this.underWay += 1;
    this.most = Math.max(this.most, this.underWay);
    await pause(this.begun.length % 3);
    this.underWay -= 1;
    const outcome = this.outcome(submission);
    if (outcome instanceof Error) throw outcome;
    const accepted = { reference: 'R', revision: 0, position: '1', events: ['E'], alreadyThere: false };
    return { accepted: true, id, ...accepted, ...outcome } as Outcome;
  }

  resolve(): Promise<string | undefined> {
    return Promise.resolve(undefined);
  }

  find(name: string): Promise<string | undefined> {
    if (name === 'unreachable') return Promise.reject(new StoreUnavailable('gone'));
    if (name === 'unseen') return Promise.reject(new NotYetVisible('not yet'));
    return Promise.resolve(undefined);
  }
}

/** One that takes no time, for requests of many lines. */
class QuickCommands extends SlowCommands {
  override submit({ command, commandId, complaint = '' }: Submission): Promise<Outcome> {
    const id = command instanceof LodgeComplaint ? complaintIdOf(command, commandId) : complaint;
    const accepted = { reference: 'R', revision: 0, position: '1', events: ['E'], alreadyThere: false };
    return Promise.resolve({ accepted: true, id, ...accepted });
  }
}

const lodge = (key: string) => ({ command: 'LodgeComplaint', key, data: { channel: 'email', narrative: 'n' } });
const note = (key: string, complaint: string, text = 'a') => ({ command: 'AddNote', key, complaint, data: { text } });

async function* bytesOf(lines: readonly object[]): AsyncGenerator<Buffer> {
  for (const line of lines) yield Buffer.from(`${JSON.stringify(line)}\n`);
}

describe('bulk commands', () => {
  let recorded: IntakeBatchEvent[];
  let failing: Error | undefined;
  let failures: unknown[];
  beforeEach(() => {
    recorded = [];
    failures = [];
    failing = undefined;
  });

  const optionsFor = (commands: ComplaintCommands): BulkOptions => ({
    sender: new BulkCommandSender({
      submit: (submission) => commands.submit(submission),
      find: (name) => commands.find(name, 'crm'),
      digestKey: Buffer.alloc(32),
      credential: 'crm',
      actor: { type: 'upstream', id: 'crm-1', role: 'upstream' },
      onFailure: (error) => failures.push(error),
    }),
    batch: new OpenBatch('b1', (_step, event) => {
      if (failing !== undefined) return Promise.reject(failing);
      recorded.push(event);
      return Promise.resolve();
    }),
    concurrency: 16,
  });

  async function resultsOf(
    commands: ComplaintCommands,
    source: AsyncIterable<Buffer>,
  ): Promise<readonly (LineResult | BatchSummary)[]> {
    const results: (LineResult | BatchSummary)[] = [];
    for await (const result of decideLines(source, optionsFor(commands))) results.push(result);
    return results;
  }
  const codes = (results: readonly (LineResult | BatchSummary)[]) =>
    results.map((result) => ('status' in result ? ('code' in result ? result.code : result.status) : 'summary'));

  test('of one complaint run one after the other, and of different complaints in parallel', async () => {
    const commands = new SlowCommands();
    const lines = [1, 2, 3, 4].map((number) => lodge(`c${String(number)}`));
    const notes = [1, 2, 3].flatMap((step) =>
      [1, 2, 3, 4].map((number) =>
        note(`n${String(step)}${String(number)}`, `c${String(number)}`, `${String(number)}.${String(step)}`),
      ),
    );
    const results = await resultsOf(commands, bytesOf([...lines, ...notes]));
    expect(results.at(-1)).toMatchObject({ read: 16, accepted: 16 });
    for (const number of [1, 2, 3, 4])
      expect(commands.begun.filter((one) => one.startsWith(`AddNote ${String(number)}.`))).toEqual(
        [1, 2, 3].map((step) => `AddNote ${String(number)}.${String(step)}`),
      );
    expect(commands.most).toBeGreaterThan(1);
    expect(commands.most).toBeLessThanOrEqual(4);
  });

  test('are answered in the order of the lines', async () => {
    const lines = Array.from({ length: 100 }, (_, index) => lodge(`k${String(index)}`));
    const results = await resultsOf(new SlowCommands(), bytesOf(lines));
    expect(results.slice(0, -1).map((result) => ('line' in result ? result.line : 0))).toEqual(
      lines.map((_, index) => index + 1),
    );
  });

  test('that fail for internal reasons have the code of the reason, and the next line is decided', async () => {
    const answers: (Partial<Outcome> | Error)[] = [
      { accepted: false, kind: 'busy', code: 'busy', unmet: [{ code: 'busy', message: 'b' }] },
      { accepted: false, kind: 'unavailable', code: 'event_store_unavailable', unmet: [] },
      new StoreUnavailable('gone'),
      new ReadModelsUnavailable('db.example', '2026-01-05T09:00:00Z'),
      new TypeError('unexpected'),
      {},
    ];
    const commands = new SlowCommands(() => answers.shift() ?? {});
    const lines = answers.map((_, number) => lodge(`k${String(number)}`));
    const sequential = { ...optionsFor(commands), concurrency: 1 };
    const results: (LineResult | BatchSummary)[] = [];
    for await (const result of decideLines(bytesOf([...lines, note('n', 'unreachable')]), sequential))
      results.push(result);
    expect(codes(results)).toEqual([
      'busy',
      'event_store_unavailable',
      'event_store_unavailable',
      'read_models_unavailable',
      'internal_error',
      'accepted',
      'event_store_unavailable',
      'summary',
    ]);
    expect(failures).toEqual([expect.objectContaining({ message: 'unexpected' })]);
    expect(recorded.map(({ type }) => type)).toEqual(['IntakeLinesRejected', 'IntakeBatchClosed']);
  });

  test('are finished and counted if the source fails, and the batch is closed once and not complete', async () => {
    async function* broken(): AsyncGenerator<Buffer> {
      yield* bytesOf([1, 2, 3].map((number) => lodge(`k${String(number)}`)));
      throw new Error('aborted');
    }
    const results: unknown[] = [];
    const deciding = (async () => {
      for await (const result of decideLines(broken(), optionsFor(new SlowCommands()))) results.push(result);
    })();
    await expect(deciding).rejects.toThrow('aborted');
    expect(results).toHaveLength(3);
    expect(recorded).toMatchObject([{ type: 'IntakeBatchClosed', data: { read: 3, accepted: 3, complete: false } }]);
  });

  test('are counted if the reader stops, and the batch is closed once and not complete', async () => {
    const commands = new SlowCommands();
    const lines = Array.from({ length: 1000 }, (_, index) => lodge(`k${String(index)}`));
    for await (const result of decideLines(bytesOf(lines), optionsFor(commands)))
      if ('line' in result && result.line === 5) break;
    expect(recorded).toMatchObject([{ type: 'IntakeBatchClosed', data: { complete: false } }]);
    const [{ data } = { data: {} }] = recorded;
    expect(data).toMatchObject({ read: commands.begun.length, accepted: commands.begun.length });
    expect(commands.begun.length).toBeLessThan(40);
  });

  test('end with an error if the batch cannot be recorded', async () => {
    failing = new StoreUnavailable('gone');
    const lines = Array.from({ length: 600 }, () => ({ surprise: 1 }));
    await expect(resultsOf(new SlowCommands(), bytesOf(lines))).rejects.toThrow('gone');
  });

  test('find a lodging of the same request by each of its names, and by no other name', async () => {
    const id = complaintIdOf({}, commandIdOf('crm', 'k1'));
    const [last] = id.slice(-1);
    const names = ['k1', id, id.toUpperCase(), referenceOf(id), referenceOf(id).toLowerCase().replaceAll('-', '')];
    const others = ['K1', id.slice(0, -1) + (last === '0' ? '1' : '0')]; // an id with the same reference
    const lines = [...names, ...others].map((name, index) => note(`n${String(index)}`, name));
    const results = await resultsOf(new SlowCommands(), bytesOf([lodge('k1'), ...lines]));
    expect(codes(results)).toEqual([
      'accepted',
      ...names.map(() => 'accepted'),
      ...others.map(() => 'complaint_not_found'),
      'summary',
    ]);
  });

  test('find the first of 40,000 lodgings of the same request', async () => {
    const lodgings = Array.from({ length: 40_000 }, (_, index) => lodge(`k${String(index)}`));
    const first = complaintIdOf({}, commandIdOf('crm', 'k0'));
    const results = await resultsOf(new QuickCommands(), bytesOf([...lodgings, note('n1', 'k0'), note('n2', first)]));
    expect(results.at(-1)).toMatchObject({ read: 40_002, accepted: 40_002 });
  });

  test('that name a complaint which cannot be looked up yet are not_yet_visible', async () => {
    const results = await resultsOf(new SlowCommands(), bytesOf([note('n', 'unseen')]));
    expect(codes(results)).toEqual(['not_yet_visible', 'summary']);
    expect(failures).toEqual([]);
  });

  test('with an unknown name are rejected', async () => {
    const results = await resultsOf(new SlowCommands(), bytesOf([{ ...lodge('k'), command: 'hasOwnProperty' }]));
    expect(codes(results)).toEqual(['unknown_command', 'summary']);
  });

  test('that need a complaint must name it', async () => {
    const { complaint: _complaint, ...withoutComplaint } = note('n', 'c');
    const results = await resultsOf(new SlowCommands(), bytesOf([withoutComplaint]));
    expect(results[0]).toMatchObject({
      code: 'validation_failed',
      errors: [{ pointer: '/complaint', code: 'missing' }],
    });
  });

  test('may be none: an empty request is a batch too', async () => {
    expect(await resultsOf(new SlowCommands(), bytesOf([]))).toEqual([
      { batch: 'b1', read: 0, accepted: 0, alreadyThere: 0, rejected: 0, sha256: expect.stringMatching(/^e3b0c442/) },
    ]);
  });
});
