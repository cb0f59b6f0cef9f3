import type { StoredEvent } from '../eventstore/event-store.js';
import type { ModelRecord, RecordedSkip } from '../readmodels/read-models.js';

/** An event that an operator excludes from one document. */
export type SkippedEvent = Omit<RecordedSkip, 'version'>;

/** The request of an operator to skip an event for a document, with its actor, reason and time. */
export type SkipRequest = Pick<SkippedEvent, 'document' | 'position' | 'reason' | 'by' | 'at'>;

export const skippedEvent = (
  { stream, revision, type, eventId }: StoredEvent,
  { document, position, reason, by, at }: SkipRequest,
): SkippedEvent => ({ document, position, stream, revision, type, eventId, reason, by: { ...by }, at });

/**
 * The events that one version of the projection skips, ordered by position. A rebuild of that version skips them too.
 */
export const skipsOf = (record: Pick<ModelRecord, 'skips'> | null, version: number): SkippedEvent[] =>
  (record?.skips ?? [])
    .filter((skip) => skip.version === version)
    .map(({ version: _version, ...skip }) => skip)
    .sort((a, b) => (a.position < b.position ? -1 : 1));

/**
 * Looks up skipped events by document and event id. A position would not identify the event: in another history another
 * event may be at the same position.
 */
export class SkippedEvents {
  private readonly keys: ReadonlySet<string>;

  constructor(skips: readonly SkippedEvent[]) {
    this.keys = new Set(skips.map(({ document, eventId }) => `${eventId} ${document}`));
  }

  has(document: string, eventId: string): boolean {
    return this.keys.size > 0 && this.keys.has(`${eventId} ${document}`);
  }
}
