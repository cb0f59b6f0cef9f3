// How long do a page of the queue, a page of complaints that are searched for, and a trend take, and does the memory use
// depend on the number of complaints?
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runBenchmark, printProgress } from './support/question.mjs';

const program = (name) => fileURLToPath(new URL(`support/${name}`, import.meta.url));

await runBenchmark('Queue, find and trends', async ({ answer, folder, full }) => {
  const peaks = []; // peak memory in MiB, one value per number of complaints
  for (const complaints of full ? [100_000, 1_000_000] : [100_000]) {
    const views = join(folder, `${String(complaints)}.db`);
    printProgress(`writing the read models of ${complaints.toLocaleString('en')} complaints`);
    run('write-views.mjs', views, complaints);
    // in a separate process, whose peak memory does not include the writing
    const result = run('query-views.mjs', views, complaints);
    const complaintCount = `${complaints.toLocaleString('en')} complaints`;
    for (const [query, { p50, p99, targets }] of Object.entries(result.queries)) {
      answer.figure(`${query}, median, ${complaintCount}`, p50, 'ms');
      answer.figure(`${query}, p99, ${complaintCount}`, p99, 'ms');
      if (targets.p99 !== undefined)
        answer.ratio(`${query}, p99 in ms, ${complaintCount}`, p99, { atMost: targets.p99 });
      if (targets.median !== undefined)
        answer.ratio(`${query}, median in ms, ${complaintCount}`, p50, { atMost: targets.median });
    }
    answer.memory(`the querying process, ${complaintCount}`, result.peak);
    peaks.push(result.peak);
  }
  const [peak, peakOfMillion] = peaks;
  if (peakOfMillion !== undefined)
    answer.ratio('peak memory with 1,000,000 / with 100,000 complaints', peakOfMillion / peak, { atMost: 1.5 });
});

/** Runs a program of bench/support and returns the JSON in the last line of its output. */
function run(name, ...args) {
  const { status, stdout } = spawnSync(process.execPath, [program(name), ...args.map(String)], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
    maxBuffer: 1e8,
  });
  if (status !== 0) throw new Error(`${name} ended with code ${String(status)}`);
  return JSON.parse(stdout.trim().split('\n').at(-1));
}
