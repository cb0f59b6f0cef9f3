import { setImmediate as nextTurn, setTimeout as pause } from 'node:timers/promises';

import { SubscriptionDropped, type EventStore, type Position, type StoredEvent } from '../eventstore/event-store.js';
import type { ReadModels } from '../readmodels/read-models.js';
import { attended } from './attended.js';
import { discard, keepLive, nextCollection, versionOf } from './collections.js';
import { differingIds, digestsBeside, digestsOf, type Pages } from './comparison.js';
import { EventBatch, type Decode } from './event-batch.js';
import { mayPass, pauseBefore } from './failures.js';
import type { Projection } from './projection.js';
import type { BuildReport } from './projections.js';
import { Projector, type ProjectorLimits } from './projector.js';

/** What folds histories into documents. */
export interface Workshop {
  readonly store: EventStore;
  readonly readModels: ReadModels;
  readonly decode: Decode;
  /** Prefixes of all projections: every model stands at positions of the same log. */
  readonly prefixes: readonly string[];
  /** Events folded before documents are written, while building. */
  readonly batchSize: number;
  readonly limits: ProjectorLimits;
  /**
   * Called with the milliseconds of a piece of work: lets others work, and for as long while commands are recorded, so
   * that a build is not felt in the answers to them.
   */
  readonly giveWay: (worked: number, signal: AbortSignal) => Promise<void>;
  /** Aborts when everything stops, and nobody waits for what a store may answer. */
  readonly stopping: AbortSignal;
}

/** The model that a build is compared with. */
export interface LiveModel {
  readonly collection: string;
  /** Where it stands now; it may go on. */
  position(): Promise<Position | null>;
  /** Where it stands, and it stays there. */
  hold(): Promise<Position | null>;
  /** False when it was folded from another history: then there is nothing to compare. */
  readonly comparable: boolean;
  /** Documents that wait for an event that could not be folded. */
  parked(): readonly string[];
}

export interface BuildPlan {
  readonly projection: Projection;
  readonly live: LiveModel;
  readonly swap: boolean;
  readonly keep: boolean;
  readonly signal: AbortSignal;
  /** Called as the build goes on. */
  readonly progress: (collection: string, position: Position | null) => void;
  /** Called when something went wrong that is tried again, with how often in a row. */
  readonly trouble: (attempt: number, error: unknown) => void;
}

/** `projector` goes on from where the build stands; only after a swap. The old collection is still there. */
export interface Built {
  readonly report: BuildReport;
  readonly projector?: Projector;
}

/**
 * Folds the history into a new collection beside the live one: secondary indexes last, large batches; where it is to
 * be swapped in, every error is fatal. Leaves nothing behind unless it swaps, or may have; what a killed process leaves
 * is dropped at the next start.
 */
export async function buildBeside(workshop: Workshop, plan: BuildPlan): Promise<Built> {
  const { readModels } = workshop;
  const { projection, live, signal } = plan;
  await nextTurn(); // whoever asked may have thought better of it
  const collection = await nextCollection(readModels, projection);
  await readModels.createCollection(collection, projection.indexes, 'later');
  let swapped = false;
  let mayBeLive = false;
  try {
    signal.throwIfAborted();
    const projector = new Projector(projection, collection, workshop.store, readModels, workshop.limits);
    projector.mayPark = !plan.swap; // what is only compared may wait as it does in the live one
    await projector.resume();
    await foldTo(workshop, plan, projector, await live.position());
    await readModels.buildIndexes(collection);
    await foldTo(workshop, plan, projector, await live.hold());
    signal.throwIfAborted();
    const findings = await compared(workshop, plan, projector);
    const { name } = projection;
    if (plan.swap && findings.outcome !== 'refused') {
      if (plan.keep) await keepLive(readModels, name, live.collection);
      mayBeLive = true;
      mayBeLive = swapped = await swappedIn(workshop, plan, collection);
      if (!swapped) throw new Error(`${name} is not ${live.collection} any more`);
      projector.mayPark = true;
    }
    const { position, folded: events } = projector;
    const report = {
      name,
      position,
      events,
      swapped,
      ...findings,
      ...(swapped && plan.keep && { kept: live.collection }),
    };
    return swapped ? { report, projector } : { report };
  } catch (error) {
    if (signal.aborted) return { report: cancelled(projection.name) };
    throw error;
  } finally {
    if (!mayBeLive) await discard(readModels, collection);
  }
}

