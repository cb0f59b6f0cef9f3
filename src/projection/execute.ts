import type { StoredEvent } from '../eventstore/event-store.js';
import { eventAt } from './history.js';
import type { Model } from './model.js';
import {
  BuildUnderWay,
  type Dropped,
  type Operation,
  type OperationResult,
  type OperationResults,
  type Parked,
  type Retried,
  type RetriedDocument,
  type Skipped,
} from './operations.js';
import { listParked } from './parked-documents.js';
import { retryParked } from './retry-parked.js';
import { skippedEvent, skipsOf, type SkipRequest } from './skipped-events.js';

type Handlers = {
  readonly [K in Operation['kind']]: (
    model: Model,
    operation: Extract<Operation, { kind: K }>,
    signal: AbortSignal,
  ) => Promise<OperationResults[K]>;
};

/** The only place that executes operations on projections. */
const handlers: Handlers = {
  rebuild: (model, { keep = false }, signal) => built(model).build({ swap: true, keep, signal }),
  compare: (model, _, signal) => built(model).build({ swap: false, keep: false, signal }),
  drop: dropKept,
  pause: (model) => model.pause().then(() => null),
  resume: (model) => model.resume().then(() => null),
  parked: parkedOf,
  retry: (model, { document }) => inTurn(model, () => retry(model, document)),
  skip: (model, { request }) => skip(model, request),
};

/** Mutually exclusive operations: each writes, or compares with, data that another would change. */
const EXCLUSIVE: readonly Operation['kind'][] = ['rebuild', 'compare', 'drop', 'retry', 'skip'];

/** Models with an exclusive operation in progress. */
const busy = new WeakSet<Model>();

/** @throws BuildUnderWay, and the errors of the stores */
export async function execute<O extends Operation>(
  model: Model,
  operation: O,
  signal: AbortSignal,
): Promise<OperationResult<O>> {
  const handler = handlers[operation.kind] as (
    model: Model,
    operation: Operation,
    signal: AbortSignal,
  ) => Promise<OperationResult<O>>;
  if (!EXCLUSIVE.includes(operation.kind)) return handler(model, operation, signal);
  if (busy.has(model)) throw new BuildUnderWay(model.name);
  busy.add(model);
  try {
    return await handler(model, operation, signal);
  } finally {
    busy.delete(model);
    model.interrupt();
  }
}

/** @throws BuildUnderWay during the first build of a new version */
function built(model: Model): Model {
  if (model.live.writer === undefined) throw new BuildUnderWay(model.name);
  return model;
}

async function dropKept({ context: { control } }: Model): Promise<Dropped> {
  const dropped: string[] = [];
  await control.change(({ kept }) => {
    if (kept !== null) dropped.push(kept);
    return { kept: null };
  });
  for (const collection of dropped) await control.session.dropCollection(collection);
  return { dropped: dropped.length > 0 };
}

async function parkedOf({ live, context: { control, projection } }: Model): Promise<Parked> {
  const record = await control.load();
  const documents = live.writer === undefined ? listParked(record.parked) : live.parked.list();
  return { documents, skipped: skipsOf(record, projection.version) };
}

/**
 * Holds the model at its checkpoint, reopens it, processes its parked events, and continues from the stored checkpoint.
 */
function inTurn<T>(model: Model, work: () => Promise<T>): Promise<T> {
  built(model);
  return model.turn(async () => {
    await model.open();
    try {
      return await work();
    } finally {
      await model.open().catch(() => undefined); // the state reports the error, and the loop retries
    }
  });
}

async function retry(model: Model, document?: string): Promise<Retried> {
  const documents: RetriedDocument[] = [];
  for (const parked of model.live.parked.list())
    if (document === undefined || parked.document === document) documents.push(await retryOne(model, parked.document));
  return { name: model.name, documents };
}

async function retryOne({ live, context }: Model, document: string): Promise<RetriedDocument> {
  const { writer, parked } = live;
  if (writer === undefined) throw new BuildUnderWay(context.projection.name);
  const { session } = context.control;
  const skips = live.skips();
  const result = await retryParked({ ...context, session, collection: writer.collection, parked, skips }, document);
  await live.saveParked();
  return result;
}

/** For the event at which the model halted, or the first event parked for the document. */
async function skip(model: Model, request: SkipRequest): Promise<Skipped> {
  const { store } = model.context;
  const { event } = model.halt ?? {};
  if (event?.document === request.document && event.position === request.position) {
    const skip = await recordSkip(model, await eventAt(store, event), request);
    await model.resume();
    return { skipped: true, skip };
  }
  return inTurn(model, async () => {
    const first = model.live.parked.get(request.document);
    if (first?.position !== request.position) return { skipped: false, code: 'nothing_to_skip' };
    const skip = await recordSkip(model, await eventAt(store, first), request);
    return { skipped: true, skip, retried: await retryOne(model, request.document) };
  });
}

/** Recorded before it takes effect; a skip that is recorded already does not change. */
async function recordSkip({ live, context }: Model, event: StoredEvent, request: SkipRequest) {
  const skip = skippedEvent(event, request);
  const { version } = context.projection;
  live.record = await context.control.change(({ skips }) => {
    const isKnown = skips.some(
      (one) => one.version === version && one.eventId === skip.eventId && one.document === skip.document,
    );
    return isKnown ? {} : { skips: [...skips, { version, ...skip }] };
  });
  return skip;
}
