// Starts the servers of docker-compose.dev.yml, runs the test suites that need servers against them, then stops the
// servers and deletes their data. Passes its arguments to Jest. If REDRESS_TEST_EVENTSTOREDB and REDRESS_TEST_MONGODB are
// both set, it uses those servers and starts none.
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

/** The command of Docker Compose or Podman Compose; undefined if no command reaches a container engine. */
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
      'redress: found no running container engine (docker compose, podman compose).\n' +
        `Start one, or set ${missing.join(' and ')} to servers whose data the tests may change.\n`,
    );
    return 1;
  }
  const file = join(root, 'docker-compose.dev.yml');
  const runCompose = (...rest) => run(program[0], [...program.slice(1), '-p', PROJECT, '-f', file, ...rest]);
  if (program !== undefined) {
    let code = await runCompose('up', '--detach', '--wait', 'eventstore', 'mongo');
    if (code === 0) code = await runCompose('run', '--rm', 'mongo-init');
    if (code !== 0) {
      await runCompose('down', '--volumes');
      return code;
    }
  }
  try {
    const env = { ...process.env };
    for (const [name, address] of Object.entries(addresses)) env[name] ||= address;
    const jest = join(root, 'node_modules', 'jest', 'bin', 'jest.js');
    return await run(process.execPath, [jest, '--runInBand', '--testPathPatterns', SUITES, ...args], { env });
  } finally {
    if (program !== undefined) await runCompose('down', '--volumes');
  }
}

process.exitCode = await main(process.argv.slice(2));
