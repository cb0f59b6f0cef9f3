import { Inject, Injectable } from '@nestjs/common';
import type { Projections } from '../../projections/runner/projections.js';
import { Text } from '../platform/fields.js';
import { Problem } from '../platform/http/problem.js';

export const PROJECTIONS = Symbol('Projections');

/** What every query takes: wait until the position of a reply is visible (correctness.md §3.16). */
export abstract class PositionedQuery {
  @Text({
    max: 64,
    pattern: /^[0-9]{1,20}(\/[0-9]{1,20})?$/,
    optional: true,
    description: 'The position of a reply: waits up to 5 s until the answer includes it',
  })
  readonly minPosition?: string;
}

const PATIENCE_MS = 5000;

/** Lets a query through when its read model has passed the position that was asked for. */
@Injectable()
export class ReadGate {
  constructor(@Inject(PROJECTIONS) private readonly projections: Projections) {}

  /** @throws Problem 503 `not_yet_visible`; the events are recorded all the same */
  async open(projection: string, { minPosition }: PositionedQuery): Promise<void> {
    if (minPosition === undefined) return;
    if (await this.projections.waitFor(projection, minPosition, PATIENCE_MS)) return;
    throw new Problem(503, 'not_yet_visible', 'what you wait for is recorded and not yet in this view', {
      headers: { 'retry-after': '1' },
    });
  }
}
