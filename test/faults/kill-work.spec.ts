import { cpSync, rmSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import type { BuildReport } from '../../src/projection/operations.js';
import { compareAll, contentDigests, verify } from '../support/service/audit.js';
import { Chance } from '../support/service/chance.js';
import { commitsOf, counting, dyingAt } from '../support/service/dying.js';
import { full, runs, seed } from '../support/service/extent.js';
import { describeService, freshFolder } from '../support/service/folders.js';
import { beginRedress, redress } from '../support/service/redress-command.js';
import { registerFile } from '../support/service/register.js';
import { writeCommands } from '../support/service/bulk-file.js';
import { ended, ServiceProcess, type End, STOPPED } from '../support/service/service-process.js';

const SIDES = ['before', 'after'] as const;
const DONE: Partial<End> = { code: 0 };
const KILLED: Partial<End> = { signal: 'SIGKILL' };
const REBUILD = ['projections', 'rebuild', 'trends', '--json'];

describeService('long work that is killed with -9', () => {
  const folder = freshFolder();
  const chance = new Chance(seed);

  const importOf = (file: string) => ['import', 'cfpb', file, '--json', '--rejects', folder.inside('rejects.csv')];

  test('an import that is run again until it ends has the content of one that was never interrupted', async () => {
    const [calm, killed] = [folder.inside('calm'), folder.inside('killed')];
    const work = importOf(registerFile(folder.inside('register.csv')));
    const started = performance.now();
    const calmly = await redress(calm, work, counting('events.db'));
    const duration = performance.now() - started;
    expect(calmly).toMatchObject(DONE);

    const kills = runs(2, 16);
    for (let kill = 0; kill < kills; kill++) {
      if (kill % 2 === 0) {
        const process = beginRedress(killed, work);
        const end = ended(process);
        await pause(chance.between(Math.floor(duration * 0.2), Math.floor(duration * 0.5)));
        process.kill('SIGKILL');
        await end;
      } else {
        const most = Math.max(1, Math.floor(commitsOf(calmly) / kills));
        const death = { file: 'events.db', commit: chance.between(1, most), side: chance.oneOf(SIDES) };
        const end = await redress(killed, work, dyingAt(death));
        // With larger commits than those of the calm run, or with little left to record, it ends first.
        if (end.code === 0) expect(commitsOf(end)).toBeLessThan(death.commit);
        else expect(end).toMatchObject(KILLED);
      }
    }
    expect(await redress(killed, work)).toMatchObject(DONE);
    const again = await redress(killed, work);
    expect(again.printed).toMatch(/"newEvents": 0\b/);

    expect(await verify(killed)).toMatchObject({ ok: true });
    expect(await contentOf(killed)).toEqual(await contentOf(calm));
  });

  test('commands sent in bulk to a service that is killed, and sent again, are recorded once each', async () => {
    const [calm, killed] = [folder.inside('calm'), folder.inside('killed')];
    const lines = writeCommands(folder.inside('commands.ndjson'), runs(300, 17_000));
    const work = [
      'import',
      'commands',
      folder.inside('commands.ndjson'),
      '--json',
      '--rejects',
      folder.inside('rejects'),
    ];
    const started = performance.now();
    expect(await redress(calm, work)).toMatchObject(DONE);
    const duration = performance.now() - started;

    for (let kill = 0; kill < runs(2, 10); kill++) {
      const service = await ServiceProcess.start(killed);
      const sending = redress(killed, work);
      await pause(chance.between(Math.floor(duration * 0.3), Math.floor(duration * 0.8)));
      await service.kill();
      await sending;
    }
    const service = await ServiceProcess.start(killed);
    expect(await redress(killed, work)).toMatchObject(DONE);
    const again = await redress(killed, work);
    expect(again).toMatchObject(DONE);
    expect(JSON.parse(again.printed)).toMatchObject({ read: lines, accepted: 0, alreadyThere: lines, rejected: 0 });
    await service.ready();
    expect(await service.stop()).toEqual(STOPPED);

    expect(await verify(killed)).toMatchObject({ ok: true });
    expect(await contentOf(killed)).toEqual(await contentOf(calm));
  });

  const timeoutMs = full ? 3_600_000 : 600_000;
  test(
    'a rebuild leaves the model as it was or the new one in its place, at every commit at which it is killed',
    async () => {
      const [calm, killed] = [folder.inside('calm'), folder.inside('killed')];
      const afresh = () => {
        rmSync(killed, { recursive: true, force: true });
        cpSync(calm, killed, { recursive: true });
      };
      expect(await redress(calm, importOf(registerFile(folder.inside('register.csv'))))).toMatchObject(DONE);
      const before = await digestsAndOutcomes(calm);
      afresh();
      const commits = commitsOf(await redress(killed, REBUILD, counting('views.db')));
      expect(commits).toBeGreaterThan(5);

      // the last ones are the swap and what is put away after it
      const chosen = full
        ? Array.from({ length: commits }, (_, index) => index + 1)
        : [chance.between(2, commits - 3), commits - 2, commits - 1];
      for (const commit of chosen)
        for (const side of full ? SIDES : [chance.oneOf(SIDES)]) {
          afresh();
          const end = await redress(killed, REBUILD, dyingAt({ file: 'views.db', commit, side }));
          // it may look once more or less whether there is anything new, which is a commit too: then it ended before
          if (end.code === 0) expect(commitsOf(end)).toBeLessThan(commit);
          else expect(end).toMatchObject(KILLED);
          expect(await digestsAndOutcomes(killed)).toEqual(before);
          const rebuilt = await redress(killed, REBUILD);
          expect(JSON.parse(rebuilt.printed) as BuildReport).toMatchObject({ outcome: 'equal', swapped: true });
        }
      expect(await digestsAndOutcomes(killed)).toEqual(before);
    },
    timeoutMs,
  );
});

/** What complaints there are; not the record of the batches they came in, which tells of every attempt. */
async function contentOf(folder: string): Promise<Record<string, string | undefined>> {
  const { intake_batches: batches, ...complaints } = await contentDigests(folder);
  expect(batches).toMatch(/^[0-9a-f]{64}$/);
  return complaints;
}

const digestsAndOutcomes = async (folder: string) =>
  (await compareAll(folder)).map(({ name, outcome, live }) => [name, outcome, live?.documents, live?.digest]);
