import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { spawnEsdbDouble, type SpawnedEsdbDouble } from '../support/esdb/spawn-double.js';

// The scripts and the recorded responses of a real EventStoreDB 23.10.6 are outside the repository.
const scripts = resolve('../shared/eventstoredb');
const whereRecorded = existsSync(scripts) ? test : test.skip;
const note = existsSync(scripts) ? '' : ' (skipped: ../shared/eventstoredb is not here)';

type Answers = Record<string, string>;

/**
 * Known differences between the double and the recorded responses, with the reason. Each names what is masked before
 * the comparison: everything else must be equal.
 */
const differences: Record<string, { readonly reason: string; readonly masked: RegExp }> = {
  '6.$maxCount': {
    reason: 'the metadata revision that this client reports is a bare byte offset of the log',
    masked: /(?<="rev":")\d+n/,
  },
  '4.live order across streams == commit order, 300 concurrent appends': {
    reason: 'both drop the subscription for being too slow in this burst; after how many events is a race',
    masked: /(?<="n":)\d+/,
  },
  '4.unsubscribe inside for-await then iterator': {
    reason: 'events under way when the client unsubscribes are still delivered; how many is a race',
    masked: /(?<=ended normally after )\d+/,
  },
};

describe('the EventStoreDB double answers as the recorded 23.10.6 did', () => {
  let double: SpawnedEsdbDouble;
  let directory: string;

  beforeEach(async () => {
    directory = mkdtempSync(join(tmpdir(), 'esdb-double-'));
    double = await spawnEsdbDouble({ file: join(directory, 'log'), withoutForeignStreams: true });
  });

  afterEach(async () => {
    await double.kill();
    rmSync(directory, { recursive: true });
  });

  const ask = async (script: string): Promise<Answers> => {
    await promisify(execFile)(process.execPath, [join(scripts, `${script}.cjs`), String(double.port), 'double'], {
      cwd: directory,
      env: { ...process.env, NODE_PATH: resolve('node_modules') },
      maxBuffer: 64 * 1024 * 1024,
    });
    return answersIn(join(directory, `${script}-double.json`));
  };

  whereRecorded.each([
    ['appends-and-reads', 276],
    ['subscriptions', 29],
  ])(
    `%s: all %i cases, but for the differences named above${note}`,
    async (script, cases) => {
      const recorded = answersIn(join(scripts, 'recorded-23.10.6', `${script}.json`));
      const answered = await ask(script);

      expect(Object.keys(recorded)).toHaveLength(cases);
      expect(comparable(answered)).toEqual(comparable(recorded));
    },
    120_000,
  );
});

function answersIn(file: string): Answers {
  return JSON.parse(readFileSync(file, 'utf8')) as Answers;
}

function comparable(answers: Answers): Answers {
  return Object.fromEntries(
    Object.entries(answers).map(([name, answer]) => {
      const known = differences[name];
      return [name, withoutChance(known ? answer.replace(known.masked, known.reason) : answer)];
    }),
  );
}

/** Log positions and generated names differ between runs of the same server. */
function withoutChance(answer: string): string {
  return answer
    .replace(/-(?:real|double)-\d+/g, '-L')
    .replace(/"(commit|prepare)":"\d+n"/g, '"$1":"#"')
    .replace(/\b(s|del|tomb|none|five|idem|read|links|nope|maxc|maxa|meta|nometa)-\d+-L/g, '$1-#-L');
}
