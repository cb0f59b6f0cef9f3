// How long do a page of the queue and a trend take with a million complaints, and does memory stay constant?
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ask, say } from './support/question.mjs';

const program = (name) => fileURLToPath(new URL(`support/${name}`, import.meta.url));

await ask('Queue and trends', async ({ answer, folder, full }) => {
  const memories = [];
  for (const complaints of full ? [100_000, 1_000_000] : [100_000]) {
    const views = join(folder, `${String(complaints)}.db`);
    say(`writing the read models of ${complaints.toLocaleString('en')} complaints`);
    run('write-views.mjs', views, complaints);
    // a separate process, so that its peak memory does not include the writing
    const found = run('query-views.mjs', views, complaints);
    const at = `${complaints.toLocaleString('en')} complaints`;
    for (const [what, { p50, p99, target }] of Object.entries(found.queries)) {
      answer.figure(`${what}, median, ${at}`, p50, 'ms');
      answer.figure(`${what}, p99, ${at}`, p99, 'ms');
      if (target !== undefined) answer.ratio(`${what}, p99 in ms, ${at}`, p99, { atMost: target });
    }
    answer.memory(`the querying process, ${at}`, found.peak);
    memories.push(found.peak);
  }
  const [small, large] = memories;
  if (large !== undefined)
    answer.ratio('peak memory at a million / at a hundred thousand', large / small, { atMost: 1.5 });
});

function run(name, ...args) {
  const { status, stdout } = spawnSync(process.execPath, [program(name), ...args.map(String)], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
    maxBuffer: 1e8,
  });
  if (status !== 0) throw new Error(`${name} ended with ${String(status)}`);
  return JSON.parse(stdout.trim().split('\n').at(-1) || 'null');
}
