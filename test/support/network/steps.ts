import { v4 as uuid } from 'uuid';
import type { Operation } from '../../../src/projection/operations.js';
import { eventually } from '../eventually.js';
import type { Cluster } from './cluster.js';

/** An operation, and the request of it at which the network is cut. */
export interface Step {
  readonly operation: Operation;
  /** Whether the bytes of a request to MongoDB, as latin1 text, are those of the request at which the cut begins. */
  readonly isCutPoint: (request: string) => boolean;
}

/**
 * Brings a settled cluster into a state in which the operation of a step is possible.
 * @param name of the model
 * @param note adds a note with this text to a complaint
 */
export type Preparation = (cluster: Cluster, name: string, note: (text: string) => Promise<void>) => Promise<Step>;

/** Matches a request that writes this text into the record of a model. */
const changesRecord = (text: string) => (request: string) =>
  request.includes('redress.models') && request.includes(text);

/** Cuts at the change of the record that makes a build live. */
const swap: Preparation = async (cluster, name) => {
  const { live, builds } = await cluster.record(name);
  const next = `${live?.slice(0, live.lastIndexOf('.')) ?? ''}.${String(builds + 1)}`;
  return { operation: { kind: 'rebuild', name }, isCutPoint: changesRecord(`"live":"${next}"`) };
};

/** As `swap`, in a rebuild that keeps the old collection. */
const swapAndKeep: Preparation = async (cluster, name, note) => {
  const { isCutPoint } = await swap(cluster, name, note);
  return { operation: { kind: 'rebuild', name, keep: true }, isCutPoint };
};

/**
 * Matches a request that moves the checkpoint of the timeline. It follows the write of the documents. In BSON, `\x02`
 * marks a text field and `\0` ends a name or a text.
 */
export const movesCheckpoint = (request: string): boolean =>
  request.includes('\x02update\0') && request.includes('redress.checkpoints\0') && request.includes('view.timeline@');

/** Matches a request that removes the entry of a collection. */
const removesCollection = (request: string): boolean =>
  request.includes('delete\0') && request.includes('redress.collections\0');

/** Cuts at the drop of the old collection after a swap. */
const drop: Preparation = (_, name) =>
  Promise.resolve({ operation: { kind: 'rebuild', name }, isCutPoint: removesCollection });

/** Cuts at the drop of a collection that a rebuild kept. */
const dropKept: Preparation = async (cluster, name) => {
  if ((await cluster.record(name)).kept === null) await cluster.executeUntilDone({ kind: 'rebuild', name, keep: true });
  return { operation: { kind: 'drop', name }, isCutPoint: removesCollection };
};

const pause: Preparation = (_, name) =>
  Promise.resolve({ operation: { kind: 'pause', name }, isCutPoint: changesRecord('"paused":true') });

const resume: Preparation = async (cluster, name) => {
  await cluster.executeUntilDone({ kind: 'pause', name });
  return { operation: { kind: 'resume', name }, isCutPoint: changesRecord('"paused":false') };
};

/** Parks an event of the timeline, whatever the model; cuts at the change of the record that skips the event. */
const skip: Preparation = async (cluster, _, note) => {
  const name = 'timeline';
  const text = uuid();
  cluster.makeUnfoldable(text);
  await note(text);
  const { document, position } = await eventually(async () => {
    const [first] = (await cluster.executeUntilDone({ kind: 'parked', name })).documents;
    if (first === undefined) throw new Error('nothing is parked');
    return first;
  });
  const request = { document, position, reason: text, by: { type: 'person', id: 'supervisor-1' }, at: SKIPPED_AT };
  return { operation: { kind: 'skip', name, request }, isCutPoint: changesRecord(text) };
};
const SKIPPED_AT = '2026-11-10T12:00:00.000Z';

/** Parks an event of the timeline and makes it foldable again; cuts at the change of the record after the retry. */
const retry: Preparation = async (cluster, name, note) => {
  const { operation } = await skip(cluster, name, note);
  cluster.makeUnfoldable('');
  return { operation: { kind: 'retry', name: operation.name }, isCutPoint: changesRecord('"parked":[]') };
};

export const PREPARATIONS = {
  swap,
  'swap and keep': swapAndKeep,
  drop,
  'drop of a kept collection': dropKept,
  pause,
  resume,
  skip,
  retry,
};
export type StepName = keyof typeof PREPARATIONS;
