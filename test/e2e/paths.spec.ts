import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from '../support/doc-snippets.js';
import { describeService } from '../support/service/folders.js';

/** What the commands of a checkout need, apart from node_modules. */
const COPIED = ['bin', 'dist', 'projections', 'scripts', 'src', '.swcrc', 'nest-cli.json', 'package.json'].concat([
  'package-lock.json',
  'tsconfig.json',
]);

describeService('a checkout whose path has characters with a meaning in URLs', () => {
  let parent: string;
  let checkout: string;
  beforeAll(() => {
    parent = mkdtempSync(join(tmpdir(), 'redress-paths-'));
    checkout = join(parent, "a#b %20?c'd");
    for (const name of COPIED)
      cpSync(join(root, name), join(checkout, name), { recursive: true, preserveTimestamps: true });
    symlinkSync(join(root, 'node_modules'), join(checkout, 'node_modules'));
    writeFileSync(join(checkout, 'dist', '.began'), String(Date.now() + 60_000)); // else the copy would be compiled again
  });
  afterAll(() => {
    rmSync(parent, { recursive: true });
  });

  const run = (...args: readonly string[]) =>
    spawnSync(process.execPath, args, { cwd: checkout, encoding: 'utf8', env: { ...process.env, REDRESS_DATA: '' } });

  test('runs the npm scripts', () => {
    const { status, stdout, stderr } = run('scripts/run.mjs', 'demo', '--help');
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toContain('simulated weeks of complaints');
  });

  test('opens its stores and its threads', () => {
    const { status, stdout, stderr } = run('bin/redress.mjs', 'projections', 'list', '--json');
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(JSON.parse(stdout)).toContainEqual(expect.objectContaining({ name: 'trends' }));
    expect(readFileSync(join(checkout, 'data', 'events.db')).length).toBeGreaterThan(0);
  });
});
