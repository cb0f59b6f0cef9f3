// How long does a page of 50 complaints take for each filter and each sort, at the beginning and deep in the list?
import { join } from 'node:path';
import { runProgram } from './support/processes.mjs';
import { printProgress, runBenchmark } from './support/question.mjs';

/** The highest median of a page, in milliseconds. */
const TARGET_MS = 20;

await runBenchmark('Find', async ({ answer, folder, full }) => {
  const complaints = full ? 1_000_000 : 100_000;
  const views = join(folder, 'views.db');
  printProgress(`writing the read model of ${complaints.toLocaleString('en')} complaints`);
  runProgram('write-views.mjs', views, complaints, 'varied');
  // in a separate process, whose peak memory does not include the writing
  const { queries, refused, peak } = runProgram('find-complaints.mjs', views, complaints);
  for (const { name, slowest, p50, p95, processor } of queries) {
    answer.figure(`${name}, median`, p50, 'ms');
    answer.figure(`${name}, 95th percentile`, p95, 'ms');
    // other work on the machine hardly changes the processor time
    answer.figure(`${name}, processor time, median`, processor.p50, 'ms');
    answer.figure(`${name}, processor time, 95th percentile`, processor.p95, 'ms');
    answer.ratio(`${name}, median in ms of the slowest combination (${slowest.name})`, slowest.p50, {
      atMost: TARGET_MS,
    });
  }
  for (const [name, share] of Object.entries(refused))
    answer.note(`${name}: ${share} of the queries are refused as too broad`);
  answer.memory(`the querying process, ${complaints.toLocaleString('en')} complaints`, peak);
});
