import { copyFileSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { openDatabase } from '../../src/platform/sqlite.js';
import { writeServerFile } from '../../src/platform/server-file.js';
import { caseLines, STEPS } from '../support/bulk/case-lines.js';
import { Chance } from '../support/service/chance.js';
import { describeService, freshFolder } from '../support/service/folders.js';
import { redress } from '../support/service/redress-command.js';
import { ServiceProcess } from '../support/service/service-process.js';

const COMPLAINTS = 20;
const LINES = STEPS * COMPLAINTS;

/**
 * A register with one valid row, an invalid date, an unknown channel, and a complaint that was sent to the company
 * before it was received: this row is accepted with a warning.
 */
const REGISTER = [
  'Date received,Product,Sub-product,Issue,Sub-issue,Company,State,ZIP code,Consumer consent provided?,Submitted via,' +
    'Date sent to company,Company response to consumer,Timely response?,Consumer disputed?',
  '7/29/2013,Mortgage,,Closing,,A Bank,VA,24540,N/A,Web,7/30/2013,Closed with explanation,Yes,No',
  '2/30/2013,Mortgage,,Closing,,A Bank,VA,24540,N/A,Web,7/30/2013,Closed with explanation,Yes,No',
  '7/29/2013,Mortgage,,Closing,,A Bank,VA,24540,N/A,=SUM(A1),7/30/2013,Closed with explanation,Yes,No',
  '7/29/2013,Mortgage,,Closing,,A Bank,VA,24540,N/A,Web,7/28/2013,Closed with explanation,Yes,No',
  '',
].join('\n');

describeService('the redress command', () => {
  const folder = freshFolder();
  /** Writes a file of valid bulk commands and returns its path. */
  const commandsFile = (): string => {
    const path = folder.inside('day.ndjson');
    writeFileSync(path, [...caseLines(COMPLAINTS, new Chance(1)), ''].join('\n'));
    return path;
  };
  const rejects = (): string => folder.inside('rejects.csv');

  /** Runs the command; `output` of the result is standard output and standard error together. */
  const run = (...args: readonly string[]) => redress(folder.inside('data'), args);

  /** Runs the command with --json and returns its JSON; other lines before the JSON are ignored. */
  async function runJson<Answer>(...args: readonly string[]): Promise<Answer> {
    const { output, code } = await run(...args, '--json');
    const start = /^[[{]/m.exec(output)?.index;
    if (start === undefined) throw new Error(`${args.join(' ')} ended with ${String(code)} and printed\n${output}`);
    return JSON.parse(output.slice(start)) as Answer;
  }

  /** Expects that every subcommand works, with or without a running service. */
  async function expectSubcommandsWork(): Promise<void> {
    const file = commandsFile();
    const first = await runJson<object>('import', 'commands', file, '--rejects', rejects());
    expect(first).toMatchObject({ read: LINES, accepted: LINES, rejected: 0 });
    expect(await runJson('import', 'commands', file, '--rejects', rejects())).toMatchObject({ alreadyThere: LINES });
    expect(existsSync(rejects())).toBe(false);

    writeFileSync(folder.inside('register.csv'), REGISTER);
    const report = await runJson('import', 'cfpb', folder.inside('register.csv'), '--rejects', rejects());
    expect(report).toEqual({ rows: 4, complaints: 2, newEvents: 4, warnings: 1, rejected: 2 });
    expect(readFileSync(rejects(), 'utf8').trim().split('\n')).toEqual([
      'file,line,column,value,reason,code',
      expect.stringMatching(
        /register\.csv,3,Date received,2\/30\/2013,is not a date \(M\/D\/YYYY or YYYY-MM-DD\),bad_date$/,
      ),
      expect.stringMatching(/register\.csv,4,Submitted via,'=SUM\(A1\),is not a channel of the register,bad_value$/),
    ]);

    const { totals, batches } = await runJson<{ totals: object[]; batches: { id: string; source: string }[] }>(
      'reconcile',
    );
    expect(totals).toEqual([
      { source: 'cfpb', batches: 1, interrupted: 0, read: 4, accepted: 2, alreadyThere: 0, unchanged: 0, rejected: 2 },
      {
        source: 'upstream',
        batches: 2,
        interrupted: 0,
        read: 200,
        accepted: 100,
        alreadyThere: 100,
        unchanged: 0,
        rejected: 0,
      },
    ]);
    const register = batches.find(({ source }) => source === 'cfpb')?.id ?? '';
    expect(await runJson('reconcile', '--batch', register)).toEqual([
      { line: 3, code: 'bad_date', pointer: 'Date received' },
      { line: 4, code: 'bad_value', pointer: 'Submitted via' },
    ]);

    const { items } = await runJson<{ items: { reference: string }[] }>('queue');
    expect(items.length).toBeGreaterThanOrEqual(COMPLAINTS);
    const history = await runJson<{ type: string }[]>('history', items[0]?.reference ?? '');
    expect(history[0]?.type).toBe('ComplaintReceived');
    expect(await runJson('trends', '--group-by', 'product')).toMatchObject({ total: { complaints: COMPLAINTS + 2 } });
    expect(await runJson('verify')).toMatchObject({ ok: true });

    type States = { name: string; state: string }[];
    const states = (models: States) => Object.fromEntries(models.map(({ name, state }) => [name, state]));
    for (const model of await runJson<(States[number] & { lag: number })[]>('projections', 'list'))
      expect(model).toMatchObject({ lag: 0, state: expect.stringMatching(/^(live|catching-up)$/) as string });
    expect(states(await runJson<States>('projections', 'pause', 'trends'))).toMatchObject({ trends: 'paused' });
    expect(states(await runJson<States>('projections', 'list'))).toMatchObject({ trends: 'paused' });
    expect(states(await runJson<States>('projections', 'resume', 'trends')).trends).toMatch(/live|catching-up/);
    expect(await runJson('projections', 'compare', 'trends')).toMatchObject({ outcome: 'equal', swapped: false });
    expect(await runJson('projections', 'rebuild', 'timeline')).toMatchObject({ outcome: 'equal', swapped: true });
    expect(await runJson('projections', 'rebuild', 'timeline', '--keep')).toMatchObject({
      outcome: 'equal',
      kept: expect.stringMatching(/^timeline@/) as string,
    });
    expect(await runJson('projections', 'drop', 'timeline')).toEqual({ dropped: true });
    expect(await runJson('projections', 'drop', 'timeline')).toEqual({ dropped: false });
    expect(await run('projections', 'rebuild', 'unknown-model')).toMatchObject({
      code: 1,
      output: expect.stringMatching(/^redress: .*unknown-model/) as string,
    });
  }

  test('verify --against compares the log with a result that was kept', async () => {
    await run('import', 'commands', commandsFile(), '--rejects', rejects());
    const kept = folder.inside('kept.json');
    writeFileSync(kept, JSON.stringify(await runJson('verify')));
    expect(await run('verify', '--against', kept)).toMatchObject({
      code: 0,
      output: expect.stringMatching(/is sound: .*\nit begins with the \d+ events of the earlier result/) as string,
    });
    const database = openDatabase(folder.inside('data/events.db'));
    database.exec('DELETE FROM events WHERE position > 9; CREATE TABLE more (note TEXT)');
    database.close();
    const { code, output } = await run('verify', '--against', kept);
    expect(code).toBe(1);
    expect(output).toMatch(/events\.db: Redress did not create the table more\n/);
    expect(output).toMatch(/\nevents are missing: the log has only 9 of the \d+ events of the earlier result\n/);
    expect(await run('verify', '--against', commandsFile())).toMatchObject({
      code: 1,
      output: expect.stringMatching(
        /^redress: --against .*day\.ndjson is not an output of `redress verify --json`; keep one with: redress verify --json > FILE\n$/,
      ) as string,
    });
    expect(await run('verify', '--against', 'none.json')).toMatchObject({
      code: 1,
      output: 'redress: --against: there is no file or folder none.json; correct the path\n',
    });
  });

  test('history refuses a revision that does not exist, and a time in the future', async () => {
    await run('import', 'commands', commandsFile(), '--rejects', rejects());
    const { items } = await runJson<{ items: { reference: string }[] }>('queue');
    const reference = items[0]?.reference ?? '';
    expect(await run('history', reference, '--revision', '99')).toMatchObject({
      code: 1,
      output: expect.stringMatching(/^redress: the complaint has no revision 99; its last revision is \d\n$/) as string,
    });
    expect(await run('history', reference, '--known-at', '2999-01-01T00:00:00Z')).toMatchObject({
      code: 1,
      output: expect.stringContaining('use a time that is not in the future') as string,
    });
  });

  test('works directly on the stores if no service runs', expectSubcommandsWork);

  test('works through the service if one runs', async () => {
    const service = await ServiceProcess.start(folder.inside('data'));
    await expectSubcommandsWork();
    expect(service.running).toBe(true);
    expect(await service.stop()).toMatchObject({ code: 0 });
    expect(existsSync(folder.inside('data/server.json'))).toBe(false);
  });

  test('names the process that owns the store if that process is not a reachable service', async () => {
    const service = await ServiceProcess.start(folder.inside('data'));
    rmSync(folder.inside('data/server.json')); // without this file, the command cannot find the service
    for (const args of [
      ['import', 'commands', commandsFile(), '--rejects', rejects()],
      ['import', 'cfpb', commandsFile(), '--rejects', rejects()],
      ['projections', 'rebuild', 'trends'],
    ]) {
      const { code, output } = await run(...args);
      expect(code).toBe(1);
      expect(output).toMatch(new RegExp(`^redress: .*${String(service.pid)}`));
      expect(output.trim().split('\n')).toHaveLength(1);
    }
    expect(await runJson('verify')).toMatchObject({ ok: true });
    await service.stop();
  });

  test('ignores the server.json of a service that has ended, even if another service has its address', async () => {
    const other = await ServiceProcess.start(folder.inside('other'));
    await run('import', 'commands', commandsFile(), '--rejects', rejects());
    for (const url of [other.url, 'http://127.0.0.1:9']) {
      const ended = { url, pid: 1, startedAt: '2026-01-01T00:00:00.000Z' };
      writeServerFile({ data: folder.inside('data'), role: 'all' }, ended);
      expect(await runJson('import', 'commands', commandsFile(), '--rejects', rejects())).toMatchObject({
        alreadyThere: LINES,
      });
    }
    // the other service has received nothing
    expect((await redress(folder.inside('other'), ['queue', '--json'])).output).toContain('"items": []');
    await other.stop();
  });

  test('reports read models that are not up to date; `history` with an id needs no read model', async () => {
    const views = folder.inside('data/views.db');
    const lodge = async (key: string): Promise<void> => {
      const line = { command: 'LodgeComplaint', key, data: { channel: 'email', narrative: key } };
      writeFileSync(folder.inside('one.ndjson'), JSON.stringify(line));
      await run('import', 'commands', folder.inside('one.ndjson'), '--rejects', rejects());
    };
    const queries = [['queue'], ['reconcile'], ['trends', '--group-by', 'product']] as const;
    await lodge('first');
    copyFileSync(views, folder.inside('older.db'));
    const { items } = await runJson<{ items: { id: string; reference: string }[] }>('queue');
    const [{ id, reference }] = items as [(typeof items)[0]];
    for (const query of queries) expect((await run(...query)).output).not.toMatch(/not up to date/);

    await lodge('second');
    const later = (await runJson<{ items: { reference: string }[] }>('queue')).items.map((item) => item.reference);
    const second = later.find((other) => other !== reference) ?? '';
    copyFileSync(folder.inside('older.db'), views);
    for (const query of queries)
      expect(await run(...query)).toMatchObject({
        code: 0,
        output: expect.stringMatching(/^not up to date: /) as string,
      });
    // the events of a complaint do not depend on a read model, but the search for its reference does
    for (const subcommand of ['history', 'show']) {
      expect(await runJson(subcommand, reference)).not.toEqual([]);
      expect((await run(subcommand, reference)).output).not.toMatch(/not up to date/);
      expect(await run(subcommand, second)).toMatchObject({
        code: 1,
        output: expect.stringMatching(
          new RegExp(`^not up to date: complaint_file lacks .*\nredress: there is no complaint "${second}"\n$`),
        ) as string,
      });
    }

    rmSync(views);
    expect(await runJson('history', id)).toHaveLength(1);
    expect(await run('history', reference)).toMatchObject({
      code: 1,
      output: expect.stringMatching(
        /^redress: the read models have not been built yet \(there is no .*views\.db\); .*\n$/,
      ) as string,
    });
  });

  test('reports that the service stopped during an import; a second run imports the remaining lines', async () => {
    const path = folder.inside('long.ndjson');
    const complaints = 2000;
    writeFileSync(path, [...caseLines(complaints, new Chance(1)), ''].join('\n'));
    const service = await ServiceProcess.start(folder.inside('data'));
    const importing = run('import', 'commands', path, '--rejects', rejects());
    for (let head = 0; head < 500;) {
      const { body } = await service.get('/health/ready');
      head = Number((body.checks as unknown as { event_store: { head: string } }).event_store.head);
    }
    await service.stop();
    expect(await importing).toMatchObject({
      code: 1,
      output: expect.stringMatching(/before its answer was complete; run the same/) as string,
    });
    const again = await runJson<{ read: number; alreadyThere: number }>(
      'import',
      'commands',
      path,
      '--rejects',
      rejects(),
    );
    expect(again).toMatchObject({ read: STEPS * complaints, rejected: 0 });
    expect(again.alreadyThere).toBeGreaterThan(400);
  });

  test.each([
    [
      'a missing file',
      ['import', 'commands', 'nowhere.ndjson'],
      /there is no file or folder .*nowhere\.ndjson; correct the path/,
    ],
    ['a file with an unknown layout', ['import', 'cfpb', 'package.json'], /not a layout/],
    ['a folder', ['import', 'commands', 'src'], /src is a folder; name a file/],
  ])('reports %s in one line', async (_problem, args, message) => {
    const { code, output } = await run(...args, '--rejects', rejects());
    expect(code).toBe(1);
    expect(output.trim().split('\n')).toEqual([expect.stringMatching(message)]);
  });
});
