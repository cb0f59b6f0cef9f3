import { v4 as uuid } from 'uuid';
import type { Operation } from '../../../src/projection/operations.js';
import { eventually } from '../eventually.js';
import type { Cluster } from './cluster.js';

/** An operation, and the bytes of the request with which a cut is to begin. */
export interface Step {
  readonly operation: Operation;
  readonly sent: (request: string) => boolean;
}

/** Makes a step of a kind possible on a model, on a cluster that has settled. */
export type Preparation = (cluster: Cluster, name: string, note: (text: string) => Promise<void>) => Promise<Step>;

const changes = (part: string) => (request: string) => request.includes('redress.models') && request.includes(part);

/** The change of the record by which a build becomes live. */
const swap: Preparation = async (cluster, name) => {
  const { live, builds } = await cluster.record(name);
  const next = `${live?.slice(0, live.lastIndexOf('.')) ?? ''}.${String(builds + 1)}`;
  return { operation: { kind: 'rebuild', name }, sent: changes(`"live":"${next}"`) };
};

/** The same, with the old collection kept. */
const swapAndKeep: Preparation = async (cluster, name, note) => {
  const { sent } = await swap(cluster, name, note);
  return { operation: { kind: 'rebuild', name, keep: true }, sent };
};

/** The checkpoint of the timeline, which every command moves, behind its documents. */
export const movesCheckpoint = (request: string): boolean =>
  request.includes('\x02update\0') && request.includes('redress.checkpoints\0') && request.includes('view.timeline@');

const removal = (request: string): boolean => request.includes('delete\0') && request.includes('redress.collections\0');

/** The drop of the old collection after a swap. */
const drop: Preparation = (_, name) => Promise.resolve({ operation: { kind: 'rebuild', name }, sent: removal });

/** The drop of a collection that was kept. */
const dropKept: Preparation = async (cluster, name) => {
  if ((await cluster.record(name)).kept === null) await cluster.done({ kind: 'rebuild', name, keep: true });
  return { operation: { kind: 'drop', name }, sent: removal };
};

const pause: Preparation = (_, name) =>
  Promise.resolve({ operation: { kind: 'pause', name }, sent: changes('"paused":true') });

const resume: Preparation = async (cluster, name) => {
  await cluster.done({ kind: 'pause', name });
  return { operation: { kind: 'resume', name }, sent: changes('"paused":false') };
};

/** The skip of an event of the timeline that cannot be folded. */
const skip: Preparation = async (cluster, _, note) => {
  const name = 'timeline';
  const mark = uuid();
  cluster.breaks(mark);
  await note(mark);
  const { document, position } = await eventually(async () => {
    const [first] = (await cluster.done({ kind: 'parked', name })).documents;
    if (first === undefined) throw new Error('nothing is parked');
    return first;
  });
  const request = { document, position, reason: mark, by: { type: 'person', id: 'supervisor-1' }, at: AT };
  return { operation: { kind: 'skip', name, request }, sent: changes(mark) };
};
const AT = '2026-11-10T12:00:00.000Z';

/** The retry of an event that can be folded by now. */
const retry: Preparation = async (cluster, name, note) => {
  const { operation } = await skip(cluster, name, note);
  cluster.breaks('');
  return { operation: { kind: 'retry', name: operation.name }, sent: changes('"parked":[]') };
};

export const PREPARATIONS = {
  swap,
  'swap and keep': swapAndKeep,
  drop,
  'drop of what is kept': dropKept,
  pause,
  resume,
  skip,
  retry,
};
export type StepName = keyof typeof PREPARATIONS;
