import { execFileSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runInNewContext } from 'node:vm';
import { MongoClient } from 'mongodb';
import { clientOf } from '../../src/eventstore/eventstoredb/connection.js';
import { loadConfiguration } from '../../src/platform/configuration.js';
import { configOf, describeCompose, type Composition, type Service } from '../support/compose.js';
import { root, snippetsOf } from '../support/doc-snippets.js';

describeCompose('the compose file with TLS', () => {
  let folder: string;
  let composition: Composition;
  let service: (name: string) => Service;
  let makePasswords: () => void;

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'redress-compose-'));
    const block = snippetsOf('docs/servers.md').find(({ notRun }) => notRun?.includes('makes the passwords'));
    const lines = block?.text.split('\n').filter((line) => !line.startsWith('docker ')) ?? [];
    makePasswords = () => execFileSync('bash', ['-euo', 'pipefail', '-c', lines.join('\n')], { cwd: folder });
    makePasswords();
    composition = configOf('docker-compose.tls.yml', join(folder, '.env'));
    service = (name) => composition.services[name] ?? {};
    const [command = ''] = service('certificates').command ?? [];
    const here = command
      .replaceAll('/certificates.sh', join(root, 'scripts', 'certificates.sh'))
      .replaceAll(/(?<= )\/certificates(?=[ /])/g, join(folder, 'certificates'));
    execFileSync('sh', ['-euc', `chown() { :; }\n${here}`]);
  });
  afterAll(() => {
    rmSync(folder, { recursive: true });
  });

  test('the passwords stay the same when the block runs again, because the servers keep those of the first start', () => {
    const file = join(folder, '.env');
    const before = readFileSync(file, 'utf8');
    makePasswords();
    expect(readFileSync(file, 'utf8')).toBe(before);
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  /** The files below /certificates that a service names. */
  const certificatesOf = ({ command, environment, healthcheck }: Service): string[] => [
    ...new Set(JSON.stringify({ command, environment, healthcheck }).match(/\/certificates\/[\w./-]*/g)),
  ];
  const users = ['api', 'projections', 'timers', 'eventstore-user', 'eventstore', 'mongo', 'mongo-init'];

  test('each service finds the certificates that it names, and has no others', () => {
    expect(Object.keys(composition.services).sort()).toEqual([...users, 'certificates'].sort());
    for (const name of users) {
      const mounted = (service(name).volumes ?? [])
        .map(({ target }) => target)
        .filter((one) => one.startsWith('/certificates/'));
      const named = certificatesOf(service(name));
      expect(named).not.toEqual([]);
      for (const file of named) expect(existsSync(join(folder, file))).toBe(true);
      for (const target of mounted) expect(named.some((file) => file.startsWith(target))).toBe(true);
      for (const file of named) expect(mounted.some((target) => file.startsWith(target))).toBe(true);
    }
  });

  test('the certificates name the servers as the processes address them', () => {
    const { eventStore, readModels } = loadConfiguration(service('api').environment ?? {});
    if (eventStore.engine !== 'eventstoredb' || readModels.engine !== 'mongodb') throw new Error('not on servers');
    const nameIn = (url: string) => /@([^:]+):/.exec(url)?.[1] ?? '';
    const certificate = (file: string) => new X509Certificate(readFileSync(join(folder, 'certificates', file)));
    const authority = certificate('ca/ca.crt');
    for (const [file, url] of [
      ['eventstore/node.crt', eventStore.url],
      ['mongo/mongo.pem', readModels.url],
    ] as const) {
      expect(certificate(file).checkHost(nameIn(url))).toBe(nameIn(url));
      expect(certificate(file).verify(authority.publicKey)).toBe(true);
    }
  });

  test('the processes have the passwords of the users, and addresses that their clients accept', async () => {
    for (const role of ['api', 'projections', 'timers']) {
      const { environment = {} } = service(role);
      expect(loadConfiguration(environment)).toMatchObject({ role });
      const here = (name: string) => environment[name]?.replace('/certificates', join(folder, 'certificates')) ?? '';
      await clientOf(here('REDRESS_EVENTSTORE')).dispose();
      const { credentials } = new MongoClient(here('REDRESS_READMODELS')).options;
      expect(credentials).toMatchObject({ username: 'redress', source: 'redress' });
      expect(credentials?.password).toBe(service('mongo-init').environment?.MONGO_PASSWORD);
    }
    expect(service('eventstore-user').environment).toMatchObject({
      REDRESS_EVENTSTORE: service('api').environment?.REDRESS_EVENTSTORE,
      EVENTSTORE_ADMIN: `admin:${service('eventstore').environment?.EVENTSTORE_DEFAULT_ADMIN_PASSWORD ?? ''}`,
    });
  });

  test('the processes wait for both users, and no server can be reached from outside', () => {
    for (const role of ['api', 'projections', 'timers'])
      expect(service(role).depends_on).toMatchObject({
        'eventstore-user': { condition: 'service_completed_successfully' },
        'mongo-init': { condition: 'service_completed_successfully' },
      });
    expect(users.filter((name) => service(name).ports !== undefined)).toEqual(['api']);
    expect(service('api').ports).toMatchObject([{ host_ip: '127.0.0.1' }]);
    expect(service('eventstore').environment?.EVENTSTORE_INSECURE).toBe('false');
    expect(composition.name).not.toBe(configOf('docker-compose.yml').name);
  });

  test('the replica set and the user of MongoDB are made once', () => {
    const calls: string[] = [];
    let isInitiated = false;
    let user: object | null = null;
    const redress = { getUser: () => user, createUser: (one: object) => calls.push(JSON.stringify((user = one))) };
    const mongosh = {
      process: { env: service('mongo-init').environment },
      rs: {
        status: () => {
          if (!isInitiated) throw new Error('no replset config has been received');
        },
        initiate: () => {
          isInitiated = true;
          calls.push('initiate');
        },
      },
      db: { hello: () => ({ isWritablePrimary: isInitiated }), getSiblingDB: () => redress },
    };
    for (let start = 0; start < 2; start++)
      runInNewContext(service('mongo-init').command?.at(-1) ?? '', { ...mongosh });
    expect(calls).toEqual([
      'initiate',
      JSON.stringify({
        user: 'redress',
        pwd: service('mongo-init').environment?.MONGO_PASSWORD,
        roles: [
          { role: 'readWrite', db: 'redress' },
          { role: 'readWrite', db: 'redress-subjects' },
        ],
      }),
    ]);
  });

  test('docs/servers.md names every setting of the servers that is not a default, for servers without Docker', () => {
    const document = readFileSync(join(root, 'docs', 'servers.md'), 'utf8');
    const variables = Object.keys(service('eventstore').environment ?? {});
    const defaults = ['EVENTSTORE_NODE_PORT', 'EVENTSTORE_RUN_PROJECTIONS'];
    const options = service('mongo').command?.filter((word) => word.startsWith('--')) ?? [];
    expect(options).toContain('--tlsAllowConnectionsWithoutCertificates');
    const settings = [...variables.filter((name) => !defaults.includes(name)), ...options];
    expect(settings.filter((name) => !document.includes(name))).toEqual([]);
  });

  test('the script that creates the user of EventStoreDB is in the image', () => {
    const [, script = ''] = service('eventstore-user').command ?? [];
    expect(readFileSync(join(root, 'Dockerfile'), 'utf8')).toMatch(new RegExp(`^COPY .*${script}`, 'm'));
  });
});
