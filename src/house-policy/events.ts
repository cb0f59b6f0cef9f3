import { defineEvent, type EventOf } from '../eventstore/envelope.js';
import type { HouseRules } from './rules.js';

export const HousePolicyPublished = defineEvent<{
  readonly version: number;
  /** UTC RFC 3339: commands are decided by this version from this time on. */
  readonly effectiveFrom: string;
  /** All rules, not only those that changed. */
  readonly rules: HouseRules;
  readonly note?: string;
}>()('HousePolicyPublished', {
  personal: ['note'],
  open: ['effectiveFrom', 'rules.limits.*.currency', 'rules.identityWaiverLimit.*.currency'],
});

export const housePolicyEventTypes = [HousePolicyPublished] as const;
export type HousePolicyEvent = EventOf<(typeof housePolicyEventTypes)[number]>;
