// Creates the user of Redress on a secure EventStoreDB or KurrentDB server, and lets its group read $all:
//
//   EVENTSTORE_ADMIN=admin:PASSWORD node scripts/eventstoredb-user.mjs [--wait SECONDS]
//
// User, password, hosts and authority are those of REDRESS_EVENTSTORE. Of several hosts, the first that answers creates
// the user. A user that exists stays as it is, and so does everything else in the metadata of $all. Tries again for the
// given time, for a server that is still starting, unless the server rejects the administrator or the password.
import { readFileSync } from 'node:fs';
import { request } from 'node:https';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { clientOf, optionsIn } from '../dist/src/eventstore/eventstoredb/connection.js';
import { diagnoseEventStoreDb } from '../dist/src/eventstore/eventstoredb/diagnosis.js';
import { unreachable } from '../dist/src/eventstore/eventstoredb/failures.js';
import { diagnoseConnection, noAnswer, unusableMessage } from '../dist/src/platform/server-unusable.js';

const GROUP = 'redress';
const DEFAULT_PORT = 2113;
const RETRY_INTERVAL_MS = 2_000;
const PAGE = 'docs/servers.md, "The user of EventStoreDB"';

// status codes of gRPC
const PERMISSION_DENIED = 7;
const UNAUTHENTICATED = 16;

/** An error that another attempt does not end. */
class FinalError extends Error {}

const waitMs = secondsIn(process.argv.slice(2)) * 1000;
const url = (process.env.REDRESS_EVENTSTORE ?? '').trim();
await connect(url, () => undefined).catch(({ message }) => fail(message)); // checks the address, and calls no server
const options = optionsIn(url);
const [, scheme, user, password, hosts, query] =
  (options.get('tls') !== 'false' &&
    /^(\w+(?:\+discover)?:\/\/)([^:/?@]+):([^@/?]+)@([^/?]+)\/?(?:\?(.*))?$/.exec(url)) ||
  fail('REDRESS_EVENTSTORE must be the address of a secure server, with the user and the password to create');
const [, adminName, adminPassword] =
  /^([^:]+):(.+)$/s.exec(process.env.EVENTSTORE_ADMIN ?? '') ?? fail('EVENTSTORE_ADMIN must be NAME:PASSWORD');
const login = decodeURIComponent(user);

/** The number of seconds in the arguments of this program. */
function secondsIn(args) {
  try {
    const { wait } = parseArgs({ args, options: { wait: { type: 'string', default: '0' } } }).values;
    return /^\d+(\.\d+)?$/.test(wait) ? Number(wait) : fail(`--wait must be a number of seconds, and is ${wait}`);
  } catch ({ message }) {
    return fail(message);
  }
}

/** Which server cannot be used and why: one host, or all hosts of REDRESS_EVENTSTORE. */
function unusable(diagnosis, address = url) {
  return unusableMessage({ name: 'the event store', setting: 'REDRESS_EVENTSTORE', url: address }, diagnosis);
}

/** Asks one host after the other, until one answers. Answers whether the user was created. */
async function createUser() {
  let failure;
  for (const host of hosts.split(',')) {
    const address = `https://${/:\d+$/.test(host) ? host : `${host}:${DEFAULT_PORT}`}`;
    try {
      return await createUserAt(address);
    } catch (error) {
      if (error instanceof FinalError) throw error;
      if (failure !== undefined) console.error(failure.message);
      failure = error;
    }
  }
  throw failure;
}

