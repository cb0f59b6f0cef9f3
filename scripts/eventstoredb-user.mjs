// Creates the user of Redress on a secure EventStoreDB or KurrentDB server, and lets its group read $all:
//
//   EVENTSTORE_ADMIN=admin:PASSWORD node scripts/eventstoredb-user.mjs [--wait SECONDS]
//
// User, password, host and authority are those of REDRESS_EVENTSTORE. A user that exists stays as it is, and so does
// everything else in the metadata of $all. Tries again for the given time, for a server that is still starting.
import { readFileSync } from 'node:fs';
import { request } from 'node:https';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { clientOf } from '../dist/src/eventstore/eventstoredb/connection.js';

const GROUP = 'redress';
const RETRY_INTERVAL_MS = 2_000;

const [, scheme, user, password, hosts, query] =
  /^(\w+(?:\+discover)?:\/\/)([^:/?@]+):([^@/?]+)@([^/?]+)\/?(?:\?(.*))?$/.exec(process.env.REDRESS_EVENTSTORE ?? '') ??
  fail('REDRESS_EVENTSTORE must be the address of a secure server, with the user and the password to create');
const [, adminName, adminPassword] =
  /^([^:]+):(.+)$/s.exec(process.env.EVENTSTORE_ADMIN ?? '') ?? fail('EVENTSTORE_ADMIN must be NAME:PASSWORD');
const caFile = new URLSearchParams(query).get('tlsCAFile');
const login = decodeURIComponent(user);

/** Through the HTTP interface, because the client has no users. Answers whether the user was created. */
function createUser() {
  const body = JSON.stringify({
    LoginName: login,
    FullName: 'Redress',
    Groups: [GROUP],
    Password: decodeURIComponent(password),
  });
  const options = {
    method: 'POST',
    auth: `${adminName}:${adminPassword}`,
    headers: { 'content-type': 'application/json' },
    ...(caFile !== null && { ca: readFileSync(caFile) }),
    timeout: 10_000,
  };
  return new Promise((resolve, reject) => {
    const call = request(`https://${hosts.split(',')[0]}/users/`, options, (response) => {
      response.resume();
      if (response.statusCode === 201) resolve(true);
      else if (response.statusCode === 409) resolve(false);
      else reject(new Error(`the server answered ${response.statusCode} to the creation of the user`));
    });
    call.on('timeout', () => call.destroy(new Error('the server does not answer')));
    call.on('error', reject);
    call.end(body);
  });
}

/** Answers all groups that may read $all, as the server has them. */
async function allowGroup() {
  const name = `${encodeURIComponent(adminName)}:${encodeURIComponent(adminPassword)}`;
  const client = clientOf(`${scheme}${name}@${hosts}?${query ?? ''}`);
  try {
    const { metadata, acl, readers } = await rightsOn(client);
    if (readers.includes(GROUP)) return readers;
    await client.setStreamMetadata('$all', { ...metadata, acl: { ...acl, readRoles: [...readers, GROUP] } });
    return (await rightsOn(client)).readers;
  } finally {
    await client.dispose();
  }
}

async function rightsOn(client) {
  const { metadata = {} } = await client.getStreamMetadata('$all');
  const acl = typeof metadata.acl === 'object' ? metadata.acl : {};
  return { metadata, acl, readers: [acl.readRoles ?? '$admins'].flat() }; // without an entry, administrators may read
}

async function checkUser() {
  const client = clientOf(process.env.REDRESS_EVENTSTORE);
  try {
    await client.readAll({ maxCount: 1 }).toArray();
  } finally {
    await client.dispose();
  }
}

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

const { values } = parseArgs({ options: { wait: { type: 'string', default: '0' } } });
const deadline = performance.now() + Number(values.wait) * 1000;
for (;;) {
  try {
    await main();
    break;
  } catch (error) {
    console.error(error.message);
    if (performance.now() > deadline) {
      process.exitCode = 1;
      break;
    }
    await pause(RETRY_INTERVAL_MS);
  }
}
