import type { StoredEvent } from '../eventstore/event-store.js';
import { eventAt } from './history.js';
import type { Model } from './model.js';
import {
  OperationInProgress,
  type DropResult,
  type Operation,
  type OperationResult,
  type OperationResults,
  type ParkedEvents,
  type RetryResult,
  type RetriedDocument,
  type SkipResult,
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

/** One handler for each kind of operation. */
const handlers: Handlers = {
  rebuild: (model, { keep = false }, signal) => requireBuilt(model).build({ swap: true, keep, signal }),
  compare: (model, _, signal) => requireBuilt(model).build({ swap: false, keep: false, signal }),
  drop: dropKeptCollection,
  pause: (model) => model.pause().then(() => null),
  resume: (model) => model.resume().then(() => null),
  parked: listParkedAndSkipped,
  retry: (model, { document }) => runOnReopenedModel(model, () => retryDocuments(model, document)),
  skip: (model, { request }) => skipEvent(model, request),
};

/** Operations of which one model runs only one at a time: each writes or compares data that another one changes. */
const EXCLUSIVE: readonly Operation['kind'][] = ['rebuild', 'compare', 'drop', 'retry', 'skip'];

/** Models with an exclusive operation in progress. */
const busyModels = new WeakSet<Model>();

/**
 * Executes an operation on one model. The signal cancels a rebuild or comparison.
 * @throws OperationInProgress when another exclusive operation is in progress, and errors of the stores
 */
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
  if (busyModels.has(model)) throw new OperationInProgress(model.name);
  busyModels.add(model);
  try {
    return await handler(model, operation, signal);
  } finally {
    busyModels.delete(model);
    model.interrupt();
  }
}

/**
 * Returns the model if it has a collection of the current version.
 * @throws OperationInProgress during the first build of a new version
 */
function requireBuilt(model: Model): Model {
  if (model.live.writer === undefined) throw new OperationInProgress(model.name);
  return model;
}

async function dropKeptCollection({ context: { control } }: Model): Promise<DropResult> {
  const dropped: string[] = [];
  await control.change(({ kept }) => {
    if (kept !== null) dropped.push(kept);
    return { kept: null };
  });
  for (const collection of dropped) await control.session.dropCollection(collection);
  return { dropped: dropped.length > 0 };
}

async function listParkedAndSkipped({ live, context: { control, projection } }: Model): Promise<ParkedEvents> {
  const record = await control.load();
  const documents = live.writer === undefined ? listParked(record.parked) : live.parked.list();
  return { documents, skipped: skipsOf(record, projection.version) };
}

/**
 * Runs the work between two batches of the model. Opens the model again before the work, so that the work starts from
 * the stored state, and after it, so that the loop continues from the stored checkpoint.
 */
function runOnReopenedModel<T>(model: Model, work: () => Promise<T>): Promise<T> {
  requireBuilt(model);
  return model.runBetweenBatches(async () => {
    await model.open();
    try {
      return await work();
    } finally {
      await model.open().catch(() => undefined); // the state of the model shows the error, and the loop retries
    }
  });
}

/** Retries one parked document, or all of them. */
async function retryDocuments(model: Model, only?: string): Promise<RetryResult> {
  const documents: RetriedDocument[] = [];
  for (const { document } of model.live.parked.list())
    if (only === undefined || document === only) documents.push(await retryDocument(model, document));
  return { name: model.name, documents };
}

async function retryDocument({ live, context }: Model, document: string): Promise<RetriedDocument> {
  const { writer, parked } = live;
  if (writer === undefined) throw new OperationInProgress(context.projection.name);
  const { session } = context.control;
  const skips = live.skips();
  const result = await retryParked({ ...context, session, collection: writer.collection, parked, skips }, document);
  await live.saveParked();
  return result;
}

/** Skips the event at which the model halted, or the first parked event of the document. */
async function skipEvent(model: Model, request: SkipRequest): Promise<SkipResult> {
  const { store } = model.context;
  const failed = model.halt?.event;
  if (failed?.document === request.document && failed.position === request.position) {
    const skip = await recordSkip(model, await eventAt(store, failed), request);
    await model.resume();
    return { skipped: true, skip };
  }
  return runOnReopenedModel(model, async () => {
    const first = model.live.parked.get(request.document);
    if (first?.position !== request.position) return { skipped: false, code: 'nothing_to_skip' };
    const skip = await recordSkip(model, await eventAt(store, first), request);
    return { skipped: true, skip, retried: await retryDocument(model, request.document) };
  });
}

/**
 * Records the skip in the model record; call it before the skip takes effect. Keeps a skip that is recorded already.
 */
async function recordSkip({ live, context }: Model, event: StoredEvent, request: SkipRequest) {
  const skip = skippedEvent(event, request);
  const { version } = context.projection;
  live.record = await context.control.change(({ skips }) => {
    const isKnown = skips.some(
      (known) => known.version === version && known.eventId === skip.eventId && known.document === skip.document,
    );
    return isKnown ? {} : { skips: [...skips, { version, ...skip }] };
  });
  return skip;
}
