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

/** The live model that a build is compared with. */
export interface LiveModel {
  readonly collection: string;
  /** False when it belongs to another history: then no comparison is possible. */
  readonly comparable: boolean;
  /** Its current position; it may advance. */
  position(): Position | null;
  /** Documents with parked events. */
  parked(): readonly string[];
  /** Runs the work while the model is held at its position, with everything written. */
  hold<T>(work: (position: Position | null) => Promise<T>): Promise<T>;
}

export interface BuildPlan {
  readonly live: LiveModel;
  /** Swap it with the live model. */
  readonly swap: boolean;
  /** Keep the old collection. */
  readonly keep: boolean;
  readonly signal: AbortSignal;
  /** Called when the build advances. */
  readonly progress: (progress: BuildProgress) => void;
  /** Called on an error that is retried. */
  readonly trouble: (trouble: RetryTrouble) => void;
  /** Called once the new collection is live, before the old one is dropped. */
  readonly swapped: () => Promise<void>;
}

/**
 * Folds the history into a new collection beside the live one, with the same writer and feed: large batches, secondary
 * indexes last; every error is fatal when the result is to be swapped in. The swap is one conditional change of the
 * record of the model. Removes its collection unless it swaps, or may have swapped; the next start drops leftovers of a
 * killed process.
 */
export async function rebuild(context: ModelContext, plan: BuildPlan): Promise<BuildReport> {
  const { projection, control, readModels } = context;
  const { session } = control;
  const { signal, live } = plan;
  await nextTurn(); // the caller may cancel at once
  const build = await nextBuild(readModels, await control.load());
  const collection = collectionName(projection, build);
  const record = await control.change({ building: collection, builds: build });
  const swap = { started: false };
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
        swap.started = true; // from here on queries may use the new collection
        await swapIn(context, plan, collection);
        await plan.swapped();
        const old = plan.keep ? record.kept : live.collection;
        if (old !== null) await session.dropCollection(old).catch(() => undefined); // the next start drops it
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
    if (signal.aborted && !swap.started) return cancelled(projection.name);
    throw error; // once the swap has started, the outcome may be unknown
  } finally {
    if (!swap.started) await giveUp(context, collection).catch(() => undefined); // the next start drops it
  }
}

/** A build for comparison only may park events as the live model does; its entries are not recorded. */
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
 * Makes the collection live. Retries until the outcome is known: the response to a successful swap may be lost, and a
 * repeated swap changes nothing. Cannot be cancelled, because the outcome would be unknown.
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

/** Folds the events up to the position, inclusive. Retries while the log or the read models are unavailable. */
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
  // an unattended swap must not lose parked events of the live model; a new version may replace them
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
