import type { Role } from '../../src/access/actor.js';
import type { JsonObject } from '../../src/platform/json.js';
import { Client, type Reply } from '../support/client.js';
import { goldenBatches, goldenComplaints, type GoldenComplaint } from './complaints.js';
import { NOW } from './files.js';
import type { GoldenApp } from './golden-app.js';
import { INSTANTS, inFileName, QUEUES, REFUSED, TRAVELLERS, TRENDS } from './queries.js';

/**
 * What is asked of the golden store. Left out of the answers: `view` of every query, which says how fresh a read model is;
 * the cursors of the queue, whose form is the service's own; ids of batches that are opened when files are sent again.
 */
export interface Question {
  /** Names the file of the answer. */
  readonly name: string;
  ask(asked: Asked): Promise<unknown>;
}

/** An answer, or a problem with its code. */
type Body = JsonObject & { readonly code?: string };

/** The service that is asked, and the position that its answers include. */
export interface Asked {
  readonly app: GoldenApp;
  readonly head: string;
}

const complaints = goldenComplaints();
const single = complaints.filter(({ from }) => from === 'single');
const fromFiles = [...new Set(complaints.map(({ from }) => from))].filter((from) => from !== 'single');

export const questions: readonly Question[] = [
  ...single.map(({ name, id }) => ({ name: `files/${name}`, ask: (asked: Asked) => fileOf(asked, id) })),
  ...fromFiles.map((from) => ({
    name: `files/from-${from}`,
    ask: (asked: Asked) => forEach(cameFrom(from), ({ id }) => fileOf(asked, id)),
  })),
  ...single.map(({ name, id }) => ({ name: `history/${name}`, ask: (asked: Asked) => historyOf(asked, id) })),
  ...fromFiles.map((from) => ({
    name: `history/from-${from}`,
    ask: (asked: Asked) => forEach(cameFrom(from), ({ id }) => historyOf(asked, id)),
  })),
  { name: 'statuses', ask: (asked) => forEach(complaints, ({ id }) => standing(asked, id)) },
  ...(['handler', 'supervisor', 'upstream'] as const).map((role) => ({
    name: `allowed/as-${role}`,
    ask: (asked: Asked) => forEach(single, ({ id }) => allowedAs(asked, role, id)),
  })),
  ...INSTANTS.flatMap((instant) =>
    ['asOf', 'knownAt'].map((time) => ({
      name: `time-travel/${time}-${instant.slice(0, 10)}`,
      ask: (asked: Asked) => forEach(complaints, ({ id }) => standing(asked, id, `${time}=${instant}`)),
    })),
  ),
  ...TRAVELLERS.map((name) => ({
    name: `time-travel/${name}`,
    ask: (asked: Asked) => travels(asked, complaints.find((one) => one.name === name)?.id ?? name),
  })),
  ...QUEUES.map((query) => ({
    name: `queue/${inFileName(query)}`,
    ask: (asked: Asked) => page(asked, `${query}&limit=200`),
  })),
  { name: 'queue/page-by-page', ask: pages },
  ...TRENDS.map((query) => ({
    name: `trends/${inFileName(query)}`,
    ask: (asked: Asked) => ask(asked, 'analyst', `/v1/trends?${query}`),
  })),
  { name: 'reconciliation', ask: batches },
  { name: 'refused-queries', ask: (asked) => byQuery(REFUSED, (path) => refused(asked, path)) },
];

const cameFrom = (file: string): readonly GoldenComplaint[] => complaints.filter(({ from }) => from === file);

/** An answer without its view, once it includes the head. @throws Error when it is no answer */
async function ask(asked: Asked, as: Role, path: string): Promise<JsonObject> {
  const { status, body } = await get(asked, as, path);
  if (status !== 200) throw new Error(`${path} was answered ${String(status)} ${JSON.stringify(body)}`);
  const { view: _view, ...answer } = body;
  return answer;
}

function get({ app, head }: Asked, as: Role, path: string): Promise<Reply<Body>> {
  const positioned = path.includes('/history') ? path : `${path}${path.includes('?') ? '&' : '?'}minPosition=${head}`;
  return new Client(app).get<Body>(positioned, { as, headers: { 'x-correlation-id': 'golden' } });
}

async function fileOf(asked: Asked, id: string, query = ''): Promise<JsonObject> {
  const { commands: _commands, ...file } = await ask(asked, 'auditor', `/v1/complaints/${id}?${query}`);
  return file;
}

