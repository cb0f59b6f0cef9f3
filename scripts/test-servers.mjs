// Starts the servers of docker-compose.dev.yml, runs the suites that speak to servers against them, and takes the
// servers down again with what they stored. Arguments go to jest. An address that is set already is used as it is.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { root, run } from './setup.mjs';

const SUITES = 'eventstoredb|mongodb|e2e/servers\\.spec';
const PROJECT = 'redress-test';

const addresses = {
  REDRESS_TEST_EVENTSTOREDB: 'esdb://127.0.0.1:2113?tls=false',
  REDRESS_TEST_MONGODB: 'mongodb://127.0.0.1:27017/?directConnection=true',
};
const missing = Object.keys(addresses).filter((name) => !process.env[name]);

/** `docker compose`, or the older program of one name; undefined where none can reach an engine. */
function compose() {
  const candidates = [['docker', 'compose'], ['podman', 'compose'], ['docker-compose']];
  return candidates.find(([program, ...args]) => {
    const version = spawnSync(program, [...args, 'version'], { stdio: 'ignore' });
    if (version.status !== 0) return false;
    return spawnSync(program === 'docker-compose' ? 'docker' : program, ['info'], { stdio: 'ignore' }).status === 0;
  });
}

async function main(args) {
  const program = missing.length > 0 ? compose() : undefined;
  if (missing.length > 0 && program === undefined) {
    process.stderr.write(
      'redress: no container engine answers here (docker compose, podman compose).\n' +
        `Start one, or set ${missing.join(' and ')} to servers whose contents may be changed.\n`,
    );
    return 1;
  }
  const file = join(root, 'docker-compose.dev.yml');
  const composed = (...rest) => run(program[0], [...program.slice(1), '-p', PROJECT, '-f', file, ...rest]);
  if (program !== undefined) {
    const code = await composed('up', '--detach', '--wait', 'eventstore', 'mongo');
    const made = code === 0 ? await composed('run', '--rm', 'mongo-init') : code;
    if (made !== 0) {
      await composed('down', '--volumes');
      return made;
    }
  }
  try {
    const env = { ...addresses, ...process.env };
    for (const [name, address] of Object.entries(addresses)) env[name] ||= address;
    const jest = join(root, 'node_modules', 'jest', 'bin', 'jest.js');
    return await run(process.execPath, [jest, '--runInBand', '--testPathPatterns', SUITES, ...args], { env });
  } finally {
    if (program !== undefined) await composed('down', '--volumes');
  }
}

process.exitCode = await main(process.argv.slice(2));
