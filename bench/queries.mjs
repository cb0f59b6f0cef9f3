// How long do a page of the queue and a trend take, and does the memory use depend on the number of complaints?
import { join } from 'node:path';
import { runProgram } from './support/processes.mjs';
import { runBenchmark, printProgress } from './support/question.mjs';

await runBenchmark('Queue and trends', async ({ answer, folder, full }) => {
  const peaks = []; // peak memory in MiB, one value per number of complaints
  for (const complaints of full ? [100_000, 1_000_000] : [100_000]) {
    const views = join(folder, `${String(complaints)}.db`);
    printProgress(`writing the read models of ${complaints.toLocaleString('en')} complaints`);
    runProgram('write-views.mjs', views, complaints);
    // in a separate process, whose peak memory does not include the writing
    const result = runProgram('query-views.mjs', views, complaints);
    const complaintCount = `${complaints.toLocaleString('en')} complaints`;
    for (const [query, { p50, p99, targets }] of Object.entries(result.queries)) {
      answer.figure(`${query}, median, ${complaintCount}`, p50, 'ms');
      answer.figure(`${query}, p99, ${complaintCount}`, p99, 'ms');
      if (targets.p99 !== undefined)
        answer.ratio(`${query}, p99 in ms, ${complaintCount}`, p99, { atMost: targets.p99 });
    }
    answer.memory(`the querying process, ${complaintCount}`, result.peak);
    peaks.push(result.peak);
  }
  const [peak, peakOfMillion] = peaks;
  if (peakOfMillion !== undefined)
    answer.ratio('peak memory with 1,000,000 / with 100,000 complaints', peakOfMillion / peak, { atMost: 1.5 });
});
