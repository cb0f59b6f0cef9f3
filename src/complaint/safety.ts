import { personOf } from '../eventstore/envelope.js';
import type { ComplaintRecord } from './complaint-record.js';
import type { Progress } from './progress.js';

/** Who set the safety of a complaint, on which the second persons depend (I16, I25). */

export interface SafetyRecord {
  /** True while the latest assessment says that the complaint is safety-critical, or a safety flag stands. */
  readonly isSet: boolean;
  /** Number of the period during which safety stands, or last stood. */
  readonly period: number;
  /** Who set it in this episode, or since it last began to stand. A person who repeats what stands does not set it. */
  readonly setBy: readonly { readonly person: string; readonly period: number }[];
  /** Who was the last to set, lower or clear it. */
  readonly lastChangedBy?: string;
}

export const NO_SAFETY: SafetyRecord = { isSet: false, period: 0, setBy: [] };

/** True while safety is set. */
export const isSafetySet = ({ safetyAssessed, safetyFlagged }: SafetyProgress): boolean =>
  safetyAssessed || safetyFlagged;

type SafetyProgress = Pick<Progress, 'safetyAssessed' | 'safetyFlagged'>;

/** The record after the event; the same object if the event does not concern it. */
export function evolveSafety(
  safety: SafetyRecord,
  before: SafetyProgress,
  after: SafetyProgress,
  { type, metadata }: ComplaintRecord,
): SafetyRecord {
  const person = personOf(metadata);
  const isSet = isSafetySet(after);
  if (type === 'ComplaintReopened')
    return { ...safety, setBy: isSet ? safety.setBy.filter(({ period }) => period === safety.period) : [] };
  const sets = (after.safetyAssessed && !before.safetyAssessed) || (after.safetyFlagged && !before.safetyFlagged);
  const clears = (before.safetyAssessed && !after.safetyAssessed) || (before.safetyFlagged && !after.safetyFlagged);
  if (!sets) return clears ? { ...safety, isSet, lastChangedBy: person } : safety;
  const period = safety.isSet ? safety.period : safety.period + 1;
  return { isSet, period, setBy: [...safety.setBy, { person, period }], lastChangedBy: person };
}
