import type { StoredEvent } from '../eventstore/event-store.js';
import type { ModelRecord, RecordedSkip } from '../readmodels/read-models.js';

/** An event that an operator excludes from one document, which then continues without it. */
export type SkippedEvent = Omit<RecordedSkip, 'version'>;

/** An operator's request to skip an event: its document and position, with actor, reason and time. */
export type SkipRequest = Pick<SkippedEvent, 'document' | 'position' | 'reason' | 'by' | 'at'>;

export const skippedEvent = (
  { stream, revision, type, eventId }: StoredEvent,
  { document, position, reason, by, at }: SkipRequest,
): SkippedEvent => ({ document, position, stream, revision, type, eventId, reason, by: { ...by }, at });

/** The recorded skips of one version, in the order of the events; its rebuilds skip the same events. */
export const skipsOf = (record: Pick<ModelRecord, 'skips'> | null, version: number): SkippedEvent[] =>
  (record?.skips ?? [])
    .filter((skip) => skip.version === version)
    .map(({ version: _version, ...skip }) => skip)
    .sort((a, b) => (a.position < b.position ? -1 : 1));

/**
 * The events that one version of a projection skips. They are identified by event id: in another history, the event at
 * the same position is not skipped.
 */
export class SkippedEvents {
  private readonly known: ReadonlySet<string>;

  constructor(skips: readonly SkippedEvent[]) {
    this.known = new Set(skips.map(({ document, eventId }) => `${eventId} ${document}`));
  }

  has(document: string, eventId: string): boolean {
    return this.known.size > 0 && this.known.has(`${eventId} ${document}`);
  }
}