/**
 * Asks until it is known whether the alias names the collection: the answer to a swap that was done may be lost. Too
 * late for a cancellation, which could not say what it left.
 */
async function swappedIn({ readModels, stopping }: Workshop, plan: BuildPlan, collection: string): Promise<boolean> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await readModels.swapAlias(plan.projection.name, plan.live.collection, collection);
    } catch (error) {
      if (!mayPass(error)) throw error;
      plan.trouble(attempt + 1, error);
    }
    await pause(pauseBefore(attempt), undefined, { signal: stopping });
  }
}

/** Folds what stands between the projector and the position, inclusive, over as many subscriptions as it takes. */
async function foldTo(
  workshop: Workshop,
  plan: BuildPlan,
  projector: Projector,
  until: Position | null,
): Promise<void> {
  let done = until === null || (projector.position !== null && projector.position >= until);
  for (let failures = 0; until !== null && !done;) {
    const before = projector.position;
    try {
      await foldSome(workshop, plan, projector, until);
      done = true;
    } catch (error) {
      if (!(error instanceof SubscriptionDropped)) throw error;
      failures = projector.position === before ? failures + 1 : 1;
      plan.trouble(failures, error);
      await pause(pauseBefore(failures - 1), undefined, { signal: plan.signal });
    }
  }
  await projector.flush();
}

/** The same over one subscription. @throws SubscriptionDropped when it ends too early */
async function foldSome(workshop: Workshop, plan: BuildPlan, projector: Projector, until: Position): Promise<void> {
  const { store, prefixes, batchSize } = workshop;
  const { signal } = plan;
  const source = { after: projector.position, prefixes, signal, batchSize };
  let began = performance.now();
  for await (const { events, caughtUp } of attended(store, source)) {
    signal.throwIfAborted();
    plan.progress(projector.collection, projector.position);
    const wanted = upTo(events, until);
    const batch = new EventBatch(wanted, workshop.decode);
    for (const { slice, start } of batch.slices()) {
      await projector.foldAhead(batch, slice, start);
      await workshop.giveWay(performance.now() - began, signal);
      began = performance.now();
    }
    await projector.take(batch);
    if (caughtUp || wanted.length < events.length || (projector.position ?? '') >= until) return;
    await workshop.giveWay(performance.now() - began, signal);
    began = performance.now();
  }
  signal.throwIfAborted();
  throw new SubscriptionDropped('the subscription ended by itself');
}

function upTo(page: readonly StoredEvent[], until: Position): readonly StoredEvent[] {
  const last = page.at(-1);
  return last === undefined || last.position <= until ? page : page.filter((event) => event.position <= until);
}

async function compared(workshop: Workshop, plan: BuildPlan, { collection, parked: waiting }: Projector) {
  const { projection, live, signal } = plan;
  const { readModels } = workshop;
  const pages: Pages = { readModels, pause: (worked) => workshop.giveWay(worked, signal) };
  const built = await digestsOf(pages, collection, projection.runFields);
  const nothing: readonly string[] = [];
  if (!live.comparable)
    return { outcome: 'uncomparable' as const, live: null, built, differing: nothing, parked: nothing };
  const parked = [...new Set([...live.parked(), ...waiting.list().map(({ document }) => document)])];
  const before = await digestsBeside(pages, live.collection, projection.runFields, built);
  const equal = before.digest === built.digest;
  const differing = equal ? [] : await differingIds(pages, live.collection, collection);
  // what waits in the live model must not be lost by a swap that nobody looked at; a new version is the way out of it
  const sameVersion = versionOf(live.collection) === projection.version;
  const refused = plan.swap && sameVersion && (!equal || parked.length > 0);
  const outcome = refused ? ('refused' as const) : equal ? ('equal' as const) : ('different' as const);
  return { outcome, live: before, built, differing, parked };
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
