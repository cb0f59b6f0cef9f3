import type { Role } from '../../src/access/actor.js';
import type { JsonObject } from '../../src/platform/json.js';
import { Client, type Reply } from '../support/client.js';
import { goldenBatches, goldenComplaints, type GoldenComplaint } from './complaints.js';
import { NOW } from './files.js';
import type { GoldenApp } from './golden-app.js';
import { INSTANTS, inFileName, POINT_IN_TIME_COMPLAINTS, QUEUES, REFUSED, TRENDS } from './queries.js';

/**
 * One or more queries of the golden store, whose answers are recorded in one file. The answers leave out the member `view`
 * (the age of the read model), the cursors of the queue (their form may change) and the batches that are opened when files
 * are sent again.
 */
export interface GoldenQuery {
  /** Name of the file with the answer. */
  readonly name: string;
  answer(target: Target): Promise<unknown>;
}

/** An answer, or a problem with its code. */
type Body = JsonObject & { readonly code?: string };

/** The service that gets the queries, and the position that its answers must include. */
export interface Target {
  readonly app: GoldenApp;
  readonly head: string;
}

const complaints = goldenComplaints();
const singleComplaints = complaints.filter(({ from }) => from === 'single');
const sourceFiles = [...new Set(complaints.map(({ from }) => from))].filter((from) => from !== 'single');

export const goldenQueries: readonly GoldenQuery[] = [
  ...singleComplaints.map(({ name, id }) => ({
    name: `files/${name}`,
    answer: (target: Target) => fileOf(target, id),
  })),
  ...sourceFiles.map((from) => ({
    name: `files/from-${from}`,
    answer: (target: Target) => forEach(complaintsFrom(from), ({ id }) => fileOf(target, id)),
  })),
  ...singleComplaints.map(({ name, id }) => ({
    name: `history/${name}`,
    answer: (target: Target) => historyOf(target, id),
  })),
  ...sourceFiles.map((from) => ({
    name: `history/from-${from}`,
    answer: (target: Target) => forEach(complaintsFrom(from), ({ id }) => historyOf(target, id)),
  })),
  { name: 'statuses', answer: (target) => forEach(complaints, ({ id }) => summaryOf(target, id)) },
  ...(['handler', 'supervisor', 'upstream'] as const).map((role) => ({
    name: `allowed/as-${role}`,
    answer: (target: Target) => forEach(singleComplaints, ({ id }) => allowedAs(target, role, id)),
  })),
  ...INSTANTS.flatMap((instant) =>
    ['asOf', 'knownAt'].map((time) => ({
      name: `time-travel/${time}-${instant.slice(0, 10)}`,
      answer: (target: Target) => forEach(complaints, ({ id }) => summaryOf(target, id, `${time}=${instant}`)),
    })),
  ),
  ...POINT_IN_TIME_COMPLAINTS.map((name) => ({
    name: `time-travel/${name}`,
    answer: (target: Target) =>
      atPointsInTime(target, complaints.find((complaint) => complaint.name === name)?.id ?? name),
  })),
  ...QUEUES.map((query) => ({
    name: `queue/${inFileName(query)}`,
    answer: (target: Target) => queuePage(target, `${query}&limit=200`),
  })),
  { name: 'queue/page-by-page', answer: queuePages },
  ...TRENDS.map((query) => ({
    name: `trends/${inFileName(query)}`,
    answer: (target: Target) => bodyOf(target, 'analyst', `/v1/trends?${query}`),
  })),
  { name: 'reconciliation', answer: reconciliation },
  { name: 'refused-queries', answer: (target) => byQuery(REFUSED, (path) => refusal(target, path)) },
];

const complaintsFrom = (file: string): readonly GoldenComplaint[] => complaints.filter(({ from }) => from === file);

/** The answer to a query, which includes the head, without its `view`. @throws Error if the status is not 200 */
async function bodyOf(target: Target, as: Role, path: string): Promise<JsonObject> {
  const { status, body } = await get(target, as, path);
  if (status !== 200) throw new Error(`${path} was answered ${String(status)} ${JSON.stringify(body)}`);
  const { view: _view, ...answer } = body;
  return answer;
}

/** Sends a query; all except the history wait for the head. */
function get({ app, head }: Target, as: Role, path: string): Promise<Reply<Body>> {
  const positioned = path.includes('/history') ? path : `${path}${path.includes('?') ? '&' : '?'}minPosition=${head}`;
  return new Client(app).get<Body>(positioned, {
    as,
    headers: { 'x-correlation-id': 'golden', 'accept-language': 'zh' },
  });
}

/** The complaint file without the list of commands. */
async function fileOf(target: Target, id: string, query = ''): Promise<JsonObject> {
  const { commands: _commands, ...file } = await bodyOf(target, 'auditor', `/v1/complaints/${id}?${query}`);
  return file;
}

