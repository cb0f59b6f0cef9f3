import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Position } from '../eventstore/event-store.js';
import type { ModelRecord } from '../readmodels/read-models.js';
import { collectionName, nextBuild, versionOf } from './collections.js';
import { compareCollections, type ReadingPages } from './comparison.js';
import { backOff, errorMessage, isTransient } from './failures.js';
import type { ModelContext } from './model-context.js';
import type { BuildReport } from './operations.js';
import { ParkedDocuments } from './parked-documents.js';
import { ProjectionWriter, type Parking } from './projection-writer.js';
import type { BuildProgress, RetryTrouble } from './projections.js';
import { SkippedEvents, skipsOf } from './skipped-events.js';

/** The model that a build is compared with. */
export interface LiveModel {
  readonly collection: string;
  /** False when it was folded from another history: then there is nothing to compare. */
  readonly comparable: boolean;
  /** Where it stands now; it may go on. */
  position(): Position | null;
  /** Documents that wait for an event that could not be folded. */
  parked(): readonly string[];
  /** Runs the work while the model stays where it is, with everything written. */
  hold<T>(work: (position: Position | null) => Promise<T>): Promise<T>;
}

export interface BuildPlan {
  readonly live: LiveModel;
  /** Put it in the place of the live model. */
  readonly swap: boolean;
  /** Keep the old collection beside it. */
  readonly keep: boolean;
  readonly signal: AbortSignal;
  /** Called as the build goes on. */
  readonly progress: (progress: BuildProgress) => void;
  /** Called when something went wrong that is retried. */
  readonly trouble: (trouble: RetryTrouble) => void;
  /** Called once the new collection is live, before the old one is dropped. */
  readonly swapped: () => Promise<void>;
}

/**
 * Folds the history into a new collection beside the live one, by the same writer over the same feed: secondary indexes
 * last, large batches; where it is to be swapped in, every error is fatal. The swap is one conditional change of the
 * model's record. Leaves nothing behind unless it swaps, or may have; what a killed process leaves is dropped at the
 * next start.
 */
export async function rebuild(context: ModelContext, plan: BuildPlan): Promise<BuildReport> {
  const { projection, control, readModels } = context;
  const { session } = control;
  const { signal, live } = plan;
  await nextTurn(); // the caller may cancel at once
  const build = await nextBuild(readModels, await control.load());
  const collection = collectionName(projection, build);
  const record = await control.change({ building: collection, builds: build });
  const swap = { begun: false };
  try {
    signal.throwIfAborted();
    await session.createCollection(collection, projection.indexes, 'later');
    const writer = new ProjectionWriter({ ...context, session, collection }, parkingOf(context, plan, record));
    await writer.open();
    await foldTo(context, plan, writer, live.position());
    await session.buildIndexes(collection);
    return await live.hold(async (position) => {
      await foldTo(context, plan, writer, position);
      signal.throwIfAborted();
      const findings = await compare(context, plan, writer);
      const swaps = plan.swap && findings.outcome !== 'refused';
      if (swaps) {
        swap.begun = true; // from here on readers may have it
        await swapIn(context, plan, collection);
        await plan.swapped();
        const old = plan.keep ? record.kept : live.collection;
        if (old !== null) await session.dropCollection(old).catch(() => undefined); // the next start does it
      }
      return {
        name: projection.name,
        position: writer.position,
        events: writer.events,
        swapped: swaps,
        ...findings,
        ...(swaps && plan.keep && { kept: live.collection }),
      };
    });
  } catch (error) {
    if (signal.aborted && !swap.begun) return cancelled(projection.name);
    throw error; // after the swap has begun, nobody can say what was left
  } finally {
    if (!swap.begun) await giveUp(context, collection).catch(() => undefined); // the next start does it
  }
}

/** What is only compared may wait as it does in the live model; nothing of that is recorded. */
function parkingOf({ projection }: ModelContext, plan: BuildPlan, record: ModelRecord): Parking {
  const documents = new ParkedDocuments();
  return {
    allowed: !plan.swap,
    documents,
    skips: new SkippedEvents(skipsOf(record, projection.version)),
    save: () => {
      documents.recorded();
      return Promise.resolve();
    },
  };
}

async function giveUp({ control }: ModelContext, collection: string): Promise<void> {
  await control.session.dropCollection(collection);
  await control.change({ building: null });
}

/**
 * Makes the collection live. Asks until it is known: the answer to a swap that was done may be lost, and asked again it
 * changes nothing. Too late for a cancellation, which could not say what it left.
 */
async function swapIn({ control, stopping }: ModelContext, plan: BuildPlan, collection: string): Promise<void> {
  const kept = plan.keep ? { kept: plan.live.collection } : {};
  for (let attempt = 0; ; attempt++) {
    try {
      await control.change({ live: collection, building: null, parked: [], ...kept });
      return;
    } catch (error) {
      if (!isTransient(error)) throw error;
      plan.trouble({ attempt: attempt + 1, error: errorMessage(error) });
      await backOff(attempt, stopping);
      if (stopping.aborted) throw error;
    }
  }
}

/** Folds what stands between the writer and the position, inclusive. A log or read models that are away are waited for. */
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
      plan.trouble({ attempt: failures, error: errorMessage(error) });
    }
    await backOff(failures - 1, AbortSignal.any([signal, context.stopping]));
    signal.throwIfAborted();
  }
}

async function foldPages(
  { feed, pacer }: ModelContext,
  { signal, progress }: BuildPlan,
  writer: ProjectionWriter,
  until: Position | null,
): Promise<void> {
  while (until !== null && (writer.cursor === null || writer.cursor < until)) {
    const began = performance.now();
    const page = await feed.after(writer.cursor, signal);
    await writer.fold(page.upTo(until));
    if (writer.isFull) await writer.write();
    progress({ collection: writer.collection, position: writer.position });
    await pacer.yieldToCommands(performance.now() - began, signal);
  }
  await writer.write(true);
}

async function compare(context: ModelContext, plan: BuildPlan, writer: ProjectionWriter) {
  const { projection, readModels, pacer } = context;
  const { live, signal } = plan;
  const pages: ReadingPages = { readModels, pause: (worked) => pacer.yieldToCommands(worked, signal) };
  const { nonDeterministicFields } = projection;
  const built = writer.collection;
  const nothing: readonly string[] = [];
  if (!live.comparable) {
    const { digests } = await compareCollections(pages, nonDeterministicFields, built, null);
    return { outcome: 'uncomparable' as const, live: null, built: digests, differing: nothing, parked: nothing };
  }
  const waiting = writer.parking.documents.list().map(({ document }) => document);
  const parked = [...new Set([...live.parked(), ...waiting])];
  const { digests, other, differing } = await compareCollections(pages, nonDeterministicFields, built, live.collection);
  const equal = differing.length === 0;
  // what waits in the live model must not be lost by a swap that nobody looked at; a new version is the way out of it
  const sameVersion = versionOf(live.collection) === projection.version;
  const refused = plan.swap && sameVersion && (!equal || parked.length > 0);
  const outcome = refused ? ('refused' as const) : equal ? ('equal' as const) : ('different' as const);
  return { outcome, live: other, built: digests, differing, parked };
}

const cancelled = (name: string): BuildReport => ({
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