/** Through the HTTP interface, because the client has no users. */
async function createUserAt(address) {
  const status = await post(`${address}/users/`, {
    LoginName: login,
    FullName: 'Redress',
    Groups: [GROUP],
    Password: decodeURIComponent(password),
  }).catch(({ message }) => {
    const advice = 'check that the server runs and is ready';
    throw new Error(unusable(diagnoseConnection(message) ?? noAnswer(message, advice), address));
  });
  if (status === 201 || status === 409) return status === 201;
  if (status === 401 || status === 403)
    throw new FinalError(
      `the event store at ${address} does not let ${adminName} create users (HTTP status ${status}): ` +
        'EVENTSTORE_ADMIN must have the name and the password of an administrator',
    );
  const what = `it answers the creation of the user with HTTP status ${status}`;
  throw new Error(unusable({ what, advice: 'check its log' }, address));
}

/** Sends JSON as the administrator; answers the HTTP status. */
function post(address, body) {
  const caFile = options.get('tlscafile');
  const requestOptions = {
    method: 'POST',
    auth: `${adminName}:${adminPassword}`,
    headers: { 'content-type': 'application/json' },
    ...(caFile !== undefined && { ca: readFileSync(decodeURIComponent(caFile)) }),
    timeout: 10_000,
  };
  return new Promise((resolve, reject) => {
    const call = request(address, requestOptions, (response) => {
      response.resume();
      resolve(response.statusCode);
    });
    call.on('timeout', () => call.destroy(new Error('no answer within 10 seconds')));
    call.on('error', reject);
    call.end(JSON.stringify(body));
  });
}

/**
 * Calls `work` with a client for the address. The message of an error names the server and its setting.
 * @param messages the messages of some errors, by gRPC status code
 */
async function connect(address, work, messages = {}) {
  let client;
  try {
    client = clientOf(address);
    return await work(client);
  } catch (error) {
    const message = messages[error.code];
    if (message !== undefined) throw new FinalError(message);
    throw new Error(unusable(diagnoseEventStoreDb(error) ?? diagnoseEventStoreDb(unreachable(error))));
  } finally {
    await client?.dispose();
  }
}

/** Answers all groups that may read $all, as the server has them. */
function allowGroup() {
  const name = `${encodeURIComponent(adminName)}:${encodeURIComponent(adminPassword)}`;
  const message = `${adminName} cannot change the metadata of $all: EVENTSTORE_ADMIN must name an administrator`;
  return connect(
    `${scheme}${name}@${hosts}?${query ?? ''}`,
    async (client) => {
      const { metadata, acl, readers } = await rightsOn(client);
      if (readers.includes(GROUP)) return readers;
      await client.setStreamMetadata('$all', { ...metadata, acl: { ...acl, readRoles: [...readers, GROUP] } });
      return (await rightsOn(client)).readers;
    },
    { [UNAUTHENTICATED]: message, [PERMISSION_DENIED]: message },
  );
}

async function rightsOn(client) {
  const { metadata = {} } = await client.getStreamMetadata('$all');
  const acl = typeof metadata.acl === 'object' ? metadata.acl : {};
  return { metadata, acl, readers: [acl.readRoles ?? '$admins'].flat() }; // without an entry, administrators may read
}

const checkUser = () =>
  connect(url, (client) => client.readAll({ maxCount: 1 }).toArray(), {
    [UNAUTHENTICATED]:
      `${login} has another password than the one in REDRESS_EVENTSTORE: correct the address, or set the password ` +
      `of the user (${PAGE})`,
    [PERMISSION_DENIED]: `${login} cannot read $all: add the user to the group ${GROUP} (${PAGE})`,
  });

async function main() {
  const created = await createUser();
  console.log(`the user ${login} ${created ? 'was created' : 'exists'}`);
  console.log(`$all can be read by ${(await allowGroup()).join(', ')}`);
  await checkUser();
  console.log(`${login} can read $all`);
}

function fail(message) {
  console.error(message);
  process.exit(2);
}

const deadline = performance.now() + waitMs;
for (;;) {
  try {
    await main();
    break;
  } catch (error) {
    console.error(error.message);
    if (error instanceof FinalError || performance.now() > deadline) {
      process.exitCode = 1;
      break;
    }
    await pause(RETRY_INTERVAL_MS);
  }
}
