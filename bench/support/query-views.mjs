// node query-views.mjs FILE COMPLAINTS: runs typical queries and prints their duration and memory.
import { trendsBy } from '../../dist/projections/trends/query.js';
import { queue } from '../../dist/projections/work-queue/query.js';
import { EmbeddedReadModels } from '../../dist/src/readmodels/embedded/embedded-read-models.js';
import { percentile, timed } from './figures.mjs';

const [, , file, complaints] = process.argv;
const readModels = EmbeddedReadModels.openReadOnly(file);
const now = '2026-06-01T09:00:00.000Z';
const queries = {};

async function asked(what, times, question, target) {
  const took = [];
  await question(0);
  for (let at = 0; at < times; at++) took.push((await timed(() => question(at))).seconds * 1000);
  queries[what] = { p50: percentile(took, 0.5), p99: percentile(took, 0.99), ...(target && { target }) };
}

await asked('queue, first page', 500, () => queue(readModels, { now }), 5);
let cursor;
await asked(
  'queue, page after page',
  1000,
  async () => ({ next: cursor } = await queue(readModels, { now, ...(cursor && { cursor }) })),
  5,
);
const handler = (at) => ({ handler: `handler-${String(1 + (at % 30))}` });
await asked('queue of one handler', 500, (at) => queue(readModels, { now, filter: handler(at) }), 5);
const rare = (at) => ({ orgUnit: ['care', 'kitchen'][at % 2], severity: 'serious', channel: 'phone' });
await asked('queue filtered by unit, severity and channel', 100, (at) => queue(readModels, { now, filter: rare(at) }));

const slow = Number(complaints) > 100_000 ? 5 : 20;
const ask = (query) => () =>
  trendsBy(readModels, { zone: 'Asia/Shanghai', basis: 'received', satisfiedScore: 4, ...query });
await asked('trend by product', slow, ask({ groupBy: ['product'] }));
await asked('trend by month and category', slow, ask({ groupBy: ['month', 'category'] }));
await asked('trend of one product by week', slow, ask({ groupBy: ['week'], filter: { product: 'Product 7' } }));

await readModels.close();
process.stdout.write(`${JSON.stringify({ queries, peak: process.resourceUsage().maxRSS / 1024 })}\n`);
