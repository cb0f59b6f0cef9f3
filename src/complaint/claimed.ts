import type { Recorded } from '../eventstore/envelope.js';
import type { HouseRules } from '../house-policy/rules.js';
import { latest } from '../platform/moment.js';
import { plusHours } from './order.js';

/**
 * True if the time of the event is only claimed (I12): it was recorded more than the tolerance after it happened, and the
 * record is not the upstream system's own. A second person can confirm it.
 */
export const isClaimed = (
  { metadata: { occurredAt, occurredAtBasis, recordedAt, actor } }: Pick<Recorded, 'metadata'>,
  { recordingTolerance }: Pick<HouseRules, 'recordingTolerance'>,
): boolean =>
  occurredAtBasis !== 'recorded' &&
  actor.type !== 'upstream' &&
  plusHours(latest(occurredAt), recordingTolerance) < recordedAt;
