import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Position } from '../eventstore/event-store.js';
import type { ModelRecord } from '../readmodels/read-models.js';
import { collectionName, isBuiltBy, nextBuildNumber } from './collections.js';
import { compareCollections, type DocumentReader } from './comparison.js';
import { backOff, isTransient, retryStatus } from './failures.js';
import type { ModelContext } from './model-context.js';
import type { BuildReport } from './operations.js';
import { ParkedDocuments } from './parked-documents.js';
import { ProjectionWriter, type Parking } from './projection-writer.js';
import type { BuildProgress, RetryStatus } from './projections.js';
import { SkippedEvents, skipsOf } from './skipped-events.js';

/** The live collection, with which a build is compared. */
export interface LiveModel {
  readonly collection: string;
  /** False when its documents were folded from another history. */
  readonly isComparable: boolean;
  /** Its current position, which advances while the model folds events. */
  position(): Position | null;
  /** Ids of the documents with parked events. */
  parked(): readonly string[];
  /** Runs the work while the model folds no events and everything up to its position is written. */
  hold<T>(work: (position: Position | null) => Promise<T>): Promise<T>;
}

export interface BuildPlan {
  readonly live: LiveModel;
  /** Make the new collection live. If false, the build is only compared. */
  readonly swap: boolean;
  /** Keep the old collection after a swap. */
  readonly keep: boolean;
  /** Cancels the build when it aborts. */
  readonly signal: AbortSignal;
  /** Called after each page. */
  readonly onProgress: (progress: BuildProgress) => void;
  /** Called after an error that is retried. */
  readonly onRetry: (retry: RetryStatus) => void;
  /** Called when the new collection is live, before the old one is dropped. */
  readonly onSwapped: () => Promise<void>;
}

/**
 * Folds the history into a new collection, compares it with the live one, and makes it live if the plan says so. Uses
 * large batches and builds secondary indexes at the end. In a build that will be live no event is parked: an event that
 * fails ends the build. The swap is one conditional change of the model record. Drops the new collection unless it is
 * live or may be live. After a killed process, the next start drops it.
 */
export async function rebuild(context: ModelContext, plan: BuildPlan): Promise<BuildReport> {
  const { projection, control, readModels } = context;
  const { session } = control;
  const { signal, live } = plan;
  await nextTurn(); // delivers a pending cancellation before the build starts
  const build = await nextBuildNumber(readModels, await control.load());
  const collection = collectionName(projection, build);
  const record = await control.change({ building: collection, builds: build });
  const swap = { started: false };
  try {
    signal.throwIfAborted();
    await session.createCollection(collection, projection.indexes, 'later');
    const writer = new ProjectionWriter({ ...context, session, collection }, buildParking(context, plan, record));
    await writer.open();
    await foldTo(context, plan, writer, live.position());
    await session.buildIndexes(collection);
    return await live.hold(async (position) => {
      await foldTo(context, plan, writer, position);
      signal.throwIfAborted();
      const comparison = await compareWithLive(context, plan, writer);
      const willSwap = plan.swap && comparison.outcome !== 'refused';
      if (willSwap) {
        swap.started = true; // from here on queries may use the new collection
        await makeLive(context, plan, collection);
        await plan.onSwapped();
        // only one old collection is kept: the one kept before makes room for the one that was live
        const old = plan.keep ? record.kept : live.collection;
        if (old !== null) await session.dropCollection(old).catch(() => undefined); // the next start drops it
      }
      return {
        name: projection.name,
        position: writer.position,
        events: writer.events,
        swapped: willSwap,
        ...comparison,
        ...(willSwap && plan.keep && { kept: live.collection }),
      };
    });
  } catch (error) {
    if (signal.aborted && !swap.started) return cancelledReport(projection.name);
    throw error;
  } finally {
    if (!swap.started) await discardBuild(context, collection).catch(() => undefined); // the next start drops it
  }
}

/** Only a build for comparison parks events, as the live model does. Its parked events are not stored. */
function buildParking({ projection }: ModelContext, plan: BuildPlan, record: ModelRecord): Parking {
  const documents = new ParkedDocuments();
  return {
    allowed: !plan.swap,
    documents,
    skips: new SkippedEvents(skipsOf(record, projection.version)),
    save: () => {
      documents.markSaved();
      return Promise.resolve();
    },
  };
}

