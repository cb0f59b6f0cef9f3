import { setTimeout as pause } from 'node:timers/promises';
import pMap from 'p-map';
import { dueDocuments, nextDueAfter, type DueCursor } from '../../projections/due-times/query.js';
import { dueTimes } from '../../projections/due-times/projection.js';
import type { Refused } from '../command/outcome.js';
import type { Outcome } from '../complaint/submission.js';
import type { Position } from '../eventstore/event-store.js';
import type { Clock } from '../platform/clock.js';
import type { Projections } from '../projection/projections.js';
import type { Queryable } from '../readmodels/active-model.js';
import { Deferrals } from './deferrals.js';
import { keyOf, planPage, sleepMs, type DueWork } from './due-plan.js';

export interface TimersOptions {
  readonly readModels: Queryable;
  readonly projections: Pick<Projections, 'status' | 'waitFor'>;
  readonly clock: Clock;
  /** Submits the command of a due time; the same due time always gives the same command id. */
  readonly submit: (work: DueWork) => Promise<Outcome>;
  readonly deferrals?: Deferrals;
  /** Called when the domain refuses a command for the first time. */
  readonly onRefused?: (work: DueWork, refusal: Refused) => void;
  /** Called with the error after which the timers wait and try again. */
  readonly onFailure?: (error: unknown) => void;
  /** Called after each pass over everything that is due. */
  readonly onSweep?: () => void;
  /** Maximum number of complaints per page, and of commands in progress. */
  readonly pageSize?: number;
  readonly concurrency?: number;
}

/** Maximum sleep in milliseconds: the clock may be set, and a new due time may be earlier than the awaited one. */
const CHECK_INTERVAL_MS = 1000;
const MAX_BACK_OFF_MS = 30_000;
const VISIBLE_TIMEOUT_MS = 10_000;

/** A store does not answer, the service is too busy, or the clock was set back: nothing is wrong with the command. */
class TryAgain extends Error {
  override readonly name = 'TryAgain';
}

/** What one pass over all due documents did. */
interface Sweep {
  /** Position of the last event that it recorded or found recorded. */
  readonly position: Position | null;
  /** The next due time that is ahead. */
  readonly next: string | null;
}

/**
 * Sends each command of the read model `due_times` when its time has come. It never sends a command before its time by
 * the clock, and sends those that were missed in the order of their times. A repeated command has the same command id,
 * so it is recorded once; one that fails is sent again until it is recorded or its due time is gone.
 */
export class Timers {
  private readonly deferrals: Deferrals;
  private failures = 0;

  constructor(private readonly options: TimersOptions) {
    this.deferrals = options.deferrals ?? new Deferrals();
  }

  /** Number of due commands that the domain has refused and that are tried again later. */
  get refused(): number {
    return this.deferrals.refused;
  }

  /** Works until the signal is aborted, and the commands in progress have their outcomes. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const seen = this.position;
      try {
        if (this.isComplete) {
          const { position, next } = await this.sweep(signal);
          this.failures = 0;
          this.options.onSweep?.();
          if (position === null) await this.sleepUntil(next, seen, signal);
          else await this.untilVisible(position, signal);
        } else await sleep(CHECK_INTERVAL_MS, signal);
      } catch (error) {
        this.failures += 1;
        this.options.onFailure?.(error);
        await sleep(Math.min(MAX_BACK_OFF_MS, 500 * 2 ** this.failures), signal);
      }
    }
  }

  /** Sends everything that is due, page by page. @throws TryAgain and errors of the read models */
  private async sweep(signal: AbortSignal): Promise<Sweep> {
    const { readModels, clock, pageSize = 256 } = this.options;
    const keys = new Set<string>();
    let position: Position | null = null;
    let next: string | null = null;
    let after: DueCursor | undefined;
    for (;;) {
      const now = clock.now();
      const documents = await dueDocuments(readModels, now, pageSize, after);
      const isLast = documents.length < pageSize;
      const plan = planPage(documents, now, isLast);
      next = earlier(next, plan.next);
      for (const work of plan.lists.flat()) keys.add(keyOf(work));
      position = latestOf(position, await this.send(plan.lists, signal));
      const last = documents.at(-1);
      if (signal.aborted) break;
      if (isLast || last?.nextDue == null) {
        this.deferrals.retain(keys);
        next = earlier(next, await nextDueAfter(readModels, now));
        break;
      }
      after = [last.nextDue, last.complaint];
    }
    return { position, next };
  }

