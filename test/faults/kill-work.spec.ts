import { cpSync, rmSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { catalogue } from '../../projections/catalogue.js';
import type { BuildReport } from '../../projections/runner/projections.js';
import { Chance } from '../support/service/chance.js';
import { full, runs, seed } from '../support/service/extent.js';
import { describeService, freshFolder } from '../support/service/folders.js';
import { beginRedress, compared, redress, verified } from '../support/service/redress-command.js';
import { registerFile } from '../support/service/register.js';
import { ended, type End, type ProcessOptions } from '../support/service/service-process.js';

const SIDES = ['before', 'after'] as const;
type Side = (typeof SIDES)[number];

/** Dies at the given commit on a database file, counted from 1. */
const dyingAt = (file: string, commit: number, side: Side): ProcessOptions => ({
  preload: ['dies-at-commit'],
  environment: { REDRESS_TEST_DIES_AT: `${file} ${String(commit)} ${side}` },
});

const KILLED: Partial<End> = { signal: 'SIGKILL' };

describeService(`long work that is killed with -9 (seed ${String(seed)})`, () => {
  const folder = freshFolder();
  const chance = new Chance(seed);

  const importing = (data: string) => [
    'import',
    'cfpb',
    registerFile(folder.inside('register.csv')),
    '--json',
    '--rejects',
    folder.inside('rejects.csv'),
  ].concat(data === '' ? [] : []);

  async function contentDigests(data: string): Promise<Record<string, string | undefined>> {
    const digests: Record<string, string | undefined> = {};
    for (const { name } of catalogue) {
      const { outcome, live } = await compared(data, name);
      expect(outcome).toBe('equal');
      digests[name] = live?.contentDigest;
    }
    return digests;
  }

  test('an import that is run again until it ends has the content of one that was never interrupted', async () => {
    const [calm, killed] = [folder.inside('calm'), folder.inside('killed')];
    const started = performance.now();
    expect(await redress(calm, importing(calm))).toMatchObject({ code: 0 });
    const duration = performance.now() - started;

    for (let kill = 0; kill < runs(3, 15); kill++) {
      if (kill % 3 === 2) {
        const dying = dyingAt('events.db', chance.between(1, 60), chance.oneOf(SIDES));
        expect(await redress(killed, importing(killed), dying)).toMatchObject(KILLED);
      } else {
        const process = beginRedress(killed, importing(killed));
        const end = ended(process);
        await pause(chance.between(Math.floor(duration * 0.2), Math.floor(duration * 0.6)));
        process.kill('SIGKILL');
        await end;
      }
    }
    expect(await redress(killed, importing(killed))).toMatchObject({ code: 0 });
    const again = await redress(killed, importing(killed));
    expect(again.said).toMatch(/"newEvents": 0\b/);

    expect(await verified(killed)).toMatchObject({ ok: true });
    expect(await contentDigests(killed)).toEqual(await contentDigests(calm));
  });

  test('a rebuild leaves the model as it was or the new one in its place, whichever commit it dies at', async () => {
    const [calm, killed] = [folder.inside('calm'), folder.inside('killed')];
    expect(await redress(calm, importing(calm))).toMatchObject({ code: 0 });
    const { live: before } = await compared(calm, 'trends');

    let deaths = 0;
    for (const [commit, side] of full ? everyCommit() : someCommits(chance)) {
      rmSync(killed, { recursive: true, force: true });
      cpSync(calm, killed, { recursive: true });
      const end = await redress(killed, ['projections', 'rebuild', 'trends', '--json'], dyingAt('views.db', commit, side));
      if (end.signal === null) {
        expect(end).toMatchObject({ code: 0 });
        break; // it has no such commit
      }
      deaths += 1;
      expect(end).toMatchObject(KILLED);
      expect(await compared(killed, 'trends')).toMatchObject({
        outcome: 'equal',
        live: { documents: before?.documents, digest: before?.digest },
      });
      const rebuilt = await redress(killed, ['projections', 'rebuild', 'trends', '--json']);
      expect(JSON.parse(rebuilt.said) as BuildReport).toMatchObject({ outcome: 'equal', swapped: true });
    }
    expect(deaths).toBeGreaterThanOrEqual(3);
    expect(await contentDigests(killed)).toEqual(await contentDigests(calm));
  });
});

/** Both sides of every commit there may be; the first that no process reaches is the end. */
function* everyCommit(): Generator<readonly [commit: number, side: Side]> {
  for (let commit = 1; commit < 1000; commit++) for (const side of SIDES) yield [commit, side];
}

const someCommits = (chance: Chance): (readonly [commit: number, side: Side])[] =>
  [2, 4, 6, 8].map((commit) => [commit, chance.oneOf(SIDES)]);