async function discardBuild({ control }: ModelContext, collection: string): Promise<void> {
  await control.session.dropCollection(collection);
  await control.change({ building: null });
}

/**
 * Makes the collection live. Repeats the change until a response arrives, because the change may succeed although its
 * response is lost; repeating it is harmless. Cannot be cancelled, because the outcome would then be unknown.
 */
async function makeLive(context: ModelContext, plan: BuildPlan, collection: string): Promise<void> {
  const { control, stopping, explainFailure } = context;
  const kept = plan.keep ? { kept: plan.live.collection } : {};
  for (let attempt = 0; ; attempt++) {
    try {
      await control.change({ live: collection, building: null, parked: [], ...kept });
      return;
    } catch (error) {
      if (!isTransient(error)) throw error;
      plan.onRetry(retryStatus(error, attempt + 1, explainFailure));
      await backOff(attempt, stopping);
      if (stopping.aborted) throw error;
    }
  }
}

/** Folds the events up to and including the position. Retries while the log or the read models are unavailable. */
async function foldTo(
  context: ModelContext,
  plan: BuildPlan,
  writer: ProjectionWriter,
  until: Position | null,
): Promise<void> {
  const { signal } = plan;
  for (let failures = 0; ;) {
    const before = writer.position;
    try {
      if (failures > 0) await writer.open();
      await foldPages(context, plan, writer, until);
      return;
    } catch (error) {
      signal.throwIfAborted();
      if (!isTransient(error)) throw error;
      failures = writer.position === before ? failures + 1 : 1;
      plan.onRetry(retryStatus(error, failures, context.explainFailure));
    }
    await backOff(failures - 1, AbortSignal.any([signal, context.stopping]));
    signal.throwIfAborted();
  }
}

async function foldPages(
  { feed, pacer }: ModelContext,
  { signal, onProgress }: BuildPlan,
  writer: ProjectionWriter,
  until: Position | null,
): Promise<void> {
  while (until !== null && (writer.cursor === null || writer.cursor < until)) {
    const startedAt = performance.now();
    const page = await feed.after(writer.cursor, signal);
    await writer.fold(page.upTo(until));
    if (writer.isFull) await writer.write();
    onProgress({ collection: writer.collection, position: writer.position });
    await pacer.yieldToCommands(performance.now() - startedAt, signal);
  }
  await writer.write({ alwaysCheckpoint: true });
}

/** Compares the new collection with the live one. Call it while the live model is held. */
async function compareWithLive(context: ModelContext, plan: BuildPlan, writer: ProjectionWriter) {
  const { projection, readModels, pacer } = context;
  const { live, signal } = plan;
  const reader: DocumentReader = { readModels, pause: (workedMs) => pacer.yieldToCommands(workedMs, signal) };
  const { nonDeterministicFields } = projection;
  const built = writer.collection;
  const none: readonly string[] = [];
  if (!live.isComparable) {
    const { digests } = await compareCollections(reader, nonDeterministicFields, built, null);
    return { outcome: 'uncomparable' as const, live: null, built: digests, differing: none, parked: none };
  }
  const parkedInBuild = writer.parking.documents.list().map(({ document }) => document);
  const parked = [...new Set([...live.parked(), ...parkedInBuild])];
  const { digests, other, differing } = await compareCollections(
    reader,
    nonDeterministicFields,
    built,
    live.collection,
  );
  const isEqual = differing.length === 0;
  // a rebuild of the same version must not lose parked events or change documents; a new version may
  const isSameVersion = isBuiltBy(projection, live.collection);
  const isRefused = plan.swap && isSameVersion && (!isEqual || parked.length > 0);
  const comparison = isEqual ? ('equal' as const) : ('different' as const);
  const outcome = isRefused ? ('refused' as const) : comparison;
  return { outcome, live: other, built: digests, differing, parked };
}

const cancelledReport = (name: string): BuildReport => ({
  name,
  position: null,
  events: 0,
  outcome: 'cancelled',
  swapped: false,
  live: null,
  built: null,
  differing: [],
  parked: [],
});