  /** Sends the lists of several complaints at once, and each list in its order. Returns the last recorded position. */
  private async send(lists: readonly (readonly DueWork[])[], signal: AbortSignal): Promise<Position | null> {
    let position: Position | null = null;
    let failure: Error | undefined;
    await pMap(
      lists,
      async (list) => {
        for (const work of list) {
          if (failure !== undefined || signal.aborted) return;
          if (this.deferrals.isDeferred(keyOf(work), work.position)) continue;
          try {
            position = latestOf(position, await this.submit(work));
          } catch (error) {
            failure ??= error instanceof Error ? error : new Error(String(error));
          }
        }
      },
      { concurrency: this.options.concurrency ?? 16 },
    );
    if (failure !== undefined) throw failure;
    return position;
  }

  /** Returns the position of the recorded command; null if it was refused. @throws TryAgain */
  private async submit(work: DueWork): Promise<Position | null> {
    this.expectDue(work);
    const outcome = await this.options.submit(work);
    if (!outcome.accepted) this.expectDue(work);
    if (!outcome.accepted && (outcome.kind === 'busy' || outcome.kind === 'unavailable'))
      throw new TryAgain(outcome.unmet[0]?.message ?? outcome.code);
    const attempts = this.deferrals.defer(keyOf(work), work.position, !outcome.accepted);
    if (outcome.accepted) return outcome.position;
    // the complaint has changed, and the read model will show it; or it refuses the command for another reason
    if (attempts === 1) this.options.onRefused?.(work, outcome);
    return null;
  }

  /**
   * The clock may be set back during a pass. What is not due any more is then not sent and not counted as refused, so that
   * no later command of its complaint is sent before it. @throws TryAgain
   */
  private expectDue({ dueAt }: DueWork): void {
    if (dueAt > this.options.clock.now()) throw new TryAgain('the clock was set back');
  }

  /** Waits until the read model shows what was recorded, so that nothing is sent twice without need. */
  private async untilVisible(position: Position, signal: AbortSignal): Promise<void> {
    const stop = new AbortController();
    const visible = this.options.projections.waitFor(dueTimes.name, position, VISIBLE_TIMEOUT_MS);
    await Promise.race([visible, sleep(VISIBLE_TIMEOUT_MS, AbortSignal.any([signal, stop.signal]))]).finally(() => {
      stop.abort();
    });
  }

  /**
   * Sleeps until the clock reaches `next`, the read model changes, or a command that is still due is to be sent again. Looks at
   * the clock and at the known position once in a second, and reads nothing from a store.
   */
  private async sleepUntil(next: string | null, seen: Position | null, signal: AbortSignal): Promise<void> {
    const retryAt = performance.now() + this.deferrals.msUntilNext();
    do {
      const milliseconds = sleepMs(next, this.options.clock.now(), CHECK_INTERVAL_MS);
      if (milliseconds === 0) return;
      await sleep(milliseconds, signal);
    } while (!signal.aborted && this.position === seen && performance.now() < retryAt);
  }

  private get isComplete(): boolean {
    return this.status?.complete === true;
  }

  private get position(): Position | null {
    return this.status?.position ?? null;
  }

  private get status() {
    return this.options.projections.status().projections.find(({ name }) => name === dueTimes.name);
  }
}

const earlier = (one: string | null, other: string | null): string | null =>
  one === null || (other !== null && other < one) ? other : one;

const latestOf = (one: Position | null, other: Position | null): Position | null =>
  one === null || (other !== null && other > one) ? other : one;

const sleep = (milliseconds: number, signal: AbortSignal): Promise<void> =>
  pause(milliseconds, undefined, { signal }).catch(() => undefined);
