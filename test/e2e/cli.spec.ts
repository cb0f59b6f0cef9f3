import { copyFileSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { writeServerFile } from '../../src/platform/server-file.js';
import { caseLines } from '../support/bulk/case-lines.js';
import { Chance } from '../support/service/chance.js';
import { describeService, freshFolder } from '../support/service/folders.js';
import { redress } from '../support/service/redress-command.js';
import { ServiceProcess } from '../support/service/service-process.js';

const COMPLAINTS = 20;
const LINES = 5 * COMPLAINTS;

const REGISTER = [
  'Date received,Product,Sub-product,Issue,Sub-issue,Company,State,ZIP code,Consumer consent provided?,Submitted via,' +
    'Date sent to company,Company response to consumer,Timely response?,Consumer disputed?',
  '7/29/2013,Mortgage,,Closing,,A Bank,VA,24540,N/A,Web,7/30/2013,Closed with explanation,Yes,No',
  '2/30/2013,Mortgage,,Closing,,A Bank,VA,24540,N/A,Web,7/30/2013,Closed with explanation,Yes,No',
  '7/29/2013,Mortgage,,Closing,,A Bank,VA,24540,N/A,Pigeon,7/30/2013,=SUM(A1),Yes,No',
  '7/29/2013,Mortgage,,Closing,,A Bank,VA,24540,N/A,Web,7/28/2013,Closed with explanation,Yes,No',
  '',
].join('\n');

describeService('the redress command', () => {
  const folder = freshFolder();
  const commands = (): string => {
    const path = folder.inside('day.ndjson');
    writeFileSync(path, [...caseLines(COMPLAINTS, new Chance(1)), ''].join('\n'));
    return path;
  };
  const rejects = (): string => folder.inside('rejects.csv');

  /** What it says on both outputs. */
  const run = (...args: readonly string[]) => redress(folder.inside('data'), args);

  /** Its answer; remarks are lines before it. */
  async function asked<Answer>(...args: readonly string[]): Promise<Answer> {
    const { said, code } = await run(...args, '--json');
    const start = /^[[{]/m.exec(said)?.index;
    if (start === undefined) throw new Error(`${args.join(' ')} ended with ${String(code)} and said\n${said}`);
    return JSON.parse(said.slice(start)) as Answer;
  }

  /** Everything it can do with what is there, whoever has the store. */
  async function everything(): Promise<void> {
    const file = commands();
    const first = await asked<object>('import', 'commands', file, '--rejects', rejects());
    expect(first).toMatchObject({ read: LINES, accepted: LINES, rejected: 0 });
    expect(await asked('import', 'commands', file, '--rejects', rejects())).toMatchObject({ alreadyThere: LINES });
    expect(existsSync(rejects())).toBe(false);

    writeFileSync(folder.inside('register.csv'), REGISTER);
    const report = await asked('import', 'cfpb', folder.inside('register.csv'), '--rejects', rejects());
    expect(report).toEqual({ rows: 4, complaints: 2, newEvents: 4, warnings: 1, rejected: 2 });
    expect(readFileSync(rejects(), 'utf8').trim().split('\n')).toEqual([
      'file,line,column,value,reason,code',
      expect.stringMatching(
        /register\.csv,3,Date received,2\/30\/2013,is not a date \(M\/D\/YYYY or YYYY-MM-DD\),bad_date$/,
      ),
      expect.stringMatching(/register\.csv,4,Submitted via,Pigeon,is not a channel of the register,bad_value$/),
    ]);

    const { totals, batches } = await asked<{ totals: object[]; batches: { id: string; source: string }[] }>(
      'reconcile',
    );
    expect(totals).toEqual([
      { source: 'cfpb', batches: 1, interrupted: 0, read: 4, accepted: 2, alreadyThere: 0, rejected: 2 },
      { source: 'upstream', batches: 2, interrupted: 0, read: 200, accepted: 100, alreadyThere: 100, rejected: 0 },
    ]);
    const register = batches.find(({ source }) => source === 'cfpb')?.id ?? '';
    expect(await asked('reconcile', '--batch', register)).toEqual([
      { line: 3, code: 'bad_date', pointer: 'Date received' },
      { line: 4, code: 'bad_value', pointer: 'Submitted via' },
    ]);

    const { items } = await asked<{ items: { reference: string }[] }>('queue');
    expect(items.length).toBeGreaterThanOrEqual(COMPLAINTS);
    const history = await asked<{ type: string }[]>('history', items[0]?.reference ?? '');
    expect(history[0]?.type).toBe('ComplaintReceived');
    expect(await asked('trends', '--group-by', 'product')).toMatchObject({ total: { complaints: COMPLAINTS + 2 } });
    expect(await asked('verify')).toMatchObject({ ok: true });

    const states = (all: readonly { name: string; state: string }[]) =>
      Object.fromEntries(all.map(({ name, state }) => [name, state]));
    type States = { name: string; state: string }[];
    for (const model of await asked<(States[number] & { lag: number })[]>('projections', 'list'))
      expect(model).toMatchObject({ lag: 0, state: expect.stringMatching(/^(live|catching-up)$/) as string });
    expect(states(await asked<States>('projections', 'pause', 'trends'))).toMatchObject({ trends: 'paused' });
    expect(states(await asked<States>('projections', 'list'))).toMatchObject({ trends: 'paused' });
    expect(states(await asked<States>('projections', 'resume', 'trends')).trends).toMatch(/live|catching-up/);
    expect(await asked('projections', 'compare', 'trends')).toMatchObject({ outcome: 'equal', swapped: false });
    expect(await asked('projections', 'rebuild', 'timeline')).toMatchObject({ outcome: 'equal', swapped: true });
    expect(await asked('projections', 'rebuild', 'timeline', '--keep')).toMatchObject({
      outcome: 'equal',
      kept: expect.stringMatching(/^timeline@/) as string,
    });
    expect(await asked('projections', 'drop', 'timeline')).toEqual({ dropped: true });
    expect(await asked('projections', 'drop', 'timeline')).toEqual({ dropped: false });
    expect(await run('projections', 'rebuild', 'nothing')).toMatchObject({
      code: 1,
      said: expect.stringMatching(/^redress: .*nothing/) as string,
    });
  }

  test('does everything on the store itself when no service runs', everything);

  test('does everything through the service that runs', async () => {
    const service = await ServiceProcess.start(folder.inside('data'));
    await everything();
    expect(service.running).toBe(true);
    expect(await service.stop()).toMatchObject({ code: 0 });
    expect(existsSync(folder.inside('data/server.json'))).toBe(false);
  });

  test('says whose the store is when no service of ours has it', async () => {
    const service = await ServiceProcess.start(folder.inside('data'));
    rmSync(folder.inside('data/server.json')); // as with any other program that writes the store
    for (const args of [
      ['import', 'commands', commands(), '--rejects', rejects()],
      ['import', 'cfpb', commands(), '--rejects', rejects()],
      ['projections', 'rebuild', 'trends'],
    ]) {
      const { code, said } = await run(...args);
      expect(code).toBe(1);
      expect(said).toMatch(new RegExp(`^redress: .*${String(service.pid)}`));
      expect(said.trim().split('\n')).toHaveLength(1);
    }
    expect(await asked('verify')).toMatchObject({ ok: true });
    await service.stop();
  });

  test('is not misled by a file of a service that is gone, nor by another one at its address', async () => {
    const other = await ServiceProcess.start(folder.inside('other'));
    await run('import', 'commands', commands(), '--rejects', rejects());
    for (const url of [other.url, 'http://127.0.0.1:9']) {
      const gone = { url, pid: 1, startedAt: '2026-01-01T00:00:00.000Z' };
      writeServerFile({ data: folder.inside('data'), role: 'all' }, gone);
      expect(await asked('import', 'commands', commands(), '--rejects', rejects())).toMatchObject({
        alreadyThere: LINES,
      });
    }
    expect((await redress(folder.inside('other'), ['queue', '--json'])).said).toContain('"items": []');
    await other.stop();
  });

  test('says what read models lack that were left behind; the history of an id needs none', async () => {
    const views = folder.inside('data/views.db');
    const lodge = async (key: string): Promise<void> => {
      const line = { command: 'LodgeComplaint', key, data: { channel: 'email', narrative: key } };
      writeFileSync(folder.inside('one.ndjson'), JSON.stringify(line));
      await run('import', 'commands', folder.inside('one.ndjson'), '--rejects', rejects());
    };
    const questions = [['queue'], ['reconcile'], ['trends', '--group-by', 'product']] as const;
    await lodge('first');
    copyFileSync(views, folder.inside('older.db'));
    const { items } = await asked<{ items: { id: string; reference: string }[] }>('queue');
    const [{ id, reference }] = items as [(typeof items)[0]];
    for (const question of questions) expect((await run(...question)).said).not.toMatch(/not up to date/);

    await lodge('second');
    copyFileSync(folder.inside('older.db'), views);
    for (const question of [...questions, ['history', reference]])
      expect(await run(...question)).toMatchObject({
        code: 0,
        said: expect.stringMatching(/^not up to date: /) as string,
      });

    rmSync(views);
    expect(await asked('history', id)).toHaveLength(1);
    expect(await run('history', reference)).toMatchObject({
      code: 1,
      said: expect.stringMatching(/^redress: the database .*views\.db cannot be opened.*\n$/) as string,
    });
  });

  test('says so when the service goes away in the middle, and the rest is taken the next time', async () => {
    const path = folder.inside('long.ndjson');
    writeFileSync(path, [...caseLines(2000, new Chance(1)), ''].join('\n'));
    const service = await ServiceProcess.start(folder.inside('data'));
    const importing = run('import', 'commands', path, '--rejects', rejects());
    for (let head = 0; head < 500;) {
      const { body } = await service.get('/health/ready');
      head = Number((body.checks as unknown as { event_store: { head: string } }).event_store.head);
    }
    await service.stop();
    expect(await importing).toMatchObject({
      code: 1,
      said: expect.stringMatching(/before its answer was complete; run the same/) as string,
    });
    const again = await asked<{ read: number; alreadyThere: number }>(
      'import',
      'commands',
      path,
      '--rejects',
      rejects(),
    );
    expect(again).toMatchObject({ read: 10_000, rejected: 0 });
    expect(again.alreadyThere).toBeGreaterThan(400);
  });

  test.each([
    ['a file that is not there', ['import', 'commands', 'nowhere.ndjson'], /ENOENT/],
    ['a file of another table', ['import', 'cfpb', 'package.json'], /not a layout/],
    ['a folder', ['import', 'commands', 'src'], /EISDIR/],
  ])('tells in one line of %s', async (_what, args, message) => {
    const { code, said } = await run(...args, '--rejects', rejects());
    expect(code).toBe(1);
    expect(said.trim().split('\n')).toEqual([expect.stringMatching(message)]);
  });
});