/** Place, times, actor and hash of each event. golden.spec.ts compares data and metadata with rows.ndjson. */
async function historyOf(target: Target, id: string, query = ''): Promise<JsonObject[]> {
  const { events } = await bodyOf(target, 'auditor', `/v1/complaints/${id}/history?${query}`);
  return (events as JsonObject[]).map(({ data: _data, metadata: _metadata, ...entry }) => entry);
}

async function revisionsOf(target: Target, id: string, query: string): Promise<unknown[]> {
  return (await historyOf(target, id, query)).map(({ revision }) => revision);
}

/** Stage, status and company response; if the query is refused, HTTP status and code. */
async function summaryOf(target: Target, id: string, query = ''): Promise<JsonObject | string> {
  const { status, body } = await get(target, 'auditor', `/v1/complaints/${id}?${query}`);
  if (status !== 200) return `${String(status)} ${body.code ?? ''}`;
  const fields = [
    'reference',
    'revision',
    'episode',
    'stage',
    'stageLabel',
    'status',
    'statusLabel',
    'response',
    'disputed',
    'outcome',
  ];
  return Object.fromEntries([...fields, 'registerResponse'].map((name) => [name, body[name] ?? null]));
}

interface Allowed {
  readonly path: string;
  readonly allowed: boolean;
  readonly unmet: readonly { readonly code: string }[];
}

/** For each command `allowed`, or the codes of the unmet conditions. */
async function allowedAs(target: Target, role: Role, id: string): Promise<JsonObject> {
  const { commands } = await bodyOf(target, role, `/v1/complaints/${id}`);
  const entries = (commands as unknown as Allowed[]).map(({ path, allowed, unmet }) => [
    path,
    allowed ? 'allowed' : unmet.map(({ code }) => code).join('; '),
  ]);
  return Object.fromEntries(entries) as JsonObject;
}

/** The complaint file and the revisions of its history at several points in time. */
async function atPointsInTime(target: Target, id: string): Promise<Record<string, unknown>> {
  const [early = '', , middle = '', late = ''] = INSTANTS;
  const pointsInTime = [
    `asOf=${middle}`,
    `knownAt=${middle}`,
    `asOf=${early}&knownAt=${late}`,
    'revision=0',
    'revision=3',
  ];
  return byQuery(pointsInTime, async (query) => ({
    file: await fileOf(target, id, query).catch(String),
    revisions: await revisionsOf(target, id, query).catch(String),
  }));
}

async function queuePage(target: Target, query: string): Promise<JsonObject & { readonly next: string | null }> {
  return (await bodyOf(target, 'handler', `/v1/queue?${query}`)) as JsonObject & { readonly next: string | null };
}

/** The names of the complaints on each page of the whole queue. */
async function queuePages(target: Target): Promise<readonly unknown[]> {
  const pages: unknown[] = [];
  for (let cursor = ''; ;) {
    const { items, next } = await queuePage(target, `limit=7${cursor}`);
    pages.push(
      (items as JsonObject[]).map(({ id }) => complaints.find((complaint) => complaint.id === id)?.name ?? id),
    );
    if (next === null) return pages;
    cursor = `&cursor=${next}`;
  }
}

/** Reconciliation and rejected lines, without the batches that are opened when files are sent again. */
async function reconciliation(target: Target): Promise<Record<string, unknown>> {
  const until = `to=${NOW}`;
  const queries = [until, `source=shop&${until}`, `from=2026-03-12T00:00:00Z&${until}&limit=2`];
  const rejected = goldenBatches().map(async ({ name, id }) => {
    return [name, await bodyOf(target, 'auditor', `/v1/reconciliation/${id}/rejected`)] as const;
  });
  return {
    ...(await byQuery(queries, (query) => bodyOf(target, 'auditor', `/v1/reconciliation?${query}`))),
    rejected: Object.fromEntries(await Promise.all(rejected)),
  };
}

/** The status and the problem with which a query is refused. */
async function refusal(target: Target, path: string): Promise<JsonObject> {
  const { status, body } = await get(target, 'auditor', path);
  return { httpStatus: status, ...body };
}

/** The answers for complaints, by their names. */
async function forEach(
  complaintsToQuery: readonly GoldenComplaint[],
  answer: (complaint: GoldenComplaint) => Promise<unknown>,
): Promise<Record<string, unknown>> {
  const answers: Record<string, unknown> = {};
  for (const complaint of complaintsToQuery) answers[complaint.name] = await answer(complaint);
  return answers;
}

/** The answers to queries, by the queries. */
async function byQuery(
  queries: readonly string[],
  answer: (query: string) => Promise<unknown>,
): Promise<Record<string, unknown>> {
  const answers: Record<string, unknown> = {};
  for (const query of queries) answers[query] = await answer(query);
  return answers;
}
