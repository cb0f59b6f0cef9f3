import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const program = fileURLToPath(new URL('../../test/support/esdb/run-double.cjs', import.meta.url));

/** Starts the double of EventStoreDB in a process of its own, which keeps its log in `file`. */
export async function startDouble(file) {
  const child = spawn(process.execPath, [program, '--file', file, '--grace-ms', '50'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = await once(child.stdout, 'data');
  return {
    url: JSON.parse(String(line)).connectionString,
    async stop() {
      child.kill('SIGTERM');
      await once(child, 'exit');
    },
  };
}
