import { writeFileSync } from 'node:fs';
import { describeService, freshFolder } from '../support/service/folders.js';
import { redress, redressWithInput } from '../support/service/redress-command.js';
import { ServiceProcess } from '../support/service/service-process.js';
import { atTerminal, CTRL_C, DOWN, ENTER, reasonWithoutTerminal } from '../support/service/terminal.js';
import { testUnless } from '../support/skip.js';

interface Shown {
  readonly id: string;
  readonly revision: number;
  readonly stage: string;
  readonly status: string;
  readonly statusLabel: string;
  readonly next: readonly string[];
  readonly owed: readonly { readonly kind: string }[];
}

const LODGING = [
  'channel=email',
  'narrative=Billed twice for the minibar.',
  'parties[0].role=complainant',
  'parties[0].name=Ann Lee',
  'parties.0.contacts.0.channel=email',
  'parties.0.contacts.0.address=ann@example.org',
  'points[0].issue=Minibar charged twice',
];
const COMMAND_ID = /^command id: (\S+) /m;

/** The reference with another check character. */
const mistyped = (reference: string): string => reference.slice(0, -1) + (reference.endsWith('A') ? 'B' : 'A');

describeService('redress show and redress do', () => {
  const folder = freshFolder();
  const run = (...args: readonly string[]) => redress(folder.inside('data'), args);

  async function runJson<Answer>(...args: readonly string[]): Promise<Answer> {
    const { stdout } = await run(...args, '--json');
    return JSON.parse(stdout) as Answer;
  }
  const show = (reference: string) => runJson<Shown>('show', reference);

  async function lodge(): Promise<string> {
    return (await runJson<{ reference: string }>('do', 'new', 'lodge', ...LODGING)).reference;
  }

  /** Leads a complaint from its lodging to the determination. */
  async function expectBothWork(): Promise<void> {
    const { stdout } = await run('do', 'new', 'lodge', ...LODGING, '--as', 'intake-officer');
    const [, reference = ''] = /^(\S+): ComplaintReceived, revision 0\n$/.exec(stdout) ?? [];
    const asTyped = reference.toLowerCase().replaceAll('-', '');

    // what is required is missing, and nothing was sent
    expect(await run('do', asTyped, 'verify-identity', 'result=checked')).toMatchObject({
      code: 1,
      stdout: '',
      output:
        'redress: these fields are missing:\n' +
        '  party: id (Id of the party)\n' +
        '  method: text of up to 100 characters (How the identity was checked)\n' +
        'these fields are not valid:\n' +
        '  result must be one of verified, failed (not_in_list)\n',
    });

    // each reason of a refusal, with its code and field
    const decision = ['points[0].id=p7', 'points[0].outcome=upheld', 'points[0].reasons=It was charged twice.'];
    const refused = await run('do', asTyped, 'make-determination', ...decision);
    expect(refused).toMatchObject({ code: 1, stdout: '' });
    expect(refused.output.replace(/^command id.*\n/, '').split('\n')).toEqual([
      'redress: make-determination was refused:',
      '  the content is not verified; use `verify-content` or `waive-investigation` (content_not_verified)',
      '  the merits are not assessed; use `assess-merits` or `waive-investigation` (merits_not_assessed)',
      '  the identity of these parties is not checked: a1; use `verify-identity` or `waive-identity` (identity_not_checked)',
      '',
    ]);
    const wrongParty = await run('do', asTyped, 'acknowledge', 'channel=email', 'to=a9');
    expect(wrongParty.output).toContain('\n  to: the complaint has no party a9 (unknown_party)\n');

    // the same command is recorded once
    const note = ['do', asTyped, 'add-note', 'text=Ask the bank.'];
    const first = await run(...note);
    const [, commandId = ''] = COMMAND_ID.exec(first.output) ?? [];
    expect(first.stdout).toBe(`${reference}: NoteAdded, revision 1\n`);
    expect((await run(...note, '--command-id', commandId)).stdout).toBe(
      `${reference}: NoteAdded (was recorded before), revision 1\n`,
    );
    const other = await run('do', asTyped, 'add-note', 'text=Another.', '--command-id', commandId);
    expect(other).toMatchObject({ code: 1, output: expect.stringContaining('(idempotency_key_reused)') as string });

    // long text from a file and from standard input, and the actor of the credential
    writeFileSync(folder.inside('note.txt'), 'One line.\nAnother line.\n');
    await run('do', asTyped, 'add-note', `text=@${folder.inside('note.txt')}`, '--as', 'supervisor');
    const typed = await redressWithInput(folder.inside('data'), ['do', asTyped, 'add-note', 'text=-'], '王芳\n');
    expect(typed).toMatchObject({ code: 0, stdout: `${reference}: NoteAdded, revision 3\n` });
    const file = await runJson<{ notes: { text: string; by: string }[] }>('show', asTyped);
    expect(file.notes.map(({ text, by }) => [text, by])).toEqual([
      ['Ask the bank.', 'handler-1'],
      ['One line.\nAnother line.', 'supervisor-1'],
      ['王芳', 'handler-1'],
    ]);

    for (const [path, ...fields] of [
      ['assign', 'handler=handler-1'],
      ['verify-content', 'finding=substantiated', 'grounds=Two identical lines.'],
      ['assess-merits', 'reasonable=yes', 'grounds=One bottle was taken.'],
      ['verify-identity', 'party=a1', 'result=verified', 'method=booking_number'],
    ])
      expect(await run('do', reference, path ?? '', ...fields)).toMatchObject({ code: 0 });
    expect(await show(asTyped)).toMatchObject({
      stage: 'UnderInvestigation',
      status: 'in_progress',
      revision: 8,
      next: expect.arrayContaining(['make-determination']) as string[],
      owed: [{ kind: 'first_response' }, { kind: 'resolution' }],
    });
    expect((await run('show', ` ${reference.replaceAll('-', ' ')}`, '--language', 'zh')).stdout).toMatch(
      new RegExp(`^${reference} · 处理中 · 核实调查中 · Minibar charged twice\n\nWho\n`),
    );
  }

  test('work directly on the stores if no service runs', expectBothWork);

  test('work through the service if one runs', async () => {
    const service = await ServiceProcess.start(folder.inside('data'));
    await expectBothWork();
    expect(service.running).toBe(true);
    expect(await service.stop()).toMatchObject({ code: 0 });
  });

  test('show what was recorded a moment ago, before the read models include it', async () => {
    const reference = await lodge();
    const { id } = await show(reference);
    for (let revision = 1; revision <= 3; revision += 1) {
      await run('do', id, 'add-note', `text=${String(revision)}`);
      expect(await show(id)).toMatchObject({ revision });
    }
  });

  test('name what does not exist', async () => {
    const reference = await lodge();
    for (const [args, message] of [
      ...[['show'], ['do', 'add-note', 'text=x'], ['history']].map(([command = '', ...rest]): [string[], RegExp] => [
        [command, mistyped(reference), ...rest],
        /there is no complaint "[-0-9A-Z]+"; as a reference, it has a check character that does not fit: /,
      ]),
      [['show', '00000-00000-00000'], 'there is no complaint "00000-00000-00000"'],
      [['show', reference, '--as', 'nobody'], /^keys.json has no credential with the name or role nobody; its names: /],
      [['do', reference, 'lodge', ...LODGING], 'lodge creates a complaint; write: redress do new lodge'],
      [['do', 'new', 'close'], 'close needs the reference of a complaint in place of new'],
      [['do', reference, 'clsoe'], /^there is no command "clsoe"; redress do \S+ --help lists the commands$/],
      [
        ['do', reference, 'add-note', 'text=@missing.txt'],
        /^text: there is no file or folder .*missing.txt; .*write text:='"@…"'$/,
      ],
    ] as const) {
      const { code, output } = await run(...args);
      expect({ args, code }).toEqual({ args, code: 1 });
      expect(output.trimEnd().replace('redress: ', '')).toMatch(message);
    }
    const unknown = await run('do', '00000-00000-00000', 'add-note', 'text=x');
    expect(unknown).toMatchObject({ code: 1, output: expect.stringContaining('(complaint_not_found)') as string });
  });

  test('create no store for a complaint that cannot exist', async () => {
    for (const args of [
      ['show', '00000-00000-00000'],
      ['do', '00000-00000-00000', 'add-note', 'text=x'],
    ])
      expect(await redress(folder.inside('mistyped'), args)).toMatchObject({
        code: 1,
        output: expect.stringMatching(
          /^(command id: .*\n)?redress: there is no Redress store at \S+mistyped\/events\.db \(found: no folder \S+\); .*--data.*\n$/,
        ) as string,
      });
    expect(await run('do', 'new', 'lodge', ...LODGING)).toMatchObject({ code: 0 });
  });

  test('print the help of a command', async () => {
    const { code, stdout } = await run('do', 'REF', 'acknowledge', '--help');
    expect(code).toBe(0);
    expect(stdout).toContain('\nacknowledge: Acknowledge receipt, once per episode; this is not the first response\n');
    expect(stdout).toMatch(/^ {2}\* channel +one of website, mobile_app/m);
  });

  const atTerminalTest = testUnless(reasonWithoutTerminal);

  atTerminalTest('redress do asks at a terminal for what is missing', async () => {
    const reference = await lodge();
    const { code, shown } = await atTerminal(
      folder.inside('data'),
      ['do', reference, 'verify-identity', 'method=booking_number', 'reason=Other name'],
      [
        ['party: Id of the party', `a 1${ENTER}`],
        ['party must be 1 to 128 characters', `\b\b1${ENTER}`],
        ['result', `${DOWN}${ENTER}`],
        ['send it as handler-1 (handler)?', ENTER],
      ],
    );
    expect(shown).toContain(`${reference} · Waiting to be handled · Received · Minibar charged twice\n`);
    expect(shown).toContain(
      `redress do ${reference} verify-identity method=booking_number 'reason=Other name' party=a1 result=failed\n`,
    );
    expect(shown).toContain(`${reference}: IdentityVerificationFailed, revision 1\n`);
    expect(code).toBe(0);
  });

  atTerminalTest('redress do sends nothing if it is interrupted or not confirmed', async () => {
    const reference = await lodge();
    const args = ['do', reference, 'add-note'];
    const interrupted = await atTerminal(folder.inside('data'), args, [['text: Text of the note', CTRL_C]]);
    expect(interrupted).toMatchObject({
      code: 1,
      shown: expect.stringContaining('redress: interrupted; nothing was sent\n') as string,
    });
    const steps = [
      ['text: Text of the note', `Ask.${ENTER}`],
      ['send it', `n${ENTER}`],
    ] as const;
    const declined = await atTerminal(folder.inside('data'), args, steps);
    expect(declined).toMatchObject({
      code: 1,
      shown: expect.stringContaining('redress: nothing was sent\n') as string,
    });
    expect(await show(reference)).toMatchObject({ revision: 0 });
  });

  atTerminalTest('redress do is refused if the complaint has changed since it was shown', async () => {
    const service = await ServiceProcess.start(folder.inside('data'));
    const reference = await lodge();
    const changeAndConfirm = async (): Promise<string> => {
      await run('do', reference, 'add-note', 'text=Meanwhile.');
      return ENTER;
    };
    const { code, shown } = await atTerminal(
      folder.inside('data'),
      ['do', reference, 'add-note'],
      [
        ['text: Text of the note', `Ask.${ENTER}`],
        ['send it', changeAndConfirm],
      ],
    );
    expect(shown).toMatch(/add-note was refused:\n {2}.*revision 1.*\(precondition_failed\)/);
    expect(code).toBe(1);
    expect(await show(reference)).toMatchObject({ revision: 1 });
    await service.stop();
  });

  atTerminalTest('redress do asks nothing for a command that is not allowed', async () => {
    const reference = await lodge();
    const { code, shown } = await atTerminal(folder.inside('data'), ['do', reference, 'reassign'], []);
    expect(shown).toContain(
      'redress: reassign is not allowed now:\n  the complaint is not assigned yet; use `assign` (not_assigned)\n',
    );
    expect(code).toBe(1);
  });

  test('the API has the words of stage and status in the language of the request', async () => {
    const service = await ServiceProcess.start(folder.inside('data'));
    const reference = await lodge();
    const read = async (language: string | undefined) => {
      const response = await fetch(`${service.url}/v1/complaints/${reference}`, {
        headers: {
          authorization: `Bearer ${service.keys.ofRole('auditor')?.key ?? ''}`,
          ...(language !== undefined && { 'accept-language': language }),
        },
      });
      const { stage, stageLabel, status, statusLabel } = (await response.json()) as Readonly<Record<string, string>>;
      const headers = ['content-language', 'vary', 'etag'].map((name) => response.headers.get(name));
      return { words: [stage, stageLabel, status, statusLabel], headers };
    };
    await service.ready();
    expect(await read('zh-CN,zh;q=0.9,en;q=0.8')).toEqual({
      words: ['Received', '已接收', 'pending', '待处理'],
      headers: ['zh', 'Accept-Language', '"0"'],
    });
    for (const language of ['en-GB', 'fr', undefined])
      expect(await read(language)).toEqual({
        words: ['Received', 'Received', 'pending', 'Waiting to be handled'],
        headers: ['en', 'Accept-Language', '"0"'],
      });
    const complaint = { reference, stageLabel: '已接收', statusLabel: '待处理', outcome: null, outcomeLabel: null };
    const list = async (path: string, body?: object) => {
      const response = await fetch(`${service.url}${path}`, {
        method: body === undefined ? 'GET' : 'POST',
        headers: {
          authorization: `Bearer ${service.keys.ofRole('handler')?.key ?? ''}`,
          'accept-language': 'zh-TW',
          ...(body && { 'content-type': 'application/json' }),
        },
        ...(body && { body: JSON.stringify(body) }),
      });
      expect(response.headers.get('content-language')).toBe('zh');
      expect(response.headers.get('vary')).toBe('Accept-Language');
      return ((await response.json()) as { readonly items: readonly unknown[] }).items;
    };
    expect(await list('/v1/complaints')).toContainEqual(expect.objectContaining(complaint));
    expect(await list('/v1/complaints/search', { name: 'Ann Lee' })).toContainEqual(expect.objectContaining(complaint));
    expect(await list('/v1/queue')).toContainEqual(expect.objectContaining({ reference, stageLabel: '已接收' }));
    await service.stop();
  });
});
