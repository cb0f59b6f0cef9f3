import { setTimeout as pause } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { QuickCommands, SlowCommands } from '../../test/support/bulk/slow-commands.js';
import type { Unmet } from '../complaint/decision.js';
import type { ComplaintCommands, Outcome, Submission } from '../complaint/submission.js';
import { commandIdOf } from '../command/command-id.js';
import { complaintIdOf } from '../complaint/identity.js';
import { LodgeComplaint } from '../complaint/commands/intake.js';
import { referenceOf } from '../complaint/reference.js';
import { StoreUnavailable } from '../eventstore/event-store.js';
import { OpenBatch, type BatchSummary } from '../intake-batch/batch-recorder.js';
import type { IntakeBatchEvent } from '../intake-batch/events.js';
import { ReadModelsUnavailable } from '../readmodels/read-models.js';
import { decideLines, type BulkOptions, type LineResult } from './bulk-intake.js';
import { BulkCommandSender } from './bulk-command-sender.js';

const lodge = (key: string) => ({ command: 'LodgeComplaint', key, data: { channel: 'email', narrative: 'n' } });
const note = (key: string, complaint: string, text = 'a') => ({ command: 'AddNote', key, complaint, data: { text } });

async function* bytesOf(lines: readonly object[]): AsyncGenerator<Buffer> {
  for (const line of lines) yield Buffer.from(`${JSON.stringify(line)}\n`);
}

