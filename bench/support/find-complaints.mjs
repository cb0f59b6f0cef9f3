// node find-complaints.mjs FILE COMPLAINTS: finds complaints in the read model that write-views.mjs wrote to FILE, by each
// filter, with each sort. Prints the durations and the processor times in milliseconds, and the peak memory of this process
// in MiB, as JSON.
import { Cursors } from '../../dist/projections/complaints/cursor.js';
import { DATE_BASES, FILTER_NAMES } from '../../dist/projections/complaints/filters.js';
import { complaints as complaintList } from '../../dist/projections/complaints/projection.js';
import { DIRECTIONS, findComplaints, rowOf } from '../../dist/projections/complaints/query.js';
import { QueryTooBroad } from '../../dist/projections/complaints/search.js';
import { openModel } from '../../dist/src/readmodels/active-model.js';
import { EmbeddedReadModels } from '../../dist/src/readmodels/embedded/embedded-read-models.js';
import { percentile, timed } from './figures.mjs';
import { variedComplaint } from './varied-complaints.mjs';

const [, , file, total] = process.argv;
const RUNS = 10;
const SATISFIED_SCORE = 4;
const readModels = EmbeddedReadModels.openReadOnly(file);

/**
 * Complaints from the whole list, whose values are searched for: a frequent value is searched for as often as it occurs.
 * The step is a prime number, so that the complaints are of all kinds.
 */
const entries = await openModel(readModels, complaintList.name);
const ids = Array.from(
  { length: 200 },
  (_, index) => variedComplaint((index * 7919) % Number(total), Number(total), 1).id,
);
const examples = await entries.getMany(ids);
const exampleOf = (run) => examples[run % examples.length];

/** The value of a filter that a complaint matches. */
function valueOf(name, entry) {
  const row = rowOf(entry, SATISFIED_SCORE);
  switch (name) {
    case 'source':
      return row.sources[0].system;
    case 'sourceRef':
    case 'registerId':
      return row.sources[0].ref;
    case 'words':
      return [...entry.issue].length > 12 ? entry.issue.split(' ').slice(1, 4).join(' ') : entry.issue.slice(0, 4);
    default:
      return row[name] ?? 'none';
  }
}

/** The queries of one run: the filter and dates, the sort, and whether the page is deep in the list. */
const filterBy = (names) => (run) => ({
  filter: Object.fromEntries(names.map((name) => [name, valueOf(name, exampleOf(run))])),
});
/** A month around a date of a complaint. */
const monthBy = (basis) => (run) => {
  const at = Date.parse(examples.filter((entry) => entry[basis] !== null)[run][basis]);
  const day = (offset) => ({
    precision: 'day',
    day: new Date(at + offset * 86_400_000).toISOString().slice(0, 10),
    zone: 'Asia/Shanghai',
  });
  return { dates: { [basis]: { from: day(-15), to: day(15) } } };
};

/** The cursor of a page that begins at the date of another complaint. */
function cursorOf({ filter = {}, dates = {}, sort, direction }, run) {
  const start = examples.filter((entry) => entry[sort] !== null)[(run * 31) % 90];
  return new Cursors([filter, dates, sort, direction], ['string', 'string']).cursorAfter([start[sort], start._id]);
}

const refusals = {};
const queries = [];

/** Measures a kind of query in each of these forms, a name and a query for each run. */
async function measure(name, forms, runs = RUNS) {
  const all = [];
  const ofProcessor = [];
  const medians = [];
  let refused = 0;
  for (const [form, queryOf] of forms) {
    const durations = [];
    const times = []; // of the processor
    await find(queryOf(0));
    for (let run = 0; run < runs; run++) {
      const query = queryOf(run);
      const before = process.cpuUsage();
      const { seconds, result } = await timed(() => find(query));
      const { user, system } = process.cpuUsage(before);
      times.push((user + system) / 1000);
      durations.push(seconds * 1000);
      if (!result) refused += 1;
    }
    all.push(...durations);
    ofProcessor.push(...times);
    medians.push({ name: form, p50: percentile(durations, 0.5), processor: percentile(times, 0.5) });
  }
  const slowest = medians.reduce((one, other) => (other.p50 > one.p50 ? other : one));
  const processor = { p50: percentile(ofProcessor, 0.5), p95: percentile(ofProcessor, 0.95) };
  queries.push({ name, p50: percentile(all, 0.5), p95: percentile(all, 0.95), processor, slowest });
  if (refused > 0) refusals[name] = `${((100 * refused) / all.length).toFixed(1)} %`;
}

/** True if there is an answer, false if the query is refused as too broad, which should not take longer than a page. */
async function find(query) {
  try {
    await findComplaints(readModels, { satisfiedScore: SATISFIED_SCORE, limit: 50, ...query });
    return true;
  } catch (error) {
    if (!(error instanceof QueryTooBroad)) throw error;
    return false;
  }
}

/** Each sort and order of a query. */
const sorted = (queryOf, isDeep) =>
  DATE_BASES.flatMap((sort) =>
    DIRECTIONS.map((direction) => [
      `${sort}, ${direction}`,
      (run) => {
        const query = { ...queryOf(run), sort, direction };
        return isDeep ? { ...query, cursor: cursorOf(query, run) } : query;
      },
    ]),
  );

const KINDS = [
  ['all complaints', () => ({})],
  ...FILTER_NAMES.map((name) => [`by ${name}`, filterBy([name])]),
  ...DATE_BASES.map((basis) => [`by a month of ${basis}`, monthBy(basis)]),
];
for (const [name, queryOf] of KINDS) {
  await measure(`${name}, first page`, sorted(queryOf, false));
  await measure(`${name}, deep pages`, sorted(queryOf, true));
}
await measure(
  'one filter, with a count',
  FILTER_NAMES.map((name) => [name, (run) => ({ ...filterBy([name])(run), count: true })]),
);
const pairs = FILTER_NAMES.flatMap((one, at) => FILTER_NAMES.slice(at + 1).map((other) => [one, other]));
await measure(
  'two filters',
  pairs.map((names) => [names.join(' and '), filterBy(names)]),
);
await measure(
  'a filter and a month of receipt',
  FILTER_NAMES.map((name) => [name, (run) => ({ ...filterBy([name])(run), ...monthBy('received')(run) })]),
);
await measure(
  'values of two complaints, which few or none have together',
  pairs.map(([one, other]) => [
    `${one} and ${other}`,
    (run) => ({ filter: { ...filterBy([one])(run).filter, ...filterBy([other])(run + 1).filter } }),
  ]),
);

await readModels.close();
const peak = process.resourceUsage().maxRSS / 1024;
process.stdout.write(`${JSON.stringify({ queries, refused: refusals, peak })}\n`);
