import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from '../support/doc-snippets.js';
import { describeWith } from '../support/run-document.js';

describeWith(['openssl'], 'the script that makes certificates', () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'redress-certificates-'))));
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  const run = (...args: string[]) => {
    const { status, stdout, stderr } = spawnSync('sh', [join(root, 'scripts', 'certificates.sh'), ...args], {
      encoding: 'utf8',
    });
    return { status, stdout, stderr };
  };

  test('prints how to use it if an argument is missing', () => {
    for (const args of [[], [folder], [folder, 'one']])
      expect(run(...args)).toEqual({
        status: 2,
        stdout: '',
        stderr: "usage: sh scripts/certificates.sh FOLDER 'HOSTS OF EVENTSTOREDB' 'HOSTS OF MONGODB'\n",
      });
  });

  test('keeps certificates that name all hosts, and fails if they do not', () => {
    expect(run(folder, 'one.example two.example 10.0.0.1', 'mongo.example')).toMatchObject({ status: 0, stderr: '' });
    const certificate = join(folder, 'eventstore', 'node.crt');
    const before = readFileSync(certificate, 'utf8');
    expect(run(folder, '10.0.0.1 two.example', 'mongo.example')).toEqual({
      status: 0,
      stdout: `${folder} has certificates already\n`,
      stderr: '',
    });
    for (const [eventStoreHosts, mongoHosts, file, missing] of [
      ['one.example three.example', 'mongo.example', certificate, 'three.example'],
      ['10.0.0.2', 'mongo.example', certificate, '10.0.0.2'],
      ['one.example', 'other.example', join(folder, 'mongo', 'mongo.pem'), 'other.example'],
    ] as const)
      expect(run(folder, eventStoreHosts, mongoHosts)).toEqual({
        status: 1,
        stdout: '',
        stderr: `${file} does not name ${missing}: make the certificates in an empty folder, for all hosts\n`,
      });
    expect(readFileSync(certificate, 'utf8')).toBe(before);
    rmSync(certificate); // as a file of another user; this test may run as root, who reads every file
    expect(run(folder, 'one.example', 'mongo.example')).toEqual({
      status: 1,
      stdout: '',
      stderr: `${certificate} cannot be read: run this as the user who has it, or make the certificates in an empty folder\n`,
    });
  });
});