/** Of each event place, times, actor and hash. What it says is in rows.ndjson: the spec compares the two. */
async function historyOf(asked: Asked, id: string, query = ''): Promise<JsonObject[]> {
  const { events } = await ask(asked, 'auditor', `/v1/complaints/${id}/history?${query}`);
  return (events as JsonObject[]).map(({ data: _data, metadata: _metadata, ...entry }) => entry);
}

/** Stage, labels and company response; how it was refused where there is nothing to see yet. */
async function standing(asked: Asked, id: string, query = ''): Promise<JsonObject | string> {
  const { status, body } = await get(asked, 'auditor', `/v1/complaints/${id}?${query}`);
  if (status !== 200) return `${String(status)} ${body.code ?? ''}`;
  const named = [
    'reference',
    'revision',
    'episode',
    'stage',
    'stageLabel',
    'status',
    'response',
    'disputed',
    'outcome',
  ];
  return Object.fromEntries([...named, 'registerResponse'].map((name) => [name, body[name] ?? null]));
}

interface Allowed {
  readonly path: string;
  readonly allowed: boolean;
  readonly unmet: readonly { readonly code: string }[];
}

/** Per command `allowed`, or the codes of what is missing. */
async function allowedAs(asked: Asked, role: Role, id: string): Promise<JsonObject> {
  const { commands } = await ask(asked, role, `/v1/complaints/${id}`);
  const found = (commands as unknown as Allowed[]).map(({ path, allowed, unmet }) => [
    path,
    allowed ? 'allowed' : unmet.map(({ code }) => code).join('; '),
  ]);
  return Object.fromEntries(found) as JsonObject;
}

async function travels(asked: Asked, id: string): Promise<Record<string, unknown>> {
  const [first = '', , middle = '', last = ''] = INSTANTS;
  const pointsInTime = [
    `asOf=${middle}`,
    `knownAt=${middle}`,
    `asOf=${first}&knownAt=${last}`,
    'revision=0',
    'revision=3',
  ];
  return byQuery(pointsInTime, async (query) => ({
    file: await fileOf(asked, id, query).catch(String),
    revisions: (await historyOf(asked, id, query)).map(({ revision }) => revision),
  }));
}

async function page(asked: Asked, query: string): Promise<JsonObject & { readonly next: string | null }> {
  return (await ask(asked, 'handler', `/v1/queue?${query}`)) as JsonObject & { readonly next: string | null };
}

async function pages(asked: Asked): Promise<readonly unknown[]> {
  const found: unknown[] = [];
  for (let cursor = ''; ;) {
    const { items, next } = await page(asked, `limit=7${cursor}`);
    found.push((items as JsonObject[]).map(({ id }) => complaints.find((one) => one.id === id)?.name ?? id));
    if (next === null) return found;
    cursor = `&cursor=${next}`;
  }
}

/** Batches of before: those that the spec opens when it sends the files again are left out. */
async function batches(asked: Asked): Promise<Record<string, unknown>> {
  const until = `to=${NOW}`;
  const queries = [until, `source=shop&${until}`, `from=2026-03-12T00:00:00Z&${until}&limit=2`];
  const rejected = goldenBatches().map(async ({ name, id }) => {
    return [name, await ask(asked, 'auditor', `/v1/reconciliation/${id}/rejected`)] as const;
  });
  return {
    ...(await byQuery(queries, (query) => ask(asked, 'auditor', `/v1/reconciliation?${query}`))),
    rejected: Object.fromEntries(await Promise.all(rejected)),
  };
}

async function refused(asked: Asked, path: string): Promise<JsonObject> {
  const { status, body } = await get(asked, 'auditor', path);
  return { httpStatus: status, ...body };
}

async function forEach(
  some: readonly GoldenComplaint[],
  answer: (complaint: GoldenComplaint) => Promise<unknown>,
): Promise<Record<string, unknown>> {
  const found: Record<string, unknown> = {};
  for (const complaint of some) found[complaint.name] = await answer(complaint);
  return found;
}

async function byQuery(
  queries: readonly string[],
  answer: (query: string) => Promise<unknown>,
): Promise<Record<string, unknown>> {
  const found: Record<string, unknown> = {};
  for (const query of queries) found[query] = await answer(query);
  return found;
}
