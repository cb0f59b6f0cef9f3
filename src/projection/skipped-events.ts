import type { StoredEvent } from '../eventstore/event-store.js';
import type { ModelRecord, RecordedSkip } from '../readmodels/read-models.js';

/** A document goes on without an event, by the decision of an operator. */
export type SkippedEvent = Omit<RecordedSkip, 'version'>;

/** Which event is left out of which document, who says so, why and when. */
export type SkipRequest = Pick<SkippedEvent, 'document' | 'position' | 'reason' | 'by' | 'at'>;

export const skippedEvent = (
  { stream, revision, type, eventId }: StoredEvent,
  { document, position, reason, by, at }: SkipRequest,
): SkippedEvent => ({ document, position, stream, revision, type, eventId, reason, by: { ...by }, at });

/** What is recorded for one version, in the order of the events: its rebuilds leave out the same. */
export const skipsOf = (record: Pick<ModelRecord, 'skips'> | null, version: number): SkippedEvent[] =>
  (record?.skips ?? [])
    .filter((skip) => skip.version === version)
    .map(({ version: _version, ...skip }) => skip)
    .sort((a, b) => (a.position < b.position ? -1 : 1));

/** The events that one version of a projection leaves out. Each is named by its id, so that it counts in no other history. */
export class SkippedEvents {
  private readonly known: ReadonlySet<string>;

  constructor(skips: readonly SkippedEvent[]) {
    this.known = new Set(skips.map(({ document, eventId }) => `${eventId} ${document}`));
  }

  has(document: string, eventId: string): boolean {
    return this.known.size > 0 && this.known.has(`${eventId} ${document}`);
  }
}
