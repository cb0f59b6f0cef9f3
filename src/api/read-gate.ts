import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { setTimeout as pause } from 'node:timers/promises';
import { catalogue } from '../../projections/catalogue.js';
import { EVENT_STORE, StoreUnavailable, type EventStore } from '../eventstore/event-store.js';
import { currentAt } from '../projection/freshness.js';
import { headForProjections } from '../projection/history.js';
import type { Projections, ProjectionsStatus } from '../projection/projections.js';
import { fromEpochMilliseconds, toEpochMilliseconds } from '../platform/moment.js';
import { CLOCK, type Clock } from '../platform/clock.js';
import { Text } from '../platform/fields.js';
import { invalid } from '../platform/http/problem.js';
import { NotYetVisible } from '../readmodels/read-models.js';
import { problemOfUnknownValues, UnknownValues } from './known-values.js';

export const PROJECTIONS = Symbol('Projections');

/** Format of a position in the event store. */
export const POSITION = { pattern: /^[0-9]{1,20}(\/[0-9]{1,20})?$/, name: 'a position such as 1234 or 1234/1200' };

/** The parameter that all queries have. */
export abstract class PositionedQuery {
  @Text({
    max: 64,
    form: POSITION,
    optional: true,
    description: 'Position from the answer to a command; the query waits up to 5 s until it can include this position',
  })
  readonly minPosition?: string;
}

/** Digits of each number in a position of either store. */
const POSITION_DIGITS = 20;

/** A position as the stores write it: with leading zeros, because positions are compared as text. */
export const positionOf = (parameter: string): string =>
  parameter
    .split('/')
    .map((number) => number.padStart(POSITION_DIGITS, '0'))
    .join('/');

/** How fresh the answer to a query is. */
export interface View {
  /** The answer includes every event up to this position. */
  readonly position: string | null;
  /** Latest time at which the read model is known to have included all recorded events; earlier than now if it lags. */
  readonly currentAt: string | null;
}

const WAIT_TIMEOUT_MS = 5000;
const POLL_INTERVAL_MS = 1000;
/** How long a query waits for its position before the end of the log is read. */
const HEAD_CHECK_MS = 200;

/** Delays a query until its read model includes the requested position, and tells how fresh the read model is. */
@Injectable()
export class ReadGate implements OnApplicationShutdown {
  private readonly currentAtByProjection = new Map<string, string>();
  private readonly timer: NodeJS.Timeout;

  constructor(
    @Inject(EVENT_STORE) private readonly eventStore: EventStore,
    @Inject(PROJECTIONS) private readonly projections: Projections,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {
    this.timer = setInterval(() => {
      this.refresh();
    }, POLL_INTERVAL_MS).unref();
  }

  onApplicationShutdown(): void {
    clearInterval(this.timer);
  }

  /**
   * Waits until the read model includes `minPosition`, if the query has one.
   * @throws NotYetVisible after 5 s; the events up to this position are recorded nevertheless
   * @throws Problem 400 `position_after_end` if the log ends before this position
   */
  async open(projection: string, { minPosition }: PositionedQuery): Promise<View> {
    if (minPosition !== undefined && !(await this.waitFor(projection, positionOf(minPosition))))
      throw new NotYetVisible('the requested position is not visible in this view yet; send the same request again');
    const position = this.refresh().projections.find(({ name }) => name === projection)?.position ?? null;
    return { position, currentAt: this.currentAtByProjection.get(projection) ?? null };
  }

  /** Reads the end of the log only for a position that does not become visible soon, as after most commands. */
  private async waitFor(projection: string, position: string): Promise<boolean> {
    const visible = this.projections.waitFor(projection, position, WAIT_TIMEOUT_MS);
    if (await Promise.race([visible, pause(HEAD_CHECK_MS, false)])) return true;
    await this.requireInLog(position);
    return visible;
  }

  /** Reads the end of the log anew, because another process may have appended. @throws Problem 400 `position_after_end` */
  private async requireInLog(position: string): Promise<void> {
    let head: string | null;
    try {
      head = await this.eventStore.head();
    } catch (error) {
      if (error instanceof StoreUnavailable) return;
      throw error;
    }
    if (head !== null && position <= head) return;
    const end = head === null ? 'the log has no events' : `the log ends at position ${head}`;
    const message = `minPosition is after the end of the log: ${end}; send the position of an answer of this service`;
    throw invalid('position_after_end', [{ pointer: '/minPosition', code: 'position_after_end', message }]);
  }

  /**
   * Like {@link open}, for a query whose answer would be wrong without notice if the read model lacked recorded events.
   * @throws NotYetVisible also while the read model is being built
   */
  async openComplete(projection: string, query: PositionedQuery): Promise<View> {
    const view = await this.open(projection, query);
    if (this.projections.status().projections.find(({ name }) => name === projection)?.complete === true) return view;
    throw new NotYetVisible(`${projection} is being built from the log; send the same request again later`);
  }

  /**
   * Answers a query that refuses unknown values of filters. Before it refuses one, waits until the read models have caught
   * up with the log, and makes the query again: they may lack a complaint that was just recorded. If they do not catch up
   * within 5 s, or do not run, answers without the check.
   */
  async answer<T>(
    projections: readonly string[],
    { checked, unchecked }: { readonly checked: () => Promise<T>; readonly unchecked: () => Promise<T> },
  ): Promise<T> {
    try {
      return await checked();
    } catch (error) {
      if (!(error instanceof UnknownValues)) throw error;
      if (!(await this.catchUp(projections))) return unchecked();
    }
    return checked().catch((error: unknown) => {
      throw error instanceof UnknownValues ? problemOfUnknownValues(error) : error;
    });
  }

  /** Waits until the read models include every recorded event; false after 5 s, or if the log cannot be read. */
  private async catchUp(projections: readonly string[]): Promise<boolean> {
    try {
      const head = await headForProjections(this.eventStore, catalogue);
      if (head === null) return true;
      const waits = projections.map((name) => this.projections.waitFor(name, head, WAIT_TIMEOUT_MS));
      return (await Promise.all(waits)).every((caughtUp) => caughtUp);
    } catch (error) {
      if (error instanceof StoreUnavailable) return false;
      throw error;
    }
  }

  /** Stores the freshness of every read model that is running and caught up, and returns the status. */
  private refresh(): ProjectionsStatus {
    const now = toEpochMilliseconds(this.clock.now());
    const status = this.projections.status();
    for (const { name } of status.projections) {
      const at = currentAt(status, name, now);
      if (at !== undefined) this.currentAtByProjection.set(name, fromEpochMilliseconds(at));
    }
    return status;
  }
}
