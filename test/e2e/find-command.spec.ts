import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { v4 as uuid } from 'uuid';
import type { ComplaintRow } from '../../projections/complaints/query.js';
import { describeService, freshFolder } from '../support/service/folders.js';
import { beginRedress, redress } from '../support/service/redress-command.js';
import { ServiceProcess, waitForEnd } from '../support/service/service-process.js';

/** A complaint of 王芳菲 about an order. */
const lodging = (issue: string, channel: string, orderId: string) => ({
  channel,
  narrative: 'See the points.',
  parties: [{ role: 'complainant', name: '王芳菲', contacts: [{ channel: 'phone', address: '+86 10 5555 0188' }] }],
  points: [{ issue, subject: { product: 'Set menu', orderId } }],
});

describeService('redress find', () => {
  const folder = freshFolder();
  const data = (): string => folder.inside('data');

  async function lodge({ url, keys }: ServiceProcess, body: object): Promise<string> {
    const headers = {
      authorization: `Bearer ${keys.ofRole('intake_officer')?.key ?? ''}`,
      'content-type': 'application/json',
      'idempotency-key': uuid(),
    };
    const reply = await fetch(`${url}/v1/complaints`, { method: 'POST', headers, body: JSON.stringify(body) });
    expect(reply.status).toBe(201);
    return ((await reply.json()) as { readonly reference: string }).reference;
  }

  interface Page {
    readonly items: readonly ComplaintRow[];
    readonly next: string | null;
    readonly count?: unknown;
    readonly notYetVisible?: unknown;
  }
  async function find(...args: readonly string[]): Promise<Page> {
    const { stdout, code, output } = await redress(data(), ['find', ...args, '--json']);
    if (code !== 0) throw new Error(output);
    return JSON.parse(stdout) as Page;
  }
  const issues = async (...args: readonly string[]): Promise<(string | null)[]> =>
    (await find(...args)).items.map(({ issue }) => issue);

  /** Runs the command with these lines of standard input. */
  async function findWithInput(input: string, ...args: readonly string[]) {
    const child = beginRedress(data(), ['find', ...args], {
      under: ['sh', '-c', 'printf "%s" "$REDRESS_TEST_INPUT" | "$@"', 'sh'],
      environment: { REDRESS_TEST_INPUT: input },
    });
    return waitForEnd(child);
  }

  test('finds complaints by what they are about and by personal values, with and without a running service', async () => {
    const service = await ServiceProcess.start(data());
    const soup = await lodge(service, lodging('Soup cold', 'phone', 'SO-1'));
    await lodge(service, lodging('Rice cold', 'email', 'SO-2'));
    await lodge(service, { channel: 'phone', narrative: 'n', points: [{ issue: 'Lift broken' }] });
    await service.ready();
    const expectAnswers = async (): Promise<void> => {
      expect(await issues()).toEqual(['Lift broken', 'Rice cold', 'Soup cold']);
      expect(await issues('--words', 'cold', '--direction', 'ascending')).toEqual(['Soup cold', 'Rice cold']);
      expect((await find('--channel', 'phone', '--count', 'true')).count).toEqual({ value: 2, atLeast: false });

      const { items, next, notYetVisible } = await find('--name', '芳菲', '--phone', '010 5555 0188');
      expect(items).toEqual((await find('--words', 'cold')).items); // the same rows as in a list
      expect({ next, notYetVisible }).toEqual({ next: null, notYetVisible: [] });
      expect(await issues('--order', 'so1')).toEqual(['Soup cold']);
      expect(await issues('--name', 'nobody')).toEqual([]);
      expect(await issues('--name', '芳菲', '--channel', 'phone')).toEqual(['Soup cold']);
      expect(await issues('--name', '芳菲', '--received-to', '2001-01-01')).toEqual([]);
      // the page goes on until a complaint meets the other filters
      expect(await issues('--name', '芳菲', '--words', 'soup', '--limit', '1')).toEqual(['Soup cold']);
      const first = await find('--name', '芳菲', '--limit', '1');
      expect(await issues('--name', '芳菲', '--limit', '1', '--cursor', first.next ?? '')).toEqual(['Soup cold']);

      const typed = await findWithInput('王芳菲\n010-5555-0188\n', '--phone', '-', '--name', '-', '--json');
      expect((JSON.parse(typed.stdout) as Page).items).toEqual(items);
      const table = await redress(data(), ['find', '--order', 'so1']);
      expect(table.stdout).toMatch(new RegExp(`${soup} .* Received .* Waiting to be handled .* 王芳菲 .* Soup cold`));
      const chinese = await redress(data(), ['find', '--order', 'so1', '--language', 'zh']);
      expect(chinese.stdout).toMatch(new RegExp(`${soup} .* 已接收 .* 待处理 .* 王芳菲 .* Soup cold`));
      const queue = await redress(data(), ['queue', '--channel', 'email'], { environment: { LANG: 'zh_CN.UTF-8' } });
      expect(queue.stdout).toMatch(/ 已接收 .* Rice cold/);
      const [row] = (await find('--order', 'so1', '--language', 'zh')).items;
      expect(row).toMatchObject({ stage: 'Received', stageLabel: '已接收', status: 'pending', statusLabel: '待处理' });
      expect(row).toMatchObject({ outcome: null, outcomeLabel: null });
    };
    await expectAnswers();
    await service.stop();
    await expectAnswers();
  });

  test('says what was searched if nothing matches, and what can be tried', async () => {
    const service = await ServiceProcess.start(data());
    await lodge(service, lodging('Soup cold', 'phone', 'SO-1'));
    await service.ready();
    await service.stop();
    const { code, output } = await findWithInput('王芳\n', '--name', '-', '--channel', 'fax');
    expect(code).toBe(0);
    expect(output).toMatch(
      /^Searched all complaints, open and ended: none matches all of\n {2}--name {2}Name of a party, .*\n {2}--channel fax .*\n.*not searched\.\nTry: leave out one of the options; a part of the name, .*\n$/,
    );
    const json = await redress(data(), ['find', '--channel', 'fax', '--json']);
    expect(JSON.parse(json.stdout)).toEqual({ items: [], next: null });
    const queue = await redress(data(), ['queue', '--channel', 'fax']);
    expect([queue.stdout, queue.output]).toEqual([
      '',
      'Searched complaints that are open or still owe something: none matches\n  --channel fax\n',
    ]);
  });

  test('says which read models were never built, and what builds them', async () => {
    const service = await ServiceProcess.start(data());
    const reference = await lodge(service, lodging('Soup cold', 'phone', 'SO-1'));
    await service.ready();
    await service.stop();
    for (const name of readdirSync(data())) if (/^(views|subjects)\.db/.test(name)) rmSync(join(data(), name));
    const said = async (...args: readonly string[]) => (await redress(data(), args)).output;
    const missing = (what: string, file: string): RegExp =>
      new RegExp(
        `^redress: ${what} not been built yet \\(there is no \\S+/${file}\\); start the service, which builds .*: redress serve\\n$`,
      );
    for (const args of [['find'], ['find', '--name', 'Ann'], ['queue'], ['show', reference]])
      expect(await said(...args)).toMatch(missing('the read models have', 'views.db'));
    await (await ServiceProcess.start(data())).stop();
    for (const name of readdirSync(data())) if (name.startsWith('subjects.db')) rmSync(join(data(), name));
    expect(await said('find', '--name', 'Ann')).toMatch(missing('the index of personal values has', 'subjects.db'));
  });

  test.each([['find'], ['find', '--name', 'Ann'], ['queue'], ['show', 'x'], ['history', 'x'], ['verify']])(
    '%s %s says what is expected, what is found and what to do if there is no store',
    async (...args) => {
      const said = async (folderPath: string) => (await redress(folderPath, args)).output;
      const advice =
        'name the data folder of the service with --data or REDRESS_DATA, or start the service there: redress serve\n';
      const nowhere = folder.inside('nowhere');
      expect(await said(nowhere)).toBe(
        `redress: there is no Redress store at ${nowhere}/events.db (found: no folder ${nowhere}); ${advice}`,
      );
      const empty = folder.inside('empty');
      mkdirSync(empty, { recursive: true });
      expect(await said(empty)).toBe(
        `redress: there is no Redress store at ${empty}/events.db (found: no file events.db in the folder); ${advice}`,
      );
      const file = folder.inside('file');
      writeFileSync(file, '');
      expect(await said(file)).toBe(
        `redress: there is no Redress store at ${file}/events.db (found: ${file} is a file); ${advice}`,
      );
      expect(readdirSync(empty)).toEqual([]);
    },
  );

  test('says in one line what is wrong', async () => {
    const said = async (...args: readonly string[]) => {
      const { code, output } = await redress(data(), ['find', ...args]);
      expect(code).toBe(1);
      return output;
    };
    expect(await said('--name', 'Ann')).toMatch(/^redress: .*events\.db.*\n$/);
    await (await ServiceProcess.start(data())).stop();
    expect(await said('--phone', 'none')).toBe('redress: --phone must have a digit\n');
    expect(await said('--name', 'Ann', '--limit', '0')).toBe('redress: --limit must be between 1 and 200\n');
    expect(await said('--name', 'Ann', '--reference', '1')).toMatch(/^redress: --reference must be a reference .*\n$/);
    for (const [option, value] of [
      ['--sort', 'ended'],
      ['--direction', 'ascending'],
      ['--count', 'true'],
    ] as const)
      expect(await said('--email', 'ann@example.org', option, value)).toBe(
        `redress: ${option} cannot be combined with --email: complaints that are found by personal values are listed ` +
          'in the order of recording, the latest first, and are not counted\n',
      );
    expect((await findWithInput('', '--name', '-')).output).toBe('redress: standard input has no line for --name\n');
    const gbk = beginRedress(data(), ['find', '--name', '-'], {
      under: ['sh', '-c', String.raw`printf '\326\243\272\306\n' | "$@"`, 'sh'],
    });
    expect((await waitForEnd(gbk)).output).toBe('redress: standard input is not UTF-8; convert it\n');
    rmSync(join(data(), 'keys'), { recursive: true });
    expect(await said('--name', 'Ann')).toMatch(
      /^redress: there is no .*subject-index\.key; start the service once.*\n$/,
    );
  });
});
