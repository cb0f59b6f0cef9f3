import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { currentAt } from '../projection/freshness.js';
import type { Projections, ProjectionsStatus } from '../projection/projections.js';
import { fromEpochMilliseconds, toEpochMilliseconds } from '../platform/moment.js';
import { CLOCK, type Clock } from '../platform/clock.js';
import { Text } from '../platform/fields.js';
import { NotYetVisible } from '../readmodels/read-models.js';

export const PROJECTIONS = Symbol('Projections');

/** Format of a position in the event store. */
export const POSITION = { pattern: /^[0-9]{1,20}(\/[0-9]{1,20})?$/, name: 'a position such as 1234 or 1234/1200' };

/** The parameter that all queries have. */
export abstract class PositionedQuery {
  @Text({
    max: 64,
    form: POSITION,
    optional: true,
    description: 'Position of a reply; the query waits up to 5 s until its answer includes this position',
  })
  readonly minPosition?: string;
}

/** How fresh an answer is. */
export interface View {
  /** The answer includes every event up to this position. */
  readonly position: string | null;
  /** When the view was last known to include everything recorded: now, or earlier if it lags or a store is unavailable. */
  readonly currentAt: string | null;
}

const WAIT_TIMEOUT_MS = 5000;
const POLL_INTERVAL_MS = 1000;

/** Holds a query until its read model includes the requested position, and answers how fresh the read model is. */
@Injectable()
export class ReadGate implements OnApplicationShutdown {
  private readonly current = new Map<string, string>();
  private readonly timer: NodeJS.Timeout;

  constructor(
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

  /** @throws NotYetVisible after the timeout; the events are recorded */
  async open(projection: string, { minPosition }: PositionedQuery): Promise<View> {
    if (minPosition !== undefined && !(await this.projections.waitFor(projection, minPosition, WAIT_TIMEOUT_MS)))
      throw new NotYetVisible('the requested position is not visible in this view yet; send the same request again');
    const position = this.refresh().projections.find(({ name }) => name === projection)?.position ?? null;
    return { position, currentAt: this.current.get(projection) ?? null };
  }

  private refresh(): ProjectionsStatus {
    const now = toEpochMilliseconds(this.clock.now());
    const status = this.projections.status();
    for (const { name } of status.projections) {
      const at = currentAt(status, name, now);
      if (at !== undefined) this.current.set(name, fromEpochMilliseconds(at));
    }
    return status;
  }
}
