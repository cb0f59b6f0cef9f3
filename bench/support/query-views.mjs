// node query-views.mjs FILE COMPLAINTS: runs typical queries on the read models that write-views.mjs wrote to FILE. Prints
// the duration of each query in milliseconds and the peak memory of this process in MiB, as JSON.
import { trendsBy } from '../../dist/projections/trends/query.js';
import { findComplaints } from '../../dist/projections/complaints/query.js';
import { QueryTooBroad } from '../../dist/projections/complaints/search.js';
import { queue } from '../../dist/projections/complaints/queue.js';
import { EmbeddedReadModels } from '../../dist/src/readmodels/embedded/embedded-read-models.js';
import { complaintIdOf } from '../../dist/src/complaint/identity.js';
import { referenceOf } from '../../dist/src/complaint/reference.js';
import { percentile, timed } from './figures.mjs';

const [, , file, complaints] = process.argv;
/** The id of complaint number n of histories.mjs. */
const idOf = (n) => complaintIdOf({ sources: [{ system: 'bench', ref: String(n) }] }, '');
const readModels = EmbeddedReadModels.openReadOnly(file);
const now = '2026-06-01T09:00:00.000Z';
const queries = {};

/** Runs a query `times` times after a first one that is not measured. `targets`: the highest median and p99, in milliseconds. */
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

// pages of 50 of all complaints; the target is the highest median, in milliseconds
const FIND_TARGET = 20;
const find = (query) => findComplaints(readModels, { satisfiedScore: 4, ...query });
const handlerOf = (run) => `handler-${String(1 + (run % 30))}`;
const day = (text) => ({ precision: 'day', day: text, zone: 'Asia/Shanghai' });
const FINDS = {
  'first page': () => ({}),
  'by handler': (run) => ({ filter: { handler: handlerOf(run) } }),
  'by reference': (run) => ({ filter: { reference: referenceOf(idOf(run)) } }),
  'by source and its reference': (run) => ({ filter: { source: 'crm', sourceRef: `T-${String(3 * run)}` } }),
  'by a frequent word': () => ({ filter: { words: 'cold' } }),
  'by three words': (run) => ({ filter: { words: `arrived product ${String(1 + (run % 40))}` } }),
  'by words that exclude each other': () => ({ filter: { words: 'late cold' } }),
  'by status': () => ({ filter: { status: 'in_progress' } }),
  'by handler and outcome, oldest first': (run) => ({
    filter: { handler: handlerOf(run), outcome: 'upheld' },
    order: 'ascending',
  }),
  'by category, channel and severity': (run) => ({
    filter: { category: ['price', 'delivery'][run % 2], channel: 'phone', severity: 'serious' },
  }),
  'by product in a month': (run) => ({
    filter: { product: `Product ${String(1 + (run % 40))}` },
    dates: { received: { from: day('2026-02-01'), to: day('2026-02-28') } },
  }),
  'by handler, sorted by the response': (run) => ({ filter: { handler: handlerOf(run) }, sort: 'responded' }),
  'by stage, with a count': () => ({ filter: { stage: 'Determined' }, count: true }),
};
for (const [name, query] of Object.entries(FINDS))
  await measureQuery(`find, ${name}`, 200, (run) => findOrRefuse(query(run)), { median: FIND_TARGET });
let findCursor;
await measureQuery(
  'find, next pages',
  500,
  async () => {
    const page = await find({ filter: { channel: 'phone' }, ...(findCursor && { cursor: findCursor }) });
    findCursor = page.next;
  },
  { median: FIND_TARGET },
);

/** A query that is too broad is refused, which should not take longer than a page. */
async function findOrRefuse(query) {
  try {
    await find(query);
  } catch (error) {
    if (!(error instanceof QueryTooBroad)) throw error;
  }
}

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
