import { cpSync, rmSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import type { BuildReport } from '../../src/projection/operations.js';
import { compareAll, contentDigests, verify } from '../support/service/audit.js';
import { Chance } from '../support/service/chance.js';
import { commitsOf, countCommits, killAtCommit } from '../support/service/kill-at-commit.js';
import { isFullForm, shortOrFull, seed } from '../support/service/extent.js';
import { describeService, freshFolder } from '../support/service/folders.js';
import { beginRedress, redress } from '../support/service/redress-command.js';
import { registerFile } from '../support/service/register.js';
import { writeCommands } from '../support/service/bulk-file.js';
import { waitForEnd, ServiceProcess, type End, STOPPED } from '../support/service/service-process.js';

const SIDES = ['before', 'after'] as const;
const DONE: Partial<End> = { code: 0 };
const KILLED: Partial<End> = { signal: 'SIGKILL' };
const REBUILD = ['projections', 'rebuild', 'trends', '--json'];

describeService('long operations that are killed with SIGKILL', () => {
  const folder = freshFolder();
  const chance = new Chance(seed);

  /** The arguments of `redress` that import a register file. */
  const importArguments = (file: string) => [
    'import',
    'cfpb',
    file,
    '--json',
    '--rejects',
    folder.inside('rejects.csv'),
  ];

  test('an import that is killed and repeated until it ends has the same content as an uninterrupted import', async () => {
    const [undisturbed, killed] = [folder.inside('undisturbed'), folder.inside('killed')];
    const importing = importArguments(registerFile(folder.inside('register.csv')));
    const started = performance.now();
    const undisturbedEnd = await redress(undisturbed, importing, countCommits('events.db'));
    const durationMs = performance.now() - started;
    expect(undisturbedEnd).toMatchObject(DONE);

    const kills = shortOrFull(2, 16);
    for (let kill = 0; kill < kills; kill++) {
      if (kill % 2 === 0) {
        const process = beginRedress(killed, importing);
        const end = waitForEnd(process);
        await pause(chance.between(Math.floor(durationMs * 0.2), Math.floor(durationMs * 0.5)));
        process.kill('SIGKILL');
        await end;
      } else {
        const maxCommit = Math.max(1, Math.floor(commitsOf(undisturbedEnd) / kills));
        const death = { file: 'events.db', commit: chance.between(1, maxCommit), side: chance.oneOf(SIDES) };
        const end = await redress(killed, importing, killAtCommit(death));
        // the import may end before this commit, if its commits are larger or few rows remain
        if (end.code === 0) expect(commitsOf(end)).toBeLessThan(death.commit);
        else expect(end).toMatchObject(KILLED);
      }
    }
    expect(await redress(killed, importing)).toMatchObject(DONE);
    const again = await redress(killed, importing);
    expect(again.stdout).toMatch(/"newEvents": 0\b/);

    expect(await verify(killed)).toMatchObject({ ok: true });
    expect(await complaintDigests(killed)).toEqual(await complaintDigests(undisturbed));
  });

  test('bulk commands that are repeated after kills of the service are recorded once each', async () => {
    const [undisturbed, killed] = [folder.inside('undisturbed'), folder.inside('killed')];
    const lines = writeCommands(folder.inside('commands.ndjson'), shortOrFull(300, 17_000));
    const importing = [
      'import',
      'commands',
      folder.inside('commands.ndjson'),
      '--json',
      '--rejects',
      folder.inside('rejects'),
    ];
    const started = performance.now();
    expect(await redress(undisturbed, importing)).toMatchObject(DONE);
    const durationMs = performance.now() - started;

    for (let kill = 0; kill < shortOrFull(2, 10); kill++) {
      const service = await ServiceProcess.start(killed);
      const sending = redress(killed, importing);
      await pause(chance.between(Math.floor(durationMs * 0.3), Math.floor(durationMs * 0.8)));
      await service.kill();
      await sending;
    }
    const service = await ServiceProcess.start(killed);
    expect(await redress(killed, importing)).toMatchObject(DONE);
    const again = await redress(killed, importing);
    expect(again).toMatchObject(DONE);
    expect(JSON.parse(again.stdout)).toMatchObject({ read: lines, accepted: 0, alreadyThere: lines, rejected: 0 });
    await service.ready();
    expect(await service.stop()).toEqual(STOPPED);

    expect(await verify(killed)).toMatchObject({ ok: true });
    expect(await complaintDigests(killed)).toEqual(await complaintDigests(undisturbed));
  });

  test('a rebuild that is killed at any commit leaves either the old or the new collection live', async () => {
    const [undisturbed, killed] = [folder.inside('undisturbed'), folder.inside('killed')];
    const copyUndisturbed = () => {
      rmSync(killed, { recursive: true, force: true });
      cpSync(undisturbed, killed, { recursive: true });
    };
    const importing = importArguments(registerFile(folder.inside('register.csv')));
    expect(await redress(undisturbed, importing)).toMatchObject(DONE);
    const before = await digestsAndOutcomes(undisturbed);
    copyUndisturbed();
    const commits = commitsOf(await redress(killed, REBUILD, countCommits('views.db')));
    expect(commits).toBeGreaterThan(5);

    // the last commits are the swap and the removal of the old collection
    const chosen = isFullForm
      ? Array.from({ length: commits }, (_, index) => index + 1)
      : [chance.between(2, commits - 3), commits - 2, commits - 1];
    for (const commit of chosen)
      for (const side of isFullForm ? SIDES : [chance.oneOf(SIDES)]) {
        copyUndisturbed();
        const end = await redress(killed, REBUILD, killAtCommit({ file: 'views.db', commit, side }));
        // the number of commits varies, so the rebuild may end before this commit
        if (end.code === 0) expect(commitsOf(end)).toBeLessThan(commit);
        else expect(end).toMatchObject(KILLED);
        expect(await digestsAndOutcomes(killed)).toEqual(before);
        const rebuilt = await redress(killed, REBUILD);
        expect(JSON.parse(rebuilt.stdout) as BuildReport).toMatchObject({ outcome: 'equal', swapped: true });
      }
    expect(await digestsAndOutcomes(killed)).toEqual(before);
  });
});

/** The content digests of the read models of complaints. `intake_batches` is left out: it has a batch per attempt. */
async function complaintDigests(folder: string): Promise<Record<string, string | undefined>> {
  const { intake_batches: batches, ...complaints } = await contentDigests(folder);
  expect(batches).toMatch(/^[0-9a-f]{64}$/);
  return complaints;
}

const digestsAndOutcomes = async (folder: string) =>
  (await compareAll(folder)).map(({ name, outcome, live }) => [name, outcome, live?.documents, live?.digest]);
