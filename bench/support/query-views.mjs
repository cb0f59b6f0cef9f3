// node query-views.mjs FILE COMPLAINTS: runs typical queries on the read models that write-views.mjs wrote to FILE. Prints
// the duration of each query in milliseconds and the peak memory of this process in MiB, as JSON.
import { trendsBy } from '../../dist/projections/trends/query.js';
import { queue } from '../../dist/projections/complaints/queue.js';
import { EmbeddedReadModels } from '../../dist/src/readmodels/embedded/embedded-read-models.js';
import { percentile, timed } from './figures.mjs';

const [, , file, complaints] = process.argv;
const readModels = EmbeddedReadModels.openReadOnly(file);
const now = '2026-06-01T09:00:00.000Z';
const queries = {};

/** Runs a query `times` times after a first one that is not measured. `targets`: the highest p99, in milliseconds. */
async function measureQuery(name, times, query, targets = {}) {
  const durations = []; // milliseconds
  await query(0);
  for (let run = 0; run < times; run++) durations.push((await timed(() => query(run))).seconds * 1000);
  queries[name] = { p50: percentile(durations, 0.5), p99: percentile(durations, 0.99), targets };
}

await measureQuery('queue, first page', 500, () => queue(readModels, { now }), { p99: 5 });
let cursor;
await measureQuery(
  'queue, next pages',
  1000,
  async () => {
    const page = await queue(readModels, { now, ...(cursor && { cursor }) });
    cursor = page.next;
  },
  { p99: 5 },
);
const handler = (run) => ({ handler: `handler-${String(1 + (run % 30))}` });
await measureQuery('queue of one handler', 500, (run) => queue(readModels, { now, filter: handler(run) }), {
  p99: 5,
});
const threeFields = (run) => ({ orgUnit: ['care', 'kitchen'][run % 2], severity: 'serious', channel: 'phone' });
await measureQuery('queue filtered by unit, severity and channel', 100, (run) =>
  queue(readModels, { now, filter: threeFields(run) }),
);

const trendRuns = Number(complaints) > 100_000 ? 5 : 20;
const trend = (query) => () =>
  trendsBy(readModels, { zone: 'Asia/Shanghai', basis: 'received', satisfiedScore: 4, ...query });
await measureQuery('trend by product', trendRuns, trend({ groupBy: ['product'] }));
await measureQuery('trend by month and category', trendRuns, trend({ groupBy: ['month', 'category'] }));
await measureQuery(
  'trend of one product by week',
  trendRuns,
  trend({ groupBy: ['week'], filter: { product: 'Product 7' } }),
);

await readModels.close();
process.stdout.write(`${JSON.stringify({ queries, peak: process.resourceUsage().maxRSS / 1024 })}\n`);
