import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { currentAt } from '../projection/freshness.js';
import type { Projections, ProjectionsStatus } from '../projection/projections.js';
import { fromEpochMilliseconds, toEpochMilliseconds } from '../platform/moment.js';
import { CLOCK, type Clock } from '../platform/clock.js';
import { Text } from '../platform/fields.js';
import { NotYetVisible } from '../readmodels/read-models.js';

export const PROJECTIONS = Symbol('Projections');

/** What every query takes: wait until the position of a reply is visible. */
export abstract class PositionedQuery {
  @Text({
    max: 64,
    pattern: /^[0-9]{1,20}(\/[0-9]{1,20})?$/,
    optional: true,
    description: 'The position of a reply: waits up to 5 s until the answer includes it',
  })
  readonly minPosition?: string;
}

/** How fresh an answer is. */
export interface View {
  /** Everything up to here is in it. */
  readonly position: string | null;
  /** When it was last known to show everything that is recorded: now, or earlier while it lags or a store is away. */
  readonly currentAt: string | null;
}

const PATIENCE_MS = 5000;
const POLL_INTERVAL_MS = 1000;

/** Lets a query through when its read model has passed the position that was asked for, and says how fresh it is. */
@Injectable()
export class ReadGate implements OnApplicationShutdown {
  private readonly current = new Map<string, string>();
  private readonly timer: NodeJS.Timeout;

  constructor(
    @Inject(PROJECTIONS) private readonly projections: Projections,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {
    this.timer = setInterval(() => {
      this.look();
    }, POLL_INTERVAL_MS).unref();
  }

  onApplicationShutdown(): void {
    clearInterval(this.timer);
  }

  /** @throws NotYetVisible; the events are recorded all the same */
  async open(projection: string, { minPosition }: PositionedQuery): Promise<View> {
    if (minPosition !== undefined && !(await this.projections.waitFor(projection, minPosition, PATIENCE_MS)))
      throw new NotYetVisible('what you wait for is recorded and not yet in this view');
    const position = this.look().projections.find(({ name }) => name === projection)?.position ?? null;
    return { position, currentAt: this.current.get(projection) ?? null };
  }

  private look(): ProjectionsStatus {
    const now = toEpochMilliseconds(this.clock.now());
    const status = this.projections.status();
    for (const { name } of status.projections) {
      const at = currentAt(status, name, now);
      if (at !== undefined) this.current.set(name, fromEpochMilliseconds(at));
    }
    return status;
  }
}
