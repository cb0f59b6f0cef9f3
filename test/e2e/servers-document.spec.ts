import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { AppendAmbiguous, StoreUnavailable } from '../../src/eventstore/event-store.js';
import { ConnectionStringInvalid } from '../../src/eventstore/eventstoredb/connection.js';
import { diagnoseEventStoreDb } from '../../src/eventstore/eventstoredb/diagnosis.js';
import type { Diagnosis } from '../../src/platform/server-unusable.js';
import { diagnoseMongo } from '../../src/readmodels/mongodb/diagnosis.js';
import { ReadModelsUnavailable } from '../../src/readmodels/read-models.js';
import { MongoServerError } from 'mongodb';
import { root } from '../support/doc-snippets.js';
import { describeDocument, describeWith } from '../support/run-document.js';
import { SecureServers } from '../support/servers/secure-servers.js';

const FILE = 'docs/servers.md';

/** Commands of MongoDB that need no right, or a right of the built-in role readWrite on the database. */
const READ_WRITE_COMMANDS = new Set([
  ...['hello', 'ismaster', 'ping', 'endSessions'],
  ...['find', 'getMore', 'killCursors', 'aggregate', 'count', 'insert', 'update', 'delete', 'findAndModify'],
  ...['create', 'drop', 'listCollections', 'createIndexes', 'dropIndexes', 'listIndexes'],
]);

describeWith(['bash', 'curl', 'openssl'], 'the servers behind TLS', () => {
  let servers: SecureServers;
  beforeAll(async () => {
    servers = await SecureServers.start();
  });
  afterAll(() => servers.stop());

  describeDocument(FILE, {
    environment: () => ({ ...servers.environment, CONTROL: servers.control }),
    replacements: {
      'copies files of a real server; the test copies those of the double': 'curl -sS --fail "$CONTROL/copy-events"',
      'replaces files of a real server; the test restores the double': 'curl -sS --fail "$CONTROL/restore-events"',
    },
  });

  test('MongoDB was sent only commands that the role readWrite allows', () => {
    expect(servers.commands.size).toBeGreaterThan(5);
    expect([...servers.commands].filter((name) => !READ_WRITE_COMMANDS.has(name))).toEqual([]);
  });

  test('the user of EventStoreDB was created in no group but redress', () => {
    expect(servers.users).toMatchObject([{ LoginName: 'redress', Groups: ['redress'] }]);
  });
});

/** Errors of a connection to a server, in the words of Node, OpenSSL and gRPC. */
const connectionFailures = [
  'connect ECONNREFUSED 127.0.0.1:9',
  'getaddrinfo ENOTFOUND eventstore.example',
  'connect EHOSTUNREACH 10.0.0.1:2113',
  'connect EPROTO: wrong version number',
  'self-signed certificate',
  'Failed to connect before the deadline',
];
const failure = (message: string, code?: number): Error => Object.assign(new Error(message), { code });
const diagnoseEventStore = (cause: Error) => diagnoseEventStoreDb(new StoreUnavailable('away', { cause }));
const diagnoseReadModels = (cause: Error) =>
  diagnoseMongo(new ReadModelsUnavailable('mongo', '2026-01-05T09:00:00Z', { cause }));

const diagnoses = [
  ...connectionFailures.flatMap((text) => [diagnoseEventStore(failure(text)), diagnoseReadModels(failure(text))]),
  diagnoseEventStore(failure('Server Is Not Ready', 14)),
  diagnoseEventStore(failure('Failed to discover after 10 attempts.')),
  diagnoseEventStore(failure('unauthenticated', 16)),
  diagnoseEventStoreDb(new AppendAmbiguous('unknown', { cause: failure('denied', 7) })),
  diagnoseEventStoreDb(new ConnectionStringInvalid('esdb://host', 'it has no option "nonsense"')),
  diagnoseMongo(Object.assign(failure('ENOENT: no such file'), { path: '/nowhere' })),
  diagnoseReadModels(failure('Server selection timed out after 5000 ms')),
  diagnoseReadModels(new MongoServerError({ message: 'Authentication failed.', code: 18 })),
  diagnoseReadModels(new MongoServerError({ message: 'not authorized on redress', code: 13 })),
];

test('the table of messages has every message of the diagnosis, and whether a start waits', () => {
  const text = readFileSync(join(root, FILE), 'utf8');
  const rows = [...text.matchAll(/^\| `([^`]+: [^`]+)`[^|]*\| (waits|ends) +\|$/gm)].map(
    ([, message = '', start = '']) => `${message} | ${start}`,
  );
  const expectedRows = diagnoses.map((diagnosis) => (diagnosis === undefined ? '?' : rowOf(diagnosis)));
  expect(rows.sort()).toEqual([...new Set(expectedRows)].sort());
});

const rowOf = ({ what, advice, mayComeUp }: Diagnosis): string =>
  `${what.replace(/\(.*\)$/, '(…)')}: ${advice} | ${mayComeUp ? 'waits' : 'ends'}`;

test('every metric that operators are told to watch exists', () => {
  const sources = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' }).filter((name) =>
    /(?<!spec)\.ts$/.test(name),
  );
  const source = sources.map((name) => readFileSync(join(root, 'src', name), 'utf8')).join('\n');
  const metrics = ['operations.md', 'servers.md'].flatMap((name) =>
    [...readFileSync(join(root, 'docs', name), 'utf8').matchAll(/`(redress_\w+)`/g)].map(([, metric = '']) => metric),
  );
  expect(metrics.length).toBeGreaterThan(5);
  // a histogram has the metrics _count, _sum and _bucket
  expect(metrics.filter((metric) => !source.includes(`'${metric.replace(/_count$/, '')}'`))).toEqual([]);
});
