import { execFile, execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from '../support/doc-snippets.js';
import { startEsdbDouble, type EsdbDouble } from '../support/esdb/esdb-double.js';
import { freePort } from '../support/network/ports.js';
import { TlsFront } from '../support/network/tls-front.js';
import { describeWith } from '../support/run-document.js';

describeWith(['openssl'], 'the script that creates the user of EventStoreDB', () => {
  let folder: string;
  let double: EsdbDouble;
  let front: TlsFront;
  /** The HTTP status with which the server answers the creation of the user. */
  let status: number;
  let requests: number;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'redress-user-'));
    execFileSync('sh', [join(root, 'scripts', 'certificates.sh'), folder, 'localhost', 'localhost']);
    double = await startEsdbDouble();
    const node = join(folder, 'eventstore', 'node');
    front = await TlsFront.start({
      certificate: `${node}.crt`,
      key: `${node}.key`,
      target: double.port,
      http: (request, response) => {
        requests += 1;
        request.resume();
        response.writeHead(status).end();
      },
    });
  });
  afterAll(async () => {
    front.close();
    await double.close();
    rmSync(folder, { recursive: true });
  });
  beforeEach(() => {
    status = 201;
    requests = 0;
    double.faults.lift();
  });

  const server = () => `localhost:${String(front.port)}`;
  const addressOf = (hosts: string, caOption = 'tlsCAFile'): string =>
    `esdb://redress:a-password@${hosts}?${caOption}=${join(folder, 'ca', 'ca.crt')}`;

  /** Runs the script; a run that does not end by itself is ended, with code null. */
  function run(address: string, ...args: string[]): Promise<{ code: number | null; stdout: string; stderr: string }> {
    const environment = { ...process.env, REDRESS_EVENTSTORE: address, EVENTSTORE_ADMIN: 'admin:changeit' };
    const script = join(root, 'scripts', 'eventstoredb-user.mjs');
    return new Promise((resolve) => {
      const child = execFile(
        process.execPath,
        [script, ...args],
        { env: environment, timeout: 60_000 },
        (_, stdout, stderr) => {
          expect(stderr).not.toMatch(/a-password|changeit|at file:/);
          resolve({ code: child.exitCode, stdout, stderr });
        },
      );
    });
  }
  const ended = (code: number, stderr: RegExp): unknown => ({
    code,
    stdout: expect.any(String) as string,
    stderr: expect.stringMatching(stderr) as string,
  });

  test('asks every host until one answers', async () => {
    const hosts = `localhost:${String(await freePort())},${server()}`;
    const { code, stdout } = await run(addressOf(hosts));
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: 'the user redress was created\n$all can be read by $admins, redress\nredress can read $all\n',
    });
  });

  test('accepts every spelling of an option, as the service does', async () => {
    expect(await run(addressOf(server(), 'tls_ca_file'))).toMatchObject({ code: 0, stderr: '' });
  });

  test('uses the default port of the service', async () => {
    const { code, stderr } = await run(addressOf('no-such-host.invalid'));
    expect(code).toBe(1);
    expect(stderr).toBe(
      'the event store at https://no-such-host.invalid:2113 (REDRESS_EVENTSTORE) cannot be used because the name of ' +
        'the host is unknown: start the host, or correct the address\n',
    );
  });

  test.each([401, 403])('ends at once if the server answers the administrator with %s', async (answer) => {
    status = answer;
    expect(await run(addressOf(server()), '--wait', '600')).toEqual(
      ended(1, /^the event store at https:\/\/localhost:\d+ does not let admin create users .* EVENTSTORE_ADMIN must/),
    );
    expect(requests).toBe(1);
  });

  test('ends at once if the user exists with another password', async () => {
    status = 409;
    double.faults.rejectUser('redress');
    expect(await run(addressOf(server()), '--wait', '600')).toEqual(
      ended(1, /^redress has another password than the one in REDRESS_EVENTSTORE: correct the address, or set the/),
    );
  });

  test('says what to do if the user cannot read $all', async () => {
    status = 409;
    double.faults.denyAll();
    expect(await run(addressOf(server()), '--wait', '600')).toEqual(
      ended(1, /^redress cannot read \$all: add the user to the group redress \(docs\/servers\.md, /),
    );
  });

  test('names the administrator if it is rejected after the creation', async () => {
    double.faults.rejectUser('admin');
    expect(await run(addressOf(server()))).toEqual(
      ended(1, /^admin cannot change the metadata of \$all: EVENTSTORE_ADMIN/),
    );
  });

  test('names the server if it answers with an error', async () => {
    status = 500;
    expect(await run(addressOf(server()))).toEqual(
      ended(
        1,
        /^the event store at https:\/\/localhost:\d+ \(REDRESS_EVENTSTORE\) .* with HTTP status 500: check its log$/m,
      ),
    );
    expect(requests).toBe(1);
  });

  test.each([
    [['--wait', 'abc'], /^--wait must be a number of seconds, and is abc$/m],
    [['--wait', ''], /^--wait must be a number of seconds/],
    [['--wait'], /argument missing/],
    [['--nonsense'], /Unknown option/],
  ])('does not start with the arguments %j', async (args, message) => {
    expect(await run(addressOf(server()), ...args)).toEqual(ended(2, message));
    expect(requests).toBe(0);
  });

  test.each([
    ['', /REDRESS_EVENTSTORE\) cannot be used because the address is not valid \(it must begin with esdb/],
    ['esdb://redress:a@password@localhost:1', /REDRESS_EVENTSTORE\) .* must be percent-encoded: .* @ as %40/],
    ['esdb://redress:a@localhost:1?tlsCAFile=/nowhere', /REDRESS_EVENTSTORE\) .* cannot be read: ENOENT.*\/nowhere/],
    ['esdb://redress:a@localhost:1?tls=false', /REDRESS_EVENTSTORE must be the address of a secure server/],
    ['esdb://localhost:1?tls=false', /REDRESS_EVENTSTORE must be the address of a secure server/],
  ])('does not start with the address %s', async (address, message) => {
    expect(await run(address)).toEqual(ended(2, message));
  });
});