describe('decideLines', () => {
  /** Events that the batch recorded. */
  let recorded: IntakeBatchEvent[];
  /** If set, recording an event of the batch fails with this error. */
  let recordingError: Error | undefined;
  let unexpectedErrors: unknown[];
  beforeEach(() => {
    recorded = [];
    unexpectedErrors = [];
    recordingError = undefined;
  });

  const optionsFor = (commands: ComplaintCommands): BulkOptions => ({
    sender: new BulkCommandSender({
      submit: (submission) => commands.submit(submission),
      find: (name) => commands.find(name, 'crm'),
      digestKey: Buffer.alloc(32),
      credential: 'crm',
      actor: { type: 'upstream', id: 'crm-1', role: 'upstream' },
      onFailure: (error) => unexpectedErrors.push(error),
    }),
    batch: new OpenBatch('b1', (_step, event) => {
      if (recordingError !== undefined) return Promise.reject(recordingError);
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
  /** The code of each rejected line, the status of the other lines, and `summary`. */
  const codes = (results: readonly (LineResult | BatchSummary)[]) =>
    results.map((result) => ('status' in result ? ('code' in result ? result.code : result.status) : 'summary'));

  test('commands of one complaint run one after the other, commands of different complaints in parallel', async () => {
    const commands = new SlowCommands();
    const complaints = ['1', '2', '3', '4'];
    const steps = ['1', '2', '3'];
    const lodgings = complaints.map((complaint) => lodge(`c${complaint}`));
    const notes = steps.flatMap((step) =>
      complaints.map((complaint) => note(`n${step}${complaint}`, `c${complaint}`, `${complaint}.${step}`)),
    );
    const results = await resultsOf(commands, bytesOf([...lodgings, ...notes]));
    expect(results.at(-1)).toMatchObject({ read: 16, accepted: 16 });
    for (const complaint of complaints)
      expect(commands.started.filter((command) => command.startsWith(`AddNote ${complaint}.`))).toEqual(
        steps.map((step) => `AddNote ${complaint}.${step}`),
      );
    expect(commands.maxInProgress).toBeGreaterThan(1);
    expect(commands.maxInProgress).toBeLessThanOrEqual(4);
  });

  test('results have the order of the lines', async () => {
    const lines = Array.from({ length: 100 }, (_, index) => lodge(`k${String(index)}`));
    const results = await resultsOf(new SlowCommands(), bytesOf(lines));
    expect(results.slice(0, -1).map((result) => ('line' in result ? result.line : 0))).toEqual(
      lines.map((_, index) => index + 1),
    );
  });

  test('a line that fails for an internal reason has its code, and the next line is decided', async () => {
    const outcomes: (Partial<Outcome> | Error)[] = [
      { accepted: false, kind: 'busy', code: 'busy', unmet: [{ code: 'busy', message: 'b' }] },
      { accepted: false, kind: 'unavailable', code: 'event_store_unavailable', unmet: [] },
      new StoreUnavailable('gone'),
      new ReadModelsUnavailable('db.example', '2026-01-05T09:00:00Z'),
      new TypeError('unexpected'),
      {},
    ];
    const commands = new SlowCommands(() => outcomes.shift() ?? {});
    const lines = outcomes.map((_, index) => lodge(`k${String(index)}`));
    const sequential = { ...optionsFor(commands), concurrency: 1 };
    const results: (LineResult | BatchSummary)[] = [];
    for await (const result of decideLines(bytesOf([...lines, note('n', 'store-unavailable')]), sequential))
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
    expect(unexpectedErrors).toEqual([expect.objectContaining({ message: 'unexpected' })]);
    expect(recorded.map(({ type }) => type)).toEqual(['IntakeLinesRejected', 'IntakeBatchClosed']);
  });

  test('a line that would change nothing is unchanged, unless something else is wrong with it too', async () => {
    const reason = (code: string) => ({ code, message: code });
    const outcomes: Unmet[][] = [
      [reason('nothing_to_change'), reason('nothing_to_change')],
      [reason('nothing_to_change'), reason('wrong_stage')],
    ];
    const commands = new SlowCommands(({ command, complaint = '' }) => {
      const [first, ...rest] = (command instanceof LodgeComplaint ? undefined : outcomes.shift()) ?? [];
      const refusal = { accepted: false, kind: 'rejected', id: complaint, revision: 4 } as const;
      return first === undefined ? {} : { ...refusal, code: first.code, unmet: [first, ...rest] };
    });
    const results = await resultsOf(commands, bytesOf([lodge('k'), note('n1', 'k'), note('n2', 'k')]));
    expect(codes(results)).toEqual(['accepted', 'unchanged', 'nothing_to_change', 'summary']);
    expect(results[1]).toEqual({
      line: 2,
      key: 'n1',
      status: 'unchanged',
      id: complaintIdOf({}, commandIdOf('crm', 'k')),
      reference: referenceOf(complaintIdOf({}, commandIdOf('crm', 'k'))),
      revision: 4,
      message: 'nothing_to_change; nothing_to_change',
    });
    expect(results.at(-1)).toMatchObject({ read: 3, accepted: 1, unchanged: 1, rejected: 1 });
    expect(recorded.at(-1)).toMatchObject({ data: { unchanged: 1, rejected: 1 } });
  });

  test('if the source fails, the lines before the failure are counted, and the batch is incomplete', async () => {
    async function* failingSource(): AsyncGenerator<Buffer> {
      yield* bytesOf([1, 2, 3].map((number) => lodge(`k${String(number)}`)));
      throw new Error('aborted');
    }
    const results: unknown[] = [];
    const deciding = (async () => {
      for await (const result of decideLines(failingSource(), optionsFor(new SlowCommands()))) results.push(result);
    })();
    await expect(deciding).rejects.toThrow('aborted');
    expect(results).toHaveLength(3);
    expect(recorded).toMatchObject([{ type: 'IntakeBatchClosed', data: { read: 3, accepted: 3, complete: false } }]);
  });

  test('if the reader stops, the started lines are counted, and the batch is incomplete', async () => {
    const commands = new SlowCommands();
    const lines = Array.from({ length: 1000 }, (_, index) => lodge(`k${String(index)}`));
    for await (const result of decideLines(bytesOf(lines), optionsFor(commands)))
      if ('line' in result && result.line === 5) break;
    expect(recorded).toMatchObject([{ type: 'IntakeBatchClosed', data: { complete: false } }]);
    const [{ data } = { data: {} }] = recorded;
    expect(data).toMatchObject({ read: commands.started.length, accepted: commands.started.length });
    expect(commands.started.length).toBeLessThan(40);
  });

  test('an error is thrown if the rejected lines of the batch cannot be recorded', async () => {
    recordingError = new StoreUnavailable('gone');
    const lines = Array.from({ length: 600 }, () => ({ unknown: 1 }));
    await expect(resultsOf(new SlowCommands(), bytesOf(lines))).rejects.toThrow('gone');
  });

  test('a line may name a complaint of the same request by its lodging key, id or reference only', async () => {
    const id = complaintIdOf({}, commandIdOf('crm', 'k1'));
    const reference = referenceOf(id);
    const names = ['k1', id, id.toUpperCase(), reference, reference.toLowerCase().replaceAll('-', '')];
    const idWithSameReference = id.slice(0, -1) + (id.endsWith('0') ? '1' : '0');
    const otherNames = ['K1', idWithSameReference];
    const lines = [...names, ...otherNames].map((name, index) => note(`n${String(index)}`, name));
    const results = await resultsOf(new SlowCommands(), bytesOf([lodge('k1'), ...lines]));
    expect(codes(results)).toEqual([
      'accepted',
      ...names.map(() => 'accepted'),
      ...otherNames.map(() => 'complaint_not_found'),
      'summary',
    ]);
  });

  describe('a line that names a complaint whose lodging in this request was refused', () => {
    const refusedWith = (code: string) => (submission: Submission) =>
      submission.command instanceof LodgeComplaint
        ? ({ accepted: false, kind: 'unavailable', code, unmet: [{ code, message: code }] } as const)
        : {};
    const sourced = (key: string) => ({
      ...lodge(key),
      data: { ...lodge(key).data, sources: [{ system: 'shop', ref: '1' }] },
    });
    const id = complaintIdOf({ sources: [{ system: 'shop', ref: '1' }] }, '');

    test.each(['event_store_unavailable', 'busy', 'internal_error'])(
      'gets the same refusal if the lodging may succeed later: %s',
      async (code) => {
        const commands = new SlowCommands(refusedWith(code));
        const results = await resultsOf(commands, bytesOf([sourced('k1'), note('n1', 'k1')]));
        expect(codes(results)).toEqual([code, code, 'summary']);
        expect(results[1]).toMatchObject({ line: 2, key: 'n1', errors: [{ code }] });
        expect(commands.started).toEqual(['LodgeComplaint']);
      },
    );

    test('gets the same refusal if it names the complaint by its id or reference', async () => {
      const commands = new SlowCommands((submission) =>
        submission.command instanceof LodgeComplaint
          ? refusedWith('busy')(submission)
          : { accepted: false, kind: 'not_found', code: 'complaint_not_found', unmet: [] },
      );
      const lines = [sourced('k1'), note('n1', id), note('n2', referenceOf(id)), note('n3', 'k1')];
      expect(codes(await resultsOf(commands, bytesOf(lines)))).toEqual(['busy', 'busy', 'busy', 'busy', 'summary']);
    });

    test('is refused if it names the key, which has made no complaint, although the source has one', async () => {
      const commands = new SlowCommands(refusedWith('external_ref_reused'));
      const results = await resultsOf(commands, bytesOf([sourced('k1'), note('n1', 'k1'), note('n2', id)]));
      expect(codes(results)).toEqual(['external_ref_reused', 'complaint_not_found', 'accepted', 'summary']);
    });

    test('goes to the complaint that the key lodged in an earlier request', async () => {
      const commands = new SlowCommands(refusedWith('idempotency_key_reused'));
      commands.find = (name) => Promise.resolve(name === 'k1' ? 'earlier' : undefined);
      const results = await resultsOf(commands, bytesOf([sourced('k1'), note('n1', 'k1')]));
      expect(results[1]).toMatchObject({ status: 'accepted', id: 'earlier' });
    });

    test('is accepted after the lodging was repeated with success', async () => {
      let lodgings = 0;
      const commands = new SlowCommands((submission) => {
        if (submission.command instanceof LodgeComplaint) lodgings += 1;
        return lodgings === 1 ? refusedWith('busy')(submission) : {};
      });
      const lines = [sourced('k1'), sourced('k1'), note('n1', 'k1'), note('n2', id)];
      expect(codes(await resultsOf(commands, bytesOf(lines)))).toEqual([
        'busy',
        'accepted',
        'accepted',
        'accepted',
        'summary',
      ]);
    });
  });

  test.each([
    ['the name of a member', '{"command":"AddNote","key":"a","complaint":"x","data":{"\\ud83d":1}}', '/data/\ufffd'],
    [
      'the name of the complaint',
      '{"command":"AddNote","key":"a","complaint":"\\ud83d","data":{"text":"a"}}',
      '/complaint',
    ],
    ['a long name of a member', JSON.stringify({ ['x'.repeat(199) + '😀'.repeat(50)]: 1 }), `/${'x'.repeat(199)}`],
  ])('half of a surrogate pair in %s rejects only its line, and can be recorded', async (_name, line, pointer) => {
    async function* source(): AsyncGenerator<Buffer> {
      yield Buffer.from(`${line}\n${JSON.stringify(lodge('k'))}\n`);
    }
    const results = await resultsOf(new SlowCommands(), source());
    expect(codes(results)).toEqual(['validation_failed', 'accepted', 'summary']);
    expect(recorded[0]).toMatchObject({ data: { lines: [{ line: 1, pointer }] } });
    expect(JSON.stringify(results)).not.toMatch(/\\ud83d/);
  });

  test('a line finds the first of 40,000 complaints lodged in the same request', async () => {
    const lodgings = Array.from({ length: 40_000 }, (_, index) => lodge(`k${String(index)}`));
    const firstId = complaintIdOf({}, commandIdOf('crm', 'k0'));
    const notes = [note('n1', 'k0'), note('n2', firstId)];
    const results = await resultsOf(new QuickCommands(), bytesOf([...lodgings, ...notes]));
    expect(results.at(-1)).toMatchObject({ read: 40_002, accepted: 40_002 });
  });

  test('the reasons of a refused lodging are not kept in memory until the end of the request', async () => {
    setFlagsFromString('--expose-gc');
    const collectGarbage = runInNewContext('gc') as () => void;
    const reasons: WeakRef<object>[] = [];
    const refuse = (code: string): Partial<Outcome> => {
      const unmet: [Unmet] = [{ code, message: 'each field that differs is a reason' }];
      reasons.push(new WeakRef(unmet));
      return { accepted: false, kind: 'rejected', code, unmet };
    };
    const commands = new SlowCommands(() => refuse('external_ref_reused'));
    const results = decideLines(
      bytesOf(Array.from({ length: 100 }, (_, index) => lodge(`k${String(index)}`))),
      optionsFor(commands),
    );
    for (let line = 1; line <= 100; line++) await results.next();
    await pause(1); // a WeakRef keeps its target alive until the end of the job that created the WeakRef
    collectGarbage();
    expect(reasons.filter((reason) => reason.deref() !== undefined).length).toBeLessThan(20);
    await results.return();
  });

  test('a line is rejected with not_yet_visible if its complaint cannot be looked up yet', async () => {
    const results = await resultsOf(new SlowCommands(), bytesOf([note('n', 'not-yet-visible')]));
    expect(codes(results)).toEqual(['not_yet_visible', 'summary']);
    expect(unexpectedErrors).toEqual([]);
  });

  test('a line with an unknown command is rejected', async () => {
    const results = await resultsOf(new SlowCommands(), bytesOf([{ ...lodge('k'), command: 'hasOwnProperty' }]));
    expect(codes(results)).toEqual(['unknown_command', 'summary']);
  });

  test('a line without a complaint is rejected if its command needs one', async () => {
    const results = await resultsOf(new SlowCommands(), bytesOf([{ ...note('n', 'c'), complaint: undefined }]));
    expect(results[0]).toMatchObject({
      code: 'validation_failed',
      errors: [{ pointer: '/complaint', code: 'missing' }],
    });
  });

  test('an empty request is recorded as a batch without lines', async () => {
    expect(await resultsOf(new SlowCommands(), bytesOf([]))).toEqual([
      {
        batch: 'b1',
        read: 0,
        accepted: 0,
        alreadyThere: 0,
        unchanged: 0,
        rejected: 0,
        sha256: expect.stringMatching(/^e3b0c442/),
      },
    ]);
  });
});
